/** Choosing and explaining devices: what loaders and drivers say is turned into names and sentences; bad devices are refused. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSoftware, missingLibraries, vulkanAdapter, vulkanAdapters } from '../../../core/backends/adapters.ts';
import { deviceNames, listDevices, openDevice, refusalOf, remedyFor } from '../../../core/backends/devices.ts';
import type { DeviceReport } from '../../../core/backends/devices.ts';
import { judge, runSelfTest } from '../../../core/backends/self-test.ts';
import { removeCache, stubCache } from './own-cache.ts';

let cache = '';

beforeAll(async () => {
  cache = await stubCache();
});
afterAll(() => removeCache(cache));

describe('missing libraries', () => {
  it.each([
    [
      'Failed to load library /app/libonnxruntime_providers_cuda.so with error: libcublasLt.so.12: cannot open shared object file: No such file',
      ['libcublasLt.so.12'],
    ],
    [
      'error: /app/bin/libonnxruntime_providers_shared.so: cannot open shared object file: No such file or directory',
      ['libonnxruntime_providers_shared.so'],
    ],
    [
      "Could not load dynamic library 'libcudart.so.11.0'; dlerror: libcudart.so.11.0: cannot open",
      ['libcudart.so.11.0'],
    ],
    ['error 126 "" when trying to load "C:\\app\\onnxruntime_providers_cuda.dll"', ['onnxruntime_providers_cuda.dll']],
    ['Library not loaded: @rpath/libtensorflow.2.dylib', ['libtensorflow.2.dylib']],
    ['everything is fine', []],
  ])('are named: %s', (log, names) => {
    expect(missingLibraries(log)).toEqual(names);
  });

  it('are named once', () => {
    const line = 'libvulkan.so.1: cannot open shared object file\n';
    expect(missingLibraries(line + line)).toEqual(['libvulkan.so.1']);
  });
});

describe('the Vulkan loader', () => {
  const found =
    'INFO | DRIVER:         Original order:\nINFO | DRIVER:               [0] llvmpipe (LLVM 15.0.6, 256 bits)\n';

  it('says which adapter it uses, and by which driver', () => {
    const log = `[Vulkan Loader] DRIVER:     Using "NVIDIA H200" with driver: "libGLX_nvidia.so.0"\n`;
    expect(vulkanAdapter(found + log)).toEqual({ name: 'NVIDIA H200', driver: 'libGLX_nvidia.so.0' });
  });

  it('of older versions says only which adapters there are: one is taken for the one that is used, of two none', () => {
    expect(vulkanAdapter(found)?.name).toBe('llvmpipe (LLVM 15.0.6, 256 bits)');
    const two = `${found}INFO | DRIVER:               [1] Intel(R) UHD Graphics\n`;
    expect(vulkanAdapters(two)).toHaveLength(2);
    expect(vulkanAdapter(two)).toBeNull();
  });

  it.each([
    ['SwiftShader Device (Subzero)', true],
    ['llvmpipe (LLVM 15.0.6, 256 bits)', true],
    ['Microsoft Basic Render Driver', true],
    ['unknown /usr/lib/x86_64-linux-gnu/libvulkan_lvp.so', true],
    ['NVIDIA GeForce RTX 4090 libGLX_nvidia.so.0', false],
    ['AMD Radeon RX 7900 XTX (RADV NAVI31)', false],
    ['Apple M2', false],
  ])('names software adapters: %s', (name, software) => {
    expect(isSoftware(name)).toBe(software);
  });
});

describe('a self-test', () => {
  const initial = [Float32Array.of(0.99, 1.99)];
  const reference = { initial, weights: [Float32Array.of(1, 2)], milliseconds: 50 };
  const candidate = (values: readonly number[], milliseconds: number) => {
    return { initial, weights: [Float32Array.from(values)], milliseconds };
  };

  it('passes for almost the same steps in less time', () => {
    const test = judge(reference, candidate([1, 2.00001], 5));
    expect(test.passed).toBe(true);
    expect(test.reason).toContain('10.0 times faster');
  });

  it.each([
    ['slower', [1, 2], 60, 'slower'],
    ['different', [1, 2.002], 5, 'differ'],
    ['not a number', [1, Number.NaN], 5, 'differ'],
    ['incomplete', [1], 5, 'differ'],
    ['standing still', [0.99, 1.99], 5, 'differ'],
  ])('fails for a device that is %s', (_, values, milliseconds, word) => {
    const test = judge(reference, candidate(values, milliseconds));
    expect(test.passed).toBe(false);
    expect(test.reason).toContain(word);
    // Only of steps that are right is it said how long they take.
    expect(test.milliseconds).toBe(word === 'slower' ? milliseconds : null);
  });

  it('that throws is one that was not passed, and leaves no tensors', async () => {
    await openDevice('onnx-cpu', { threads: 1 });
    const before = tf.memory().numTensors;
    const test = await runSelfTest(process.platform === 'win32' ? 'onnx-coreml' : 'onnx-dml', 1);
    expect(test.passed).toBe(false);
    expect(test.reason).toContain('self-test');
    await openDevice('onnx-cpu', { threads: 1 });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('devices', () => {
  it('are listed with a reason and the name of what is missing', async () => {
    const reports = await listDevices();
    expect(reports.map(({ name }) => name)).toEqual([...deviceNames]);
    for (const report of reports) {
      expect(report.description).not.toBe('');
      expect(report.available).toBe(report.why === null);
      for (const library of report.missing) expect(report.why).toContain(library);
    }
    expect(reports.find(({ name }) => name === 'onnx-cpu')?.available).toBe(true);
    expect(reports.find(({ name }) => name === 'onnx-coreml')?.available).toBe(process.platform === 'darwin');
  });

  it('open by name with what they are and why', async () => {
    const device = await openDevice('onnx-cpu', { threads: 1 });
    expect(device.name).toBe('onnx-cpu');
    expect(device.description).toMatch(/\(1 thread\), ONNX Runtime \d+\.\d+/);
    expect(device.reason).toBe('Asked for by name.');
    expect(tf.getBackend()).toBe('onnx-cpu');
  });

  it('that do not exist are refused with those that do', async () => {
    await expect(openDevice('gpu')).rejects.toMatchObject({ code: 'device/unknown' });
    await expect(openDevice('gpu')).rejects.toThrow('onnx-webgpu');
  });

  it.skipIf(process.platform === 'darwin')('that do not work here are refused with the reason', async () => {
    await expect(openDevice('onnx-coreml')).rejects.toMatchObject({ code: 'device/unavailable' });
    await expect(openDevice('onnx-coreml')).rejects.toThrow('Core ML is part of macOS');
  });

  it('on the CPU, in software or absent are never chosen by themselves', () => {
    const good: DeviceReport = {
      name: 'onnx-webgpu',
      available: true,
      adapter: 'A GPU',
      software: false,
      gpu: true,
      description: 'A GPU',
      why: null,
      missing: [],
      remedy: null,
    };
    expect(refusalOf(good)).toBeNull();
    expect(refusalOf({ ...good, software: true, adapter: 'SwiftShader' })).toContain(
      'SwiftShader is a program on the CPU',
    );
    expect(refusalOf({ ...good, gpu: false })).toContain('CPU');
    expect(refusalOf({ ...good, available: false, why: 'No driver.' })).toBe('No driver.');
    const libraries = ['liba.so.1', 'libb.so.1', 'libc.so.1'];
    expect(refusalOf({ ...good, available: false, why: 'x', missing: libraries })).toBe(
      'liba.so.1 and 2 other libraries are missing',
    );
  });

  it('have a remedy where there is one', () => {
    expect(remedyFor('onnx-cuda', ['libonnxruntime_providers_cuda.so'], 'linux')).toContain('npm run setup:cuda');
    expect(remedyFor('onnx-cuda', ['libcudnn.so.9'], 'linux')).not.toContain('setup:cuda');
    expect(remedyFor('onnx-cuda', [], 'darwin')).toBeNull();
    expect(remedyFor('onnx-webgpu', ['libvulkan.so.1'], 'linux')).toContain('libvulkan1');
  });
});

describe('auto', () => {
  it('chooses a device that works and says why in a sentence', async () => {
    const device = await openDevice('auto', { threads: 1 });
    expect(device.reason).toMatch(/^Chosen by itself: .+\.$/);
    expect(device.reason).not.toContain('\n');
    if (device.name === 'onnx-cpu') expect(device.reason).toContain('onnx-webgpu');
    else expect(device.reason).toContain('faster');
  });
});
