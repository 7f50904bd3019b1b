/**
 * The measurements behind `triangle bench`, one door for the command line: bundled as bench.mjs. Each prints a table for people and
 * returns what machines want; `passed` is false where a stated limit is broken.
 */
import { runSoak, soakTable } from './soak.ts';
import { runStepBenchmark, stepTable } from './step.ts';

export interface BenchOptions {
  readonly device?: string;
  readonly threads?: number;
  /** Steps of the soak; rounds of the step benchmark; images of others. */
  readonly count?: number;
  readonly log: (line: string) => void;
}

export interface BenchResult {
  readonly passed: boolean;
  readonly report: object;
  /** For people. */
  readonly table: string;
}

export type Benchmark = (options: BenchOptions) => Promise<BenchResult>;

export const benchmarks: Readonly<Record<string, Benchmark>> = {
  step: async ({ device, threads, count, log }) => {
    const report = await runStepBenchmark({
      log,
      ...(device === undefined ? {} : { device }),
      ...(threads === undefined ? {} : { threads }),
      ...(count === undefined ? {} : { rounds: count }),
    });
    return { passed: report.passed, report, table: stepTable(report) };
  },
  soak: async ({ threads, count, log }) => {
    const report = await runSoak({
      log,
      ...(threads === undefined ? {} : { threads }),
      ...(count === undefined ? {} : { steps: count }),
    });
    return { passed: report.passed, report, table: soakTable(report) };
  },
};
