/** What is kept of a set of images to measure distances to it: moments of all, features of some. Stored by content, so that it is computed once. */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { throwIfCancelled } from '../../errors.ts';
import { frechetDistance, MomentAccumulator, type FeatureMoments } from '../../evaluation/frechet.ts';
import type { ByteImages } from '../../evaluation/gradient-features.ts';
import { kernelDistance } from '../../evaluation/kernel-distance.ts';
import { samplePrecisionRecall } from '../../evaluation/precision-recall.ts';
import { Random } from '../../random.ts';
import { writeFileAtomic } from '../../runs/atomic.ts';
import { decodeSafetensors, encodeSafetensors, type Tensors } from '../../runs/safetensors.ts';
import type { FeatureExtractor } from './extractor.ts';

export interface FeatureSet {
  readonly moments: FeatureMoments;
  /** Features of an even choice of the images, [n, size]: what kernel distance and precision look at. */
  readonly subset: Float32Array;
}

/** As many of both sets, so that precision and recall can be compared. */
const subsetCount = 2000;
const kernelSubsets = 20;
const kernelSubsetSize = 500;

export interface FeatureRequest {
  readonly extractor: FeatureExtractor;
  readonly count: number;
  /** All images in batches, `count` together. */
  readonly images: () => AsyncIterable<ByteImages>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Throws `cancelled` and what the extractor throws. */
export async function computeFeatureSet(request: FeatureRequest): Promise<FeatureSet> {
  const { extractor, count } = request;
  const { size } = extractor;
  const moments = new MomentAccumulator(size);
  const kept = Math.min(subsetCount, count);
  const subset = new Float32Array(kept * size);
  let done = 0;
  let next = 0;
  for await (const batch of request.images()) {
    throwIfCancelled(request.signal);
    const features = await extractor.extract(batch);
    moments.add(features);
    for (; next < kept; next++) {
      const index = Math.floor((next * count) / kept) - done;
      if (index >= batch.count) break;
      subset.set(features.subarray(index * size, (index + 1) * size), next * size);
    }
    done += batch.count;
    request.onProgress?.(done, count);
  }
  return { moments: moments.moments(), subset };
}

/** Double precision in a format of single: the rounded value, and what rounding took. */
function split(name: string, values: Float64Array, shape: readonly number[]): Tensors {
  const high = Float32Array.from(values);
  const low = Float32Array.from(values, (value, i) => value - (high[i] ?? 0));
  return { [name]: { shape, data: high }, [`${name}-rest`]: { shape, data: low } };
}

function joined(tensors: Tensors, name: string): Float64Array | null {
  const [high, low] = [tensors[name]?.data, tensors[`${name}-rest`]?.data];
  return high === undefined || low === undefined ? null : Float64Array.from(high, (value, i) => value + (low[i] ?? 0));
}

/** From `folder`, or computed and stored there. `content` names the images: fingerprint of the dataset and which of them. */
export async function cachedFeatureSet(folder: string, content: string, request: FeatureRequest): Promise<FeatureSet> {
  const { extractor, count } = request;
  const hash = createHash('sha256')
    .update(JSON.stringify([extractor.key, content, count, subsetCount]))
    .digest('hex');
  const file = path.join(folder, `${hash.slice(0, 32)}.safetensors`);
  const stored = await readFile(file)
    .then((bytes) => parse(decodeSafetensors(bytes), extractor.size, count))
    // Not there, or not whole: computed again.
    .catch(() => null);
  if (stored !== null) return stored;
  const { moments, subset } = await computeFeatureSet(request);
  const { size } = extractor;
  await mkdir(folder, { recursive: true });
  const tensors = {
    ...split('mean', moments.mean, [size]),
    ...split('covariance', moments.covariance, [size, size]),
    subset: { shape: [subset.length / size, size], data: subset },
  };
  const bytes = encodeSafetensors(tensors);
  await writeFileAtomic(file, bytes);
  // What a later part of the experiment will read is what this one uses.
  return parse(decodeSafetensors(bytes), size, count) ?? { moments, subset };
}

function parse(tensors: Tensors, size: number, count: number): FeatureSet | null {
  const mean = joined(tensors, 'mean');
  const covariance = joined(tensors, 'covariance');
  const subset = tensors['subset']?.data;
  if (mean?.length !== size || covariance?.length !== size * size || !(subset instanceof Float32Array)) return null;
  return { moments: { count, mean, covariance }, subset };
}

/** Distances of samples to real images: Fréchet, kernel (with its deviation over subsets), precision and recall. */
export function setDistances(real: FeatureSet, samples: FeatureSet): Record<string, number> {
  const size = real.moments.mean.length;
  const kernel = kernelDistance(real.subset, samples.subset, {
    size,
    random: Random.seeded(1, 'kernel-distance'),
    subsets: kernelSubsets,
    subsetSize: kernelSubsetSize,
  });
  const common = Math.min(real.subset.length, samples.subset.length);
  const { precision, recall } = samplePrecisionRecall(
    real.subset.subarray(0, common),
    samples.subset.subarray(0, common),
    size,
  );
  return {
    frechet: frechetDistance(real.moments, samples.moments),
    kernel: kernel.mean,
    // Over the subsets; a single one has none.
    'kernel-deviation': kernel.deviation ?? 0,
    precision,
    recall,
  };
}
