/** From a plan or a manifest to pictures and files. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { CoreError, throwIfCancelled } from '../errors.ts';
import { writeFileAtomic } from '../runs/atomic.ts';
import { defaultBatchSize } from '../scoring/batches.ts';
import type { ScoringModel } from '../scoring/types.ts';
import { cannot } from '../objectives/capabilities.ts';
import { runChains } from '../objectives/chains.ts';
import { findObjective } from '../objectives/registry.ts';
import { encodeGrid, encodeSingle, toBytes } from './grid.ts';
import { chainRule, decodeLatent, interpolateLatents, latentRule, sampleLatent, sampleStream } from './latents.ts';
import type { GalleryKind, GalleryManifest, GalleryPicture, LatentSource } from './manifest.ts';
import type { GalleryPlan } from './plan.ts';

function resolveLatent(source: LatentSource, latent: number): Float32Array {
  return source.kind === 'seed'
    ? sampleLatent(source.seed, source.index, latent, source.temperature)
    : decodeLatent(source.latent, latent);
}

/** z of a picture; null for an original. */
export function latentOf(picture: GalleryPicture, latent: number): Float32Array | null {
  if (picture.kind === 'original') return null;
  if (picture.kind === 'generated') return resolveLatent(picture.latent, latent);
  return interpolateLatents(resolveLatent(picture.from, latent), resolveLatent(picture.to, latent), picture.t);
}

/** Lets a person see how far the drawing is, and stop it. */
export interface Watch {
  readonly signal?: AbortSignal | undefined;
  /** Pictures that are drawn; parts count where each takes many steps. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** `part` of the pictures, float32 [batch, size, size, channels] with padding behind them. */
type Draw = (part: readonly GalleryPicture[], batch: number, onShare: (share: number) => void) => Promise<Float32Array>;

const fromLatents =
  (model: ScoringModel): Draw =>
  (part, batch) => {
    const { latent } = model.description.spec;
    const latents = new Float32Array(batch * latent);
    part.forEach((picture, i) => latents.set(latentOf(picture, latent) ?? [], i * latent));
    return model.generate(latents, batch);
  };

/** The pictures of a model without a generator; only seeds say where a chain begins. */
const fromChains =
  (model: ScoringModel, { steps, step }: NonNullable<ScoringModel['chain']>, signal?: AbortSignal): Draw =>
  (part, batch, onShare) => {
    const { size, channels } = model.description.spec;
    const sources = part.map((picture) => {
      if (picture.kind === 'generated' && picture.latent.kind === 'seed') return picture.latent;
      throw cannot(findObjective(model.description.objective), 'interpolation');
    });
    return runChains({
      streams: sources.map(({ seed, index }) => sampleStream(seed, index)),
      temperatures: sources.map(({ temperature }) => temperature),
      length: size * size * channels,
      steps,
      batch,
      step,
      signal,
      onStep: (done) => onShare(done / steps),
    });
  };

/**
 * The pictures, uint8 [size, size, channels] each. The networks always see a full batch, so that a picture made alone has the same bytes as
 * among others. Originals that are not in `originals` come back as null.
 */
export async function makePictures(
  model: ScoringModel,
  pictures: readonly GalleryPicture[],
  originals: ReadonlyMap<string, Uint8Array> = new Map(),
  { signal, onProgress }: Watch = {},
): Promise<(Uint8Array | null)[]> {
  const { size, channels } = model.description.spec;
  const length = size * size * channels;
  const batchSize = defaultBatchSize(size);
  const draw = model.chain === undefined ? fromLatents(model) : fromChains(model, model.chain, signal);
  const results = pictures.map((picture) =>
    picture.kind === 'original' ? (originals.get(picture.image) ?? null) : null,
  );
  const wanted = pictures.flatMap((picture, index) => (picture.kind === 'original' ? [] : [{ picture, index }]));
  for (let start = 0; start < wanted.length; start += batchSize) {
    throwIfCancelled(signal);
    const part = wanted.slice(start, start + batchSize);
    const onShare = (share: number): void => onProgress?.(start + share * part.length, wanted.length);
    const bytes = toBytes(
      await draw(
        part.map(({ picture }) => picture),
        batchSize,
        onShare,
      ),
    );
    part.forEach(({ index }, i) => (results[index] = bytes.slice(i * length, (i + 1) * length)));
    onShare(1);
  }
  return results;
}

/** Makes pictures of a manifest again. Throws `gallery/other-run` when the model is not the one that made them. */
export async function remakePictures(
  model: ScoringModel,
  manifest: GalleryManifest,
  indices: readonly number[],
  watch: Watch = {},
): Promise<(Uint8Array | null)[]> {
  const { fingerprint, step } = model.description;
  if (fingerprint !== manifest.fingerprint) {
    const text = `The gallery was made with step ${manifest.step} of run ${manifest.run}; this is step ${step} of other weights.`;
    throw new CoreError('gallery/other-run', `${text} Give that run, with --checkpoint ${manifest.step}.`);
  }
  const chosen = indices.map((index) => {
    const picture = manifest.pictures[index];
    if (picture !== undefined) return picture;
    const text = `The gallery has no picture ${index}: it has ${manifest.pictures.length}, counted from 0.`;
    throw new CoreError('gallery/no-picture', `${text} Choose one of them.`);
  });
  return makePictures(model, chosen, new Map(), watch);
}

export interface GalleryRequest extends Watch {
  readonly kind: GalleryKind;
  readonly plan: GalleryPlan;
  /** Id of the run. */
  readonly run: string;
  /** The grid's file; the manifest lies beside it with the ending `.json`. */
  readonly file: string;
  /** Folder for the single pictures; none without it. */
  readonly singles?: string | undefined;
  /** Side of the square that each pixel becomes; by default so that a picture is at least 56 pixels wide. */
  readonly enlarge?: number | undefined;
}

export interface GalleryResult {
  readonly file: string;
  readonly manifest: string;
  readonly singles: readonly string[];
  readonly count: number;
}

/** Computes and writes a gallery. */
export async function writeGallery(model: ScoringModel, request: GalleryRequest): Promise<GalleryResult> {
  const { plan, file } = request;
  const { spec, step, weights, fingerprint } = model.description;
  const enlarge = request.enlarge ?? Math.max(1, Math.ceil(56 / spec.size));
  const made = await makePictures(model, plan.pictures, plan.originals, request);
  const pictures = made.map((pixels) => pixels ?? new Uint8Array(spec.size * spec.size * spec.channels));
  const shape = { size: spec.size, channels: spec.channels, enlarge };
  await mkdir(path.dirname(path.resolve(file)), { recursive: true });
  const singles: string[] = [];
  if (request.singles !== undefined) {
    await mkdir(request.singles, { recursive: true });
    for (const [i, pixels] of pictures.entries()) {
      throwIfCancelled(request.signal);
      const single = path.join(request.singles, `${request.kind}-${String(i).padStart(5, '0')}.png`);
      await writeFileAtomic(single, await encodeSingle(pixels, { ...shape, enlarge: 1 }));
      singles.push(single);
    }
  }
  await writeFileAtomic(file, await encodeGrid(pictures, { ...shape, columns: plan.columns }));
  const manifest: GalleryManifest = {
    formatVersion: 1,
    kind: request.kind,
    created: new Date().toISOString(),
    run: request.run,
    step,
    weights,
    fingerprint,
    latentRule: model.chain === undefined ? latentRule : chainRule,
    columns: plan.columns,
    pictures: plan.pictures,
  };
  const manifestFile = `${file.replace(/\.png$/i, '')}.json`;
  await writeFileAtomic(manifestFile, `${JSON.stringify(manifest, null, 1)}\n`);
  return { file, manifest: manifestFile, singles, count: pictures.length };
}
