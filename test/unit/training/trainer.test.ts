/** The loop on the reference device: exact resume, stop, pause, divergence, validation, pictures. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Device } from '../../../core/backends/types.ts';
import { namedTensors } from '../../../core/nets/networks.ts';
import type { RunFolder } from '../../../core/runs/run-folder.ts';
import type { Tensors } from '../../../core/runs/safetensors.ts';
import { TrainingControl } from '../../../core/training/control.ts';
import { train, type TrainHost } from '../../../core/training/trainer.ts';
import type { PictureGrid, TrainEvent, TrainRequest } from '../../../core/training/types.ts';
import { referenceDevice, temporaryRun, tinyDataset, tinyRequest } from './tiny.ts';

let device: Device;
beforeAll(async () => {
  device = await referenceDevice();
});

const data = tinyDataset(23);

async function start(
  run: RunFolder,
  request: TrainRequest,
  more: Partial<TrainHost> = {},
): Promise<{ events: TrainEvent[]; state: string; step: number }> {
  const events: TrainEvent[] = [];
  const result = await train(request, {
    device,
    run,
    ...data,
    ...more,
    onEvent: (event) => {
      events.push(event);
      more.onEvent?.(event);
    },
  });
  return { events, state: result.state, step: result.step };
}

async function weightsAfter(run: RunFolder): Promise<Tensors> {
  return (await run.loadCheckpoint('latest')).tensors;
}

/** Metrics without the times of this machine. */
async function reproducible(run: RunFolder): Promise<unknown[]> {
  return (await run.readMetrics()).map((record) => ({ ...record, imagesPerSecond: 0 }));
}

describe('resume', () => {
  it('is exact: 12 steps in one go and 12 steps with stops give the same bits', async () => {
    const before = tf.memory().numTensors;
    const whole = await temporaryRun();
    await start(whole, tinyRequest());
    const expected = await weightsAfter(whole);
    // An epoch is 4 batches: stops inside one, at its end, before the last step, and twice in a row.
    for (const stops of [[1], [4], [6], [11], [3, 8]]) {
      const run = await temporaryRun();
      for (const at of stops) {
        const abort = new AbortController();
        const stopped = await start(run, tinyRequest({ resume: at !== stops[0] }), {
          signal: abort.signal,
          onEvent: (event) => {
            if (event.kind === 'step' && event.step === at) abort.abort();
          },
        });
        expect(stopped).toMatchObject({ state: 'stopped', step: at });
        expect(run.manifest).toMatchObject({ state: 'stopped', step: at });
      }
      const finished = await start(run, tinyRequest({ resume: true }));
      expect(finished.events[0]).toMatchObject({ kind: 'started', step: stops.at(-1) });
      expect(finished).toMatchObject({ state: 'finished', step: 12 });
      expect(await weightsAfter(run)).toEqual(expected);
      expect(await reproducible(run)).toEqual(await reproducible(whole));
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('goes back to the last checkpoint when the process died between two', async () => {
    const whole = await temporaryRun();
    await start(whole, tinyRequest({ objective: 'vae', training: { averaging: 0 } }));
    const run = await temporaryRun();
    const request = tinyRequest({ objective: 'vae', training: { averaging: 0 }, output: { checkpointSteps: 4 } });
    // A death is played by an error that the loop does not expect.
    const death = start(run, request, {
      onEvent: (event) => {
        if (event.kind === 'step' && event.step === 7) throw new Error('killed');
      },
    });
    await expect(death).rejects.toThrow('killed');
    expect(run.manifest.state).toBe('failed');
    expect(await run.listCheckpoints()).toEqual([4]);
    await start(run, { ...request, resume: true });
    expect(await weightsAfter(run)).toEqual(await weightsAfter(whole));
    expect(await reproducible(run)).toEqual(await reproducible(whole));
  });

  it('starts from the beginning where no checkpoint was saved', async () => {
    const run = await temporaryRun();
    const { events } = await start(run, tinyRequest({ resume: true, training: { steps: 1 } }));
    expect(events[0]).toMatchObject({ kind: 'started', step: 0 });
  });

  it('refuses a checkpoint of other networks', async () => {
    const run = await temporaryRun();
    await start(run, tinyRequest({ training: { steps: 1 } }));
    const request = tinyRequest({ resume: true });
    const wider = { ...request, nets: { ...request.nets, width: 6 } };
    await expect(start(run, wider)).rejects.toMatchObject({ code: 'training/checkpoint' });
  });
});

describe('control', () => {
  it('pauses at the next step, saves, and goes on', async () => {
    const run = await temporaryRun();
    const control = new TrainingControl();
    const { events } = await start(run, tinyRequest({ training: { steps: 4 } }), {
      control,
      onEvent: (event) => {
        if (event.kind === 'step' && event.step === 2) control.pause();
        if (event.kind === 'paused') setTimeout(() => control.resume(), 5);
      },
    });
    const kinds = events.map(({ kind, step }) => `${kind} ${step}`);
    expect(kinds).toEqual([
      'started 0',
      'step 1',
      'step 2',
      'checkpoint 2',
      'paused 2',
      'resumed 2',
      'step 3',
      'step 4',
      'checkpoint 4',
      'finished 4',
    ]);
  });

  it('stops out of a pause', async () => {
    const run = await temporaryRun();
    const control = new TrainingControl();
    control.pause();
    const { state, step } = await start(run, tinyRequest(), {
      control,
      onEvent: (event) => {
        if (event.kind === 'paused') control.stop();
      },
    });
    expect({ state, step }).toEqual({ state: 'stopped', step: 0 });
  });
});

describe('divergence', () => {
  /** The device, whose step number `at` reports a value that is not finite. */
  function faulty(at: number): Device {
    return {
      ...device,
      compileStep(request) {
        const program = device.compileStep(request);
        let step = 0;
        return {
          ...program,
          async run(feeds) {
            const logs = await program.run(feeds);
            return ++step === at ? { ...logs, kl: Float32Array.of(NaN) } : logs;
          },
        };
      },
    };
  }

  it('stops with an explanation and keeps the last good checkpoint', async () => {
    const before = tf.memory().numTensors;
    const run = await temporaryRun();
    const events: TrainEvent[] = [];
    const failing = start(run, tinyRequest({ output: { checkpointSteps: 2 } }), {
      device: faulty(5),
      onEvent: (event) => events.push(event),
    });
    await expect(failing).rejects.toMatchObject({ code: 'training/diverged' });
    expect(run.manifest.state).toBe('failed');
    expect(run.manifest.message).toMatch(/step 5: kl is NaN.*smaller learning rates/);
    expect(events.at(-1)).toMatchObject({ kind: 'failed', step: 5, message: run.manifest.message });
    expect(await run.listCheckpoints()).toEqual([2, 4]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('saves no weights that are not finite', async () => {
    const run = await temporaryRun();
    const request = tinyRequest({
      training: { learningRates: { generator: 1e-3, inference: 1e39, energy: 1e-3 } },
      output: { checkpointSteps: 1 },
    });
    await expect(start(run, request)).rejects.toThrow(/inference\/.* holds -?Infinity/);
    expect(await run.listCheckpoints()).toEqual([]);
  });
});

describe('what is written', () => {
  it('logs each step with all metrics', async () => {
    const run = await temporaryRun();
    await start(run, tinyRequest({ training: { steps: 3 } }));
    const records = await run.readMetrics();
    expect(records.map(({ step }) => step)).toEqual([1, 2, 3]);
    expect(Object.keys(records[0] ?? {}).sort()).toEqual(
      [
        ...['energyData', 'energySamples', 'epoch', 'gap', 'gradientNormEnergy', 'gradientNormGenerator'],
        ...['gradientNormInference', 'imagesPerSecond', 'kl', 'reconstruction', 'step'],
      ].sort(),
    );
    expect(records[2]?.['epoch']).toBe(3 / 4);
  });

  it('writes the same latent vectors at every step, and reconstructions of held-out images', async () => {
    const run = await temporaryRun();
    const grids: PictureGrid[] = [];
    const request = tinyRequest({ training: { steps: 4 }, output: { sampleSteps: 2 } });
    const { events } = await start(run, request, {
      writeGrid: (grid) => {
        grids.push(grid);
        return Promise.resolve(Uint8Array.of(1, 2, 3));
      },
    });
    expect(grids.map(({ count, columns, height }) => [count, columns, height])).toEqual([
      [4, 2, 8],
      [4, 2, 8],
      [4, 2, 8],
      [4, 2, 8],
    ]);
    const held = new Uint8Array(2 * 64);
    data.dataset.read([0, 1], held);
    expect(grids[1]?.pixels.slice(0, 128)).toEqual(held);
    expect(events.filter(({ kind }) => kind === 'samples')).toHaveLength(4);
  });

  it('keeps the best checkpoint by validation, made with the averaged weights', async () => {
    const run = await temporaryRun();
    const values: Record<number, number> = { 2: 0.5, 4: 0.9, 6: 0.7 };
    const seen: Record<number, number> = {};
    const request = tinyRequest({ training: { steps: 6 }, output: { validationSteps: 2, keepCheckpoints: 1 } });
    const { events } = await start(run, request, {
      validate: (step, networks) => {
        const [variable] = namedTensors(networks).values();
        seen[step] = variable?.dataSync()[0] ?? NaN;
        return Promise.resolve({ image_AUPR: values[step] ?? 0 });
      },
    });
    const validated = events.filter((event) => event.kind === 'validated');
    expect(validated.map(({ step, best }) => [step, best])).toEqual([
      [2, true],
      [4, true],
      [6, false],
    ]);
    expect(await run.best()).toMatchObject({ step: 4, metric: { name: 'image_AUPR', value: 0.9 } });
    expect(await run.listCheckpoints()).toEqual([4, 6]);
    const { tensors } = await run.loadCheckpoint('best');
    const [name] = Object.keys(tensors);
    expect(tensors[`average/${name ?? ''}`]?.data[0]).toBe(seen[4]);
    expect(tensors[name ?? '']?.data[0]).not.toBe(seen[4]);
  });
});
