import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { compileStep } from '../../../../core/backends/onnx/index.ts';
import type { StepRequest } from '../../../../core/backends/types.ts';
import { largestDifference, useOnnxCpu } from './harness.ts';

/** Gradient descent on |x w + b - 1|^2 with a weight whose contents came through a reshape. */
function regression(): { request: StepRequest; w: tf.Variable; b: tf.Variable } {
  const w = tf.variable(tf.tidy(() => tf.reshape(tf.tensor1d([0.5, -0.25]), [2, 1])));
  const b = tf.variable(tf.zeros([1]));
  const step: StepRequest['step'] = ({ x }) => {
    const loss = (): tf.Scalar =>
      tf.mean(tf.square(tf.sub(tf.add(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D), b), 1)));
    const { value, grads } = tf.variableGrads(loss, [w, b]);
    for (const variable of [w, b]) variable.assign(tf.sub(variable, tf.mul(grads[variable.name] as tf.Tensor, 0.1)));
    return { loss: value };
  };
  return { request: { feeds: { x: { shape: [3, 2], dtype: 'float32' } }, variables: [w, b], step }, w, b };
}

const x = Float32Array.of(1, 2, -1, 0.5, 0.25, 3);

describe('compileStep', () => {
  useOnnxCpu();

  it('gives the weights that the same steps give one by one', async () => {
    const eager = regression();
    for (let i = 0; i < 5; i++)
      tf.tidy(() => {
        eager.request.step({ x: tf.tensor2d(x, [3, 2]) });
      });
    const captured = regression();
    const program = compileStep(captured.request);
    const tensors = tf.memory().numTensors;
    const losses = [];
    for (let i = 0; i < 5; i++) losses.push((await program.run({ x })).loss?.[0] ?? Number.NaN);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
    expect(largestDifference(await captured.w.data(), await eager.w.data())).toBeLessThan(1e-6);
    expect(largestDifference(await captured.b.data(), await eager.b.data())).toBeLessThan(1e-6);
    program.dispose();
  });

  it('tells variables apart that were made from one another', async () => {
    const a = tf.variable(tf.tensor1d([1, 2]));
    const b = tf.variable(a);
    const request: StepRequest = {
      feeds: {},
      variables: [a, b],
      step: () => {
        a.assign(tf.add(a, 1));
        b.assign(tf.add(tf.mul(b, 0.5), tf.mul(a, 0.5)));
        return {};
      },
    };
    const program = compileStep(request);
    for (let i = 0; i < 3; i++) await program.run({});
    expect([...(await a.data())]).toEqual([4, 5]);
    // 1 -> 1.5 -> 2.25 -> 3.125, and one more from the second start
    expect([...(await b.data())]).toEqual([3.125, 4.125]);
    program.dispose();
  });

  it('reads a few late variables of many', async () => {
    // The graph's own names must not meet those of its inputs, which carry the variables' places in the list.
    const variables = Array.from({ length: 12 }, (_, i) => tf.variable(tf.scalar(i)));
    const read = variables.slice(4, 6) as [tf.Variable, tf.Variable];
    const step = () => ({ sum: tf.square(tf.add(tf.mul(tf.add(read[0], read[1]), 2), 1)) });
    const program = compileStep({ feeds: {}, variables, step });
    expect([...((await program.run({})).sum ?? [])]).toEqual([361]);
    program.dispose();
  });

  it('sees values that are assigned to a variable between runs', async () => {
    const { request, w, b } = regression();
    const start = await w.data();
    const program = compileStep(request);
    const first = await program.run({ x });
    w.assign(tf.tensor2d(start as Float32Array, [2, 1]));
    b.assign(tf.zeros([1]));
    expect(await program.run({ x })).toEqual(first);
    program.dispose();
  });

  it("does not change a snapshot that shares the variable's data", async () => {
    const { request, w } = regression();
    const program = compileStep(request);
    const snapshot = tf.clone(w);
    const before = await snapshot.data();
    await program.run({ x });
    expect([...(await snapshot.data())]).toEqual([...before]);
    expect(largestDifference(await w.data(), before)).toBeGreaterThan(1e-3);
    program.dispose();
  });

  it('leaves the variables as they were when it only traces', async () => {
    const { request, w } = regression();
    const before = await w.data();
    compileStep(request).dispose();
    expect([...(await w.data())]).toEqual([...before]);
  });

  it('refuses a step that reads values, and leaves the variables whole', async () => {
    const { request, w } = regression();
    const reading: StepRequest = {
      ...request,
      step: (feeds) => {
        w.assign(tf.add(w, 1));
        (feeds.x as tf.Tensor).dataSync();
        return {};
      },
    };
    expect(() => compileStep(reading)).toThrow(/may not read values/);
    expect(largestDifference(await w.data(), [0.5, -0.25])).toBe(0);
  });

  it('names a feed of the wrong length', () => {
    const program = compileStep(regression().request);
    expect(() => program.run({ x: new Float32Array(5) })).toThrow(/Feed x has 5 values where the step wants 6/);
    program.dispose();
  });
});
