/**
 * The measurements behind `triangle bench`, one door for the command line: bundled as bench.mjs. Each prints a table for people and
 * returns what machines want; `passed` is false where a stated limit is broken.
 */
import { availableParallelism } from 'node:os';

export interface BenchOptions {
  readonly device?: string;
  readonly threads?: number;
  /** Of the training steps (step, agreement). */
  readonly batch?: number;
  readonly width?: number;
  /** Side of the images (score, training). */
  readonly size?: number;
  /** Rounds of the step and preset benchmarks, steps of the agreement and the soak, shapes of convolutions, at most so many pictures of others. */
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
  step: async ({ device, threads, batch, width, count, log }) => {
    const { runStepBenchmark, stepTable } = await import('./step.ts');
    const report = await runStepBenchmark({
      log,
      ...(device === undefined ? {} : { device }),
      ...(threads === undefined ? {} : { threads }),
      ...(batch === undefined ? {} : { batch }),
      ...(width === undefined ? {} : { width }),
      ...(count === undefined ? {} : { rounds: count }),
    });
    return { passed: report.passed, report, table: stepTable(report) };
  },
  score: async ({ threads, width, size, count, log }) => {
    const { benchScore, scoreTable } = await import('./score.ts');
    const { scoreCases } = await import('./score-cases.ts');
    const cases = scoreCases.filter(
      (one) => (width === undefined || one.width === width) && (size === undefined || one.size === size),
    );
    const some = cases.length < scoreCases.length ? { memoryImages: 0 } : {};
    const report = await benchScore({
      log,
      threads,
      cases,
      ...some,
      ...(count === undefined ? {} : { images: count }),
    });
    return { passed: report.passed, report, table: scoreTable(report) };
  },
  convolutions: async ({ threads, count, log }) => {
    const { convolutionsTable, runConvolutions } = await import('./step-convolutions.ts');
    const report = await runConvolutions({ shapes: count ?? 500, threads: threads ?? availableParallelism(), log });
    return { passed: report.passed, report, table: convolutionsTable(report) };
  },
  presets: async ({ threads, count, log }) => {
    const { presetsTable, runPresets } = await import('./step-presets.ts');
    const report = await runPresets({ rounds: count ?? 10, threads: threads ?? availableParallelism(), log });
    return { passed: true, report, table: presetsTable(report) };
  },
  agreement: async ({ device, threads, batch, width, count, log }) => {
    const { agreementTable, runAgreement } = await import('./step-agreement.ts');
    const batches = batch === undefined ? [64, 256] : [batch];
    const widths = width === undefined ? [32, 64] : [width];
    const report = await runAgreement({
      device: device ?? 'onnx-webgpu',
      threads: threads ?? availableParallelism(),
      steps: count ?? (device === 'onnx-cpu' ? 50 : 20),
      sizes: batches.flatMap((one) => widths.map((other) => ({ batch: one, width: other }))),
      log,
    });
    return { passed: report.passed, report, table: agreementTable(report) };
  },
  soak: async ({ threads, count, log }) => {
    const { runSoak, soakTable } = await import('./soak.ts');
    const report = await runSoak({
      log,
      ...(threads === undefined ? {} : { threads }),
      ...(count === undefined ? {} : { steps: count }),
    });
    return { passed: report.passed, report, table: soakTable(report) };
  },
  training: async ({ device, threads, batch, width, size, count, log }) => {
    const { benchTraining, trainingTable } = await import('./training.ts');
    const report = await benchTraining({
      log,
      ...(device === undefined ? {} : { device }),
      ...(threads === undefined ? {} : { threads }),
      ...(batch === undefined ? {} : { batch }),
      ...(width === undefined ? {} : { width }),
      ...(size === undefined ? {} : { size }),
      ...(count === undefined ? {} : { steps: count }),
    });
    return { passed: report.passed, report, table: trainingTable(report) };
  },
  datasets: async ({ count, log }) => {
    const { benchDatasets } = await import('./datasets.ts');
    const counts = [1_000, 10_000, 100_000].filter((pictures) => count === undefined || pictures <= count);
    const report = await benchDatasets({ onProgress: log, counts: counts.length > 0 ? counts : [count ?? 1_000] });
    const lines = report.rows.map((row) =>
      [
        String(row.pictures).padStart(9),
        row.prepareSeconds.toFixed(1).padStart(9),
        row.epochSeconds.toFixed(1).padStart(8),
        row.batchMilliseconds.toFixed(2).padStart(9),
        row.preparePeakMegabytes.toFixed(0).padStart(12),
        row.streamPeakMegabytes.toFixed(0).padStart(11),
      ].join(' '),
    );
    const title = ' pictures prepare s  epoch s  ms/batch   prepare MB   stream MB';
    return { passed: true, report, table: [title, ...lines].join('\n') };
  },
};
