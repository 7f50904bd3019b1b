/** tf.batchNorm with given statistics: (x - mean) * rsqrt(variance + epsilon) * scale + offset. */
import { emit, scalar } from '../graph.ts';
import type { KernelDefinition } from '../kernel.ts';
import { defineKernel } from '../kernel.ts';

export const kernels: readonly KernelDefinition[] = [
  defineKernel<{ varianceEpsilon: number }>('FusedBatchNorm', ({ value, inputs, attrs }) => {
    const [x, mean, variance] = [value('x'), value('mean'), value('variance')];
    if (x.type !== 'float32') return null;
    const given = (name: string): boolean => inputs[name] !== undefined;
    const shifted = emit('Add', [variance, scalar(attrs.varianceEpsilon)], variance.shape);
    const deviation = emit('Sqrt', [shifted], variance.shape);
    const inverse = emit('Reciprocal', [deviation], variance.shape);
    const factor = given('scale') ? emit('Mul', [inverse, value('scale')], variance.shape) : inverse;
    const scaled = emit('Mul', [emit('Sub', [x, mean], x.shape), factor], x.shape);
    return given('offset') ? emit('Add', [scaled, value('offset')], x.shape) : scaled;
  }),
];
