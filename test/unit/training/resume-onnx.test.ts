/** Exact resume on the device that everybody has; pictures and validation along the way change no bit either. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDevice } from '../../../core/backends/devices.ts';
import type { Device } from '../../../core/backends/types.ts';
import { train, type TrainHost } from '../../../core/training/trainer.ts';
import type { TrainRequest } from '../../../core/training/types.ts';
import { temporaryRun, tinyDataset, tinyRequest } from './tiny.ts';

let device: Device;
beforeAll(async () => {
  device = await openDevice('onnx-cpu', { threads: 2 });
});

const data = tinyDataset(40);

/** Wide enough for the blocked convolutions. */
function request(change: Parameters<typeof tinyRequest>[0] = {}): TrainRequest {
  const tiny = tinyRequest({ ...change, training: { batch: 16, steps: 10, ...change.training } });
  return { ...tiny, nets: { ...tiny.nets, width: 16 } };
}

/** Trains, stopping once at each of the given steps, and returns the last checkpoint's tensors. */
async function trainedWith(stops: readonly number[], asked: TrainRequest, more: Partial<TrainHost> = {}) {
  const run = await temporaryRun();
  for (const at of [...stops, Infinity]) {
    const abort = new AbortController();
    await train(
      { ...asked, resume: true },
      {
        device,
        run,
        ...data,
        ...more,
        signal: abort.signal,
        onEvent: (event) => {
          if (event.kind === 'step' && event.step === at) abort.abort();
        },
      },
    );
  }
  return (await run.loadCheckpoint('latest')).tensors;
}

describe('on onnx-cpu', () => {
  it.each(['joint', 'vae'])('stops at several steps leave no trace in the weights of %s', async (objective) => {
    const before = tf.memory().numTensors;
    const whole = await trainedWith([], request({ objective }));
    expect(await trainedWith([1, 2, 7], request({ objective }))).toEqual(whole);
    expect(await trainedWith([5], request({ objective }))).toEqual(whole);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('neither do pictures, validation and checkpoints', async () => {
    const whole = await trainedWith([], request());
    const busy = request({ output: { sampleSteps: 2, validationSteps: 3, checkpointSteps: 1 } });
    const watched = await trainedWith([4], busy, {
      writeGrid: () => Promise.resolve(new Uint8Array(1)),
      validate: (step) => Promise.resolve({ image_AUPR: step }),
    });
    expect(watched).toEqual(whole);
  });
});
