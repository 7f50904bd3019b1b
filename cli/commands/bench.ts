/** `triangle bench`: measurements of this machine. They live in their own bundle beside the command line's. */
import { existsSync } from 'node:fs';
import { UsageError } from '../arguments.ts';
import { defineCommand } from '../command.ts';

/** What this verb uses of bench/index.ts, which it may not import: it is not part of the program proper. */
interface BenchModule {
  readonly benchmarks: Readonly<
    Record<
      string,
      (options: {
        readonly device?: string;
        readonly threads?: number;
        readonly batch?: number;
        readonly width?: number;
        readonly size?: number;
        readonly count?: number;
        readonly log: (line: string) => void;
      }) => Promise<{ readonly passed: boolean; readonly report: object; readonly table: string }>
    >
  >;
}

export const command = defineCommand({
  name: 'bench',
  summary: 'Measure training steps, a long run, scoring or data sets on this machine',
  options: {
    device: { kind: 'text', summary: 'Device to measure (step, agreement, training)', placeholder: 'NAME' },
    threads: { kind: 'number', summary: 'Threads of CPU devices', placeholder: 'N', integer: true, min: 1 },
    batch: {
      kind: 'number',
      summary: 'Images a step (step, agreement, training)',
      placeholder: 'N',
      integer: true,
      min: 1,
    },
    width: {
      kind: 'number',
      summary: 'Width of the networks (step, agreement, training, score)',
      placeholder: 'N',
      integer: true,
      min: 1,
    },
    size: {
      kind: 'number',
      summary: 'Side of the images (score, training)',
      placeholder: 'PIXELS',
      integer: true,
      min: 8,
    },
    count: {
      kind: 'number',
      summary: 'Rounds (step, presets), steps (agreement, soak, training), shapes (convolutions) or images (others)',
      placeholder: 'N',
      integer: true,
      min: 1,
    },
  },
  operands: { placeholder: 'step|presets|convolutions|agreement|training|soak|score|datasets', min: 1, max: 1 },
  examples: [
    {
      line: 'triangle bench step',
      does: 'one training step, beside native TensorFlow where NATIVE_TENSORFLOW names it',
    },
    {
      line: 'triangle bench agreement --device onnx-webgpu',
      does: 'whether a GPU trains as onnx-cpu does, and how fast',
    },
    {
      line: 'triangle bench convolutions',
      does: 'blocked convolutions beside the standard operators, 500 random shapes',
    },
    { line: 'triangle bench soak --count 1000', does: 'whether a thousand steps leave memory behind' },
  ],
  async run({ values, operands, output }) {
    const bundle = new URL('bench.mjs', import.meta.url);
    if (!existsSync(bundle)) throw new Error('This installation has no benchmarks: they come with the source code.');
    const { benchmarks } = (await import(bundle.href)) as BenchModule;
    const name = operands[0] ?? '';
    const benchmark = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined;
    if (benchmark === undefined) {
      throw new UsageError(`There is no benchmark "${name}". Choose one of ${Object.keys(benchmarks).join(', ')}.`);
    }
    const { device, threads, batch, width, size, count } = values;
    const result = await benchmark({
      log: (line) => output.note(line),
      ...(device === undefined ? {} : { device }),
      ...(threads === undefined ? {} : { threads }),
      ...(batch === undefined ? {} : { batch }),
      ...(width === undefined ? {} : { width }),
      ...(size === undefined ? {} : { size }),
      ...(count === undefined ? {} : { count }),
    });
    output.text(result.table);
    output.record({ bench: name, passed: result.passed, ...result.report });
    return result.passed ? 0 : 1;
  },
});
