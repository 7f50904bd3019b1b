/** One batch through the three graphs: x -> q(z|x) -> g(mean) -> f and features of both. */
import { objectives } from '../objectives/registry.ts';
import type { ScoreName } from '../score-names.ts';
import { pixelResiduals } from './residuals.ts';
import { registry } from './scores/registry.generated.ts';
import type { EnergyValues, Evidence, Examined, Posterior, ScoreDefinition, ScoringModel } from './types.ts';

/** About the pixels of 64 images of 32x32: large enough to fill the processor, small enough for memory and for early results. */
export function defaultBatchSize(size: number): number {
  return Math.min(64, Math.max(4, Math.round((64 * 32 * 32) / (size * size))));
}

function firstOf(values: EnergyValues, count: number, batch: number): EnergyValues {
  const width = values.features.length / batch;
  return { f: values.f.subarray(0, count), features: values.features.subarray(0, count * width) };
}

/** Which of the energy network's passes are worth their time. */
export interface EvidenceNeeds {
  readonly energy: boolean;
  readonly energyOfReconstructions: boolean;
  /** The pictures themselves, not their residuals alone. */
  readonly reconstructions: boolean;
}

export function needsOf(definitions: readonly ScoreDefinition[]): EvidenceNeeds {
  return {
    energy: definitions.some(({ needsEnergy }) => needsEnergy),
    energyOfReconstructions: definitions.some(
      ({ needsEnergy, readsReconstructionEnergy }) => needsEnergy && readsReconstructionEnergy !== false,
    ),
    reconstructions: definitions.some(({ readsReconstructions }) => readsReconstructions === true),
  };
}

const everything: EvidenceNeeds = { energy: true, energyOfReconstructions: true, reconstructions: true };

/** Values that were not computed read as undefined, scores of them as NaN. */
const none = new Float32Array(0);
const nothing: EnergyValues = { f: none, features: none };
const noPosterior: Posterior = { mean: none, logVariance: none };

/** The raw scores that a model gives: its objective's, as far as its networks are there. */
export function scoresOfModel(model: Pick<ScoringModel, 'description' | 'energy' | 'reconstructs'>): ScoreDefinition[] {
  const given = objectives.find(({ name }) => name === model.description.objective)?.scores;
  return registry.filter(
    ({ name, needsEnergy, needsReconstruction }) =>
      given?.includes(name) !== false &&
      (!needsEnergy || model.energy !== null) &&
      (needsReconstruction === false || model.reconstructs),
  );
}

/**
 * Runs `images` [batch, size, size, channels], of which the first `count` are real and the rest is padding. The batch is always full, so
 * that an image's result does not depend on how many were scored with it.
 */
export async function gatherEvidence(
  model: ScoringModel,
  images: Float32Array,
  count: number,
  batch: number,
  needs: EvidenceNeeds = everything,
): Promise<Evidence> {
  const { spec, sigma } = model.description;
  const whole = needs.energy && needs.energyOfReconstructions;
  const { posterior, reconstructions, residuals, energy } =
    whole && model.examine !== undefined
      ? await model.examine(images, batch, needs)
      : await examineApart(model, images, batch, needs);
  return {
    count,
    size: spec.size,
    imageLength: spec.size * spec.size * spec.channels,
    latent: spec.latent,
    sigma,
    images,
    reconstructions,
    residuals,
    posterior,
    energy: energy && {
      ofImages: firstOf(energy.ofImages, count, batch),
      ofReconstructions: firstOf(energy.ofReconstructions, count, batch),
    },
  };
}

/** One network after another, those only that are needed. */
async function examineApart(
  model: ScoringModel,
  images: Float32Array,
  batch: number,
  needs: EvidenceNeeds,
): Promise<Examined> {
  const posterior = model.reconstructs ? await model.infer(images, batch) : noPosterior;
  const reconstructions = model.reconstructs ? await model.generate(posterior.mean, batch) : none;
  if (model.energy === null || !needs.energy) return { posterior, reconstructions, energy: null };
  const ofImages = await model.energy(images, posterior.mean, batch);
  const ofReconstructions =
    needs.energyOfReconstructions && model.reconstructs
      ? await model.energy(reconstructions, posterior.mean, batch)
      : nothing;
  return { posterior, reconstructions, energy: { ofImages, ofReconstructions } };
}

/** All raw scores of a batch by name, each [count]. */
export function scoreBatch(
  model: ScoringModel,
  evidence: Evidence,
  definitions = scoresOfModel(model),
): Map<ScoreName, Float64Array> {
  return new Map(definitions.map((definition) => [definition.name, definition.compute(evidence)]));
}

/** Squared residual of image `i` of the batch, mean over channels, written at `offset` of `target` [.., size, size]. */
export function residualMap(evidence: Evidence, i: number, target: Float32Array, offset: number): void {
  const area = evidence.size * evidence.size;
  const channels = evidence.imageLength / area;
  const residuals = pixelResiduals(evidence);
  for (let pixel = 0; pixel < area; pixel++) target[offset + pixel] = (residuals[i * area + pixel] ?? 0) / channels;
}
