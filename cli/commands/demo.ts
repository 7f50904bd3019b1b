/** `triangle demo`: train, score and browse on built-in images, with nothing to prepare. */
import { defineCommand } from '../command.ts';
import { formatSeconds } from '../progress.ts';
import { table } from '../table.ts';
import { trainReporter } from '../train-reporter.ts';

/** A folder of its own for each demo: `runs/demo-2026-01-31-093005`. */
function newFolder(): string {
  const now = new Date().toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '');
  return `runs/demo-${now}`;
}

export const command = defineCommand({
  name: 'demo',
  summary: 'Train on built-in images, score a folder with planted anomalies, draw a gallery: some minutes',
  options: {
    out: { kind: 'text', summary: 'Folder for everything; by default a new one under runs/', placeholder: 'DIR' },
    steps: { kind: 'number', summary: 'Optimiser steps', placeholder: 'N', min: 1, integer: true },
    device: { kind: 'text', summary: 'auto (default), onnx-cpu, …: see triangle devices', placeholder: 'NAME' },
  },
  examples: [
    { line: 'triangle demo', does: 'the whole way in a few minutes' },
    { line: 'triangle demo --json', does: 'ends with one line of JSON' },
  ],
  async run({ values, output, signal }) {
    const { runDemo } = await import('../../core/index.ts');
    const report = trainReporter(output, { records: false });
    let progress: ReturnType<typeof output.progress> | null = null;
    const result = await runDemo({
      dir: values.out ?? newFolder(),
      steps: values.steps,
      device: values.device,
      signal,
      onTraining: report,
      onScoring({ done, total }) {
        progress ??= output.progress({ label: 'Scoring', unit: 'images', total });
        progress.update(done);
      },
    });
    output.finish();
    output.record(result);
    output.text(
      table([
        ['run', result.run],
        ['pictures', `${result.pictures} (${(100 * result.base_rate).toFixed(0)} % of them damaged)`],
        ['scores', result.scores],
        ['report', result.report],
        ['gallery', result.gallery],
        ['compare', result.reconstructions],
        ['AUROC', `${result.image_AUROC.toFixed(3)} (1 is perfect, 0.5 is chance)`],
        ['AUPR', `${result.image_AUPR.toFixed(3)} (chance is ${result.base_rate.toFixed(2)})`],
        ['time', `${formatSeconds(result.seconds)} on ${result.device}`],
      ]),
    );
    output.text('');
    output.text('Open the report in a browser. With images of your own: triangle train --data FOLDER --out runs/mine');
    return 0;
  },
});
