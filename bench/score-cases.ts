/** What the scoring benchmark scores and with what: PNG files with real work in them, untrained networks of given sizes. */
import { link, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { withExportBackend } from '../core/backends/graphs.ts';
import { openPictures } from '../core/datasets/pictures.ts';
import type { ImageSource, Preparation } from '../core/datasets/types.ts';
import { createNetworks, disposeNetworks } from '../core/nets/networks.ts';
import type { NetSpec } from '../core/nets/types.ts';
import { Random } from '../core/random.ts';
import { evidenceFile, exportEvidence } from '../core/scoring/evidence-graph.ts';
import { exportNetworks, openModel, writeModel } from '../core/scoring/graph-model.ts';
import type { ScoringModel } from '../core/scoring/types.ts';

export interface ScoreCase {
  readonly size: NetSpec['size'];
  readonly width: number;
  readonly latent: number;
  /** The presets that train these networks on pictures of this size; null for none. */
  readonly preset: string | null;
}

/** Each size with the smallest width that presets have, and the presets' own networks. */
export const scoreCases: readonly ScoreCase[] = [
  { size: 32, width: 16, latent: 32, preset: null },
  { size: 64, width: 16, latent: 32, preset: 'texture-tiles' },
  { size: 128, width: 16, latent: 32, preset: null },
  { size: 32, width: 64, latent: 100, preset: 'cifar10' },
  { size: 64, width: 32, latent: 100, preset: 'photo64' },
];

export interface Opened {
  readonly source: ImageSource;
  readonly model: ScoringModel;
}

/** Runs `measure` on `images` PNG files in a temporary folder, each `links` times under other names. */
export async function withCase<T>(
  one: ScoreCase,
  { images, links, threads }: { images: number; links: number; threads: number | undefined },
  measure: (opened: Opened) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'triangle-bench-'));
  try {
    const pictures = path.join(folder, 'pictures');
    await writePictures(path.join(pictures, '0'), one.size, images);
    for (let copy = 1; copy < links; copy++) {
      const other = path.join(pictures, String(copy));
      await mkdir(other);
      for (const name of await readdir(path.join(pictures, '0')))
        await link(path.join(pictures, '0', name), path.join(other, name));
    }
    const source = await openPictures([pictures]);
    const model = await untrainedModel(path.join(folder, 'model'), one, threads);
    try {
      return await measure({ source, model });
    } finally {
      await model.dispose();
      await source.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Coloured noise, enlarged: gradients and edges like those of photographs. */
async function writePictures(folder: string, size: number, count: number): Promise<void> {
  const side = size / 8;
  await mkdir(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const random = Random.seeded(i, 'bench score');
    const coarse = Uint8Array.from({ length: side * side * 3 }, () => random.integer(256));
    await sharp(coarse, { raw: { width: side, height: side, channels: 3 } })
      .resize(size, size, { kernel: 'cubic' })
      .png()
      .toFile(path.join(folder, `${String(i).padStart(6, '0')}.png`));
  }
}

/** Colour networks, exported into `folder` and opened there, as a run's are. */
async function untrainedModel(folder: string, one: ScoreCase, threads: number | undefined): Promise<ScoringModel> {
  const { size, width, latent } = one;
  const spec: NetSpec = { size, channels: 3, width, latent };
  const preparation: Preparation = { size, channels: 3, resize: 'fill', tiles: null };
  await withExportBackend(async () => {
    const networks = createNetworks(spec, ['generator', 'inference', 'energy'], 1);
    try {
      const facts = { objective: 'joint', sigma: 1, step: 0, weights: 'last', fingerprint: 'untrained' } as const;
      await writeModel(folder, { ...facts, spec, preparation }, await exportNetworks(networks));
      const fused = await exportEvidence(networks);
      if (fused !== null) await writeFile(path.join(folder, evidenceFile), fused);
    } finally {
      disposeNetworks(networks);
    }
  });
  return openModel(folder, { threads });
}
