/**
 * Looks into the native sessions of this process: the time spent in them, so that what is left of a step is JavaScript's, and ONNX
 * Runtime's own profile of the operators. To be called before the first session is made.
 */
import binding from 'onnxruntime-node/dist/binding.js';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

type NativeSession = InstanceType<typeof binding.binding.InferenceSession>;

export interface OperatorTime {
  readonly operator: string;
  readonly milliseconds: number;
  readonly nodes: number;
}

export interface SessionWatch {
  /** Milliseconds in native runs so far. */
  readonly native: () => number;
  /** Median times of the last session's operators, longest first; ends its profile. Empty if none was asked for. */
  readonly operators: () => OperatorTime[];
}

export function watchSessions(profiled: boolean): SessionWatch {
  binding.initOrt();
  const Native = binding.binding.InferenceSession;
  const folder = profiled ? mkdtempSync(path.join(tmpdir(), 'triangle-profile-')) : null;
  let spent = 0;
  let last: NativeSession | null = null;
  class Watched {
    readonly #native = new Native();
    loadModel(...args: Parameters<NativeSession['loadModel']>): void {
      last = this.#native;
      const options = args.at(-1) as object;
      if (folder !== null) Object.assign(options, { enableProfiling: true, profileFilePrefix: path.join(folder, 'p') });
      this.#native.loadModel(...args);
    }
    run(...args: Parameters<NativeSession['run']>): ReturnType<NativeSession['run']> {
      const start = performance.now();
      const results = this.#native.run(...args);
      spent += performance.now() - start;
      return results;
    }
    dispose(): void {
      this.#native.dispose();
    }
  }
  Object.assign(binding, { binding: { ...binding.binding, InferenceSession: Watched } });
  return {
    native: () => spent,
    operators: () => {
      if (folder === null || last === null) return [];
      last.endProfiling();
      const times = operatorTimes(folder);
      rmSync(folder, { recursive: true, force: true });
      return times;
    },
  };
}

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args: { readonly op_name: string; readonly node_index: string };
}

/** Of the largest profile in a folder: each node's median over the runs, added up by operator. */
function operatorTimes(folder: string): OperatorTime[] {
  const texts = readdirSync(folder).map((file) => readFileSync(path.join(folder, file), 'utf8'));
  const largest = texts.sort((a, b) => b.length - a.length)[0];
  if (largest === undefined) return [];
  const nodes = new Map<string, { operator: string; times: number[] }>();
  for (const { cat, name, dur, args } of JSON.parse(largest) as ProfileEvent[]) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
    const node = nodes.get(args.node_index) ?? { operator: args.op_name, times: [] };
    node.times.push(dur / 1000);
    nodes.set(args.node_index, node);
  }
  const operators = new Map<string, { milliseconds: number; nodes: number }>();
  for (const { operator, times } of nodes.values()) {
    const sum = operators.get(operator) ?? { milliseconds: 0, nodes: 0 };
    sum.milliseconds += times.sort((a, b) => a - b)[times.length >> 1] ?? 0;
    sum.nodes++;
    operators.set(operator, sum);
  }
  return [...operators]
    .map(([operator, sum]) => ({ operator, ...sum }))
    .sort((a, b) => b.milliseconds - a.milliseconds);
}
