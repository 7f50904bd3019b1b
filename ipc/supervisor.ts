/**
 * Keeps the two core processes alive for a host: starts them, passes calls and events, starts a dead one again after a pause that
 * grows. A run that was training goes on by itself: its queue is on the disk (`core/library/queue.ts`).
 */
import type { AnswerMessage, AppEvent, CallMessage, Envelope } from './contract.ts';
import { laneOf, lanes, type Lane } from './lanes.ts';
import type { FromCore, Resource, ToCore } from './messages.ts';

export { coreArguments, type CoreFolders, type Lane } from './lanes.ts';
export type { FromCore, Resource, ToCore } from './messages.ts';

/** A started process: `child_process.fork` or Electron's `utilityProcess.fork`, as far as it is used. */
export interface CoreChild {
  send(message: ToCore): void;
  onMessage(callback: (message: FromCore) => void): void;
  onExit(callback: (code: number | null) => void): void;
  kill(): void;
}

export interface SupervisorOptions {
  readonly spawn: (lane: Lane) => CoreChild;
  readonly onEvent: (event: AppEvent) => void;
  /** Milliseconds before the first restart; doubled each time, up to 10 s. */
  readonly firstPauseMs?: number;
  /** Deaths within a minute after which a process is left dead until it is called again. */
  readonly mostDeaths?: number;
}

export interface Supervisor {
  /** Never rejects: a call that died with its process is answered `core/died`. */
  call(message: CallMessage): Promise<AnswerMessage>;
  /** The bytes behind an image reference. */
  resource(path: string): Promise<Envelope<Resource>>;
  /** Saves, stops, ends; kills what has not ended after `patienceMs` (15 s). */
  close(patienceMs?: number): Promise<void>;
  /** For tests of what happens then. */
  kill(lane: Lane): void;
}

const died = {
  ok: false,
  code: 'core/died',
  message: 'The program that computes stopped unexpectedly and is being started again. Try once more in a moment.',
} as const;
const gaveUp = {
  ok: false,
  code: 'core/gave-up',
  message: 'The program that computes keeps stopping. Close the window and open it again; Settings has the log.',
} as const;

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const parts = new Map(lanes.map((lane) => [lane, new Part(lane, options)]));
  const part = (lane: Lane): Part => parts.get(lane) as Part;
  // The desk first: a window waits for it, and on two processors each process would slow the other's start.
  part('desk').start(() => part('training').start());
  let closed: Promise<void> | null = null;
  return {
    call: (message) => part(laneOf(message.channel)).call(message),
    resource: (path) => part('desk').resource(path),
    close(patienceMs = 15_000) {
      closed ??= Promise.all([...parts.values()].map((each) => each.close(patienceMs))).then(() => undefined);
      return closed;
    },
    kill: (lane) => part(lane).kill(),
  };
}

interface Waiting {
  readonly message: ToCore;
  readonly fail: (answer: Extract<Envelope, { ok: false }>) => void;
  readonly done: (message: FromCore) => void;
}

/** One process and its successors. */
class Part {
  readonly #lane: Lane;
  readonly #options: SupervisorOptions;
  readonly #waiting = new Map<number, Waiting>();
  #child: CoreChild | null = null;
  #ready = false;
  #deaths: number[] = [];
  #restarts = 0;
  #lastId = 0;
  #tried: (() => void) | null = null;
  #state: 'up' | 'restarting' | 'gave-up' | 'closing' = 'up';
  #ended: (() => void) | null = null;

  constructor(lane: Lane, options: SupervisorOptions) {
    this.#lane = lane;
    this.#options = options;
  }

  /** The first process; `tried` is called once, when it is ready or has ended. */
  start(tried: () => void = () => undefined): void {
    this.#tried = tried;
    // Closed before its time.
    if (this.#state === 'up') this.#start();
  }

  async call(message: CallMessage): Promise<AnswerMessage> {
    return new Promise((resolve) => {
      const id = ++this.#lastId;
      this.#send(id, {
        message: { type: 'call', call: { ...message, id } },
        fail: (answer) => resolve({ id: message.id, ...answer }),
        done: (from) => {
          if (from.type === 'answer') resolve({ ...from.answer, id: message.id });
        },
      });
    });
  }

  async resource(path: string): Promise<Envelope<Resource>> {
    return new Promise((resolve) => {
      const id = ++this.#lastId;
      this.#send(id, {
        message: { type: 'resource', id, path },
        fail: resolve,
        done: (from) => {
          if (from.type === 'resource') resolve(from.answer);
        },
      });
    });
  }

  async close(patienceMs: number): Promise<void> {
    this.#state = 'closing';
    const child = this.#child;
    if (child === null) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => child.kill(), patienceMs);
      this.#ended = () => {
        clearTimeout(timer);
        resolve();
      };
      child.send({ type: 'close' });
    });
  }

  kill(): void {
    this.#child?.kill();
  }

  #send(id: number, waiting: Waiting): void {
    if (this.#state === 'closing') {
      waiting.fail({ ok: false, code: 'core/closed', message: 'The program is being closed.' });
      return;
    }
    if (this.#state === 'gave-up') {
      // Somebody asks again: so once more.
      this.#deaths = [];
      this.#start();
    }
    this.#waiting.set(id, waiting);
    if (this.#ready) this.#child?.send(waiting.message);
  }

  #start(): void {
    this.#state = 'up';
    this.#ready = false;
    this.#tell('starting', '');
    const child = this.#options.spawn(this.#lane);
    this.#child = child;
    child.onMessage((message) => {
      if (this.#child === child) this.#take(message);
    });
    child.onExit((code) => {
      if (this.#child === child) this.#exited(code);
    });
  }

  #take(message: FromCore): void {
    switch (message.type) {
      case 'ready':
        this.#ready = true;
        this.#tell('running', '');
        this.#wasTried();
        for (const { message: held } of this.#waiting.values()) this.#child?.send(held);
        return;
      case 'event':
        this.#options.onEvent(message.event);
        return;
      case 'answer':
      case 'resource': {
        const id = message.type === 'answer' ? message.answer.id : message.id;
        const waiting = this.#waiting.get(id);
        this.#waiting.delete(id);
        waiting?.done(message);
      }
    }
  }

  #exited(code: number | null): void {
    const wasReady = this.#ready;
    this.#wasTried();
    this.#child = null;
    this.#ready = false;
    if (this.#state === 'closing') {
      this.#failAll({ ok: false, code: 'core/closed', message: 'The program is being closed.' });
      this.#ended?.();
      return;
    }
    const now = Date.now();
    this.#deaths = [...this.#deaths.filter((at) => now - at < 60_000), now];
    if (this.#deaths.length > (this.#options.mostDeaths ?? 5)) {
      this.#state = 'gave-up';
      this.#failAll(gaveUp);
      this.#tell('gave-up', gaveUp.message);
      return;
    }
    // What had been sent is lost; what still waits for the start goes to the next process.
    if (wasReady) this.#failAll(died);
    this.#state = 'restarting';
    const what =
      this.#lane === 'training'
        ? 'The program that trains stopped unexpectedly. It is being started again and goes on from the last checkpoint.'
        : died.message;
    this.#tell('died', code === null ? what : `${what} (exit code ${code})`);
    const pause = Math.min(10_000, (this.#options.firstPauseMs ?? 250) * 2 ** (this.#deaths.length - 1));
    setTimeout(() => {
      if (this.#state !== 'restarting') return;
      this.#restarts++;
      this.#start();
    }, pause);
  }

  #wasTried(): void {
    const tried = this.#tried;
    this.#tried = null;
    tried?.();
  }

  #failAll(answer: Extract<Envelope, { ok: false }>): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { fail } of all) fail(answer);
  }

  #tell(state: 'starting' | 'running' | 'died' | 'gave-up', message: string): void {
    const payload = { state, message, restarts: this.#restarts, part: this.#lane };
    this.#options.onEvent({ event: 'core.state', payload });
  }
}
