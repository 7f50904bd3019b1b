/** What `triangle experiment` and `triangle compare` have in common: options, lists of words, how results are shown. */
import path from 'node:path';
import type { ExperimentJob, ExperimentResult, ResultTable } from '../core/index.ts';
import type { OptionTable, OptionValues } from './command.ts';
import { experimentReporter } from './experiment-reporter.ts';
import type { Output } from './output.ts';

export const experimentOptions = {
  epochs: {
    kind: 'number',
    summary: "Passes over the images; by default the preset's",
    placeholder: 'N',
    min: 1,
    integer: true,
  },
  preset: { kind: 'text', summary: 'Settings of the trainings; by default what fits the data', placeholder: 'NAME' },
  samples: { kind: 'number', summary: 'Samples to draw for distances', placeholder: 'N', min: 2, integer: true },
  inception: { kind: 'text', summary: 'Inception-v3 as ONNX, for FID: see docs/reproducing.md', placeholder: 'FILE' },
  limit: {
    kind: 'number',
    summary: 'Most images to train and to test on: a quick try',
    placeholder: 'N',
    min: 2,
    integer: true,
  },
  device: { kind: 'text', summary: 'auto (default), onnx-cpu, …: see triangle devices', placeholder: 'NAME' },
  threads: { kind: 'number', summary: 'Threads of the computing', placeholder: 'N', min: 1, integer: true },
} as const satisfies OptionTable;

/** The same as parts of a job. */
export function choicesOf({
  epochs,
  preset,
  samples,
  inception,
  limit,
  device,
  threads,
}: OptionValues<typeof experimentOptions>): Partial<ExperimentJob> {
  return { epochs, preset, samples, inception, limit, device, threads };
}

/** `1,4, 5` and several options of the same name make one list. */
export function listOf(words: readonly string[]): string[] {
  return words.flatMap((word) => word.split(',')).flatMap((word) => (word.trim() === '' ? [] : [word.trim()]));
}

/** Runs and shows an experiment; returns the exit code. */
export async function showExperiment(
  job: ExperimentJob,
  output: Output,
  whatIsDone: (cells: ExperimentResult['report']['cells']) => string,
): Promise<number> {
  const { runExperiment, experimentValueText } = await import('../core/index.ts');
  const { state, dir, report } = await runExperiment({ ...job, onEvent: experimentReporter(output) });
  output.finish();
  output.record({ result: { state, dir, cells: report.cells } });
  for (const table of report.tables) showTable(table, experimentValueText, output);
  output.text('');
  for (const note of report.notes) output.text(note);
  output.text(`${whatIsDone(report.cells)}; ${path.join(dir, 'results.html')}`);
  if (state === 'stopped') output.text('Stopped. The same line again goes on from there.');
  return state === 'failed' ? 1 : 0;
}

function showTable(
  table: ResultTable,
  valueText: (value: null | ResultTable['rows'][0]['values'][0], of: ResultTable) => string,
  output: Output,
): void {
  const rows = [
    [...table.heads, ...table.columns],
    ...table.rows.map((row) => [
      ...row.heads.map((head, i) => (i === 0 && row.source === 'paper' ? `(${head})` : head)),
      ...row.values.map((value) => valueText(value, table)),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  output.text('');
  output.text(table.title);
  output.text(table.caption);
  for (const row of rows)
    output.text(
      row
        .map((text, i) => text.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}
