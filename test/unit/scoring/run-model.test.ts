import { cp, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withExportBackend } from '../../../core/backends/graphs.ts';
import { createNetworks, disposeNetworks, namedTensors } from '../../../core/nets/networks.ts';
import type { NetSpec } from '../../../core/nets/types.ts';
import { Random } from '../../../core/random.ts';
import { RunFolder } from '../../../core/runs/run-folder.ts';
import type { SavedTensor } from '../../../core/runs/safetensors.ts';
import { gatherEvidence, scoreBatch } from '../../../core/scoring/batches.ts';
import { openModel } from '../../../core/scoring/graph-model.ts';
import { ensureGraphs, openRunModel } from '../../../core/scoring/run-model.ts';
import type { ScoringModel } from '../../../core/scoring/types.ts';
import { exampleManifest } from '../runs/example.ts';

const spec: NetSpec = { size: 8, channels: 1, width: 4, latent: 3 };
const count = 5;
const images = Random.seeded(1).normals(count * 64, 0.4);

/** What the networks themselves say on tfjs's own path. */
interface Expected {
  readonly mean: Float32Array;
  readonly generated: Float32Array;
  readonly f: Float32Array;
}

describe('openRunModel', () => {
  let folder = '';
  let run: RunFolder;
  let model: ScoringModel;
  let expected: Expected;
  let tensorsBefore = 0;
  let tensorsAfter = 0;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'model-'));
    const manifest = {
      ...exampleManifest(),
      nets: spec,
      preparation: { size: 8, channels: 1, resize: 'fill', tiles: null } as const,
    };
    run = await RunFolder.create(path.join(folder, 'run'), {
      ...manifest,
      objective: { ...manifest.objective, name: 'joint' },
    });
    const tensors: Record<string, SavedTensor> = {};
    expected = await withExportBackend(async () => {
      const networks = createNetworks(spec, ['generator', 'inference', 'energy'], 5);
      for (const [name, variable] of namedTensors(networks)) {
        const data = Float32Array.from(await variable.data());
        // The last weights are rubbish, the average is what counts.
        tensors[name] = { shape: variable.shape, data: data.map(() => 9) };
        tensors[`average/${name}`] = { shape: variable.shape, data };
        tensors[`adam/m/${name}`] = { shape: variable.shape, data };
      }
      const x = tf.tensor4d(images, [count, 8, 8, 1]);
      const mean = networks.inference?.infer(x, 'inference').mean ?? tf.zeros<tf.Rank.R2>([1, 1]);
      const generated = networks.generator?.generate(mean, 'inference') ?? x;
      const f = networks.energy?.value(x, mean, 'inference').f ?? tf.zeros<tf.Rank.R1>([1]);
      const values = await Promise.all([mean, generated, f].map((tensor) => tensor.data()));
      disposeNetworks(networks);
      tf.dispose([x, mean, generated, f]);
      const [a, b, c] = values.map((value) => Float32Array.from(value));
      return { mean: a ?? images, generated: b ?? images, f: c ?? images };
    });
    await run.saveCheckpoint({ step: 12, tensors, state: {} });
    tensorsBefore = tf.memory().numTensors;
    model = await openRunModel(run);
    tensorsAfter = tf.memory().numTensors;
  });
  afterAll(async () => {
    await model.dispose();
    await run.close();
    await rm(folder, { recursive: true });
  });

  const expectClose = (actual: Float32Array, wanted: Float32Array): void => {
    expect(actual.length).toBe(wanted.length);
    actual.forEach((value, i) => expect(value).toBeCloseTo(wanted[i] ?? NaN, 4));
  };

  it('computes what the averaged networks compute in inference mode', async () => {
    const { mean } = await model.infer(images, count);
    expectClose(mean, expected.mean);
    expectClose(await model.generate(mean, count), expected.generated);
    const energy = await model.energy?.(images, mean, count);
    expectClose(energy?.f ?? new Float32Array(0), expected.f);
    expect(model.description).toMatchObject({ step: 12, weights: 'average', objective: 'joint' });
  });

  it('says in one run of one graph what the networks say one after another', async () => {
    const { examine, ...apart } = model;
    expect(examine).toBeDefined();
    const [whole, parts] = [
      await gatherEvidence(model, images, 4, count),
      await gatherEvidence(apart, images, 4, count),
    ];
    expectClose(whole.posterior.mean, parts.posterior.mean);
    expectClose(whole.posterior.logVariance, parts.posterior.logVariance);
    expectClose(whole.reconstructions, parts.reconstructions);
    for (const of of ['ofImages', 'ofReconstructions'] as const) {
      const [a, b] = [whole.energy?.[of], parts.energy?.[of]];
      expect(a?.f).toHaveLength(4);
      expectClose(a?.f ?? images, b?.f ?? images);
      expectClose(a?.features ?? images, b?.features ?? images);
    }
    const names = [...scoreBatch(model, whole)].map(([name]) => name);
    expect(names).toContain('features');
    for (const [name, values] of scoreBatch(apart, parts)) {
      values.forEach((value, i) => expect(scoreBatch(model, whole).get(name)?.[i]).toBeCloseTo(value, 4));
    }
  });

  it('does without that graph in folders that were made before it', async () => {
    const dir = await ensureGraphs(run, 12);
    const copy = path.join(folder, 'older');
    await cp(dir, copy, { recursive: true });
    await rm(path.join(copy, 'evidence.onnx'));
    const older = await openModel(copy);
    expect(older.examine).toBeUndefined();
    const [a, b] = [await gatherEvidence(older, images, 5, count), await gatherEvidence(model, images, 5, count)];
    expectClose(a.energy?.ofReconstructions.features ?? images, b.energy?.ofReconstructions.features ?? images);
    await older.dispose();
  });

  it('gives an image the same result to the bit wherever it stands in the batch', async () => {
    const reversed = Float32Array.from(
      { length: images.length },
      (_, i) => images[(count - 1 - Math.floor(i / 64)) * 64 + (i % 64)] ?? 0,
    );
    const { mean } = await model.infer(images, count);
    const { mean: backwards } = await model.infer(reversed, count);
    for (let i = 0; i < count; i++) {
      expect([...backwards.slice(3 * (count - 1 - i), 3 * (count - i))]).toEqual([...mean.slice(3 * i, 3 * i + 3)]);
    }
  });

  it('leaves no tensors behind', () => {
    expect(tensorsAfter).toBe(tensorsBefore);
  });

  it('exports once and finds the graphs again', async () => {
    const first = await ensureGraphs(run, 'latest');
    const { mtimeMs } = await stat(path.join(first, 'energy.onnx'));
    expect(await ensureGraphs(run, 'latest')).toBe(first);
    expect((await stat(path.join(first, 'energy.onnx'))).mtimeMs).toBe(mtimeMs);
  });

  it('says what does not fit', async () => {
    await run.saveCheckpoint({
      step: 13,
      tensors: { 'generator/none': { shape: [1], data: Float32Array.of(1) } },
      state: {},
    });
    await expect(ensureGraphs(run, 13)).rejects.toMatchObject({ code: 'scoring/weights' });
  });
});
