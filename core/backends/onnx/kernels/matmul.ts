/** Matrix products. */
import { util } from '@tensorflow/tfjs';
import type { Value } from '../graph.ts';
import { emit, integers, sizeOf } from '../graph.ts';
import type { KernelDefinition } from '../kernel.ts';
import { defineKernel } from '../kernel.ts';
import { transpose } from './shape.ts';

interface MatMulAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

const swapLast = (x: Value): Value => {
  const rank = x.shape.length;
  return transpose(x, [...x.shape.keys()].slice(0, -2).concat(rank - 1, rank - 2));
};

const leading = (x: Value): readonly number[] => x.shape.slice(0, -2);

export const kernels: readonly KernelDefinition[] = [
  defineKernel<MatMulAttributes>('BatchMatMul', ({ value, attrs: { transposeA, transposeB } }) => {
    const [a, b] = [value('a'), value('b')];
    if (a.type !== 'float32' || b.type !== 'float32' || sizeOf(a.shape) * sizeOf(b.shape) === 0) return null;
    const [rows, inner] = a.shape.slice(-2) as [number, number];
    const [innerB, columns] = b.shape.slice(-2) as [number, number];
    util.assert(
      a.shape.length >= 2 && b.shape.length >= 2,
      () => 'matMul: both tensors must have at least two dimensions',
    );
    util.assert(
      (transposeA ? rows : inner) === (transposeB ? columns : innerB),
      () => `matMul: inner sizes of [${a.shape.join()}] and [${b.shape.join()}] do not match`,
    );
    const m = transposeA ? inner : rows;
    const n = transposeB ? innerB : columns;
    const batchA = leading(a);
    const batchB = leading(b);
    if (sizeOf(batchA) === 1 && sizeOf(batchB) === 1) {
      const flat = (x: Value): Value =>
        x.shape.length === 2 ? x : emit('Reshape', [x, integers(x.shape.slice(-2))], x.shape.slice(-2));
      const attributes = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 };
      const product = emit('Gemm', [flat(a), flat(b)], [m, n], { attributes });
      const batch = batchA.length >= batchB.length ? batchA : batchB;
      return batch.length === 0 ? product : emit('Reshape', [product, integers([...batch, m, n])], [...batch, m, n]);
    }
    const batch = broadcastBatch(batchA, batchB);
    if (batch === null) return null;
    return emit('MatMul', [transposeA ? swapLast(a) : a, transposeB ? swapLast(b) : b], [...batch, m, n]);
  }),
];

function broadcastBatch(a: readonly number[], b: readonly number[]): number[] | null {
  if (a.length !== b.length) return null;
  const batch = a.map((size, i) => Math.max(size, b[i] as number));
  return batch.every((size, i) => [1, size].includes(a[i] as number) && [1, size].includes(b[i] as number))
    ? batch
    : null;
}
