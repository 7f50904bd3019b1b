/** The run's manifest, `run.json`: what was trained, on what, how, and how far it came. Public format, see docs/run-folder.md. */
import { z } from 'zod';
import { CoreError } from '../errors.ts';

export const formatVersion = 1;

export type RunState = 'new' | 'running' | 'stopped' | 'finished' | 'failed';

/** Everything in the manifest beside what the run's progress changes is fixed when the run is created. */
export interface RunManifest {
  readonly formatVersion: number;
  readonly id: string;
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly programVersion: string;
  readonly objective: { readonly name: string; readonly options: ManifestObjectiveOptions };
  readonly nets: ManifestNets;
  readonly preparation: ManifestPreparation;
  readonly dataset: ManifestDataset;
  readonly split: ManifestSplit;
  readonly training: ManifestTraining;
  readonly device: ManifestDevice;
  readonly state: RunState;
  /** Why the run stopped or failed, or what went wrong though it went on; null otherwise. */
  readonly message: string | null;
  /** Optimiser steps done. */
  readonly step: number;
  /** What scoring needs of held-out normals (statistics of each score); null until it is known. */
  readonly calibration: Readonly<Record<string, unknown>> | null;
}

/** The structure of `ObjectiveOptions` in core/objectives. */
export interface ManifestObjectiveOptions {
  readonly sigma: number;
  readonly adversarialWeight: number;
  readonly entropy: 'kl' | 'exact';
  readonly energyLoss: 'linear' | 'logistic';
  readonly mismatch: number;
  /** Options that only this objective has. */
  readonly method?: Readonly<Record<string, number>>;
}

/** The structure of `NetSpec` in core/nets. */
export interface ManifestNets {
  readonly size: number;
  readonly channels: 1 | 3;
  readonly width: number;
  readonly latent: number;
  readonly energyForm?: 'concat' | 'coupled';
  readonly energyNorm?: 'none' | 'spectral';
  readonly energyViews?: boolean;
  readonly criticNorm?: 'none' | 'batch' | 'spectral';
}

/** The structure of `Preparation` in core/datasets. */
export interface ManifestPreparation {
  readonly size: number;
  readonly channels: 1 | 3;
  readonly resize: 'fit' | 'fill' | 'crop';
  readonly tiles: { readonly stride: number; readonly scale: number } | null;
}

export interface ManifestDataset {
  /** Absolute path, or `builtin:<name>`. */
  readonly source: string;
  readonly format: string;
  readonly fingerprint: string;
  readonly excludeLabels: readonly string[];
  /** Names of pictures that a person left out. */
  readonly excludeFiles?: readonly string[];
  /** Model inputs (tiles where there are tiles) by use; `skipped` counts files with problems. */
  readonly counts: {
    readonly train: number;
    readonly heldOut: number;
    readonly validation: number;
    readonly skipped: number;
  };
}

export interface ManifestSplit {
  readonly seed: number;
  /** Share of the normal training images kept for thresholds, in [0, 1). */
  readonly heldOutFraction: number;
  /** Most pictures used for validation while training. */
  readonly validationLimit: number;
  /** Which images are for training: 80 % of all normal ones (P1), or the layout's own training images (P2, the default). */
  readonly protocol?: 'P1' | 'P2';
  /** Most model inputs that are trained on, where a quick try wanted fewer. */
  readonly limit?: number;
}

export interface ManifestTraining {
  readonly batch: number;
  /** Steps that the run is to have when it is finished. */
  readonly steps: number;
  readonly learningRates: {
    readonly generator: number;
    readonly inference: number;
    readonly energy: number;
    /** Absent: the energy's. */
    readonly critic?: number;
    readonly statistics?: number;
  };
  /** Factor of the learning rates after each epoch. */
  readonly decay: number;
  readonly beta1: number;
  readonly beta2: number;
  /** Largest norm of a network's gradient; null: not clipped. */
  readonly clip: number | null;
  /** Decay of the weights' moving average each step; 0: none. */
  readonly averaging: number;
  readonly seed: number;
  readonly augmentation: { readonly flipHorizontal: boolean; readonly flipVertical: boolean; readonly shift: number };
}

/** The structure of `DeviceInfo` in core/backends. */
export interface ManifestDevice {
  readonly name: string;
  readonly description: string;
  readonly adapter: string | null;
  readonly reason: string;
}

/** What a running job may change. */
export type ManifestPatch = Partial<
  Pick<RunManifest, 'name' | 'state' | 'message' | 'step' | 'calibration' | 'device' | 'training' | 'dataset'>
>;

const count = z.int().min(0);
const positive = z.int().min(1);
const channels = z.union([z.literal(1), z.literal(3)]);

// Loose objects: what another room or a later program adds is kept, not dropped.
const schema: z.ZodType<RunManifest> = z.looseObject({
  formatVersion: z.literal(formatVersion),
  id: z.string().min(1),
  name: z.string().min(1),
  created: z.iso.datetime(),
  programVersion: z.string(),
  objective: z.looseObject({
    name: z.string().min(1),
    options: z.looseObject({
      sigma: z.number().positive(),
      adversarialWeight: z.number(),
      entropy: z.enum(['kl', 'exact']),
      energyLoss: z.enum(['linear', 'logistic']),
      mismatch: z.number(),
      method: z.record(z.string(), z.number()).exactOptional(),
    }),
  }),
  nets: z.looseObject({
    size: positive,
    channels,
    width: positive,
    latent: positive,
    energyForm: z.enum(['concat', 'coupled']).exactOptional(),
    energyNorm: z.enum(['none', 'spectral']).exactOptional(),
    energyViews: z.boolean().exactOptional(),
    criticNorm: z.enum(['none', 'batch', 'spectral']).exactOptional(),
  }),
  preparation: z.looseObject({
    size: positive,
    channels,
    resize: z.enum(['fit', 'fill', 'crop']),
    tiles: z.looseObject({ stride: positive, scale: z.number().positive() }).nullable(),
  }),
  dataset: z.looseObject({
    source: z.string().min(1),
    format: z.string(),
    fingerprint: z.string(),
    excludeLabels: z.array(z.string()),
    excludeFiles: z.array(z.string()).exactOptional(),
    counts: z.looseObject({ train: count, heldOut: count, validation: count, skipped: count }),
  }),
  split: z.looseObject({
    seed: z.int(),
    heldOutFraction: z.number().min(0).lt(1),
    validationLimit: count,
    protocol: z.enum(['P1', 'P2']).exactOptional(),
    limit: positive.exactOptional(),
  }),
  training: z.looseObject({
    batch: positive,
    steps: count,
    learningRates: z.looseObject({ generator: z.number(), inference: z.number(), energy: z.number() }),
    decay: z.number(),
    beta1: z.number(),
    beta2: z.number(),
    clip: z.number().nullable(),
    averaging: z.number().min(0).lt(1),
    seed: z.int(),
    augmentation: z.looseObject({ flipHorizontal: z.boolean(), flipVertical: z.boolean(), shift: count }),
  }),
  device: z.looseObject({
    name: z.string(),
    description: z.string(),
    adapter: z.string().nullable(),
    reason: z.string(),
  }),
  state: z.enum(['new', 'running', 'stopped', 'finished', 'failed']),
  message: z.string().nullable(),
  step: count,
  calibration: z.record(z.string(), z.unknown()).nullable(),
});

/** Checks a manifest from outside. `where` names it in errors: `runs/newer-format`, `runs/manifest`. */
export function parseManifest(value: unknown, where: string): RunManifest {
  const version = typeof value === 'object' && value !== null && 'formatVersion' in value ? value.formatVersion : null;
  if (typeof version === 'number' && version > formatVersion) {
    const text = `${where} has format ${version}, this program reads ${formatVersion}. Update Triangle Studio to open it.`;
    throw new CoreError('runs/newer-format', text);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue === undefined || issue.path.length === 0 ? 'the whole' : issue.path.map(String).join('.');
  const text = `${where} is not a run's manifest: ${field}: ${issue?.message ?? 'not readable'}.`;
  throw new CoreError('runs/manifest', `${text} Choose another run folder, or restore the file from a copy.`, {
    cause: result.error,
  });
}
