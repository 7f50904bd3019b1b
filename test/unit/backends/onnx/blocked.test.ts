import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { blockedSupport } from '../../../../core/backends/onnx/blocked/probe.ts';
import { Lowering } from '../../../../core/backends/onnx/blocked/lower.ts';
import { phasesOf } from '../../../../core/backends/onnx/blocked/convolution.ts';
import { compileStep } from '../../../../core/backends/onnx/index.ts';
import { Random } from '../../../../core/random.ts';
import { largestError, randomCase, runCase } from '../../../../bench/step-convolution-cases.ts';
import { onnxBackend, useOnnxCpu } from './harness.ts';

const { block, reason } = blockedSupport();
const skipped = block === null ? ` (skipped: ${reason})` : '';

describe('phasesOf', () => {
  it('splits a 4-tap transposed convolution of stride 2 into two taps a phase', () => {
    expect(phasesOf(4, 2, 1, 8, 4)).toEqual([
      { start: 3, taps: 2, before: 1, after: 0 },
      { start: 2, taps: 2, before: 0, after: 1 },
    ]);
  });

  it('rounds sizes up to a multiple of the stride', () => {
    expect(phasesOf(4, 2, 1, 7, 4)).toEqual(phasesOf(4, 2, 1, 8, 4));
  });

  it('declines filters smaller than the stride', () => {
    expect(phasesOf(2, 3, 0, 9, 3)).toBeNull();
  });
});

describe(`blocked convolutions${skipped}`, () => {
  useOnnxCpu();

  it.skipIf(block === null)('give the gradients of the standard operators on random shapes', async () => {
    const random = Random.seeded(7);
    let lowered = 0;
    // `triangle bench convolutions` does 500 of them.
    for (let i = 0; i < 40; i++) {
      const shape = randomCase(random);
      const fast = await runCase(shape, i, 'fast');
      expect(largestError(fast, await runCase(shape, i, 'standard')), JSON.stringify(shape)).toBeLessThan(1e-4);
      lowered += fast.lowered;
    }
    expect(lowered).toBeGreaterThan(30);
  });

  it.skipIf(block === null)('lowers all three convolutions of a layer whose channels fill the blocks', () => {
    const backend = onnxBackend();
    const lowering = new Lowering(block ?? 16);
    const filter = tf.variable(tf.randomNormal([4, 4, 16, 32]));
    const x = tf.variable(tf.randomNormal([16, 8, 8, 16]));
    const original = backend.lower.bind(backend);
    backend.lower = (outputs) => lowering.run(outputs);
    const loss = (): tf.Scalar => tf.sum(tf.square(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 2, 'same')));
    compileStep({
      feeds: {},
      variables: [filter, x],
      step: () => tf.variableGrads(loss, [filter, x]).grads,
    }).dispose();
    backend.lower = original;
    expect({ lowered: lowering.lowered, kept: lowering.kept }).toEqual({ lowered: 3, kept: 0 });
  });
});
