/** Makes a named device tfjs's current backend. What it is good for is decided in devices.ts. */
import * as tf from '@tensorflow/tfjs';
import { CoreError } from '../errors.ts';
import type { GpuProvider } from './adapters.ts';
import { eagerDevice } from './eager.ts';
import { compileStep, registerOnnxBackend } from './onnx/index.ts';
import { registerTensorflowBackend } from './tensorflow.ts';
import type { Device, DeviceInfo, DeviceName } from './types.ts';

/** The ONNX Runtime provider behind a device's name; null for the others. */
export function providerOf(name: DeviceName): 'cpu' | GpuProvider | null {
  switch (name) {
    case 'onnx-cpu':
      return 'cpu';
    case 'onnx-webgpu':
      return 'webgpu';
    case 'onnx-cuda':
      return 'cuda';
    case 'onnx-dml':
      return 'dml';
    case 'onnx-coreml':
      return 'coreml';
    case 'tensorflow':
    case 'reference':
      return null;
  }
}

/** Registers the device's backend if need be and makes it tfjs's current one. Errors: `device/backend`, `device/tensorflow`. */
export async function openBackend(info: DeviceInfo, threads: number): Promise<Device> {
  const provider = providerOf(info.name);
  let backend = 'cpu';
  if (provider !== null) {
    backend = await registerOnnxBackend({ provider, threads });
  } else if (info.name === 'tensorflow') {
    // Read by TensorFlow when it is loaded; later changes have no effect.
    process.env['TF_NUM_INTRAOP_THREADS'] ??= String(threads);
    backend = (await registerTensorflowBackend()).backend;
  }
  if (!(await tf.setBackend(backend))) {
    throw new CoreError('device/backend', `The backend ${backend} did not start. Use --device onnx-cpu.`);
  }
  return provider === null ? eagerDevice(info) : { ...info, compileStep };
}
