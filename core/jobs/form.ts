/** The training form as data: every setting with its bounds and one sentence, so that a page is generated and never lists them itself. */
import type { ImageSource } from '../datasets/types.ts';
import { objectives } from '../objectives/registry.ts';
import { findPreset, presets } from '../presets.ts';
import type { RunManifest } from '../runs/manifest.ts';
import type { LearningRates } from '../training/types.ts';
import { formRows, type FieldRow, type FieldValue } from './form-fields.ts';
import { methodOptionsText, parseMethodOptions } from './method-options.ts';
import { paperObjective, planTraining, suggestPreset, type TrainingChoices } from './plan.ts';

export type { FieldValue } from './form-fields.ts';
export type FormValues = Readonly<Record<string, FieldValue>>;

export interface Field extends Required<Omit<FieldRow, 'default'>> {
  readonly default: FieldValue;
}

export interface TrainingForm {
  /** `objective`: the method that the preset recommends; null: none, so the paper's own. */
  readonly presets: {
    readonly name: string;
    readonly summary: string;
    readonly suggested: boolean;
    readonly objective: string | null;
  }[];
  readonly preset: string;
  readonly fields: Field[];
  readonly values: Record<string, FieldValue>;
}

export interface WantedForm {
  readonly preset?: string | undefined;
  /** Chosen by a person; the preset's otherwise. The other settings' defaults are those that go with it. */
  readonly objective?: string | undefined;
  /** Begin with this run's values. */
  readonly like?: RunManifest | undefined;
}

/** Throws `preset/unknown`, `objective/unknown` and what reading a few pictures throws. */
export async function trainingForm(source: ImageSource, wanted: WantedForm): Promise<TrainingForm> {
  const suggested = suggestPreset(source);
  const preset = wanted.preset ?? suggested;
  const objective = wanted.objective ?? wanted.like?.objective.name;
  const plan = await planTraining(source, { preset, objective });
  const labels = [...new Set(source.items.flatMap(({ label }) => (label === null ? [] : [label])))].sort();
  const defaults: Record<string, FieldValue> = {
    ...valuesOf({
      objective: { name: plan.objective.name, options: plan.options },
      nets: plan.nets,
      preparation: plan.preparation,
      training: { ...plan.training, steps: 0 },
    }),
    objective: plan.preset.objective ?? paperObjective,
    excludeLabels: [],
    epochs: plan.preset.epochs,
    steps: null,
    device: 'auto',
    protocol: 'P2',
  };
  const fields = formRows({ labels, objectives }).map((row): Field => ({
    min: null,
    max: null,
    step: null,
    scale: 'linear',
    unit: null,
    choices: [],
    optional: false,
    ...row,
    default: defaults[row.key] ?? row.default ?? null,
  }));
  const { like } = wanted;
  const taken =
    like === undefined
      ? {}
      : {
          ...valuesOf(like),
          excludeLabels: [...like.dataset.excludeLabels],
          steps: like.training.steps,
          protocol: like.split.protocol ?? 'P2',
        };
  const values = Object.fromEntries(fields.map(({ key, default: value }) => [key, value]));
  return {
    presets: presets.map(({ name, summary, objective = null }) => ({
      name,
      summary,
      suggested: name === suggested,
      objective,
    })),
    preset,
    fields,
    values: { ...values, ...taken, objective: plan.objective.name },
  };
}

function valuesOf(
  manifest: Pick<RunManifest, 'objective' | 'nets' | 'preparation' | 'training'>,
): Record<string, FieldValue> {
  const { objective, nets, preparation, training } = manifest;
  const { learningRates, augmentation } = training;
  return {
    objective: objective.name,
    size: String(nets.size),
    channels: String(nets.channels),
    width: nets.width,
    latent: nets.latent,
    resize: preparation.resize,
    tiles: preparation.tiles !== null,
    batch: training.batch,
    seed: training.seed,
    sigma: objective.options.sigma,
    adversarialWeight: objective.options.adversarialWeight,
    mismatch: objective.options.mismatch,
    method: methodOptionsText(objective.options.method),
    energyLoss: objective.options.energyLoss,
    rateGenerator: learningRates.generator,
    rateInference: learningRates.inference,
    rateEnergy: learningRates.energy,
    decay: training.decay,
    clip: training.clip,
    averaging: training.averaging,
    flipHorizontal: augmentation.flipHorizontal,
    flipVertical: augmentation.flipVertical,
    shift: augmentation.shift,
  };
}

/** The rates that a person changed: those that are still the preset's are left to the objective, which may have its own. */
function changedRates(
  preset: LearningRates,
  given: Readonly<Record<'generator' | 'inference' | 'energy', number | undefined>>,
): Partial<LearningRates> {
  const names = ['generator', 'inference', 'energy'] as const;
  return Object.fromEntries(
    names.flatMap((name) => (given[name] === undefined || given[name] === preset[name] ? [] : [[name, given[name]]])),
  );
}

/** What `trainRun` is asked for beside paths. */
export interface FormChoices extends TrainingChoices {
  readonly excludeLabels: readonly string[];
  readonly device: string;
  readonly protocol: 'P1' | 'P2';
}

/** The values of the form as choices; keys that are absent, null or of another kind are left to the preset. */
export function choicesOf(preset: string, values: FormValues): FormChoices {
  const number = (key: string): number | undefined => {
    const value = values[key];
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  };
  const text = (key: string): string | undefined => {
    const value = values[key];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const flag = (key: string): boolean | undefined => {
    const value = values[key];
    return typeof value === 'boolean' ? value : undefined;
  };
  const { training } = findPreset(preset);
  const labels = values['excludeLabels'];
  const channels = text('channels');
  const resize = text('resize');
  const energyLoss = text('energyLoss');
  const method = text('method');
  const options = {
    sigma: number('sigma'),
    adversarialWeight: number('adversarialWeight'),
    mismatch: number('mismatch'),
    energyLoss: energyLoss === 'logistic' || energyLoss === 'linear' ? energyLoss : undefined,
    method: method === undefined ? undefined : parseMethodOptions(method),
  };
  const { augmentation } = training;
  return {
    preset,
    objective: text('objective'),
    options: Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
    epochs: number('epochs'),
    steps: number('steps'),
    batch: number('batch'),
    size: text('size') === undefined ? number('size') : Number(text('size')),
    channels: channels === '1' ? 1 : channels === '3' ? 3 : undefined,
    width: number('width'),
    latent: number('latent'),
    tiles: flag('tiles'),
    seed: number('seed'),
    resize: resize === 'fit' || resize === 'fill' || resize === 'crop' ? resize : undefined,
    training: {
      learningRates: changedRates(training.learningRates, {
        generator: number('rateGenerator'),
        inference: number('rateInference'),
        energy: number('rateEnergy'),
      }),
      decay: number('decay') ?? training.decay,
      // Empty means "do not clip", which is not the same as never having been asked.
      clip: values['clip'] === null ? null : (number('clip') ?? training.clip),
      averaging: number('averaging') ?? training.averaging,
      augmentation: {
        flipHorizontal: flag('flipHorizontal') ?? augmentation.flipHorizontal,
        flipVertical: flag('flipVertical') ?? augmentation.flipVertical,
        shift: number('shift') ?? augmentation.shift,
      },
    },
    excludeLabels: Array.isArray(labels) ? labels : [],
    device: text('device') ?? 'auto',
    protocol: text('protocol') === 'P1' ? 'P1' : 'P2',
  };
}
