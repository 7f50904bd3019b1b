/**
 * The same for every registered objective, whatever it is: gradients, three steps and an exact resume on the engine that everybody has,
 * scores. A new method is tested by being there.
 */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDevice } from '../../../core/backends/devices.ts';
import { activeBackend } from '../../../core/backends/onnx/step-program.ts';
import type { Device } from '../../../core/backends/types.ts';
import { createNetworks, disposeNetworks } from '../../../core/nets/networks.ts';
import { lacks } from '../../../core/objectives/capabilities.ts';
import { resolveOptions } from '../../../core/objectives/options.ts';
import { objectives } from '../../../core/objectives/registry.ts';
import type { Objective, ObjectiveOptions } from '../../../core/objectives/types.ts';
import { Random } from '../../../core/random.ts';
import { gatherEvidence, scoreBatch } from '../../../core/scoring/batches.ts';
import { modelOfNetworks } from '../../../core/scoring/graph-model.ts';
import { train } from '../../../core/training/trainer.ts';
import type { PictureGrid, TrainRequest } from '../../../core/training/types.ts';
import { temporaryRun, tinyDataset, tinyRequest } from '../training/tiny.ts';
import { expectSlopes } from './slopes.ts';

const named = objectives.map((objective) => [objective.name, objective] as const);

/** Cheap sampling where there is any, and every option of its own that changes what is computed. */
function variantsOf({ settings = {} }: Objective): Partial<ObjectiveOptions>[] {
  const cheap = 'langevinSteps' in settings ? { langevinSteps: 2 } : {};
  const capacity = 'capacity' in settings ? { capacity: 8 } : {};
  const base = { ...cheap, ...capacity };
  const without = Object.entries(settings).filter(([, { value, least }]) => value === 0 && least === 0);
  return [{ method: base }, ...without.map(([name]) => ({ method: { ...base, [name]: 2 } }))];
}

const quick = (objective: Objective): Partial<ObjectiveOptions> => variantsOf(objective)[0] ?? {};

describe('gradients are the slopes of the losses', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });
  const cases = objectives.flatMap((objective) =>
    variantsOf(objective).map((given) => [objective.name, JSON.stringify(given.method), objective, given] as const),
  );
  it.each(cases)('%s %s', (_name, _given, objective, given) => expectSlopes(objective, given));
});

describe('on onnx-cpu', () => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice('onnx-cpu', { threads: 2 });
  });

  const request = (objective: Objective): TrainRequest => {
    const tiny = tinyRequest({
      objective: objective.name,
      training: { batch: 4, steps: 6 },
      output: { sampleSteps: 3 },
    });
    return {
      ...tiny,
      nets: { ...tiny.nets, ...objective.nets },
      options: resolveOptions(objective, quick(objective)),
      training: { ...tiny.training, ...objective.training, learningRates: tiny.training.learningRates },
    };
  };

  /** Trains, stopping once after `stop` steps; returns the last checkpoint and the metrics. */
  async function trained(objective: Objective, stop: number) {
    const run = await temporaryRun();
    const grids: PictureGrid[] = [];
    for (const at of [stop, Infinity]) {
      const abort = new AbortController();
      await train(
        { ...request(objective), resume: true },
        {
          device,
          run,
          ...tinyDataset(22),
          signal: abort.signal,
          writeGrid: (grid) => {
            grids.push(grid);
            return Promise.resolve(new Uint8Array(1));
          },
          onEvent: (event) => {
            if (event.kind === 'step' && event.step === at) abort.abort();
          },
        },
      );
    }
    const { tensors, state } = await run.loadCheckpoint('latest');
    const metrics = (await run.readMetrics()).map((record) => ({ ...record, imagesPerSecond: 0 }));
    return { tensors, state, metrics, grids };
  }

  it.each(named)('%s: finite, native, without a leak, and resumes exactly', async (_name, objective) => {
    const before = tf.memory().numTensors;
    activeBackend().fallbacks.clear();
    const whole = await trained(objective, 3);
    expect([...activeBackend().fallbacks.keys()]).toEqual([]);
    expect(whole.metrics).toHaveLength(6);
    for (const record of whole.metrics) {
      for (const [name, value] of Object.entries(record)) expect(value, name).toSatisfy(Number.isFinite);
    }
    // Whoever can make pictures shows them, and how much they differ.
    expect(whole.metrics[2]).toHaveProperty('diversity');
    expect(whole.grids.length).toBeGreaterThan(0);
    expect(tf.memory().numTensors).toBe(before);
    const resumed = await trained(objective, 1);
    expect(resumed.tensors).toEqual(whole.tensors);
    expect(resumed.state).toEqual(whole.state);
    expect(resumed.metrics).toEqual(whole.metrics);
  });

  it.each(named)('%s: its scores are there, finite and the same each time', async (_name, objective) => {
    const spec = { size: 8, channels: 1, width: 4, latent: 3, ...objective.nets } as const;
    const networks = createNetworks(spec, objective.networks, 2);
    const preparation = { size: 8, channels: 1, resize: 'fit', tiles: null } as const;
    const facts = { spec, preparation, sigma: 1, step: 1, weights: 'last', fingerprint: 'test' } as const;
    const model = await modelOfNetworks(networks, { objective: objective.name, ...facts }, { threads: 1 });
    try {
      const images = Float32Array.from(Random.seeded(3).normals(4 * 64, 0.5));
      const score = async () => scoreBatch(model, await gatherEvidence(model, images, 3, 4));
      const scores = await score();
      expect([...scores.keys(), 'combined'].sort()).toEqual([...objective.scores].sort());
      for (const [name, values] of scores) {
        expect(values, name).toHaveLength(3);
        expect([...values].every(Number.isFinite), name).toBe(true);
      }
      expect(await score()).toEqual(scores);
      expect(model.reconstructs).toBe(lacks(objective, 'reconstructions') === null);
      if (!model.reconstructs) await expect(model.infer(images, 4)).rejects.toThrow(/no (inference|generator)/);
    } finally {
      await model.dispose();
      disposeNetworks(networks);
    }
  });

  it.each(named)('%s: says what it is, and a default score that it has', (_name, objective) => {
    expect(objective.summary).toMatch(/\d{4}/);
    expect(objective.scores).toContain(objective.defaultScore ?? 'combined');
  });
});
