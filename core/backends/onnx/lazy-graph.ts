/**
 * What is recorded and not yet computed, and how it gets computed: all living values in one compiled graph. The same sequence of
 * operations finds its session again.
 */
import { CoreError } from '../../errors.ts';
import { buildModel, gather } from './compile.ts';
import type { Subgraph } from './compile.ts';
import { nodesCreated } from './graph.ts';
import type { Value } from './graph.ts';
import { SessionCache } from './session-cache.ts';
import type { CachedSession } from './session-cache.ts';
import { Session } from './session.ts';
import type { DeviceTensor, SessionSettings } from './session.ts';

/** Pending nodes after which the graph is run by itself, so that training that never reads does not grow it. */
const flushAt = 4_000;
/** Compiled graphs kept; each owns a thread pool. */
const cachedSessions = 64;

export class LazyGraph {
  readonly settings: SessionSettings;
  /** Living values that no run has computed yet: exactly the outputs of the next flush. */
  readonly #pending = new Set<Value>();
  readonly #sessions = new SessionCache(cachedSessions);
  #flushedNodes = nodesCreated();
  #tracing = false;

  constructor(settings: SessionSettings) {
    this.settings = settings;
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** One more tensor holds the value. */
  hold(value: Value): void {
    value.live++;
    if (value.tensor === null) this.#pending.add(value);
  }

  /** One tensor less holds the value. */
  release(value: Value): void {
    if (--value.live > 0) return;
    this.#pending.delete(value);
    if (value.tensor?.location === 'gpu-buffer') freeOnDevice(value.tensor);
  }

  /** Makes sure that a value is known, running everything that is pending if it is not. */
  materialise(value: Value): DeviceTensor {
    if (value.tensor === null) {
      if (this.#tracing)
        throw new CoreError('engine/capture', 'A step that is being traced may not read values: return them instead.');
      // A value that no tensor holds any more (a view, say) is not in the pending set by itself.
      const held = this.#pending.has(value);
      this.#pending.add(value);
      try {
        this.flush();
      } finally {
        if (!held) this.#pending.delete(value);
      }
    }
    if (value.tensor === null)
      throw new CoreError('engine/internal', 'A flush left a value unknown. Please report this.');
    return value.tensor;
  }

  /** Runs the graph up to every living value. If compiling or running throws, everything is as before the call. */
  flush(): void {
    const outputs = [...this.#pending];
    if (outputs.length === 0) return;
    const subgraph = gather(outputs);
    const compiled = this.#compiled(subgraph, outputs);
    const feeds: Record<string, DeviceTensor> = {};
    subgraph.leaves.forEach((value, i) => {
      if (value.tensor === null)
        throw new CoreError('engine/capture', 'A placeholder of a traced step was used outside it.');
      feeds[`i${i}`] = value.tensor;
    });
    const results = compiled.session.run(feeds);
    outputs.forEach((value, i) => {
      value.tensor = results[`o${i}`] ?? null;
      value.node = null;
    });
    this.#pending.clear();
    this.#flushedNodes = nodesCreated();
  }

  /** Called before each kernel: flushes a graph that has become long. */
  flushIfLong(): void {
    if (!this.#tracing && nodesCreated() - this.#flushedNodes > flushAt) {
      this.flush();
      this.#flushedNodes = nodesCreated();
    }
  }

  /** Runs `body` with reads forbidden and automatic flushing off, after everything pending has been computed. */
  trace<T>(body: () => T): T {
    if (this.#tracing) throw new CoreError('engine/capture', 'A step cannot be traced inside another.');
    this.flush();
    this.#tracing = true;
    try {
      return body();
    } finally {
      this.#tracing = false;
    }
  }

  #compiled(subgraph: Subgraph, outputs: readonly Value[]): CachedSession {
    const key = cacheKey(subgraph, outputs);
    const cached = this.#sessions.get(key);
    if (cached !== undefined) return cached;
    const inputs = new Map(subgraph.leaves.map((value, i) => [value, `i${i}`]));
    const named = outputs.map((value, i) => [`o${i}`, value] as const);
    const model = buildModel({ subgraph, inputs, outputs: named });
    const names = named.map(([name]) => name);
    const entry = { session: new Session(model, names, this.settings), inputs: [...inputs.values()], outputs: names };
    this.#sessions.set(key, entry);
    return entry;
  }

  dispose(): void {
    this.#sessions.clear();
    this.#pending.clear();
  }
}

/** The memory of a device that is lost is gone already: that it cannot be freed must not hide the error that said so. */
function freeOnDevice(tensor: DeviceTensor): void {
  try {
    tensor.dispose();
  } catch {
    // Nothing is left to free.
  }
}

/** Two subgraphs with the same key compile to the same model: signatures, wiring, shapes of what comes in and goes out. */
function cacheKey({ nodes, leaves, constants }: Subgraph, outputs: readonly Value[]): string {
  const index = new Map<Value, number>();
  let key = '';
  for (const value of leaves) {
    index.set(value, index.size);
    key += `${value.type}[${value.shape.join()}]`;
  }
  for (const value of constants) {
    index.set(value, index.size);
    key += `${value.constant?.key};`;
  }
  for (const node of nodes) {
    key += `|${node.signature}`;
    for (const value of node.inputs) key += `,${index.get(value)}`;
    for (const value of node.outputs) index.set(value, index.size);
  }
  key += '>';
  for (const value of outputs) key += `${index.get(value)}:${value.shape.join()},`;
  return key;
}
