/** What scoring passes around: the exported model, what was measured of a batch, the scores of an image. Higher is more anomalous. */
import type { DatasetProblem, Preparation } from '../datasets/types.ts';
import type { NetSpec } from '../nets/types.ts';
import type { ChainStep } from '../objectives/chains.ts';
import type { ScoreName } from '../score-names.ts';

/** Everything that must be known to call the exported graphs rightly; stored beside them. */
export interface ModelDescription {
  /** Registered name of the objective that trained the networks. */
  readonly objective: string;
  readonly spec: NetSpec;
  readonly preparation: Preparation;
  /** Decoder's standard deviation in pixel units of [-1, 1]. */
  readonly sigma: number;
  /** Training step of the checkpoint. */
  readonly step: number;
  /** Whether the weights are the moving average or those of the step itself. */
  readonly weights: 'average' | 'last';
  /** Fingerprint of the weights, hex: cached scores and galleries belong to exactly these. */
  readonly fingerprint: string;
  /** Steps of the chains that draw pictures, where the objective has no generator but a sampler. */
  readonly chainSteps?: number;
}

/** Gaussian q(z|x): both [count, latent], row-major. */
export interface Posterior {
  readonly mean: Float32Array;
  readonly logVariance: Float32Array;
}

/** f(x, z) [count], the negative energy, and the last hidden layer's features [count, n]. */
export interface EnergyValues {
  readonly f: Float32Array;
  readonly features: Float32Array;
}

/** The networks in inference mode: each image's result depends on that image alone. Arrays are row-major, images NHWC in [-1, 1]. */
export interface ScoringModel {
  readonly description: ModelDescription;
  /** Where others can open it; null for a model that is in this process only, and for one that must stay in it (a GPU's). */
  readonly shared?: { readonly folder: string; readonly threads: number } | null;
  /** Whether there are both an inference model and a generator. */
  readonly reconstructs: boolean;
  /** images [count, size, size, channels] -> q(z|x). Throws `objective/cannot` without an inference model. */
  infer(images: Float32Array, count: number): Promise<Posterior>;
  /** latents [count, latent] -> images [count, size, size, channels]. Throws `objective/cannot` without a generator. */
  generate(latents: Float32Array, count: number): Promise<Float32Array>;
  /** Null without an energy network or critic (the plain VAE); a critic ignores the latents. An average over several snapshots' energies would live behind this. */
  readonly energy: ((images: Float32Array, latents: Float32Array, count: number) => Promise<EnergyValues>) | null;
  /** How pictures are drawn without a generator; absent where there is one, and where nothing can be drawn. */
  readonly chain?: { readonly steps: number; readonly step: ChainStep };
  /** All of these at once for images [count, size, size, channels], faster than one after another; absent where there is no such graph. */
  readonly examine?: (images: Float32Array, count: number, needs: ExaminedNeeds) => Promise<Examined>;
  dispose(): Promise<void>;
}

/** What the networks say of images, [count, ...] each. */
export type Examined = Pick<Evidence, 'posterior' | 'reconstructions' | 'residuals' | 'energy'>;

/** What is wanted of {@link ScoringModel.examine}. */
export interface ExaminedNeeds {
  /** The reconstructions themselves, not their residuals alone. */
  readonly reconstructions: boolean;
}

/** What the networks say of a batch; every score is a pure function of it. */
export interface Evidence {
  readonly count: number;
  /** Side of the square images in pixels. */
  readonly size: number;
  /** Pixels times channels of one image. */
  readonly imageLength: number;
  readonly latent: number;
  readonly sigma: number;
  /** x [count, imageLength]. */
  readonly images: Float32Array;
  /** g(mean) [count, imageLength]; empty where the model cannot reconstruct, and where nobody asked for them. */
  readonly reconstructions: Float32Array;
  /** |x - g(mean)|^2 at each pixel, summed over channels, [count, size * size]; absent where they are still to be computed. */
  readonly residuals?: Float32Array | undefined;
  /** Likewise. */
  readonly posterior: Posterior;
  /** Of (x, mean) and of (g(mean), mean); null without an energy network or critic. */
  readonly energy: { readonly ofImages: EnergyValues; readonly ofReconstructions: EnergyValues } | null;
}

/** One score; a file of `scores/` exports one as `score`. */
export interface ScoreDefinition {
  readonly name: ScoreName;
  /** One line for people, with the formula. */
  readonly summary: string;
  readonly needsEnergy: boolean;
  /** False: the score looks at the image alone, so that models without an inference model have it. */
  readonly needsReconstruction?: boolean;
  /** False: `energy.ofReconstructions` is not looked at and need not be computed. */
  readonly readsReconstructionEnergy?: boolean;
  /** True: `reconstructions` are looked at, and not only their residuals. */
  readonly readsReconstructions?: boolean;
  /** Values [count]; higher is more anomalous. */
  compute(evidence: Evidence): Float64Array;
}

export type Scores = Readonly<Partial<Record<ScoreName, number>>>;

/** Maps of one picture, [height, width] row-major, in the geometry of the model's input (or of the scaled picture with tiles). */
export interface PictureMaps {
  readonly width: number;
  readonly height: number;
  /** Root of the smoothed squared residual, mean over channels; pixel units of [-1, 1]. Null where the model cannot reconstruct. */
  readonly residual: Float32Array | null;
  /** Residual compared with what is normal at that place, in standard deviations (`place.ts`); null without a calibration. */
  readonly place: Float32Array | null;
  /** Mean -f of the tiles that cover a pixel; null without tiles or without an energy network. */
  readonly energy: Float32Array | null;
  /** The picture itself, uint8 [height, width, channels], for overlays. */
  readonly pixels: Uint8Array;
  readonly channels: 1 | 3;
}

export interface ScoredImage {
  readonly kind: 'scored';
  readonly index: number;
  readonly name: string;
  /** Raw scores; `place`, the `neighbours` of both kinds and `combined` only where a calibration was given. */
  readonly scores: Scores;
  /** Root mean squared residual in pixel units of [-1, 1], mean over tiles; NaN where the model cannot reconstruct. */
  readonly rmse: number;
  readonly tiles: number;
  /** Largest residuals by place (`place.ts`); null where the model cannot reconstruct. */
  readonly cells: readonly number[] | null;
  /** Inferred means [tiles, latent]; null where the model cannot reconstruct. */
  readonly latents: Float32Array | null;
  /** Likeness features [tiles, n]; null where the model has none. */
  readonly features: Float32Array | null;
  readonly maps: PictureMaps | null;
}

export interface SkippedImage {
  readonly kind: 'skipped';
  readonly index: number;
  readonly name: string;
  readonly problem: DatasetProblem;
}

export type ScoreResult = ScoredImage | SkippedImage;
