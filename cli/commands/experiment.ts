/** `triangle experiment`: the paper's experiments, cell by cell, beside the paper's figures. */
import path from 'node:path';
import type { ExperimentJob } from '../../core/index.ts';
import { UsageError } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { choicesOf, experimentOptions, listOf, showExperiment } from '../experiment-options.ts';
import type { Output } from '../output.ts';

function numbersOf(words: readonly string[], name: string): number[] {
  return listOf(words).map((word) => {
    const value = Number(word);
    if (Number.isInteger(value) && value >= 0) return value;
    throw new UsageError(`${name} got "${word}". Give whole numbers from 0 up, with commas between them.`);
  });
}

/** `svhn=path` */
function setsOf(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at > 0 && at < word.length - 1) return [word.slice(0, at), word.slice(at + 1)];
      throw new UsageError(`--set got "${word}". Give a name and a path: --set textures=folder/of/textures.`);
    }),
  );
}

async function list(output: Output): Promise<void> {
  const { experiments } = await import('../../core/index.ts');
  output.record({ experiments });
  for (const { name, title, paper, summary, defaults, sets, parameters } of experiments) {
    output.text(`${name.padEnd(16)}${paper}: ${title}`);
    output.text(`${' '.repeat(16)}--data: ${summary}`);
    output.text(`${' '.repeat(16)}methods ${defaults.methods.join(', ')}`);
    for (const [set, what] of Object.entries(sets)) output.text(`${' '.repeat(16)}--set ${set}=PATH: ${what}`);
    output.record({ name, parameters });
  }
}

export const command = defineCommand({
  name: 'experiment',
  summary: "Run one of the paper's experiments; resumable, with a table beside the paper's figures",
  operands: { placeholder: '<name>', min: 0, max: 1 },
  options: {
    list: { kind: 'flag', summary: 'Show the experiments and what they need' },
    data: { kind: 'text', summary: 'Dataset to train on: path or builtin:<name>', placeholder: 'PATH' },
    out: { kind: 'text', summary: 'Folder of the experiment; the same one again goes on with it', placeholder: 'DIR' },
    set: {
      kind: 'text',
      summary: 'A further dataset, for example textures=folder',
      placeholder: 'NAME=PATH',
      multiple: true,
    },
    digits: { kind: 'text', summary: 'Held-out labels: 1,4,5,7,9', placeholder: 'LIST', multiple: true },
    methods: { kind: 'text', summary: 'Objectives: vae,joint', placeholder: 'LIST', multiple: true },
    seeds: { kind: 'text', summary: 'Seeds: 1,2,3', placeholder: 'LIST', multiple: true },
    'last-epochs': {
      kind: 'number',
      summary: 'Over how many of the last epochs figures are averaged',
      placeholder: 'N',
      min: 1,
      integer: true,
    },
    protocol: {
      kind: 'choice',
      summary: 'P1: 80 % of all normal images are trained on; P2: the official split',
      choices: ['P1', 'P2', 'both'],
    },
    scores: { kind: 'text', summary: 'Only these scores: energy,joint', placeholder: 'LIST', multiple: true },
    runs: {
      kind: 'text',
      summary: 'Folder of runs that several experiments share, instead of one in each cell',
      placeholder: 'DIR',
    },
    ...experimentOptions,
  },
  examples: [
    { line: 'triangle experiment --list', does: 'what there is' },
    {
      line: 'triangle experiment anomaly --data mnist/ --digits 1,4,5,7,9 --seeds 1,2,3 --out results/anomaly',
      does: 'Table 4; the same line again goes on where it was stopped',
    },
    {
      line: 'triangle experiment anomaly --data builtin:digits --digits 4 --epochs 2 --limit 500 --out try',
      does: 'a try of a minute, without any files',
    },
  ],
  async run({ values, operands, output, signal }) {
    const [name] = operands;
    if (values.list) {
      await list(output);
      return 0;
    }
    if (name === undefined) throw new UsageError('Name an experiment; triangle experiment --list shows them.');
    const { protocol } = values;
    const job: ExperimentJob = {
      experiment: name,
      out: values.out ?? path.join('experiments', name),
      data: values.data,
      sets: setsOf(values.set),
      digits: listOf(values.digits),
      methods: listOf(values.methods),
      seeds: numbersOf(values.seeds, '--seeds'),
      lastEpochs: values['last-epochs'],
      protocols: protocol === undefined ? [] : protocol === 'both' ? ['P1', 'P2'] : [protocol],
      // Names are checked by the core, which knows them.
      scores: listOf(values.scores) as NonNullable<ExperimentJob['scores']>,
      runs: values.runs,
      ...choicesOf(values),
      signal,
    };
    return showExperiment(job, output, ({ done, total }) => `${done} of ${total} cells done`);
  },
});
