/**
 * Processes that score, started together and given work as they get through it. One that ends is replaced and its work given out again;
 * pictures that end a process twice are an error.
 */
import { CoreError } from '../errors.ts';
import type { ScorerChild, StartScorer } from './scorer-child.ts';
import type { FromScorer, ScorerError, ScorerItem, ToScorer } from './scorer-messages.ts';
import type { PackedResults } from './scorer-packing.ts';

export interface ScorerOutcome {
  /** In the order of the items. */
  readonly results: PackedResults;
  /** What stopped the work after the last of them. */
  readonly error: Error | null;
}

interface Task {
  readonly id: number;
  readonly items: readonly ScorerItem[];
  readonly resolve: (outcome: ScorerOutcome) => void;
  readonly reject: (error: Error) => void;
  /** Processes that ended while they worked on it. */
  ended: number;
}

interface Member {
  readonly child: ScorerChild;
  /** The first is being worked on, the next waits there so that nobody waits for the other. */
  readonly tasks: Task[];
  ready: boolean;
}

const tasksAhead = 3;
/** A start on a machine that is very busy. */
const patienceMilliseconds = 30_000;

export class ScorerPool {
  readonly #start: StartScorer;
  readonly #opening: ToScorer;
  readonly #members = new Set<Member>();
  readonly #waiting: Task[] = [];
  #lastId = 0;
  #cameUp = false;
  #replacements: number;
  /** Why nothing more is taken. */
  #over: Error | null = null;
  /** Told when the first process is ready (true), or when none ever will be (false). */
  #toldReady: (ready: boolean) => void = () => undefined;
  readonly #anyReady: Promise<boolean>;

  constructor(processes: number, start: StartScorer, opening: ToScorer) {
    this.#start = start;
    this.#opening = opening;
    this.#replacements = processes + 2;
    this.#anyReady = new Promise((resolve) => (this.#toldReady = resolve));
    for (let i = 0; i < processes; i++) this.#add();
    setTimeout(() => this.#toldReady(false), patienceMilliseconds).unref();
  }

  /** Whether there is a process that can work. Throws what opening the model there threw. */
  async ready(): Promise<boolean> {
    const ready = await this.#anyReady;
    if (this.#over !== null) throw this.#over;
    return ready;
  }

  /** Rejects with `scoring/process` when processes end over it, and with what the pool was closed with. */
  submit(items: readonly ScorerItem[]): Promise<ScorerOutcome> {
    const outcome = new Promise<ScorerOutcome>((resolve, reject) => {
      if (this.#over === null) this.#waiting.push({ id: ++this.#lastId, items, resolve, reject, ended: 0 });
      else reject(this.#over);
    });
    // It is thrown when its turn comes; until then it must not count as unhandled.
    outcome.catch(() => undefined);
    this.#handOut();
    return outcome;
  }

  /** Ends all processes at once, whatever they do. */
  close(reason: Error = new Error('Closed')): void {
    this.#over ??= reason;
    const tasks = [...this.#members].flatMap((member) => member.tasks).concat(this.#waiting);
    for (const { child } of this.#members) child.kill();
    this.#members.clear();
    this.#waiting.length = 0;
    for (const task of tasks) task.reject(this.#over);
    this.#toldReady(false);
  }

  #add(): void {
    const child = this.#start();
    const member: Member = { child, tasks: [], ready: false };
    this.#members.add(member);
    child.onMessage((message) => this.#take(member, message));
    child.onExit((how) => this.#ended(member, how));
    child.post(this.#opening);
  }

  #handOut(): void {
    // The least loaded first: at the end of a list nobody waits behind another.
    for (let ahead = 0; ahead < tasksAhead; ahead++) {
      for (const { child, tasks, ready } of this.#members) {
        if (!ready || tasks.length > ahead) continue;
        const task = this.#waiting.shift();
        if (task === undefined) return;
        tasks.push(task);
        child.post({ type: 'score', id: task.id, items: task.items });
      }
    }
  }

  #take(member: Member, message: FromScorer): void {
    switch (message.type) {
      case 'ready':
        member.ready = true;
        this.#cameUp = true;
        this.#toldReady(true);
        break;
      case 'failed':
        this.close(errorOf(message.error));
        return;
      case 'scored': {
        const at = member.tasks.findIndex(({ id }) => id === message.id);
        const [task] = at < 0 ? [] : member.tasks.splice(at, 1);
        task?.resolve({ results: message.results, error: message.error && errorOf(message.error) });
      }
    }
    this.#handOut();
  }

  #ended(member: Member, how: string): void {
    if (!this.#members.delete(member)) return;
    const [current] = member.tasks;
    if (current !== undefined) current.ended++;
    const error = endedError(how, current?.items ?? []);
    const again = member.tasks.filter((task) => task.ended < 2);
    if (current !== undefined && current.ended >= 2) current.reject(error);
    // The earliest first: they are waited for first, and the one that ends processes is found before these run out.
    this.#waiting.push(...again);
    this.#waiting.sort((a, b) => a.id - b.id);
    // Where none ever came up another would not either.
    if (this.#cameUp && this.#replacements-- > 0) this.#add();
    if (this.#members.size > 0) {
      this.#handOut();
      return;
    }
    this.#toldReady(false);
    if (this.#cameUp) this.close(error);
  }
}

function endedError(how: string, items: readonly ScorerItem[]): CoreError {
  const [first, last] = [items[0]?.name, items.at(-1)?.name];
  const where = first === undefined ? '' : ` while it worked on the pictures from ${first} to ${last ?? first}`;
  return new CoreError(
    'scoring/process',
    `A process that scores ended unexpectedly (${how})${where}, more than once. Where memory is short, close other programs; ` +
      'else look among these pictures for one that cannot be read.',
  );
}

function errorOf({ code, message }: ScorerError): Error {
  return code === null ? new Error(message) : new CoreError(code, message);
}
