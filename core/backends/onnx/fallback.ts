/** Kernels without an ONNX form run on tfjs's own CPU backend: read, compute, write. Counted, so that tests can forbid it. */
import * as tf from '@tensorflow/tfjs';
import { CoreError } from '../../errors.ts';
import type { OnnxBackend } from './backend.ts';
import type { KernelCall } from './kernel.ts';

/** The part of tfjs's CPU backend that is used here. */
interface CpuBackend extends tf.KernelBackend {
  readonly data: { get(dataId: tf.DataId): { complexTensorInfos?: { real: tf.TensorInfo; imag: tf.TensorInfo } } };
}

function cpuBackend(): CpuBackend {
  const backend = tf.findBackend('cpu') as CpuBackend | null;
  if (backend === null)
    throw new CoreError('engine/fallback', 'The CPU reference backend of TensorFlow.js is not registered.');
  return backend;
}

/** Runs one kernel on the CPU reference. */
export function runOnReference(name: string, call: KernelCall): tf.TensorInfo | tf.TensorInfo[] {
  // tfjs's type leaves out that there may be none.
  const kernel = tf.getKernel(name, 'cpu') as tf.KernelConfig | undefined;
  if (kernel === undefined)
    throw new CoreError('engine/kernel', `TensorFlow.js has no kernel ${name} for this device.`);
  const { backend } = call;
  backend.fallbacks.set(name, (backend.fallbacks.get(name) ?? 0) + 1);
  const cpu = cpuBackend();
  const made: tf.TensorInfo[] = [];
  const toCpu = (info: tf.TensorInfo): tf.TensorInfo => {
    const copy = copyToCpu(info, backend, cpu);
    made.push(copy);
    return copy;
  };
  const inputs = copyInputs(call.inputs, toCpu);
  const result = kernel.kernelFunc({ inputs, attrs: call.attrs, backend: cpu });
  const outputs = Array.isArray(result) ? result : [result];
  const copies = outputs.map((info) => copyFromCpu(info, backend, cpu));
  for (const info of [...outputs, ...made]) cpu.disposeData(info.dataId);
  return Array.isArray(result) ? copies : (copies[0] as tf.TensorInfo);
}

/** Inputs may be optional (undefined), a list (variadic kernels) or lists under a name (ragged tensors). */
function copyInputs(
  inputs: tf.NamedTensorInfoMap,
  copy: (info: tf.TensorInfo) => tf.TensorInfo,
): tf.NamedTensorInfoMap {
  const copyAny = (input: tf.TensorInfo | tf.TensorInfo[] | undefined): unknown =>
    input === undefined ? undefined : Array.isArray(input) ? input.map(copy) : copy(input);
  if (Array.isArray(inputs)) return copyAny(inputs as tf.TensorInfo[]) as tf.NamedTensorInfoMap;
  return Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => [name, copyAny(input)]),
  ) as tf.NamedTensorInfoMap;
}

function copyToCpu(info: tf.TensorInfo, backend: OnnxBackend, cpu: CpuBackend): tf.TensorInfo {
  const parts = backend.complexParts(info.dataId);
  if (parts === null) {
    const values = backend.readSync(info.dataId);
    const copy = { dataId: cpu.write(values, info.shape, info.dtype), shape: info.shape, dtype: info.dtype };
    // Some reference kernels (dilation's gradients) read `rank`, as if they were always given whole tensors.
    return Object.assign(copy, { rank: info.shape.length });
  }
  const real = copyToCpu(parts.real, backend, cpu);
  const imag = copyToCpu(parts.imag, backend, cpu);
  const complex = tf.getKernel('Complex', 'cpu').kernelFunc({ inputs: { real, imag }, attrs: {}, backend: cpu });
  for (const part of [real, imag]) cpu.disposeData(part.dataId);
  return { ...(complex as tf.TensorInfo), shape: info.shape };
}

function copyFromCpu(info: tf.TensorInfo, backend: OnnxBackend, cpu: CpuBackend): tf.TensorInfo {
  const { shape, dtype } = info;
  if (dtype !== 'complex64') {
    const values = cpu.readSync(info.dataId);
    return { dataId: backend.write(values, shape, dtype), shape, dtype };
  }
  const parts = cpu.data.get(info.dataId).complexTensorInfos;
  if (parts === undefined)
    throw new CoreError('engine/fallback', 'A complex result of the CPU reference has no parts.');
  const real = copyFromCpu(parts.real, backend, cpu);
  const imag = copyFromCpu(parts.imag, backend, cpu);
  return { dataId: backend.registerComplex(real, imag), shape, dtype };
}
