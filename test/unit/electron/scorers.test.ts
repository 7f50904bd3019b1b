/** Processes that score in Electron: the core's side and the main process's, joined by a pipe; the utility processes are scripted. */
import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { scorerStarter } from '../../../core/scoring/scorer-child.ts';
import type { FromScorer, ToScorer } from '../../../core/scoring/scorer-messages.ts';
import { createScorers, type Scorers } from '../../../electron/main/scorers.ts';
import { useChildrenOfHost } from '../../../ipc/host-children.ts';

/** What a utility process is to the main process. */
class Utility extends EventEmitter {
  readonly got: ToScorer[] = [];
  readonly file: string;

  constructor(file: string) {
    super();
    this.file = file;
  }

  postMessage(message: ToScorer): void {
    this.got.push(structuredClone(message));
  }

  say(message: FromScorer): void {
    this.emit('message', message);
  }

  kill(): boolean {
    return this.emit('exit', 9);
  }
}

const { utilities } = vi.hoisted(() => ({ utilities: [] as unknown[] }));
vi.mock('electron', () => ({
  utilityProcess: {
    fork(file: string) {
      const utility = new Utility(file);
      utilities.push(utility);
      return utility;
    },
  },
}));

/** The nth that was started. */
const utility = (n: number): Utility => utilities[n] as Utility;

/** A core process and its main process. `toRouter` is what was said to neither. */
function setup(): { scorers: Scorers; toRouter: unknown[] } {
  const port = new EventEmitter();
  const toRouter: unknown[] = [];
  const scorers = createScorers('/programs', (told) => port.emit('message', { data: structuredClone(told) }));
  useChildrenOfHost({
    postMessage: (message) => {
      if (!scorers.wanted(structuredClone(message))) toRouter.push(message);
    },
    on: (event, listener) => port.on(event, listener),
  });
  return { scorers, toRouter };
}

const opening: ToScorer = { type: 'open', folder: 'model', normals: undefined, batchSize: undefined };

describe('scorers of Electron', () => {
  beforeEach(() => void utilities.splice(0));

  it('are utility processes that get what they are told, and are heard', () => {
    setup();
    const [first, second] = [scorerStarter()?.(), scorerStarter()?.()];
    expect(utility(0).file).toMatch(/^.programs.scorer\.mjs$/);
    const heard: string[] = [];
    first?.onMessage(({ type }) => heard.push(`first ${type}`));
    second?.onMessage(({ type }) => heard.push(`second ${type}`));
    first?.post(opening);
    expect([utility(0).got, utility(1).got]).toEqual([[opening], []]);
    utility(1).say({ type: 'ready' });
    utility(0).say({ type: 'failed', error: { code: 'scoring/model', message: 'No model.' } });
    expect(heard).toEqual(['second ready', 'first failed']);
  });

  it('say how they ended, and end when they are killed', () => {
    setup();
    const child = scorerStarter()?.();
    const ends: string[] = [];
    child?.onExit((how) => ends.push(how));
    child?.kill();
    child?.kill();
    child?.post(opening);
    expect(ends).toEqual(['exit code 9']);
    expect(utility(0).got).toEqual([]);
  });

  it('end with the core process that they work for', () => {
    const { scorers } = setup();
    const ended: number[] = [];
    for (let i = 0; i < 3; i++) scorerStarter()?.();
    utilities.forEach((_, i) => utility(i).on('exit', () => ended.push(i)));
    scorers.endAll();
    expect(ended).toEqual([0, 1, 2]);
  });

  it('leave other messages alone', () => {
    const { scorers, toRouter } = setup();
    for (const message of [{ type: 'ready' }, { type: 'child', id: 1, task: {} }, { type: 'scorer', id: 'x' }, null])
      expect(scorers.wanted(message)).toBe(false);
    expect(toRouter).toEqual([]);
    expect(utilities).toEqual([]);
  });
});
