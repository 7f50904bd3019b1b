/** Finds out in a short-lived child process whether an execution provider works here and on which adapter: a broken driver may abort. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { listSupportedBackends } from 'onnxruntime-node';
import { onnxProbe, tensorflowProbe } from './adapters-probe.ts';
import { runChild } from './child-task.ts';
import { explainTensorflowFailure, tensorflowFolders, tensorflowIsInstalled } from './tensorflow.ts';

export type GpuProvider = 'webgpu' | 'cuda' | 'dml' | 'coreml';

export type Probe =
  | {
      readonly works: true;
      /** The adapter's own name, null where nothing tells it. */
      readonly adapter: string | null;
      /** Whether the adapter is a program on the CPU. */
      readonly software: boolean;
      /** Version of the library, if it says so. */
      readonly version: string | null;
    }
  | {
      readonly works: false;
      /** A sentence; a missing library is named. */
      readonly why: string;
      readonly missing: readonly string[];
    };

const probeMilliseconds = 30_000;

interface ChildOutcome {
  readonly answer: Readonly<Record<string, unknown>> | null;
  readonly log: string;
  /** Signal or exit code where there is no answer, in words. */
  readonly end: string;
}

/** Runs a probe script; never rejects. The script prints `PROBE {json}` as its last word. */
async function runProbe(script: string, parameters: readonly string[]): Promise<ChildOutcome> {
  const { stdout, stderr, timedOut, how } = await runChild({
    kind: 'probe',
    words: [script, ...parameters],
    // The Vulkan loader names the adapter and its driver in its log and nowhere else.
    environment: { VK_LOADER_DEBUG: 'all' },
    timeoutMilliseconds: probeMilliseconds,
  });
  const line = /^PROBE (.*)$/m.exec(stdout)?.[1];
  const answer = line === undefined ? null : (JSON.parse(line) as Record<string, unknown>);
  const end = timedOut ? `gave no answer within ${probeMilliseconds / 1000} s` : `ended the process (${how})`;
  return { answer, log: `${stdout}\n${stderr}`, end };
}

/** Whether a provider of ONNX Runtime computes one addition correctly, and on what. */
export async function probeProvider(provider: GpuProvider): Promise<Probe> {
  if (!listSupportedBackends().some(({ name }) => name === provider)) {
    return { works: false, why: explain(provider, 'backend not found', [], []), missing: [] };
  }
  const module = createRequire(import.meta.url).resolve('onnxruntime-node');
  const { answer, log, end } = await runProbe(onnxProbe, [module, provider]);
  if (answer === null) return { works: false, why: `A test of the driver ${end}.`, missing: [] };
  if (answer['ok'] === true) {
    const vulkan = vulkanAdapter(log);
    const adapter = vulkan?.name ?? (await systemAdapter());
    const software = isSoftware(`${vulkan?.name ?? ''} ${vulkan?.driver ?? ''} ${adapter ?? ''}`);
    return { works: true, adapter, software, version: null };
  }
  const message = textOf(answer['error']);
  const absent = Array.isArray(answer['absent']) ? answer['absent'].map(String) : [];
  const missing = [...new Set([...missingLibraries(`${log}\n${message}`), ...absent])];
  return { works: false, why: explain(provider, message, missing, vulkanAdapters(log)), missing };
}

/** Whether one of tfjs-node's packages loads, and whether it sees a GPU: `adapter` is null when it computes on the CPU. */
export async function probeTensorflow(): Promise<Probe & { readonly gpu?: boolean }> {
  if (!tensorflowIsInstalled()) {
    const why = 'Neither @tensorflow/tfjs-node-gpu nor @tensorflow/tfjs-node is installed.';
    return { works: false, why, missing: [] };
  }
  const { answer, log, end } = await runProbe(tensorflowProbe, tensorflowFolders());
  if (answer === null) return { works: false, why: `A test of TensorFlow's library ${end}.`, missing: [] };
  const missing = missingLibraries(log);
  if (answer['ok'] !== true) {
    const failures = (answer['failures'] ?? []) as readonly (readonly [string, string])[];
    const reasons = [...new Set(failures.map(([name, message]) => explainTensorflowFailure(name, message)))];
    // A package that is not there says nothing where another one is there and does not load.
    const loud = reasons.filter((reason) => !reason.endsWith('is not installed.'));
    const why = (loud.length > 0 ? loud : reasons).join(' ');
    return { works: false, why, missing };
  }
  const gpu = answer['gpu'] === true;
  const adapter = gpu ? await systemAdapter() : null;
  return { works: true, adapter, software: false, version: textOf(answer['version']), gpu };
}

/** The adapter that the Vulkan loader says it uses and the path of its driver; the only one that it found where it does not say. */
export function vulkanAdapter(log: string): { name: string; driver: string } | null {
  const match = /Using "([^"]+)" with driver: "([^"]*)"/.exec(log);
  if (match !== null) return { name: (match[1] ?? '').trim(), driver: match[2] ?? '' };
  const [name, ...others] = vulkanAdapters(log);
  return name === undefined || others.length > 0 ? null : { name, driver: '' };
}

/** Every adapter that the Vulkan loader found, in its order. */
export function vulkanAdapters(log: string): string[] {
  return [...new Set([...log.matchAll(/^.*DRIVER:\s+\[\d+\] (.+)$/gm)].map((match) => (match[1] ?? '').trim()))];
}

/** Adapters that compute on the CPU: Google's SwiftShader, Mesa's llvmpipe and lavapipe, Windows' fallback, Khronos' mock. */
export function isSoftware(adapter: string): boolean {
  return /swiftshader|llvmpipe|lavapipe|libvulkan_lvp|basic render|software|mock_icd/i.test(adapter);
}

/** Names of libraries that a loader, ONNX Runtime or TensorFlow reported as missing, each once. */
export function missingLibraries(log: string): string[] {
  const patterns = [
    /([^\s/\\:'"]+\.so[.\d]*): cannot open shared object file/g,
    /Could not load dynamic library '([^']+)'/g,
    /when trying to load "?(?:[^"\n]*[\\/])?([^"\\/\n]+\.dll)/g,
    /Library not loaded: (?:\S*\/)?([^\s/]+\.dylib)/g,
  ];
  const names = patterns.flatMap((pattern) => [...log.matchAll(pattern)].map((match) => match[1] ?? ''));
  return [...new Set(names)];
}

function explain(
  provider: GpuProvider,
  message: string,
  missing: readonly string[],
  adapters: readonly string[],
): string {
  if (missing.length > 0) return `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing.`;
  if (/backend not found|not bundled/.test(message)) {
    const homes = { webgpu: '', cuda: '', dml: ' DirectML is part of Windows.', coreml: ' Core ML is part of macOS.' };
    return `ONNX Runtime has no ${provider} provider for ${process.platform} ${process.arch}.${homes[provider]}`;
  }
  if (/No supported adapters|Failed to get a WebGPU adapter/.test(message)) {
    if (adapters.length === 0) return 'No graphics driver offers an adapter.';
    return `WebGPU needs more than the graphics driver offers (${adapters.join(', ')}).`;
  }
  if (/no CUDA-capable device|CUDA failure 100/i.test(message)) return 'No CUDA-capable GPU was found.';
  return `${message.replace(/\s+/g, ' ').slice(0, 240)}.`;
}

/** The graphics adapter as the operating system names it; null where it does not say. */
async function systemAdapter(): Promise<string | null> {
  try {
    if (process.platform === 'linux') return await linuxAdapter();
    const darwin = process.platform === 'darwin';
    const command = darwin ? 'sysctl' : 'powershell';
    const parameters = darwin
      ? ['-n', 'machdep.cpu.brand_string']
      : ['-NoProfile', '-Command', '(Get-CimInstance Win32_VideoController).Name'];
    const { stdout } = await promisify(execFile)(command, parameters, { timeout: 10_000, windowsHide: true });
    const names = stdout.split(/\r?\n/).map((line) => line.trim());
    return names.find((name) => name !== '') ?? null;
  } catch {
    return null;
  }
}

async function linuxAdapter(): Promise<string | null> {
  const root = '/proc/driver/nvidia/gpus';
  for (const folder of await readdir(root)) {
    const model = /^Model:\s*(.+)$/m.exec(await readFile(`${root}/${folder}/information`, 'utf8'))?.[1];
    if (model !== undefined) return model.trim();
  }
  return null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
