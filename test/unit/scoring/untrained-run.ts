/** A run of small networks that were never trained, on pictures of its own. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { withExportBackend } from '../../../core/backends/graphs.ts';
import { openSource } from '../../../core/datasets/open.ts';
import { prepareDataset } from '../../../core/datasets/prepared.ts';
import { createNetworks, disposeNetworks, namedTensors } from '../../../core/nets/networks.ts';
import type { NetworkName, NetSpec } from '../../../core/nets/types.ts';
import { Random } from '../../../core/random.ts';
import type { RunManifest } from '../../../core/runs/manifest.ts';
import { RunFolder } from '../../../core/runs/run-folder.ts';
import type { SavedTensor } from '../../../core/runs/safetensors.ts';
import { exampleManifest } from '../runs/example.ts';

export const spec: NetSpec = { size: 8, channels: 1, width: 4, latent: 3 };
export const preparation = { size: 8, channels: 1, resize: 'fill', tiles: null } as const;

/** 40 dull and 10 harsh grey pictures of `side` x `side`, as OK and NG folders. */
export async function writePictures(folder: string, side = 8): Promise<void> {
  for (const [kind, count, contrast] of [
    ['OK', 40, 20],
    ['NG', 10, 120],
  ] as const) {
    await mkdir(path.join(folder, kind), { recursive: true });
    for (let i = 0; i < count; i++) {
      const random = Random.seeded(i, kind);
      const pixels = Uint8Array.from({ length: side * side }, () => 128 + contrast * (random.uniform() * 2 - 1));
      const image = sharp(pixels, { raw: { width: side, height: side, channels: 1 } });
      await image.png().toFile(path.join(folder, kind, `${String(i).padStart(2, '0')}.png`));
    }
  }
}

async function untrainedTensors(nets: NetSpec, names: readonly NetworkName[]): Promise<Record<string, SavedTensor>> {
  return withExportBackend(async () => {
    const networks = createNetworks(nets, names, 5);
    const tensors: Record<string, SavedTensor> = {};
    for (const [name, variable] of namedTensors(networks)) {
      tensors[name] = { shape: variable.shape, data: Float32Array.from(await variable.data()) };
    }
    disposeNetworks(networks);
    return tensors;
  });
}

/** Of the objective `joint` unless `change` says otherwise, with a checkpoint at step 3; the caller closes it. */
export async function untrainedRun(dir: string, data: string, change: Partial<RunManifest> = {}): Promise<RunFolder> {
  const manifest = exampleManifest();
  const source = await openSource(data);
  const dataset = await prepareDataset(source, change.preparation ?? preparation);
  const made = await RunFolder.create(dir, {
    ...manifest,
    nets: spec,
    preparation,
    dataset: {
      ...manifest.dataset,
      source: data,
      format: source.format,
      fingerprint: dataset.fingerprint,
      excludeLabels: [],
    },
    split: { seed: 1, heldOutFraction: 0.5, validationLimit: 100 },
    ...change,
  });
  dataset.close();
  await source.close();
  const tensors = await untrainedTensors(change.nets ?? spec, ['generator', 'inference', 'energy']);
  await made.saveCheckpoint({ step: 3, tensors, state: {} });
  return made;
}
