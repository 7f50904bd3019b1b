/** The rate of the runtime's own matrix product on this machine: what a step's arithmetic can be measured against. */
import { buildModel, gather } from '../core/backends/onnx/compile.ts';
import { emit, leaf } from '../core/backends/onnx/graph.ts';
import type { Value } from '../core/backends/onnx/graph.ts';
import { hostTensor, Session } from '../core/backends/onnx/session.ts';

const side = 1024;
const runs = 5;

/** Measures on request: GFLOP/s of a product of two 1024x1024 matrices on so many threads, the median of five. */
export function productMeter(threads: number): () => number {
  const matrix = (): Value => {
    const data = new Float32Array(side * side).map((_, i) => Math.sin(i));
    return leaf([side, side], 'float32', hostTensor('float32', data, [side, side]));
  };
  const [a, b] = [matrix(), matrix()];
  const product = emit('Gemm', [a, b], [side, side]);
  const inputs = new Map([
    [a, 'a'],
    [b, 'b'],
  ]);
  const model = buildModel({ subgraph: gather([product]), inputs, outputs: [['c', product]] });
  const session = new Session(model, ['c'], { provider: 'cpu', threads, optimisation: 'basic' });
  return () => {
    const times = Array.from({ length: runs }, () => {
      const start = performance.now();
      session.run({ a: a.tensor as NonNullable<Value['tensor']>, b: b.tensor as NonNullable<Value['tensor']> });
      return performance.now() - start;
    });
    const median = times.sort((x, y) => x - y)[runs >> 1] ?? Number.NaN;
    return (2 * side ** 3) / median / 1e6;
  };
}
