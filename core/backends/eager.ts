/** Devices whose tfjs backend computes each operation at once: a step is called anew every time, nothing is traced. */
import * as tf from '@tensorflow/tfjs';
import { CoreError } from '../errors.ts';
import type { Device, DeviceInfo, Feeds, FeedSpec, StepProgram, StepRequest } from './types.ts';

/** A device on tfjs's current backend, whichever that is when a step runs. */
export function eagerDevice(info: DeviceInfo): Device {
  return { ...info, compileStep: eagerStep };
}

function eagerStep(request: StepRequest): StepProgram {
  return {
    run: async (feeds) => {
      const results = tf.tidy(() => request.step(feedTensors(request.feeds, feeds)));
      const names = Object.keys(results);
      const values = await Promise.all(
        names.map(async (name) => Float32Array.from((await results[name]?.data()) ?? [])),
      );
      tf.dispose(results);
      return Object.fromEntries(names.map((name, index) => [name, values[index] ?? new Float32Array()]));
    },
    dispose: () => undefined,
  };
}

function feedTensors(specs: Readonly<Record<string, FeedSpec>>, feeds: Feeds): Record<string, tf.Tensor> {
  const tensors = Object.entries(specs).map(([name, { shape, dtype }]) => {
    const values = feeds[name];
    const size = shape.reduce((product, length) => product * length, 1);
    if (values?.length !== size) {
      throw new CoreError(
        'device/feed',
        `The step's input ${name} has ${values?.length ?? 0} values, but its shape [${shape.join(', ')}] takes ${size}.`,
      );
    }
    return [name, tf.tensor(values, [...shape], dtype)] as const;
  });
  return Object.fromEntries(tensors);
}
