/**
 * All that scores need of an image as one graph: q(z|x), the reconstruction, and the energy of both. One graph instead of the networks'
 * own, one after another: each of those has threads of its own, which go on waiting for work while the next one computes.
 */
import * as tf from '@tensorflow/tfjs';
import { exportGraph, type GraphRunner } from '../backends/graphs.ts';
import { CoreError } from '../errors.ts';
import type { Networks } from '../nets/types.ts';
import type { EnergyValues, Examined, ExaminedNeeds } from './types.ts';

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
      const residuals = squaredResiduals(images, reconstructions);
      const outputs = { mean, logVariance, residuals, reconstructions };
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

/**
 * Summed over channels, [batch, size, size]; a third of what the reconstructions are to carry out, and scores seldom want more. With the
 * channels before the pixels, as the networks' layers have them: sums over a last axis of three are slow.
 */
function squaredResiduals(images: tf.Tensor4D, reconstructions: tf.Tensor4D): tf.Tensor3D {
  const planes = (x: tf.Tensor4D): tf.Tensor4D => tf.transpose(x, [0, 3, 1, 2]);
  return tf.sum(tf.square(tf.sub(planes(images), planes(reconstructions))), 1);
}

/** `images` [count, size, size, channels]. */
export async function examine(
  runner: GraphRunner,
  images: Float32Array,
  shape: readonly number[],
  needs: ExaminedNeeds,
): Promise<Examined> {
  // Graphs that were made before there were residuals give the pictures alone.
  const ready = runner.outputNames.includes('residuals');
  const left = ready && !needs.reconstructions ? ['reconstructions'] : [];
  const names = runner.outputNames.filter((name) => !left.includes(name));
  const outputs = await runner.run({ images: { data: images, shape } }, names);
  const read = (name: string): Float32Array => {
    const value = outputs[name];
    if (value !== undefined) return value.data;
    const text = `The exported graph has no output "${name}". Delete the run's scores/graphs folder and try again.`;
    throw new CoreError('scoring/model', text);
  };
  const valuesOf = (f: string, features: string): EnergyValues => ({ f: read(f), features: read(features) });
  return {
    posterior: { mean: read('mean'), logVariance: read('logVariance') },
    reconstructions: names.includes('reconstructions') ? read('reconstructions') : new Float32Array(0),
    residuals: ready ? read('residuals') : undefined,
    energy:
      outputs['f'] === undefined
        ? null
        : {
            ofImages: valuesOf('f', 'features'),
            ofReconstructions: valuesOf('reconstructionF', 'reconstructionFeatures'),
          },
  };
}
