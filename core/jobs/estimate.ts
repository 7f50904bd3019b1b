/** What a training will take, before it starts: steps, time, memory, disk; and how sure that is. */
import { totalmem } from 'node:os';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { mkdtemp, rm } from 'node:fs/promises';
import { openDevice } from '../backends/devices.ts';
import type { Device } from '../backends/types.ts';
import { preparationGeometry } from '../datasets/preparation.ts';
import { splitDataset, splitP1 } from '../datasets/split.ts';
import type { DatasetItem, DatasetSplit, ImageSource, PreparedDataset } from '../datasets/types.ts';
import { CoreError } from '../errors.ts';
import { Random } from '../random.ts';
import { formatVersion, type ManifestDevice } from '../runs/manifest.ts';
import { RunFolder } from '../runs/run-folder.ts';
import { TrainingSession } from '../training/session.ts';
import { defaultOutput } from '../training/types.ts';
import { version } from '../version.ts';
import type { FormChoices } from './form.ts';
import { bytesOfTraining, operationsOfStep, parameters } from './net-costs.ts';
import { checkPlan, planTraining, stepsFor, type TrainingPlan } from './plan.ts';

export interface Estimate {
  readonly steps: number;
  readonly images: number;
  readonly heldOut: number;
  readonly seconds: number | null;
  readonly secondsRange: [number, number] | null;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly device: ManifestDevice;
  readonly basis: 'measured' | 'remembered' | 'model';
  readonly explanation: string;
  readonly warnings: string[];
}

/** Seconds a step that were measured before, by {@link speedKey}. */
export type KnownSpeeds = Readonly<Record<string, number>>;

export interface EstimateJob {
  readonly source: ImageSource;
  readonly choices: FormChoices;
  readonly known: KnownSpeeds;
  /** The device that the choice means here, when it is known already; looking takes a moment. */
  readonly device?: ManifestDevice | undefined;
  /** Make a few steps for real. */
  readonly measure: boolean;
  readonly threads?: number | undefined;
}

/** Operations a second where nothing was ever measured: a few processor cores. */
const guessedSpeed = 25e9;
const measuredSteps = 4;

/** What decides about the time of a step. */
export function speedKey({ nets, training, objective }: TrainingPlan, device: string): string {
  const { size, channels, width, latent, energyForm } = nets;
  return [device, objective.name, size, channels, width, latent, energyForm ?? 'concat', training.batch].join(' ');
}

/** Also returns what was measured, to be remembered. Throws what planning, splitting and opening the device throw. */
export async function estimateTraining(job: EstimateJob): Promise<{ estimate: Estimate; measured: KnownSpeeds }> {
  const { source, choices } = job;
  const plan = await planTraining(source, choices);
  checkPlan(plan);
  const tiles = await tilesPerPicture(source, plan);
  const parts = splitItems(source.items, plan, choices);
  const images = Math.round(parts.train.length * tiles);
  const steps = stepsFor(plan, choices, images);
  const threads = job.threads === undefined ? {} : { threads: job.threads };
  const opened = job.measure || job.device === undefined ? await openDevice(choices.device, threads) : null;
  const device: ManifestDevice = opened ??
    job.device ?? { name: 'onnx-cpu', description: '', adapter: null, reason: '' };
  const key = speedKey(plan, device.name);
  const measured: Record<string, number> = {};
  if (job.measure && opened !== null) measured[key] = await measureStep(plan, opened);
  const { seconds, factor, basis, explanation } = timeOf(plan, { key, device, measured, known: job.known });
  const total = seconds * steps;
  const { name, description, adapter, reason } = device;
  const memoryBytes = bytesOfTraining(plan);
  const checkpoint = 4 * 4 * parameters(plan);
  const cache = source.items.length * tiles * plan.nets.size ** 2 * plan.nets.channels;
  return {
    measured,
    estimate: {
      steps,
      images,
      heldOut: Math.round(parts.heldOut.length * tiles),
      seconds: total,
      secondsRange: [total / factor, total * factor],
      memoryBytes,
      diskBytes: 4 * checkpoint + steps * 350 + cache,
      device: { name, description, adapter, reason },
      basis,
      explanation,
      warnings: warningsOf({ images, memoryBytes, heldOut: parts.heldOut.length, description, adapter }),
    },
  };
}

function timeOf(
  plan: TrainingPlan,
  of: { key: string; device: ManifestDevice; measured: KnownSpeeds; known: KnownSpeeds },
): { seconds: number; factor: number; basis: Estimate['basis']; explanation: string } {
  const fresh = of.measured[of.key];
  if (fresh !== undefined) {
    const explanation = `From ${measuredSteps} steps made just now with these very settings: right within about a fifth while nothing else computes.`;
    return { seconds: fresh, factor: 1.2, basis: 'measured', explanation };
  }
  const old = of.known[of.key];
  if (old !== undefined) {
    const explanation = 'From an earlier run with the same networks, batch and device: right within about a quarter.';
    return { seconds: old, factor: 1.25, basis: 'remembered', explanation };
  }
  const operations = operationsOfStep(plan);
  // Speeds of other networks on this device say more than any constant.
  const speeds = Object.entries(of.known).flatMap(([key, seconds]) => {
    const [device, , size, channels, width, latent, , batch] = key.split(' ');
    if (device !== of.device.name) return [];
    const nets = {
      size: Number(size),
      channels: channels === '1' ? 1 : 3,
      width: Number(width),
      latent: Number(latent),
    } as const;
    return [operationsOfStep({ ...plan, nets, training: { ...plan.training, batch: Number(batch) } }) / seconds];
  });
  const speed = speeds.length === 0 ? guessedSpeed : (speeds.sort((a, b) => a - b)[speeds.length >> 1] ?? guessedSpeed);
  const explanation =
    speeds.length === 0
      ? 'Counted from the size of the networks without having measured this computer: it may be three times less or more. Measure to know better.'
      : 'Counted from the size of the networks and the speed of earlier runs here: it may be twice less or more. Measure to know better.';
  return { seconds: operations / speed, factor: speeds.length === 0 ? 3 : 2, basis: 'model', explanation };
}

/** Mean number of tiles of a picture, from the sizes of a few. */
async function tilesPerPicture(source: ImageSource, { preparation }: TrainingPlan): Promise<number> {
  if (preparation.tiles === null) return 1;
  const counts: number[] = [];
  for (let i = 0; i < 8; i++) {
    const index = Math.floor((i * source.items.length) / 8);
    const image = source.shape ?? (await source.read(index).catch(() => null));
    if (image !== null) counts.push(preparationGeometry(image.width, image.height, preparation).positions.length);
  }
  return counts.length === 0 ? 1 : counts.reduce((sum, count) => sum + count, 0) / counts.length;
}

/** The split as training makes it, of pictures instead of tiles. */
function splitItems(items: readonly DatasetItem[], plan: TrainingPlan, choices: FormChoices): DatasetSplit {
  const itemOf = Int32Array.from(items.keys());
  const [anomalyLabel] = choices.excludeLabels;
  if (choices.protocol === 'P1' && anomalyLabel !== undefined) {
    return splitP1({ items, itemOf }, { seed: plan.training.seed, anomalyLabel });
  }
  return splitDataset({ items, itemOf }, { seed: plan.training.seed, excludeLabels: choices.excludeLabels });
}

function warningsOf(of: {
  images: number;
  heldOut: number;
  memoryBytes: number;
  description: string;
  adapter: string | null;
}): string[] {
  const warnings: string[] = [];
  if (of.memoryBytes > 0.8 * totalmem()) {
    const text = `This needs about ${(of.memoryBytes / 1e9).toFixed(1)} GB of memory and the computer has ${(totalmem() / 1e9).toFixed(1)} GB.`;
    warnings.push(`${text} Choose a smaller batch, width or picture size.`);
  }
  if (of.images < 100) {
    warnings.push(
      `Only ${of.images} pictures are learnt from: expect the model to know little beside them. Add more, or cut into tiles.`,
    );
  }
  if (of.heldOut < 99) {
    warnings.push(
      `${of.heldOut} pictures are held out, too few to promise 1 false alarm in 100. About a thousand normal pictures are enough.`,
    );
  }
  if (/swiftshader|llvmpipe|software/i.test(`${of.adapter ?? ''} ${of.description}`)) {
    warnings.push(
      `${of.adapter ?? 'This device'} is a program on the processor, no graphics card: slower than the device "Processor".`,
    );
  }
  return warnings;
}

/** Median seconds of a step on random pictures, in a run folder that is thrown away. Throws what training throws. */
async function measureStep(plan: TrainingPlan, device: Device): Promise<number> {
  const dir = await mkdtemp(path.join(tmpdir(), 'triangle-estimate-'));
  const { nets, training, objective, options, preparation } = plan;
  const count = Math.max(2 * training.batch, 64);
  const length = nets.size * nets.size * nets.channels;
  const random = Random.seeded(1, 'estimate');
  const dataset: PreparedDataset = {
    source: { format: 'random', description: 'Random pixels', fingerprint: 'random' },
    preparation,
    shape: { height: nets.size, width: nets.size, channels: nets.channels },
    count,
    items: [],
    itemOf: new Int32Array(count),
    problems: [],
    fingerprint: 'random',
    sizes: { min: [0, 0], median: [0, 0], max: [0, 0], channels: { grey: 0, colour: 0 } },
    read(indices, target) {
      for (let i = 0; i < indices.length * length; i++) target[i] = random.integer(256);
    },
    close: () => undefined,
  };
  const settings = { ...training, steps: measuredSteps };
  const run = await RunFolder.create(path.join(dir, 'run'), {
    formatVersion,
    id: 'estimate',
    name: 'estimate',
    created: new Date().toISOString(),
    programVersion: version,
    objective: { name: objective.name, options },
    nets,
    preparation,
    dataset: {
      source: 'random',
      format: 'random',
      fingerprint: 'random',
      excludeLabels: [],
      counts: { train: count, heldOut: 0, validation: 0, skipped: 0 },
    },
    split: { seed: training.seed, heldOutFraction: 0, validationLimit: 0 },
    training: settings,
    device: { name: device.name, description: device.description, adapter: device.adapter, reason: device.reason },
    state: 'new',
    message: null,
    step: 0,
    calibration: null,
  });
  try {
    const none = new Int32Array(0);
    const split = { train: Int32Array.from({ length: count }, (_, i) => i), heldOut: none, validation: none };
    const request = { nets, objective, options, training: settings, output: defaultOutput, resume: false };
    const session = new TrainingSession(request, { device, run, dataset, split });
    try {
      const times: number[] = [];
      for (let step = 0; step < measuredSteps; step++) {
        const began = performance.now();
        await session.advance();
        times.push((performance.now() - began) / 1000);
      }
      // The first step traces and compiles.
      const later = times.slice(1).sort((a, b) => a - b);
      const median = later[later.length >> 1];
      if (median === undefined)
        throw new CoreError('training/estimate', 'No step could be measured. Start the training.');
      return median;
    } finally {
      session.dispose();
    }
  } finally {
    await run.close();
    await rm(dir, { recursive: true, force: true });
  }
}
