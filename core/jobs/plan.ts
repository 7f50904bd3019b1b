/** From what a person asked for to all settings of a run: the preset fills in what was not said, the data what the preset leaves open. */
import type { ImageSource, Preparation } from '../datasets/types.ts';
import { CoreError } from '../errors.ts';
import type { NetSpec } from '../nets/types.ts';
import { resolveOptions } from '../objectives/options.ts';
import { findObjective } from '../objectives/registry.ts';
import type { Objective, ObjectiveOptions } from '../objectives/types.ts';
import { findPreset } from '../presets.ts';
import type { Preset } from '../presets.ts';
import { Random } from '../random.ts';
import type { RunManifest } from '../runs/manifest.ts';
import type { LearningRates, TrainingSettings } from '../training/types.ts';

/** What may be set by hand; everything else comes from the preset. */
export interface TrainingChoices {
  readonly preset?: string | undefined;
  readonly objective?: string | undefined;
  readonly options?: Partial<ObjectiveOptions> | undefined;
  readonly epochs?: number | undefined;
  /** Optimiser steps; wins over `epochs`. */
  readonly steps?: number | undefined;
  readonly batch?: number | undefined;
  /** Side of the images in pixels. */
  readonly size?: number | undefined;
  readonly channels?: 1 | 3 | undefined;
  readonly width?: number | undefined;
  readonly latent?: number | undefined;
  /** True: cut into tiles; false: shrink whole pictures; undefined: as the preset has it. */
  readonly tiles?: boolean | undefined;
  readonly seed?: number | undefined;
  readonly resize?: Preparation['resize'] | undefined;
  /** What differs from the preset's training settings; rates that are left out stay the objective's or the preset's. */
  readonly training?:
    | (Partial<Omit<TrainingSettings, 'steps' | 'seed' | 'batch' | 'learningRates'>> & {
        readonly learningRates?: Partial<LearningRates>;
      })
    | undefined;
}

/** The paper's own method, for who asks for none and has a preset that recommends none. */
export const paperObjective = 'joint';

/** All settings of a run but the number of steps, which needs the number of images. */
export interface TrainingPlan {
  readonly preset: Preset;
  readonly objective: Objective;
  /** Whether nobody asked for the objective and the preset recommends it. */
  readonly recommended: boolean;
  readonly options: ObjectiveOptions;
  readonly nets: NetSpec;
  readonly preparation: Preparation;
  readonly training: Omit<TrainingSettings, 'steps'>;
}

/** Pictures that are looked at to tell grey from colour. */
const looks = 12;

/** Decides everything that can be decided without decoding the whole dataset. Throws `preset/unknown`, `objective/unknown`, `objective/options`. */
export async function planTraining(source: ImageSource, choices: TrainingChoices): Promise<TrainingPlan> {
  return planFrom(findPreset(choices.preset ?? suggestPreset(source)), source, choices);
}

/** The same with a preset as it is given; the one that `choices` names is not looked at. */
export async function planFrom(preset: Preset, source: ImageSource, choices: TrainingChoices): Promise<TrainingPlan> {
  const objective = findObjective(choices.objective ?? preset.objective ?? paperObjective);
  const size = choices.size ?? preset.nets.size;
  const channels = choices.channels ?? (preset.nets.channels === 1 || (await isGrey(source)) ? 1 : 3);
  const { tiles } = preset.preparation;
  const wanted = choices.tiles ?? tiles !== null;
  return {
    preset,
    objective,
    recommended: choices.objective === undefined && preset.objective !== undefined,
    options: resolveOptions(objective, { ...preset.options, ...choices.options }),
    nets: {
      ...preset.nets,
      ...objective.nets,
      size,
      channels,
      width: choices.width ?? preset.nets.width,
      latent: choices.latent ?? preset.nets.latent,
    },
    preparation: {
      ...preset.preparation,
      size,
      channels,
      resize: choices.resize ?? preset.preparation.resize,
      // Tiles overlap by half, whatever their size: a defect on a border is whole in the next tile.
      tiles: wanted ? { stride: Math.max(1, Math.round(size / 2)), scale: tiles?.scale ?? 1 } : null,
    },
    training: {
      ...preset.training,
      ...objective.training,
      ...choices.training,
      learningRates: {
        ...preset.training.learningRates,
        ...objective.training?.learningRates,
        ...choices.training?.learningRates,
      },
      batch: choices.batch ?? preset.training.batch,
      seed: choices.seed ?? 1,
    },
  };
}

/** The plan that a run was made by; of its preset only the number of epochs is made up, since the steps are known. */
export function planLike({ objective, nets, preparation, training }: RunManifest): TrainingPlan {
  return {
    preset: { ...findPreset('quick'), epochs: 1 },
    objective: findObjective(objective.name),
    recommended: false,
    options: objective.options,
    nets,
    preparation,
    training,
  };
}

/** Optimiser steps for a number of training images. */
export function stepsFor(plan: TrainingPlan, choices: TrainingChoices, images: number): number {
  if (choices.steps !== undefined) return choices.steps;
  const perEpoch = Math.max(1, Math.floor(images / plan.training.batch));
  return perEpoch * (choices.epochs ?? plan.preset.epochs);
}

/** The preset that fits what was recognised. */
export function suggestPreset({ format, shape }: Pick<ImageSource, 'format' | 'shape'>): string {
  switch (format) {
    case 'mnist-idx':
      return 'mnist';
    case 'builtin:digits':
      return 'quick';
    case 'builtin:tiles':
    case 'mvtec':
      return 'texture-tiles';
    default:
      return shape?.width === 32 ? 'cifar10' : 'photo64';
  }
}

/** Whether a few pictures, spread over the dataset, have no colour. */
async function isGrey(source: ImageSource): Promise<boolean> {
  if (source.shape !== null) return source.shape.channels === 1;
  const random = Random.seeded(1, 'channels');
  for (let i = 0; i < looks && source.items.length > 0; i++) {
    // An unreadable picture says nothing here; it is reported when the dataset is prepared.
    const image = await source.read(random.integer(source.items.length)).catch(() => null);
    if (image?.channels === 3 && image.pixels.some((value, j) => value !== image.pixels[j - (j % 3)])) return false;
  }
  return true;
}

/** Throws for absurd sizes before anything is decoded or allocated. */
export function checkPlan({ nets, training }: TrainingPlan): void {
  const limits: [string, number, number, number][] = [
    ['--size', nets.size, 8, 512],
    ['--width', nets.width, 1, 512],
    ['--latent', nets.latent, 1, 4096],
    ['--batch', training.batch, 2, 4096],
  ];
  for (const [name, value, least, most] of limits) {
    if (Number.isInteger(value) && value >= least && value <= most) continue;
    throw new CoreError('training/settings', `${name} is ${value}. Choose a whole number from ${least} to ${most}.`);
  }
}
