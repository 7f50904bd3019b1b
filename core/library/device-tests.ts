/** The self-test of every device that is there, for the settings page: does it compute rightly, and how fast. */
import { availableParallelism } from 'node:os';
import { listDevices } from '../backends/devices.ts';
import { selfTest } from '../backends/self-test.ts';
import { throwIfCancelled } from '../errors.ts';

export interface DeviceTest {
  readonly device: string;
  readonly passed: boolean;
  readonly stepsPerSecond: number | null;
  readonly detail: string;
}

/** One after the other; `only` names a single device. The reference code takes minutes and is left out. */
export async function* testDevices(options: {
  readonly only?: string | undefined;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal;
}): AsyncGenerator<DeviceTest> {
  const threads = options.threads ?? availableParallelism();
  for (const { name, available } of await listDevices()) {
    if (!available || name === 'reference' || (options.only !== undefined && options.only !== name)) continue;
    throwIfCancelled(options.signal);
    // The test of `auto` also asks whether a device is worth choosing; here being right is enough, and being slow is a detail.
    const { reason, milliseconds } = await selfTest(name, threads);
    const passed = milliseconds !== null;
    const detail = name === 'onnx-cpu' && passed ? 'The device that all others are compared with.' : sentence(reason);
    yield { device: name, passed, stepsPerSecond: passed ? 1000 / milliseconds : null, detail };
  }
}

function sentence(clause: string): string {
  const text = clause.charAt(0).toUpperCase() + clause.slice(1);
  return text.endsWith('.') ? text : `${text}.`;
}
