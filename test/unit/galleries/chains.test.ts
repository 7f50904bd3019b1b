/** Pictures of a method without a generator: Langevin chains by an exported graph, the same from seed and number alone. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withExportBackend } from '../../../core/backends/graphs.ts';
import { samplesOf } from '../../../core/experiments/model-samples.ts';
import { makePictures } from '../../../core/galleries/gallery.ts';
import { makeGallery, remakeGallery } from '../../../core/galleries/gallery-job.ts';
import { chainRule, sampleStream } from '../../../core/galleries/latents.ts';
import { readGalleryManifest } from '../../../core/galleries/manifest.ts';
import { planSamples } from '../../../core/galleries/plan.ts';
import { createNetworks, disposeNetworks, namedTensors } from '../../../core/nets/networks.ts';
import type { Networks, NetSpec } from '../../../core/nets/types.ts';
import { runChains } from '../../../core/objectives/chains.ts';
import { resolveOptions } from '../../../core/objectives/options.ts';
import { findObjective } from '../../../core/objectives/registry.ts';
import { RunFolder } from '../../../core/runs/run-folder.ts';
import type { SavedTensor } from '../../../core/runs/safetensors.ts';
import { openRunModel } from '../../../core/scoring/run-model.ts';
import { exampleManifest } from '../runs/example.ts';

const ebm = findObjective('ebm');
const options = resolveOptions(ebm, { method: { langevinSteps: 2, langevinNoise: 0.2 } });
const spec: NetSpec = { size: 8, channels: 1, width: 4, latent: 3, ...ebm.nets };

/** Chains by tfjs itself, without the exported graph. */
async function chainsByHand(networks: Networks, seed: number, indices: readonly number[]): Promise<Float32Array> {
  const { sampler } = ebm;
  if (sampler === undefined) throw new Error('no sampler');
  return runChains({
    streams: indices.map((index) => sampleStream(seed, index)),
    length: 64,
    steps: sampler.steps(options),
    step: async (images, noise, count) => {
      const next = tf.tidy(() =>
        sampler.step(networks, tf.tensor4d(images, [count, 8, 8, 1]), tf.tensor4d(noise, [count, 8, 8, 1]), options),
      );
      const values = await next.data<'float32'>();
      next.dispose();
      return Float32Array.from(values);
    },
  });
}

describe('chains', () => {
  let folder = '';
  let run: RunFolder;
  let byHand = new Float32Array(0);

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'chains-'));
    run = await RunFolder.create(path.join(folder, 'run'), {
      ...exampleManifest(),
      nets: spec,
      preparation: { size: 8, channels: 1, resize: 'fill', tiles: null },
      objective: { name: 'ebm', options },
    });
    const tensors: Record<string, SavedTensor> = {};
    await withExportBackend(async () => {
      const networks = createNetworks(spec, ebm.networks, 5);
      for (const [name, variable] of namedTensors(networks)) {
        tensors[name] = { shape: variable.shape, data: Float32Array.from(await variable.data()) };
      }
      const before = tf.memory().numTensors;
      byHand = Float32Array.from(await chainsByHand(networks, 3, [0, 7]));
      expect(tf.memory().numTensors).toBe(before);
      disposeNetworks(networks);
    });
    await run.saveCheckpoint({ step: 4, tensors, state: {} });
  });
  afterAll(async () => {
    await run.close();
    await rm(folder, { recursive: true });
  });

  it('are by the exported graph what they are by the networks, alone and among others', async () => {
    const model = await openRunModel(run);
    expect(model.chain?.steps).toBe(12);
    const { pictures } = planSamples({ count: 70, seed: 3, temperature: 1 });
    const seen: number[] = [];
    const made = await makePictures(model, pictures, new Map(), { onProgress: (done) => seen.push(done) });
    // Pictures of 8 pixels come 64 at a time: 12 steps for the first ones, 12 for the last six, and each batch's end.
    expect(seen).toHaveLength(26);
    expect(seen.at(-1)).toBe(70);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    for (const [place, index] of [0, 7].entries()) {
      const wanted = byHand.subarray(64 * place, 64 * (place + 1));
      const found = made[index] ?? new Uint8Array(0);
      found.forEach((value, i) => expect(Math.abs(value - (1 + (wanted[i] ?? NaN)) * 127.5)).toBeLessThan(1));
    }
    expect(await makePictures(model, pictures.slice(7, 8))).toEqual([made[7]]);
    expect(new Set(made.map((pixels) => pixels?.join())).size).toBe(70);
    const still = await makePictures(model, planSamples({ count: 1, seed: 3, temperature: 0 }).pictures);
    expect(still[0]).not.toEqual(made[0]);
    await model.dispose();
  });

  it('make a gallery whose pictures can be made again, and no interpolation', async () => {
    const out = path.join(folder, 'grid.png');
    const made = await makeGallery({ run, kind: 'samples', count: 5, seed: 3, out, singles: path.join(folder, 'a') });
    const manifest = await readGalleryManifest(made.manifest);
    expect(manifest.latentRule).toBe(chainRule);
    const again = await remakeGallery({ run, manifest: made.manifest, pick: [4], out: path.join(folder, 'b') });
    const { readFile } = await import('node:fs/promises');
    expect(await readFile(again[0] ?? '')).toEqual(await readFile(made.singles[4] ?? ''));
    const between = makeGallery({ run, kind: 'interpolation', count: 5, seed: 3 });
    await expect(between).rejects.toMatchObject({ code: 'objective/cannot' });
    await expect(makeGallery({ run, kind: 'reconstructions', count: 5, seed: 3 })).rejects.toThrow(/no generator/);
  });

  it('stop between two steps when they are cancelled', async () => {
    const model = await openRunModel(run);
    const abort = new AbortController();
    const seen: number[] = [];
    const drawn = makePictures(model, planSamples({ count: 4, seed: 1, temperature: 1 }).pictures, new Map(), {
      signal: abort.signal,
      onProgress: (done) => {
        seen.push(done);
        if (seen.length === 2) abort.abort();
      },
    });
    await expect(drawn).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen).toHaveLength(2);
    await model.dispose();
  });

  it('give experiments samples in any number', async () => {
    const model = await openRunModel(run);
    const counts: number[] = [];
    for await (const { pixels, count } of samplesOf(model, 130, 1)) {
      expect(pixels).toHaveLength(64 * count);
      counts.push(count);
    }
    expect(counts).toEqual([100, 30]);
    await model.dispose();
  });
});
