/** Scores of model inputs straight from the uint8 cache, only those that are asked for: what measuring during a training needs. */
import { toModelInput } from '../datasets/batches.ts';
import type { PreparedDataset } from '../datasets/types.ts';
import { CoreError, throwIfCancelled } from '../errors.ts';
import type { ScoreName } from '../objectives/types.ts';
import { defaultBatchSize, gatherEvidence, scoresOfModel } from './batches.ts';
import { registry } from './scores/registry.generated.ts';
import type { ScoringModel } from './types.ts';

export interface InputScoresRequest {
  readonly model: ScoringModel;
  readonly dataset: Pick<PreparedDataset, 'shape' | 'read'>;
  /** Model inputs, in the order of the result. */
  readonly inputs: ArrayLike<number>;
  /** By default every raw score that the model has. */
  readonly scores?: readonly ScoreName[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** The raw scores that models with or without an energy network may have, in the order of their names; each objective has some of them. */
export function rawScores(hasEnergy: boolean): ScoreName[] {
  return registry.filter(({ needsEnergy }) => hasEnergy || !needsEnergy).map(({ name }) => name);
}

/**
 * One value for each input and score, float32: these are stored, and what is computed from a stored value must not differ. Each input's
 * result depends on that input alone. Throws `scoring/score` for a score that the model does not have, `cancelled`.
 */
export async function scoreInputs(request: InputScoresRequest): Promise<Map<ScoreName, Float32Array>> {
  const { model, dataset, inputs } = request;
  const has = scoresOfModel(model).map(({ name }) => name);
  const wanted = request.scores ?? has;
  const definitions = wanted.map((name) => {
    const definition = registry.find((score) => score.name === name);
    if (definition !== undefined && has.includes(name)) return definition;
    throw new CoreError('scoring/score', `This model has no score "${name}". Choose from ${has.join(', ')}.`);
  });
  const needs = {
    energy: definitions.some(({ needsEnergy }) => needsEnergy),
    energyOfReconstructions: definitions.some(
      ({ needsEnergy, readsReconstructionEnergy }) => needsEnergy && readsReconstructionEnergy !== false,
    ),
  };
  const { height, width, channels } = dataset.shape;
  const length = height * width * channels;
  const batchSize = defaultBatchSize(height);
  const pixels = new Uint8Array(batchSize * length);
  const images = new Float32Array(batchSize * length);
  const columns = new Map(wanted.map((name) => [name, new Float32Array(inputs.length)]));
  for (let start = 0; start < inputs.length; start += batchSize) {
    throwIfCancelled(request.signal);
    const count = Math.min(batchSize, inputs.length - start);
    const chosen = Array.from({ length: count }, (_, i) => inputs[start + i] ?? 0);
    dataset.read(chosen, pixels.subarray(0, count * length));
    toModelInput(pixels, images);
    const evidence = await gatherEvidence(model, images, count, batchSize, needs);
    for (const definition of definitions) columns.get(definition.name)?.set(definition.compute(evidence), start);
    request.onProgress?.(start + count, inputs.length);
  }
  return columns;
}
