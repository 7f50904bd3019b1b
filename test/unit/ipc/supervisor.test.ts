import { describe, expect, it, vi } from 'vitest';
import type { AppEvent } from '../../../ipc/contract.ts';
import { createSupervisor, type CoreChild, type FromCore, type Lane, type ToCore } from '../../../ipc/supervisor.ts';

interface FakeChild extends CoreChild {
  readonly lane: Lane;
  readonly sent: ToCore[];
  tell(message: FromCore): void;
  exit(code: number | null): void;
  killed: boolean;
}

function setup(options: { mostDeaths?: number } = {}) {
  const children: FakeChild[] = [];
  const events: AppEvent[] = [];
  const supervisor = createSupervisor({
    firstPauseMs: 1,
    ...options,
    onEvent: (event) => events.push(event),
    spawn: (lane) => {
      let tell: (message: FromCore) => void = () => undefined;
      let exit: (code: number | null) => void = () => undefined;
      const child: FakeChild = {
        lane,
        sent: [],
        killed: false,
        send: (message) => child.sent.push(message),
        onMessage: (callback) => (tell = callback),
        onExit: (callback) => (exit = callback),
        kill: () => (child.killed = true),
        tell: (message) => tell(message),
        exit: (code) => exit(code),
      };
      children.push(child);
      return child;
    },
  });
  const newest = (lane: Lane): FakeChild => children.findLast((child) => child.lane === lane) as FakeChild;
  const states = () =>
    events.flatMap((event) =>
      event.event === 'core.state' ? [`${event.payload.part ?? ''} ${event.payload.state}`] : [],
    );
  return { supervisor, children, events, newest, states };
}

const list = { id: 5, channel: 'runs.list', request: {} } as const;
const pause = { id: 6, channel: 'training.pause', request: { run: 'a' } } as const;

describe('the supervisor', () => {
  it('holds calls until the process is ready and gives answers back under the number of the caller', async () => {
    const { supervisor, newest } = setup();
    const answer = supervisor.call(list);
    expect(newest('desk').sent).toEqual([]);
    newest('desk').tell({ type: 'ready' });
    const [sent] = newest('desk').sent;
    if (sent?.type !== 'call') throw new Error('no call was sent');
    newest('desk').tell({ type: 'answer', answer: { id: sent.call.id, ok: true, value: [] } });
    expect(await answer).toEqual({ id: 5, ok: true, value: [] });
  });

  it('keeps callers with the same number apart', async () => {
    const { supervisor, newest } = setup();
    newest('desk').tell({ type: 'ready' });
    const both = [supervisor.call(list), supervisor.call(list)];
    const ids = newest('desk').sent.map((message) => (message.type === 'call' ? message.call.id : -1));
    expect(new Set(ids).size).toBe(2);
    for (const id of [...ids].reverse()) newest('desk').tell({ type: 'answer', answer: { id, ok: true, value: id } });
    expect((await Promise.all(both)).map((answer) => answer.ok && answer.value)).toEqual(ids);
  });

  it('starts the process that trains when the desk is there, or has died of it', () => {
    const { supervisor, newest, children } = setup();
    void supervisor.call(pause);
    expect(children.map(({ lane }) => lane)).toEqual(['desk']);
    newest('desk').tell({ type: 'ready' });
    expect(children.map(({ lane }) => lane)).toEqual(['desk', 'training']);
    newest('training').tell({ type: 'ready' });
    expect(newest('training').sent).toHaveLength(1);
    const second = setup();
    second.newest('desk').exit(1);
    expect(second.children.map(({ lane }) => lane)).toEqual(['desk', 'training']);
  });

  it('closes before the process that trains has begun', async () => {
    const { supervisor, newest, children } = setup();
    const closed = supervisor.close();
    newest('desk').exit(0);
    await closed;
    expect(children).toHaveLength(1);
  });

  it('sends training to its own process', () => {
    const { supervisor, newest } = setup();
    for (const lane of ['desk', 'training'] as const) newest(lane).tell({ type: 'ready' });
    void supervisor.call(pause);
    expect(newest('training').sent).toHaveLength(1);
    expect(newest('desk').sent).toHaveLength(0);
  });

  it('answers what was under way when a process dies, tells of it, and starts another', async () => {
    const { supervisor, newest, children, states } = setup();
    newest('desk').tell({ type: 'ready' });
    const answer = supervisor.call(list);
    const picture = supervisor.resource('/image/run/a/samples/1');
    newest('desk').exit(139);
    expect(await answer).toMatchObject({ id: 5, ok: false, code: 'core/died' });
    expect(await picture).toMatchObject({ ok: false, code: 'core/died' });
    await vi.waitFor(() => expect(children).toHaveLength(3));
    // What is asked while it starts is not lost.
    const next = supervisor.call(list);
    newest('desk').tell({ type: 'ready' });
    const [sent] = newest('desk').sent;
    newest('desk').tell({
      type: 'answer',
      answer: { id: sent?.type === 'call' ? sent.call.id : -1, ok: true, value: 1 },
    });
    expect(await next).toMatchObject({ ok: true, value: 1 });
    expect(states().filter((state) => state.startsWith('desk'))).toEqual([
      'desk starting',
      'desk running',
      'desk died',
      'desk starting',
      'desk running',
    ]);
    expect(states().filter((state) => state.startsWith('training'))).toEqual(['training starting']);
  });

  it('gives up after many deaths in a minute, and tries again when somebody asks', async () => {
    const { supervisor, newest, children, states } = setup({ mostDeaths: 2 });
    newest('desk').tell({ type: 'ready' });
    for (let death = 1; death <= 3; death++) {
      const before = children.length;
      newest('training').exit(1);
      if (death < 3) await vi.waitFor(() => expect(children.length).toBe(before + 1));
    }
    expect(states()).toContain('training gave-up');
    const count = children.length;
    void supervisor.call(pause);
    expect(children.length).toBe(count + 1);
  });

  it('ignores what a dead process still says', async () => {
    const { newest, children, events } = setup();
    const old = newest('desk');
    old.tell({ type: 'ready' });
    old.exit(1);
    await vi.waitFor(() => expect(children).toHaveLength(3));
    const before = events.length;
    old.tell({ type: 'ready' });
    old.exit(1);
    expect(events.length).toBe(before);
  });

  it('closes both, starts nothing again, refuses calls', async () => {
    const { supervisor, newest, children } = setup();
    for (const lane of ['desk', 'training'] as const) newest(lane).tell({ type: 'ready' });
    const closed = supervisor.close();
    for (const lane of ['desk', 'training'] as const) {
      expect(newest(lane).sent.at(-1)).toEqual({ type: 'close' });
      newest(lane).exit(0);
    }
    await closed;
    expect(children).toHaveLength(2);
    expect(await supervisor.call(list)).toMatchObject({ ok: false, code: 'core/closed' });
  });

  it('kills what does not end', async () => {
    const { supervisor, newest } = setup();
    newest('desk').tell({ type: 'ready' });
    const closed = supervisor.close(5);
    await vi.waitFor(() => expect(newest('desk').killed && newest('training').killed).toBe(true));
    newest('desk').exit(null);
    newest('training').exit(null);
    await closed;
  });
});
