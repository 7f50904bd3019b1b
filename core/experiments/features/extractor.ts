/** From images to the features whose distances are measured: the built-in ones, or Inception-v3 where a person has the file. */
import {
  gradientFeatureName,
  gradientFeatures,
  gradientFeatureSize,
  type ByteImages,
} from '../../evaluation/gradient-features.ts';
import { openInception } from './inception.ts';

export interface FeatureExtractor {
  /** What a distance in these features is called. Only Inception's is FID. */
  readonly distance: string;
  /** Of exactly these features; stored statistics belong to it. */
  readonly key: string;
  readonly size: number;
  /** [count, size] */
  extract(images: ByteImages): Promise<Float32Array>;
  dispose(): Promise<void>;
}

const builtin: FeatureExtractor = {
  distance: 'Fréchet distance of gradient histograms',
  key: gradientFeatureName,
  size: gradientFeatureSize,
  extract: (images) => Promise.resolve(gradientFeatures(images)),
  dispose: () => Promise.resolve(),
};

/** `inception`: path of the ONNX file; null: the built-in features. Throws what opening the file throws. */
export async function openExtractor(inception: string | null, threads: number | undefined): Promise<FeatureExtractor> {
  return inception === null ? builtin : openInception(inception, threads);
}
