/**
 * All that scores need of an image as one graph: q(z|x), the reconstruction, and the energy of both. One graph instead of the networks'
 * own, one after another: each of those has threads of its own, which go on waiting for work while the next one computes.
 */
import type * as tf from '@tensorflow/tfjs';
import { exportGraph, type GraphRunner } from '../backends/graphs.ts';
import { CoreError } from '../errors.ts';
import type { Networks } from '../nets/types.ts';
import type { EnergyValues, Examined } from './types.ts';

/** Beside the networks' own graphs; made for this program's use, so no part of what `triangle export` writes. */
export const evidenceFile = 'evidence.onnx';

/** Null for networks that cannot reconstruct, or whose energy is a critic's. */
export async function exportEvidence({
  spec,
  inference,
  generator,
  energy,
  critic,
}: Networks): Promise<Uint8Array | null> {
  if (inference === undefined || generator === undefined || critic !== undefined) return null;
  return exportGraph({
    inputs: { images: [spec.size, spec.size, spec.channels] },
    forward: (inputs) => {
      const images = inputs['images'] as tf.Tensor4D;
      const { mean, logVariance } = inference.infer(images, 'inference');
      const reconstructions = generator.generate(mean, 'inference');
      const outputs = { mean, logVariance, reconstructions };
      if (energy === undefined) return outputs;
      const ofImages = energy.value(images, mean, 'inference');
      const ofReconstructions = energy.value(reconstructions, mean, 'inference');
      return {
        ...outputs,
        f: ofImages.f,
        features: ofImages.features,
        reconstructionF: ofReconstructions.f,
        reconstructionFeatures: ofReconstructions.features,
      };
    },
  });
}

/** `images` [count, size, size, channels]. */
export async function examine(runner: GraphRunner, images: Float32Array, shape: readonly number[]): Promise<Examined> {
  const outputs = await runner.run({ images: { data: images, shape } });
  const read = (name: string): Float32Array => {
    const value = outputs[name];
    if (value !== undefined) return value.data;
    const text = `The exported graph has no output "${name}". Delete the run's scores/graphs folder and try again.`;
    throw new CoreError('scoring/model', text);
  };
  const valuesOf = (f: string, features: string): EnergyValues => ({ f: read(f), features: read(features) });
  return {
    posterior: { mean: read('mean'), logVariance: read('logVariance') },
    reconstructions: read('reconstructions'),
    energy:
      outputs['f'] === undefined
        ? null
        : {
            ofImages: valuesOf('f', 'features'),
            ofReconstructions: valuesOf('reconstructionF', 'reconstructionFeatures'),
          },
  };
}
