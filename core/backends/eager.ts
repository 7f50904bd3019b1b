/** Devices whose tfjs backend computes at once: a step is simply called, every time. For `tensorflow` and `reference`. */
import * as tf from '@tensorflow/tfjs';
import { CoreError } from '../errors.ts';
import type { Device, DeviceInfo, Feeds, FeedSpec, StepProgram, StepRequest } from './types.ts';

/** A device on tfjs's current backend, whichever that is when a step runs. */
export function eagerDevice(info: DeviceInfo): Device {
  return { ...info, compileStep: eagerStep };
}

/** A step program that calls the step. Errors: `engine/feed` for a feed of the wrong length. */
export function eagerStep(request: StepRequest): StepProgram {
  return {
    async run(feeds) {
      const results = tf.tidy(() =>
        request.step(
          Object.fromEntries(
            Object.entries(request.feeds).map(([name, spec]) => [name, feedTensor(name, spec, feeds[name])]),
          ),
        ),
      );
      const values: Record<string, Float32Array> = {};
      try {
        // Copies: some backends hand out their own memory.
        for (const [name, tensor] of Object.entries(results)) values[name] = Float32Array.from(await tensor.data());
      } finally {
        tf.dispose(results);
      }
      return values;
    },
    dispose: () => undefined,
  };
}

function feedTensor(name: string, { shape, dtype }: FeedSpec, data: Feeds[string] | undefined): tf.Tensor {
  const size = shape.reduce((product, side) => product * side, 1);
  if (data?.length !== size) {
    const got = data === undefined ? 'no' : String(data.length);
    throw new CoreError('engine/feed', `Feed ${name} has ${got} values where the step wants ${size}.`);
  }
  return tf.tensor(data, [...shape], dtype);
}
