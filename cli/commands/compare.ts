/** `triangle compare`: objectives side by side with the same nets, data, seeds and budget; the experiment `compare` with its own words. */
import path from 'node:path';
import { defineCommand } from '../command.ts';
import { experimentReporter } from '../experiment-reporter.ts';
import { listOf, showTable } from './experiment.ts';

export const command = defineCommand({
  name: 'compare',
  summary: 'Train several objectives alike and set them side by side: a table, and a page of their samples',
  options: {
    objectives: {
      kind: 'text',
      summary: 'Which, with commas between: joint,bigan,meg; all by default',
      placeholder: 'LIST',
      multiple: true,
    },
    data: { kind: 'text', summary: 'Dataset: path or builtin:<name>', placeholder: 'PATH', required: true },
    'exclude-label': {
      kind: 'text',
      summary: 'Label that is held out as anomalous; without it no scores are measured',
      placeholder: 'LABEL',
    },
    protocol: {
      kind: 'choice',
      summary: "P2: the dataset's own split (default); P1: 80 % of all normal images are trained on",
      choices: ['P1', 'P2'],
    },
    seeds: {
      kind: 'number',
      summary: 'How many seeds, from 1 up',
      placeholder: 'N',
      min: 1,
      max: 100,
      integer: true,
      default: 1,
    },
    epochs: {
      kind: 'number',
      summary: "Passes over the images; by default the preset's",
      placeholder: 'N',
      min: 1,
      integer: true,
    },
    out: { kind: 'text', summary: 'Folder; the same line again goes on with it', placeholder: 'DIR', required: true },
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
  },
  examples: [
    {
      line: 'triangle compare --objectives joint,bigan,vae --data builtin:digits --exclude-label 4 --epochs 5 --out cmp',
      does: 'three methods in a few minutes, without any files',
    },
    {
      line: 'triangle compare --data mnist/ --exclude-label 4 --protocol P1 --seeds 3 --epochs 2 --out cmp',
      does: 'all methods on MNIST without the fours',
    },
  ],
  async run({ values, output, signal }) {
    const { runExperiment, experimentValueText } = await import('../../core/index.ts');
    const { state, dir, report } = await runExperiment({
      experiment: 'compare',
      out: values.out,
      data: values.data,
      methods: listOf(values.objectives),
      digits: values['exclude-label'] === undefined ? [] : [values['exclude-label']],
      protocols: values.protocol === undefined ? [] : [values.protocol],
      seeds: Array.from({ length: values.seeds }, (_, i) => i + 1),
      epochs: values.epochs,
      preset: values.preset,
      samples: values.samples,
      inception: values.inception,
      limit: values.limit,
      device: values.device,
      threads: values.threads,
      signal,
      onEvent: experimentReporter(output),
    });
    output.finish();
    output.record({ result: { state, dir, cells: report.cells } });
    for (const table of report.tables) showTable(table, experimentValueText, output);
    output.text('');
    for (const note of report.notes) output.text(note);
    output.text(
      `${report.cells.done} of ${report.cells.total} trained and measured; ${path.join(dir, 'results.html')}`,
    );
    if (state === 'stopped') output.text('Stopped. The same line again goes on from there.');
    return state === 'failed' ? 1 : 0;
  },
});
