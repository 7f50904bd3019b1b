/** tfjs-core's whole test suite as one function: bundled and called by run.mjs. */
import { environment, testedBackend } from './jasmine.ts';
import '@tensorflow/tfjs-core/dist/tests';
import { fallbacksOf, registerBackend } from './backends.ts';
import { skipList } from './skip-list.ts';

export interface SuiteOptions {
  /** A regular expression on the full name; null runs everything. */
  readonly filter: string | null;
  /** Only the specs of skip-list.ts. */
  readonly listedOnly: boolean;
  readonly threads: number;
  readonly onProgress: (done: number, failed: number) => void;
}

export interface SuiteReport {
  readonly backend: string;
  readonly passed: number;
  /** Full names without the backend's name, so that they are the same for every backend. */
  readonly failed: readonly { readonly name: string; readonly message: string }[];
  /** Specs that the suite itself marks as pending. */
  readonly pending: number;
  readonly filteredOut: number;
  /** Every spec that the suite defines for this backend. */
  readonly total: number;
  readonly fallbacks: readonly (readonly [kernel: string, count: number])[];
  readonly milliseconds: number;
}

/** `conv2d onnx-cpu {} gradient …` -> `conv2d gradient …`: the suite appends the environment to the name of each group. */
function nameOf(fullName: string): string {
  return fullName.replaceAll(` ${testedBackend} {}`, '');
}

/** Runs the suite once; a second run in the same process is not possible. */
export async function runSuite(options: SuiteOptions): Promise<SuiteReport> {
  await registerBackend(testedBackend, options.threads);
  const pattern = options.filter === null ? null : new RegExp(options.filter);
  const listed = new Set(skipList.map((entry) => entry.name));
  const counts = { passed: 0, pending: 0, filteredOut: 0, total: 0 };
  const failed: { name: string; message: string }[] = [];

  environment.configure({
    random: false,
    specFilter: (spec) => {
      const name = nameOf(spec.getFullName());
      return (pattern === null || pattern.test(name)) && (!options.listedOnly || listed.has(name));
    },
  });
  environment.addReporter({
    specDone(result) {
      counts.total++;
      if (result.status === 'passed') counts.passed++;
      else if (result.status === 'excluded') counts.filteredOut++;
      else if (result.status === 'pending') counts.pending++;
      else {
        const message = result.failedExpectations
          .map((expectation) => `${expectation.message}\n${expectation.stack ?? ''}`)
          .join('\n');
        failed.push({ name: nameOf(result.fullName), message: message === '' ? result.status : message });
      }
      if (counts.total % 100 === 0) options.onProgress(counts.total, failed.length);
    },
  });
  // The suite's profiler and debug specs print tables.
  console.log = console.warn = () => undefined;
  const start = performance.now();
  await environment.execute();
  return {
    backend: testedBackend,
    ...counts,
    failed,
    fallbacks: fallbacksOf(testedBackend),
    milliseconds: performance.now() - start,
  };
}
