/**
 * Puts jasmine's `describe`, `it`, … in place and tells tfjs-core's suite which backend is to be tested. Must be imported before the
 * suite, whose files call both while they load.
 */
import jasmineCore from 'jasmine-core';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util';

/** What this harness uses of jasmine, which publishes no types of its own. */
export interface SpecResult {
  readonly fullName: string;
  readonly status: string;
  readonly failedExpectations: readonly { readonly message: string; readonly stack?: string }[];
}

export interface JasmineEnvironment {
  configure(options: { random: boolean; specFilter: (spec: { getFullName(): string }) => boolean }): void;
  addReporter(reporter: { specDone(result: SpecResult): void }): void;
  execute(): Promise<unknown>;
}

const jasmine = (jasmineCore as { boot(): { getEnv(): JasmineEnvironment } }).boot();
export const environment = jasmine.getEnv();

/** The backend under test; in the process's environment because imports run before anything else can be passed. */
export const testedBackend = process.env['CONFORMANCE_BACKEND'] ?? 'onnx-cpu';

setTestEnvs([{ name: testedBackend, backendName: testedBackend, flags: {}, isDataSync: true }]);
