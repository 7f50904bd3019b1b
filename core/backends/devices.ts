/** What can compute here, and the choice among it: a device by name, or `auto` with the reason for what was chosen. */
import { availableParallelism, cpus } from 'node:os';
import { env } from 'onnxruntime-node';
import { CoreError } from '../errors.ts';
import { probeProvider, probeTensorflow } from './adapters.ts';
import type { GpuProvider, Probe } from './adapters.ts';
import { openBackend, providerOf } from './devices-open.ts';
import { blockedSupport } from './onnx/index.ts';
import { recalledSelfTest } from './self-test-record.ts';
import type { Device, DeviceInfo, DeviceName } from './types.ts';

/** Every device, in the order in which they are listed. */
export const deviceNames = [
  'onnx-cpu',
  'onnx-webgpu',
  'onnx-cuda',
  'onnx-dml',
  'onnx-coreml',
  'tensorflow',
  'reference',
] as const satisfies readonly DeviceName[];

export interface DeviceReport {
  readonly name: DeviceName;
  readonly available: boolean;
  /** The adapter's own name; null for CPUs, and where nothing tells it. */
  readonly adapter: string | null;
  /** Whether the adapter is a program on the CPU (SwiftShader, llvmpipe): correct, but slow. */
  readonly software: boolean;
  /** Whether it computes on a GPU. */
  readonly gpu: boolean;
  /** One line for people. */
  readonly description: string;
  /** Why it is not available, with the name of a missing library; null when it is. */
  readonly why: string | null;
  readonly missing: readonly string[];
  /** What a person can do about it; null where there is nothing. */
  readonly remedy: string | null;
}

export interface OpenOptions {
  /** Threads of CPU devices; all of the machine's by default. */
  readonly threads?: number;
}

/** Devices that `auto` considers, best first; those that do not exist on this platform are not available. */
const candidates = ['tensorflow', 'onnx-cuda', 'onnx-dml', 'onnx-webgpu', 'onnx-coreml'] as const;

const techniques: Readonly<Record<GpuProvider, string>> = {
  webgpu: 'WebGPU',
  cuda: 'CUDA',
  dml: 'DirectML',
  coreml: 'Core ML',
};

/** Looks at every device; takes about a second, changes nothing, never rejects for a device that does not work. */
export async function listDevices(): Promise<DeviceReport[]> {
  return Promise.all(deviceNames.map(async (name) => reportOn(name)));
}

/**
 * Opens a device and makes its backend tfjs's current one. `auto` takes the first real GPU that passes a self-test and is faster than
 * `onnx-cpu`, else `onnx-cpu`. Errors: `device/unknown`, `device/unavailable` with the reason and the remedy.
 */
export async function openDevice(name: string, options: OpenOptions = {}): Promise<Device> {
  const threads = options.threads ?? availableParallelism();
  if (name === 'auto') return openAutomatically(threads);
  const known = deviceNames.find((candidate) => candidate === name);
  if (known === undefined) {
    throw new CoreError('device/unknown', `No device is called "${name}". Use auto, ${deviceNames.join(', ')}.`);
  }
  const report = await reportOn(known, threads);
  if (!report.available) {
    const remedy = report.remedy ?? 'Use --device onnx-cpu.';
    throw new CoreError('device/unavailable', `The device ${name} is not available: ${report.why ?? ''} ${remedy}`);
  }
  return openBackend(infoOf(report, 'Asked for by name.'), threads);
}

async function openAutomatically(threads: number): Promise<Device> {
  const reports = await Promise.all(candidates.map(async (name) => reportOn(name, threads)));
  const rejected: string[] = [];
  for (const report of reports) {
    const refusal = refusalOf(report);
    const test = refusal === null ? await recalledSelfTest(report, threads) : { passed: false, reason: refusal };
    if (test.passed) return openBackend(infoOf(report, `Chosen by itself: ${test.reason}.`), threads);
    // What this platform cannot have (it has no remedy) is not worth a word here.
    if (report.available || report.remedy !== null) rejected.push(`${report.name}: ${test.reason.replace(/\.$/, '')}`);
  }
  const reason = `Chosen by itself: no GPU can be used (${rejected.join('; ')}).`;
  return openBackend(infoOf(await reportOn('onnx-cpu', threads), reason), threads);
}

/** Why `auto` does not even test a device; null if it does. */
export function refusalOf(report: DeviceReport): string | null {
  if (!report.available) {
    const [first, ...others] = report.missing;
    if (first === undefined) return report.why ?? 'it is not available';
    return others.length === 0 ? `${first} is missing` : `${first} and ${others.length} other libraries are missing`;
  }
  if (!report.gpu) return 'it computes on the CPU';
  if (report.software) return `${report.adapter ?? 'its adapter'} is a program on the CPU, no GPU`;
  return null;
}

function infoOf(report: DeviceReport, reason: string): DeviceInfo {
  return { name: report.name, description: report.description, adapter: report.adapter, reason };
}

async function reportOn(name: DeviceName, threads = availableParallelism()): Promise<DeviceReport> {
  const provider = providerOf(name);
  const processor = `${cpus()[0]?.model.trim() ?? process.arch} (${threads} ${threads === 1 ? 'thread' : 'threads'})`;
  const library = `ONNX Runtime ${env.versions.node ?? ''}`.trim();
  const working = {
    name,
    available: true,
    adapter: null,
    software: false,
    gpu: false,
    why: null,
    missing: [],
    remedy: null,
  };
  if (provider === 'cpu') return { ...working, description: `${processor}, ${library}, ${blockedSupport().reason}` };
  if (name === 'reference') return { ...working, description: "TensorFlow.js's own CPU code: for tests, very slow" };
  if (provider === null) {
    const probe = await probeTensorflow();
    const gpu = probe.works && probe.gpu === true;
    const place = gpu ? (probe.adapter ?? 'GPU') : processor;
    return reportOf(name, probe, `${place}, TensorFlow ${(probe.works ? probe.version : null) ?? ''}`.trim(), gpu);
  }
  const probe = await probeProvider(provider);
  const adapter = probe.works ? (probe.adapter ?? 'GPU of unknown name') : 'GPU';
  return reportOf(name, probe, `${adapter}, ${techniques[provider]}, ${library}`, true);
}

function reportOf(name: DeviceName, probe: Probe, description: string, gpu: boolean): DeviceReport {
  const common = { name, description, gpu };
  if (probe.works) {
    const { adapter, software } = probe;
    return { ...common, available: true, adapter, software, why: null, missing: [], remedy: null };
  }
  const { why, missing } = probe;
  const remedy = remedyFor(name, missing);
  return { ...common, available: false, adapter: null, software: false, why, missing, remedy };
}

/** What to do about a device that does not work; null where the platform cannot have it. */
export function remedyFor(
  name: DeviceName,
  missing: readonly string[],
  platform: string = process.platform,
): string | null {
  switch (name) {
    case 'onnx-cpu':
    case 'reference':
      return null;
    case 'onnx-webgpu':
      return platform === 'linux'
        ? 'Install the Vulkan driver of your GPU (Debian and Ubuntu: "apt install libvulkan1 mesa-vulkan-drivers"; NVIDIA: its own driver).'
        : "Update your GPU's driver.";
    case 'onnx-cuda': {
      if (platform !== 'linux') return null;
      const steps = ['Install the NVIDIA driver, CUDA 12 and cuDNN 9'];
      // ONNX Runtime's own part of CUDA is a download of its own; NVIDIA's libraries are not in it.
      if (missing.some((library) => library.startsWith('libonnxruntime'))) steps.push('run "npm run setup:cuda"');
      return `${steps.join(', and ')}.`;
    }
    case 'onnx-dml':
      return platform === 'win32' ? "Update Windows and your GPU's driver." : null;
    case 'onnx-coreml':
      return platform === 'darwin' ? 'Update macOS.' : null;
    case 'tensorflow':
      return 'Run "npm run setup:tensorflow"; its GPU needs CUDA 11.2 and cuDNN 8.1.';
  }
}
