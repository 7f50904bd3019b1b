/** `triangle datasets`: the formats that are recognised, the built-in sets, and what a path holds. */
import type { DatasetItem, DatasetProblem, ImageSource } from '../../core/index.ts';
import { defineCommand } from '../command.ts';
import type { Output } from '../output.ts';
import { table } from '../table.ts';

const shownProblems = 20;

/** For --check: every picture is decoded in full, whatever is kept of it. */
const preparation = { size: 28, channels: 1, resize: 'fit', tiles: null } as const;

interface Summary {
  readonly images: number;
  readonly labels: Readonly<Record<string, number>>;
  readonly splits: Readonly<Record<string, number>>;
  readonly normal: number;
  readonly anomalous: number;
  readonly masks: number;
}

function countBy(items: readonly DatasetItem[], key: (item: DatasetItem) => string | null): Record<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) {
    const name = key(item);
    if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })));
}

function summarise({ items }: ImageSource): Summary {
  return {
    images: items.length,
    labels: countBy(items, (item) => item.label),
    splits: countBy(items, (item) => item.split),
    normal: items.filter((item) => item.anomalous === false).length,
    anomalous: items.filter((item) => item.anomalous === true).length,
    masks: items.filter((item) => item.hasMask).length,
  };
}

function counts(values: Readonly<Record<string, number>>): string {
  const entries = Object.entries(values);
  return entries.length === 0 ? 'none' : entries.map(([name, count]) => `${name}: ${count}`).join(', ');
}

function show(source: ImageSource, problems: readonly DatasetProblem[], output: Output): void {
  const summary = summarise(source);
  const { format, description, fingerprint, shape } = source;
  output.record({ format, description, fingerprint, shape, ...summary, problems });
  output.text(
    table([
      ['format', format],
      ['holds', description],
      ['images', String(summary.images)],
      ['labels', counts(summary.labels)],
      ['split', counts(summary.splits)],
      ['known', `${summary.normal} normal, ${summary.anomalous} anomalous, ${summary.masks} with a mask`],
      [
        'size',
        shape === null
          ? 'found out when decoded'
          : `${shape.width}x${shape.height}, ${shape.channels === 1 ? 'grey' : 'RGB'}`,
      ],
      ['problems', problems.length === 0 ? 'none' : String(problems.length)],
    ]),
  );
  for (const { name, detail } of problems.slice(0, shownProblems)) output.text(`  ${name}: ${detail}`);
  if (problems.length > shownProblems) output.text(`  and ${problems.length - shownProblems} more (see --json)`);
}

export const command = defineCommand({
  name: 'datasets',
  summary: 'List dataset formats and built-in sets, or say what a path holds and what is wrong with it',
  options: {
    check: { kind: 'flag', summary: 'Decode every picture, to find damaged and duplicate ones too' },
  },
  operands: { placeholder: 'path', min: 0, max: 1 },
  examples: [
    { line: 'triangle datasets', does: 'formats and built-in sets' },
    { line: 'triangle datasets photos/', does: 'what is recognised there' },
    { line: 'triangle datasets photos/ --check', does: 'also find damaged pictures and duplicates' },
  ],
  async run({ operands, values, output, signal }) {
    const { datasetFormats, openSource, prepareDataset } = await import('../../core/index.ts');
    const [given] = operands;
    if (given === undefined) {
      const formats = datasetFormats().map(({ name, summary }) => ({ name, summary }));
      output.record({ formats });
      output.text(table(formats.map(({ name, summary }) => [name, summary])));
      return;
    }
    const source = await openSource(given);
    try {
      if (!values.check) {
        show(source, source.problems, output);
        return;
      }
      const progress = output.progress({ label: 'Decoding', unit: 'pictures', total: source.items.length });
      const prepared = await prepareDataset(source, preparation, {
        signal,
        onProgress: ({ done }) => progress.update(done),
      });
      prepared.close();
      output.finish();
      show(source, prepared.problems, output);
    } finally {
      await source.close();
    }
  },
});
