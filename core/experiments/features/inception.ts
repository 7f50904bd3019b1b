/**
 * Features of the Inception-v3 that FID is defined by (Heusel et al. 2017), from an ONNX file that a person supplies; docs/reproducing.md
 * says where one is had. The preprocessing is fixed here: bilinear to 299x299 without smoothing, values in [-1, 1], 2,048 outputs of the
 * last average pooling.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { GraphRunner } from '../../backends/graphs.ts';
import { CoreError, messageOf } from '../../errors.ts';
import type { ByteImages } from '../../evaluation/gradient-features.ts';
import { interpolateBilinear } from '../../evaluation/resize.ts';
import type { FeatureExtractor } from './extractor.ts';

const side = 299;
const size = 2048;
/** A batch is 17 MB of input. */
const batch = 16;

function wrong(file: string, what: string): CoreError {
  const remedy = 'Export Inception-v3 as docs/reproducing.md says.';
  return new CoreError('experiment/inception', `${file} is not the network that FID needs: ${what}. ${remedy}`);
}

/** Whether the input is [n, 3, 299, 299] or [n, 299, 299, 3]. */
function layoutOf(file: string, shape: readonly (number | null)[]): 'channels-first' | 'channels-last' {
  const fits = (wanted: readonly number[]): boolean =>
    shape.length === 4 && wanted.every((value, i) => shape[i + 1] === null || shape[i + 1] === value);
  if (fits([3, side, side]) && shape[1] !== null) return 'channels-first';
  if (fits([side, side, 3]) && shape[3] !== null) return 'channels-last';
  throw wrong(file, `its input has the shape [${shape.map((value) => value ?? 'free').join(', ')}]`);
}

/** Image `index` as three planes of 299x299 in [-1, 1]. */
function planesOf({ pixels, size: from, channels }: ByteImages, index: number): Float64Array[] {
  return Array.from({ length: 3 }, (_, channel) => {
    const plane = new Float64Array(from * from);
    const start = index * plane.length * channels + (channels === 3 ? channel : 0);
    for (let i = 0; i < plane.length; i++) plane[i] = (pixels[start + i * channels] ?? 0) / 127.5 - 1;
    return interpolateBilinear(plane, from, side);
  });
}

/** Throws `experiment/inception` for a file that cannot be read or is another network. */
export async function openInception(file: string, threads: number | undefined): Promise<FeatureExtractor> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new CoreError('experiment/inception', `Cannot read ${file}: ${messageOf(error)}. Give an ONNX file.`, {
      cause: error,
    });
  }
  const runner = await GraphRunner.load(bytes, threads === undefined ? {} : { threads }).catch((error: unknown) => {
    throw wrong(file, messageOf(error));
  });
  const [input, ...others] = Object.entries(runner.inputShapes);
  if (input === undefined || others.length > 0) throw wrong(file, `it has ${others.length + 1} inputs instead of one`);
  const [name, shape] = input;
  const layout = layoutOf(file, shape);
  const run = async (images: ByteImages, from: number, count: number): Promise<Float32Array> => {
    const area = side * side;
    const data = new Float32Array(count * 3 * area);
    for (let i = 0; i < count; i++) {
      planesOf(images, from + i).forEach((plane, channel) => {
        const start = i * 3 * area;
        if (layout === 'channels-first') data.set(plane, start + channel * area);
        else for (let j = 0; j < area; j++) data[start + 3 * j + channel] = plane[j] ?? 0;
      });
    }
    const dims = layout === 'channels-first' ? [count, 3, side, side] : [count, side, side, 3];
    const outputs = Object.values(await runner.run({ [name]: { data, shape: dims } }));
    const pooled = outputs.find((output) => output.data.length === count * size);
    if (pooled === undefined) throw wrong(file, `none of its outputs has ${size} values an image`);
    return pooled.data;
  };
  return {
    distance: 'FID',
    key: `inception-${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`,
    size,
    async extract(images) {
      const features = new Float32Array(images.count * size);
      for (let from = 0; from < images.count; from += batch)
        features.set(await run(images, from, Math.min(batch, images.count - from)), from * size);
      return features;
    },
    dispose: () => runner.dispose(),
  };
}
