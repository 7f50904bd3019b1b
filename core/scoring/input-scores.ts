/** Scores of model inputs straight from the uint8 cache, only those that are asked for: what measuring during a training needs. */
import { toModelInput } from '../datasets/batches.ts';
import type { PreparedDataset } from '../datasets/types.ts';
import { CoreError, throwIfCancelled } from '../errors.ts';
import type { ScoreName } from '../score-names.ts';
import { defaultBatchSize, gatherEvidence, needsOf, scoresOfModel, type EvidenceNeeds } from './batches.ts';
import { combine } from './combination.ts';
import { heldOutNeighbourScores, neighbourBank, neighbourScore } from './neighbours.ts';
import { hasLikeness } from './likeness.ts';
import { robustStatistics } from './statistics.ts';
import type { Normals } from './stream.ts';
import type { Evidence, ScoringModel } from './types.ts';

export interface InputScoresRequest {
  readonly model: ScoringModel;
  readonly dataset: Pick<PreparedDataset, 'shape' | 'read'>;
  /** Model inputs, in the order of the result. */
  readonly inputs: ArrayLike<number>;
  /** By default every score that the model has. */
  readonly scores?: readonly ScoreName[] | undefined;
  /** What is known of normal inputs (`normalsOfInputs`); without it there are no `neighbours` of either kind and no `combined`. */
  readonly normals?: Normals | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** The batches of a request, one after another: `start` is the place of a batch's first input. */
async function* evidenceOf(
  { model, dataset, inputs, signal, onProgress }: Omit<InputScoresRequest, 'scores' | 'normals'>,
  needs: EvidenceNeeds,
): AsyncGenerator<{ start: number; evidence: Evidence }> {
  const { height, width, channels } = dataset.shape;
  const length = height * width * channels;
  const batchSize = defaultBatchSize(height);
  const pixels = new Uint8Array(batchSize * length);
  const images = new Float32Array(batchSize * length);
  for (let start = 0; start < inputs.length; start += batchSize) {
    throwIfCancelled(signal);
    const count = Math.min(batchSize, inputs.length - start);
    const chosen = Array.from({ length: count }, (_, i) => inputs[start + i] ?? 0);
    dataset.read(chosen, pixels.subarray(0, count * length));
    toModelInput(pixels, images);
    yield { start, evidence: await gatherEvidence(model, images, count, batchSize, needs) };
    onProgress?.(start + count, inputs.length);
  }
}

/** One row for each input; none where the model has no such vectors. */
function rowsOf(vectors: Float32Array, count: number): Float32Array[] {
  const length = Math.floor(vectors.length / count);
  if (length === 0) return [];
  return Array.from({ length: count }, (_, i) => vectors.slice(i * length, (i + 1) * length));
}

/** Inferred means of a batch's inputs, and likeness features as far as the model has them. */
function vectorsOf({ count, latent, posterior, energy }: Evidence, { description }: ScoringModel) {
  return {
    latents: rowsOf(posterior.mean.subarray(0, count * latent), count),
    features: hasLikeness(description) ? rowsOf(energy?.ofImages.features ?? new Float32Array(0), count) : [],
  };
}

/** What the calibrated scores of {@link scoreInputs} need, from normal inputs, each compared with the others; `place` is not among them. */
export async function normalsOfInputs(request: Omit<InputScoresRequest, 'scores' | 'normals'>): Promise<Normals> {
  const definitions = scoresOfModel(request.model);
  const columns = new Map<ScoreName, number[]>(definitions.map(({ name }) => [name, []]));
  const latents: Float32Array[] = [];
  const features: Float32Array[] = [];
  for await (const { evidence } of evidenceOf(request, needsOf(definitions))) {
    for (const definition of definitions) columns.get(definition.name)?.push(...definition.compute(evidence));
    const vectors = vectorsOf(evidence, request.model);
    latents.push(...vectors.latents);
    features.push(...vectors.features);
  }
  const banked = (name: ScoreName, vectors: readonly Float32Array[]) => {
    const length = vectors[0]?.length ?? 1;
    const bank = neighbourBank(vectors, length);
    if (bank !== null) columns.set(name, heldOutNeighbourScores(vectors, length));
    return bank;
  };
  const neighbours = banked('neighbours', latents);
  const featureNeighbours = banked('feature-neighbours', features);
  const statistics = Object.fromEntries([...columns].map(([name, values]) => [name, robustStatistics(values)]));
  return { statistics, places: null, neighbours, featureNeighbours };
}

/**
 * One value for each input and score, float32: these are stored, and what is computed from a stored value must not differ. Each input's
 * result depends on that input alone. Throws `scoring/score` for a score that the model does not have, `cancelled`.
 */
export async function scoreInputs(request: InputScoresRequest): Promise<Map<ScoreName, Float32Array>> {
  const { model, inputs, normals } = request;
  const raw = scoresOfModel(model);
  const banks = (['neighbours', 'feature-neighbours'] as const).flatMap((name) => {
    const bank = name === 'neighbours' ? normals?.neighbours : normals?.featureNeighbours;
    return bank ? [{ name, bank }] : [];
  });
  const calibrated: ScoreName[] = normals === undefined ? [] : [...banks.map(({ name }) => name), 'combined'];
  const has = [...raw.map(({ name }) => name), ...calibrated];
  const wanted = request.scores ?? has;
  const unknown = wanted.find((name) => !has.includes(name));
  if (unknown !== undefined)
    throw new CoreError('scoring/score', `This model has no score "${unknown}". Choose from ${has.join(', ')}.`);
  // All members of the combination are computed for it, wanted for themselves or not.
  const needed = (name: ScoreName) => wanted.includes('combined') || wanted.includes(name);
  const definitions = raw.filter(({ name }) => needed(name));
  const columns = new Map(wanted.map((name) => [name, new Float32Array(inputs.length)]));
  const needs = needsOf(definitions);
  const readsFeatures = needed('feature-neighbours') && banks.some(({ name }) => name === 'feature-neighbours');
  for await (const { start, evidence } of evidenceOf(request, { ...needs, energy: needs.energy || readsFeatures })) {
    const scores = new Map<ScoreName, ArrayLike<number>>(
      definitions.map((definition) => [definition.name, definition.compute(evidence)]),
    );
    const vectors = vectorsOf(evidence, model);
    for (const { name, bank } of banks) {
      const rows = name === 'neighbours' ? vectors.latents : vectors.features;
      if (needed(name))
        scores.set(
          name,
          rows.map((row) => neighbourScore(row, bank)),
        );
    }
    if (normals !== undefined && wanted.includes('combined')) {
      const of = (i: number) => Object.fromEntries([...scores].map(([name, values]) => [name, values[i]]));
      scores.set(
        'combined',
        Array.from({ length: evidence.count }, (_, i) => combine(of(i), normals.statistics)),
      );
    }
    for (const [name, values] of scores) columns.get(name)?.set(values, start);
  }
  return columns;
}
