/** `triangle compare`: objectives side by side with the same nets, data, seeds and budget; the experiment `compare` with its own words. */
import type { ExperimentJob } from '../../core/index.ts';
import { defineCommand } from '../command.ts';
import { choicesOf, experimentOptions, listOf, showExperiment } from '../experiment-options.ts';

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
    out: { kind: 'text', summary: 'Folder; the same line again goes on with it', placeholder: 'DIR', required: true },
    ...experimentOptions,
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
  run({ values, output, signal }) {
    const job: ExperimentJob = {
      experiment: 'compare',
      out: values.out,
      data: values.data,
      methods: listOf(values.objectives),
      digits: values['exclude-label'] === undefined ? [] : [values['exclude-label']],
      protocols: values.protocol === undefined ? [] : [values.protocol],
      seeds: Array.from({ length: values.seeds }, (_, i) => i + 1),
      ...choicesOf(values),
      signal,
    };
    return showExperiment(job, output, ({ done, total }) => `${done} of ${total} trained and measured`);
  },
});
