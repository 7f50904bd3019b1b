/** `triangle score`: pictures to anomaly scores, as CSV, heatmaps and a report. */
import type { ThresholdRule } from '../../core/index.ts';
import { scoreNames } from '../../core/score-names.ts';
import { UsageError } from '../arguments.ts';
import { checkpointOption, parseCheckpoint } from '../checkpoint-option.ts';
import { defineCommand } from '../command.ts';
import { table } from '../table.ts';

/** Skipped files that are named on the terminal; all are in the JSON file beside the CSV. */
const shownSkipped = 20;
const labels = { calibrating: 'Scoring held-out normal images', scoring: 'Scoring', report: 'Report' } as const;

function ruleOf(rate: number | undefined, threshold: number | undefined): ThresholdRule | undefined {
  if (rate !== undefined && threshold !== undefined) {
    throw new UsageError('--false-alarms and --threshold were both given. Give one of them.');
  }
  if (threshold !== undefined) return { kind: 'value', value: threshold };
  return rate === undefined ? undefined : { kind: 'false-alarms', rate };
}

export const command = defineCommand({
  name: 'score',
  summary: 'Score pictures for anomalies: CSV, heatmaps, report; higher is more anomalous',
  options: {
    run: { kind: 'text', summary: 'Run folder that triangle train wrote', placeholder: 'DIR', required: true },
    out: { kind: 'text', summary: "CSV file; by default one in the run's scores folder", placeholder: 'FILE' },
    report: { kind: 'text', summary: 'Also write one self-contained HTML file', placeholder: 'FILE' },
    heatmaps: { kind: 'text', summary: 'Also write a heatmap of each picture into this folder', placeholder: 'DIR' },
    overlay: { kind: 'flag', summary: 'Lay the heatmaps over the pictures' },
    'false-alarms': {
      kind: 'number',
      summary: 'Share of normal images that may be called anomalous, from held-out ones (default 0.01)',
      placeholder: 'RATE',
      min: 0,
      max: 1,
    },
    threshold: { kind: 'number', summary: 'Threshold set by hand instead', placeholder: 'X' },
    score: {
      kind: 'choice',
      summary: 'Which score ranks and labels; all are in the CSV',
      choices: scoreNames,
    },
    checkpoint: checkpointOption,
    threads: { kind: 'number', summary: 'Threads of the computing', placeholder: 'N', integer: true, min: 1 },
  },
  operands: { placeholder: '<image|folder>', min: 1, max: Infinity },
  examples: [
    { line: 'triangle score --run runs/tiles photos/', does: 'score a folder, at most 1 false alarm in 100' },
    {
      line: 'triangle score --run runs/tiles photos/ --report report.html --heatmaps maps/',
      does: 'with a report and heatmaps',
    },
    { line: 'triangle score --run runs/tiles a.png b.png --threshold 12.5 --json', does: 'for another program' },
  ],
  async run({ values, operands, output, signal }) {
    const threshold = ruleOf(values['false-alarms'], values.threshold);
    const checkpoint = parseCheckpoint(values.checkpoint);
    const { RunFolder, scorePictures } = await import('../../core/index.ts');
    const run = await RunFolder.open(values.run);
    let stage = '';
    let progress: ReturnType<typeof output.progress> | null = null;
    let skipped = 0;
    try {
      const summary = await scorePictures({
        run,
        inputs: operands,
        score: values.score,
        threshold,
        out: values.out,
        report: values.report,
        heatmaps: values.heatmaps === undefined ? undefined : { dir: values.heatmaps, overlay: values.overlay },
        checkpoint,
        threads: values.threads,
        signal,
        onProgress(now, { done, total }) {
          if (now !== stage) progress = output.progress({ label: labels[now], unit: 'images', total });
          stage = now;
          progress?.update(done);
        },
        onResult: (row) => output.record(row),
        onSkipped({ name, kind, detail }) {
          skipped++;
          output.record({ skipped: name, kind, detail });
          if (skipped <= shownSkipped) output.warn(`skipped ${name}: ${detail}`);
        },
      });
      output.finish();
      if (summary.threshold.weak) output.warn(summary.threshold.explanation);
      output.record({ summary });
      const { top, csv, report, heatmaps, scored, anomalous, imagesPerSecond } = summary;
      output.text(`Most anomalous by ${summary.score} (higher is more anomalous):`);
      output.text(
        table(top.map(({ name, score, label }) => [`${label === 1 ? '!' : ' '} ${score.toPrecision(5)}`, name])),
      );
      output.text('');
      output.text(
        table([
          ['images', `${scored} scored, ${summary.skipped} skipped, ${imagesPerSecond.toFixed(0)} a second`],
          ['anomalous', `${anomalous} above ${summary.threshold.value.toPrecision(5)}`],
          ['threshold', summary.threshold.explanation],
          ['scores', csv],
          ...(heatmaps === null ? [] : [['heatmaps', heatmaps] as const]),
          ...(report === null ? [] : [['report', report] as const]),
        ]),
      );
      return scored === 0 ? 1 : 0;
    } finally {
      await run.close();
    }
  },
});
