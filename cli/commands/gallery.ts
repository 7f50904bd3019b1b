/** `triangle gallery`: samples, reconstructions and interpolations as a grid, with a manifest from which any picture can be made again. */
import { UsageError } from '../arguments.ts';
import { checkpointOption, parseCheckpoint } from '../checkpoint-option.ts';
import { defineCommand } from '../command.ts';
import { table } from '../table.ts';

export const command = defineCommand({
  name: 'gallery',
  summary: 'Draw samples, reconstructions or interpolations as a picture grid with a manifest of seeds',
  options: {
    run: { kind: 'text', summary: 'Run folder that triangle train wrote', placeholder: 'DIR', required: true },
    kind: {
      kind: 'choice',
      summary: 'What to draw',
      choices: ['samples', 'reconstructions', 'interpolation'],
      default: 'samples',
    },
    count: {
      kind: 'number',
      summary: 'Number of pictures',
      placeholder: 'N',
      integer: true,
      min: 1,
      max: 100_000,
      default: 64,
    },
    seed: {
      kind: 'number',
      summary: 'Seed of the latent vectors',
      placeholder: 'N',
      integer: true,
      min: 0,
      default: 1,
    },
    temperature: {
      kind: 'number',
      summary: 'Spread of the latent vectors; 1 is the prior; without a generator, factor of the noise of the steps',
      placeholder: 'T',
      min: 0,
      default: 1,
    },
    out: { kind: 'text', summary: "PNG file; by default one in the run's gallery folder", placeholder: 'FILE' },
    singles: { kind: 'text', summary: 'Also write each picture into this folder', placeholder: 'DIR' },
    columns: { kind: 'number', summary: 'Columns of the grid', placeholder: 'N', integer: true, min: 1 },
    enlarge: {
      kind: 'number',
      summary: 'Side of the square that each pixel becomes',
      placeholder: 'N',
      integer: true,
      min: 1,
      max: 16,
    },
    data: { kind: 'text', summary: "Pictures to reconstruct; by default the run's own data", placeholder: 'PATH' },
    from: { kind: 'text', summary: 'Interpolate from this picture', placeholder: 'FILE' },
    to: { kind: 'text', summary: 'Interpolate to this picture', placeholder: 'FILE' },
    'to-seed': {
      kind: 'number',
      summary: 'Interpolate to the samples of this seed',
      placeholder: 'N',
      integer: true,
      min: 0,
    },
    steps: {
      kind: 'number',
      summary: 'Pictures from one end to the other',
      placeholder: 'N',
      integer: true,
      min: 2,
      max: 100,
    },
    remake: {
      kind: 'text',
      summary: 'Manifest of a gallery whose pictures to make again, with --pick and --singles',
      placeholder: 'FILE',
    },
    pick: {
      kind: 'number',
      summary: 'Position in that gallery, counted from 0',
      placeholder: 'N',
      integer: true,
      min: 0,
      multiple: true,
    },
    checkpoint: checkpointOption,
  },
  examples: [
    {
      line: 'triangle gallery --run runs/digits --kind samples --count 64 --seed 1 --out gallery.png',
      does: '64 samples',
    },
    {
      line: 'triangle gallery --run runs/digits --kind interpolation --from a.png --to b.png',
      does: 'between two pictures',
    },
    {
      line: 'triangle gallery --run runs/digits --remake gallery.json --pick 7 --singles out/',
      does: 'one picture again, bit for bit',
    },
  ],
  async run({ values, output, signal }) {
    const checkpoint = parseCheckpoint(values.checkpoint);
    const { from, to, remake, pick, singles } = values;
    if ((from === undefined) !== (to === undefined))
      throw new UsageError('--from and --to belong together. Give both.');
    if (remake !== undefined && (pick.length === 0 || singles === undefined)) {
      throw new UsageError('--remake wants --pick N and --singles DIR. Give both.');
    }
    const { RunFolder, makeGallery, remakeGallery } = await import('../../core/index.ts');
    const run = await RunFolder.open(values.run);
    let progress: ReturnType<typeof output.progress> | null = null;
    try {
      if (remake !== undefined) {
        const files = await remakeGallery({ run, manifest: remake, pick, out: singles ?? '.', checkpoint });
        output.record({ files });
        for (const file of files) output.text(file);
        return 0;
      }
      const result = await makeGallery({
        run,
        kind: from === undefined ? values.kind : 'interpolation',
        count: values.count,
        seed: values.seed,
        temperature: values.temperature,
        out: values.out,
        singles,
        columns: values.columns,
        enlarge: values.enlarge,
        data: values.data,
        between: from === undefined || to === undefined ? undefined : [from, to],
        toSeed: values['to-seed'],
        steps: values.steps,
        checkpoint,
        signal,
        onProgress(done, total) {
          progress ??= output.progress({ label: 'Drawing', unit: 'pictures', total });
          progress.update(Math.floor(done));
        },
      });
      output.finish();
      output.record({ gallery: result.file, manifest: result.manifest, count: result.count, singles: result.singles });
      output.text(
        table([
          ['gallery', `${result.file} (${result.count} pictures)`],
          ['manifest', result.manifest],
          ...(singles === undefined ? [] : [['singles', singles] as const]),
        ]),
      );
      return 0;
    } finally {
      await run.close();
    }
  },
});
