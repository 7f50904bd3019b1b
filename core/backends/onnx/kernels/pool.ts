/** Pooling forward; the gradients go to the reference, since the joint step has none. */
import * as tf from '@tensorflow/tfjs';
import { emit, sizeOf } from '../graph.ts';
import type { KernelDefinition } from '../kernel.ts';
import { defineKernel } from '../kernel.ts';
import { transpose } from './shape.ts';

interface PoolAttributes {
  readonly filterSize: [number, number] | number;
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

function pool(name: string, operator: string): KernelDefinition {
  return defineKernel<PoolAttributes>(name, ({ value, attrs }) => {
    const x = value('x');
    if (x.type !== 'float32' || sizeOf(x.shape) === 0) return null;
    const shape4 = [...x.shape] as [number, number, number, number];
    const info = tf.backend_util.computePool2DInfo(
      shape4,
      attrs.filterSize,
      attrs.strides,
      1,
      attrs.pad,
      attrs.dimRoundingMode,
    );
    const { top, left, bottom, right } = info.padInfo;
    // ONNX refuses padding as large as the window.
    if (Math.max(top, bottom) >= info.filterHeight || Math.max(left, right) >= info.filterWidth) return null;
    const shape = [info.batchSize, info.outChannels, info.outHeight, info.outWidth];
    if (shape.includes(0)) return null;
    const attributes = {
      kernel_shape: [info.filterHeight, info.filterWidth],
      strides: [info.strideHeight, info.strideWidth],
      pads: [top, left, bottom, right],
    };
    return transpose(emit(operator, [transpose(x, [0, 3, 1, 2])], shape, { attributes }), [0, 2, 3, 1]);
  });
}

export const kernels: readonly KernelDefinition[] = [pool('MaxPool', 'MaxPool'), pool('AvgPool', 'AveragePool')];
