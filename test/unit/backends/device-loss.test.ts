/** A GPU that goes away in the middle of a training: an error that says so, and a run that goes on from its last checkpoint. */
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openDevice } from '../../../core/backends/devices.ts';
import { runError, Session } from '../../../core/backends/onnx/session.ts';
import type { Device } from '../../../core/backends/types.ts';
import { CoreError } from '../../../core/errors.ts';
import type { RunFolder } from '../../../core/runs/run-folder.ts';
import { train } from '../../../core/training/trainer.ts';
import type { TrainEvent } from '../../../core/training/types.ts';
import { temporaryRun, tinyDataset, tinyRequest } from '../training/tiny.ts';

/** What Dawn, Direct3D and CUDA report. */
const messages = [
  'Non-zero status code returned while running Conv node: [Device] is lost.',
  'wgpuDevicePoll failed: Device was lost (reason: Unknown)',
  'DXGI_ERROR_DEVICE_REMOVED: the GPU device instance has been suspended',
  'VK_ERROR_DEVICE_LOST',
  'CUDA error 719: unspecified launch failure',
];

describe('runError', () => {
  it.each(messages)('calls it device/lost: %s', (message) => {
    const error = runError(new Error(message), 'webgpu');
    expect(error.code).toBe('device/lost');
    expect(error.message).toContain(message);
    expect(error.message).toContain('--resume');
  });

  it('calls other failures, and any on the CPU, by their own name', () => {
    expect(runError(new Error('Too many storage buffers in shader'), 'webgpu').code).toBe('engine/run');
    expect(runError(new Error('device lost'), 'cpu').code).toBe('engine/run');
  });
});

describe('a training whose device is lost', () => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice('onnx-cpu', { threads: 2 });
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  const data = tinyDataset(40);
  const request = tinyRequest({ training: { steps: 10 }, output: { checkpointSteps: 3 } });

  async function run(folder: RunFolder, onEvent?: (event: TrainEvent) => void): Promise<void> {
    await train({ ...request, resume: true }, { device, run: folder, ...data, ...(onEvent && { onEvent }) });
  }

  it('fails with device/lost, keeps the last checkpoint and goes on to the same weights', async () => {
    const before = tf.memory().numTensors;
    const whole = await temporaryRun();
    await run(whole);

    const broken = await temporaryRun();
    let lostAt = Infinity;
    const original = Reflect.get<Session, 'run'>(Session.prototype, 'run');
    vi.spyOn(Session.prototype, 'run').mockImplementation(function (this: Session, feeds) {
      if (lostAt <= 0) throw runError(new Error('Device was lost'), 'webgpu');
      return original.call(this, feeds);
    });
    const events: TrainEvent[] = [];
    const failed = run(broken, (event) => {
      events.push(event);
      if (event.kind === 'step' && event.step === 8) lostAt = 0;
    });
    await expect(failed).rejects.toSatisfy((error) => error instanceof CoreError && error.code === 'device/lost');
    expect(events.at(-1)).toMatchObject({ kind: 'failed', code: 'device/lost', step: 8 });
    expect(broken.manifest).toMatchObject({ state: 'failed', step: 6 });
    expect(broken.manifest.message).toContain('--resume');

    vi.restoreAllMocks();
    await run(broken);
    expect(broken.manifest).toMatchObject({ state: 'finished', step: 10, message: null });
    const [expected, found] = [await whole.loadCheckpoint('latest'), await broken.loadCheckpoint('latest')];
    expect(found.tensors).toEqual(expected.tensors);
    expect(tf.memory().numTensors).toBe(before);
  });
});
