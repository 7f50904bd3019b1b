/** Everything of a running training: networks, step program, batches, noise; and its exact state in a checkpoint. */
import type { Device, StepProgram } from '../backends/types.ts';
import { BatchStream, readImages, type BatchStreamOptions, type BatchStreamState } from '../datasets/batches.ts';
import type { DatasetSplit, PreparedDataset } from '../datasets/types.ts';
import { CoreError } from '../errors.ts';
import { createNetworks, disposeNetworks } from '../nets/networks.ts';
import type { NamedVariables, Networks } from '../nets/types.ts';
import type { RandomFeeds } from '../objectives/types.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import { StepClock } from './clock.ts';
import { checkFinite, DivergenceGuard } from './divergence.ts';
import { NoiseSource, type NoiseState } from './noise.ts';
import { PictureMaker } from './pictures.ts';
import { learningRatesAt } from './schedule.ts';
import { createTrainingStep, type TrainingStep } from './step.ts';
import { assignVariables, readVariables } from './tensors.ts';
import type { StepMetrics, TrainRequest } from './types.ts';

export interface SessionHost {
  readonly device: Device;
  readonly run: RunFolder;
  readonly dataset: PreparedDataset;
  readonly split: DatasetSplit;
}

/** What a checkpoint holds beside tensors. JSON. */
interface SessionState {
  readonly batches: BatchStreamState;
  readonly noise: NoiseState;
  readonly gap: number;
}

/** The shape of what `save` wrote; its parts check themselves. */
function parseState(state: Readonly<Record<string, unknown>>): SessionState {
  const { batches, noise, gap } = state;
  if (typeof batches === 'object' && typeof noise === 'object' && typeof gap === 'number') {
    return { batches, noise, gap } as SessionState;
  }
  throw new CoreError(
    'training/checkpoint',
    'The checkpoint has no training state. Resume from one that this program saved, or start a new run.',
  );
}

export class TrainingSession {
  readonly networks: Networks;
  readonly clock: StepClock;
  readonly #request: TrainRequest;
  readonly #host: SessionHost;
  readonly #step: TrainingStep;
  /** Compiled when first needed, one for each phase of the objective's cycle. */
  readonly #programs = new Map<number, StepProgram>();
  readonly #randomness: RandomFeeds;
  readonly #guard: DivergenceGuard;
  #pictures: PictureMaker | null = null;
  #stream: BatchStream;
  #noise: NoiseSource;
  #done = 0;

  /** Throws `nets/spec`, `training/image-shape` and what the batch stream and the device throw. */
  constructor(request: TrainRequest, host: SessionHost) {
    const { nets, objective, options, training } = request;
    const { height, width, channels } = host.dataset.shape;
    if (height !== nets.size || width !== nets.size || channels !== nets.channels) {
      throw new CoreError(
        'training/image-shape',
        `The images are ${width}x${height} with ${channels} channels, the networks want ${nets.size}x${nets.size} with ` +
          `${nets.channels}. Prepare the images for the networks' size.`,
      );
    }
    this.#request = request;
    this.#host = host;
    this.#stream = new BatchStream(this.#streamOptions());
    this.#randomness = objective.randomness?.(nets, training.batch, options) ?? {};
    this.#noise = new NoiseSource(training.seed, this.#randomness);
    this.#guard = new DivergenceGuard(nets);
    this.clock = new StepClock(training.batch);
    this.networks = createNetworks(nets, objective.networks, training.seed);
    this.#step = createTrainingStep({
      networks: this.networks,
      objective,
      options,
      optimiser: training,
      batch: training.batch,
      seed: training.seed,
    });
    try {
      this.#programOf(this.#step.phaseOf(1));
    } catch (error) {
      this.#step.dispose();
      disposeNetworks(this.networks);
      throw error;
    }
  }

  /** Optimiser steps done. */
  get step(): number {
    return this.#done;
  }

  /** May be below 1 where a batch holds more than all images. */
  get stepsPerEpoch(): number {
    const images = this.#host.split.train.length;
    return images < this.#request.training.batch ? images / this.#request.training.batch : this.#stream.batchesPerEpoch;
  }

  get saved(): NamedVariables {
    return this.#step.saved;
  }

  /** Made when first wanted. */
  get pictures(): PictureMaker {
    const { device, dataset, split } = this.#host;
    const { output, training, objective, options } = this.#request;
    // Held-out images where there are any: reconstructing what was trained on proves little.
    const source = split.heldOut.length > 0 ? split.heldOut : split.train;
    this.#pictures ??= new PictureMaker({
      device,
      networks: this.networks,
      count: output.sampleCount,
      seed: training.seed,
      originals: readImages(dataset, source.slice(0, Math.ceil(Math.sqrt(output.sampleCount)))),
      data: readImages(dataset, spread(split.train, output.sampleCount)),
      objective,
      options,
    });
    return this.#pictures;
  }

  /** One step. Throws `training/diverged`. */
  async advance(): Promise<StepMetrics> {
    const { training, nets } = this.#request;
    const began = performance.now();
    const batch = this.#stream.next();
    const noise = this.#noise.next(training.batch, nets.latent);
    const rates = learningRatesAt(batch.epoch, training);
    const next = this.#done + 1;
    const program = this.#programOf(this.#step.phaseOf(next));
    const logs = await program.run(this.#step.feeds(batch.images, noise, next, rates));
    this.#done++;
    const imagesPerSecond = this.clock.note((performance.now() - began) / 1000);
    const values = Object.entries(logs).map(([name, value]): [string, number] => [name, value[0] ?? NaN]);
    const metrics: StepMetrics = {
      ...Object.fromEntries(values),
      step: this.#done,
      epoch: this.#done / this.stepsPerEpoch,
      imagesPerSecond,
    };
    this.#guard.check(metrics);
    return metrics;
  }

  /**
   * Saves weights, moments, averages and the states of everything that draws. A checkpoint with a value that is not finite is never
   * written: throws `training/diverged` instead.
   */
  async save(): Promise<void> {
    const tensors = await readVariables(this.#step.saved);
    checkFinite(tensors, this.#done);
    const state: SessionState = {
      batches: this.#stream.state(),
      noise: this.#noise.state(),
      gap: this.#guard.state,
    };
    await this.#host.run.saveCheckpoint({ step: this.#done, tensors, state: { ...state } });
  }

  /** Goes to the newest whole checkpoint; stays at the start where there is none. Throws `training/checkpoint`, `dataset/resume-mismatch`. */
  async resume(): Promise<void> {
    const { run } = this.#host;
    if ((await run.listCheckpoints()).length === 0) {
      await run.rewindMetrics(0);
      return;
    }
    const { step, tensors, state } = await run.loadCheckpoint('latest');
    const { batches, noise, gap } = parseState(state);
    this.#stream = BatchStream.restored(this.#streamOptions(), batches);
    assignVariables(this.#step.saved, tensors);
    this.#noise = new NoiseSource(this.#request.training.seed, this.#randomness, noise);
    this.#guard.restore(gap);
    this.#done = step;
    await run.rewindMetrics(step);
  }

  dispose(): void {
    this.#pictures?.dispose();
    for (const program of this.#programs.values()) program.dispose();
    this.#step.dispose();
    disposeNetworks(this.networks);
  }

  #programOf(phase: number): StepProgram {
    let program = this.#programs.get(phase);
    if (program === undefined) {
      const request = this.#step.phases[phase];
      if (request === undefined)
        throw new CoreError('internal/phase', `There is no phase ${phase}. Please report this.`);
      program = this.#host.device.compileStep(request);
      this.#programs.set(phase, program);
    }
    return program;
  }

  #streamOptions(): BatchStreamOptions {
    const { training } = this.#request;
    const { flipHorizontal, flipVertical, shift } = training.augmentation;
    return {
      dataset: this.#host.dataset,
      indices: this.#host.split.train,
      batchSize: training.batch,
      seed: training.seed,
      augmentation: flipHorizontal || flipVertical || shift > 0 ? training.augmentation : null,
    };
  }
}

/** At most `count` of the indices, evenly spread: they may be in the order of their classes. */
function spread(indices: Int32Array, count: number): Int32Array {
  const most = Math.min(count, indices.length);
  return Int32Array.from({ length: most }, (_, i) => indices[Math.floor((i * indices.length) / most)] ?? 0);
}
