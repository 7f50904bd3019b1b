/** Adam against the formulas of its paper in double precision; clipping; schedules; the guard's rules. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { eagerStep } from '../../../core/backends/eager.ts';
import type { Network } from '../../../core/nets/types.ts';
import { createAdam } from '../../../core/training/adam.ts';
import { StepClock } from '../../../core/training/clock.ts';
import { DivergenceGuard } from '../../../core/training/divergence.ts';
import { learningRatesAt, stepsOfEpochs } from '../../../core/training/schedule.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const rates = { generator: 0.1, inference: 0.02, energy: 0.5 };
const gradients = [
  [3, -0.2],
  [-1, 0.4],
  [0.5, 0.001],
];

function oneLayer(): Network & { weight: tf.Variable } {
  const weight = tf.tidy(() => tf.variable(tf.tensor1d([1, -1])));
  return {
    name: 'generator',
    weight,
    trainable: new Map([['generator/w', weight]]),
    state: new Map(),
    dispose: () => weight.dispose(),
  };
}

async function runAdam(clip: number | null, averaging: number) {
  const network = oneLayer();
  const adam = createAdam([network], { beta1: 0.5, beta2: 0.9, clip, averaging });
  const program = eagerStep({
    feeds: { g: { shape: [2], dtype: 'float32' }, ...adam.feeds },
    variables: [network.weight, ...adam.variables.values()],
    step: (fed) => adam.apply({ 'generator/w': fed['g'] as tf.Tensor }, fed),
  });
  const weights: number[][] = [];
  const averages: number[][] = [];
  const norms: number[] = [];
  for (const [i, gradient] of gradients.entries()) {
    const logs = await program.run({ g: Float32Array.from(gradient), ...adam.scalars(i + 1, rates) });
    norms.push(logs['gradientNormGenerator']?.[0] ?? NaN);
    weights.push([...(await network.weight.data())]);
    averages.push([...((await adam.variables.get('average/generator/w')?.data()) ?? [])]);
  }
  adam.dispose();
  network.dispose();
  return { weights, averages, norms };
}

/** Algorithm 1 of the source as it stands, with the corrected moments written out. */
function expectedWeights(clip: number): number[][] {
  const [w, m, v] = [
    [1, -1],
    [0, 0],
    [0, 0],
  ] as [number[], number[], number[]];
  return gradients.map((gradient, t) => {
    const scale = Math.min(1, clip / Math.hypot(...gradient));
    gradient.forEach((value, i) => {
      const g = value * scale;
      m[i] = 0.5 * (m[i] as number) + 0.5 * g;
      v[i] = 0.9 * (v[i] as number) + 0.1 * g * g;
      const root = Math.sqrt(v[i] / (1 - 0.9 ** (t + 1)));
      w[i] = (w[i] as number) - (0.1 * m[i]) / (1 - 0.5 ** (t + 1)) / root;
    });
    return [...w];
  });
}

function expectClose(found: readonly number[][], expected: readonly number[][]): void {
  found.flat().forEach((value, i) => expect(value).toBeCloseTo(expected.flat()[i] ?? NaN, 4));
  expect(found.flat()).toHaveLength(expected.flat().length);
}

describe('Adam', () => {
  it('follows Algorithm 1 of its paper', async () => {
    const before = tf.memory().numTensors;
    const { weights, norms } = await runAdam(null, 0);
    expectClose(weights, expectedWeights(Infinity));
    norms.forEach((norm, i) => expect(norm).toBeCloseTo(Math.hypot(...(gradients[i] ?? [])), 5));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('clips the norm, and reports it before clipping', async () => {
    const { weights, norms } = await runAdam(1, 0);
    expectClose(weights, expectedWeights(1));
    expect(norms[0]).toBeCloseTo(Math.hypot(3, 0.2), 5);
  });

  it('averages the weights: the first update sets the average, later ones move it', async () => {
    const { weights, averages } = await runAdam(null, 0.99);
    expect(averages[0]).toEqual(weights[0]);
    // kept = (update - 1) / (update + 9) while that is below 0.99
    const second = [0, 1].map((i) => (weights[0]?.[i] ?? 0) / 11 + ((weights[1]?.[i] ?? 0) * 10) / 11);
    expectClose([averages[1] ?? []], [second]);
  });
});

describe('schedule', () => {
  it('multiplies all rates once an epoch', () => {
    const settings = { learningRates: rates, decay: 0.5 };
    expect(learningRatesAt(0, settings)).toEqual(rates);
    expect(learningRatesAt(2, settings)).toEqual({ generator: 0.025, inference: 0.005, energy: 0.125 });
  });

  it('counts whole batches an epoch', () => {
    expect(stepsOfEpochs(3, 100, 32)).toBe(9);
    expect(stepsOfEpochs(10, 8, 32)).toBe(3);
    expect(stepsOfEpochs(1, 8, 32)).toBe(1);
  });
});

describe('divergence guard', () => {
  it('names the value that is not finite', () => {
    const guard = new DivergenceGuard({ size: 8, channels: 1 });
    expect(() => guard.check({ step: 3, kl: Infinity })).toThrow(/step 3: kl is Infinity/);
  });

  it('lets one wild batch pass and stops a gap that stays', () => {
    const guard = new DivergenceGuard({ size: 8, channels: 1 });
    guard.check({ step: 1, gap: 3000 });
    for (let step = 2; step < 200; step++) guard.check({ step, gap: -100 });
    const runAway = () => {
      for (let step = 200; step < 300; step++) guard.check({ step, gap: 200 });
    };
    expect(runAway).toThrow(/gap .* ran away to 16/);
  });
});

describe('clock', () => {
  it('estimates from recent steps', () => {
    const clock = new StepClock(10);
    expect(clock.note(0.5)).toBeCloseTo(20);
    expect(clock.note(1.5)).toBeCloseTo(10);
    expect(clock.secondsFor(7)).toBeCloseTo(7);
  });
});
