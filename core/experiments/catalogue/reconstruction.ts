/** Table 2 and Figure 2: how well images that were not trained on are reconstructed from the mean of q(z|x). */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { toModelInput } from '../../datasets/batches.ts';
import type { PreparedDataset } from '../../datasets/types.ts';
import { throwIfCancelled } from '../../errors.ts';
import { aggregate } from '../../evaluation/aggregate.ts';
import { psnr } from '../../evaluation/psnr.ts';
import { ssim } from '../../evaluation/ssim.ts';
import { encodeGrid, toBytes } from '../../galleries/grid.ts';
import { requireAbility } from '../../objectives/capabilities.ts';
import { findObjective } from '../../objectives/registry.ts';
import { writeFileAtomic } from '../../runs/atomic.ts';
import type { ScoringModel } from '../../scoring/types.ts';
import { imageSets, imagesOf, least, ruleOf, trainAndTest } from '../image-sets.ts';
import { measureRun } from '../measured-run.ts';
import { table2 } from '../paper.ts';
import { relativeTo } from '../report/figures.ts';
import { setOf, trainOnSet } from '../set-training.ts';
import { setCells, setsOf, setTable } from '../set-tables.ts';
import { plainDefaults } from '../settings.ts';
import type { Cell, CellContext, CellResult, Experiment, Figure } from '../types.ts';

/** Pairs in the figure. */
const shown = 10;
/** Smallest side that SSIM has a window for. */
const smallestSsim = 11;

interface Measured {
  readonly values: Record<string, number>;
  /** Originals, then reconstructions, uint8. */
  readonly pictures: readonly Uint8Array[];
}

async function measure(
  model: ScoringModel,
  dataset: PreparedDataset,
  test: Int32Array,
  context: CellContext,
): Promise<Measured> {
  const { size, channels } = model.description.spec;
  const length = size * size * channels;
  let squares = 0;
  let done = 0;
  const [ratios, similarities]: [number[], number[]] = [[], []];
  const [originals, reconstructions]: [Uint8Array[], Uint8Array[]] = [[], []];
  for await (const { pixels, count } of imagesOf(dataset, test)) {
    throwIfCancelled(context.signal);
    const images = toModelInput(pixels as Uint8Array);
    const { mean } = await model.infer(images, count);
    const output = await model.generate(mean, count);
    for (let i = 0; i < count; i++) {
      const image = images.subarray(i * length, (i + 1) * length);
      const reconstruction = output.subarray(i * length, (i + 1) * length);
      for (let j = 0; j < length; j++) squares += ((image[j] ?? NaN) - (reconstruction[j] ?? NaN)) ** 2;
      ratios.push(psnr(reconstruction, image, 2));
      if (size >= smallestSsim)
        similarities.push(ssim(reconstruction, image, { width: size, height: size, channels, range: 2 }));
      if (originals.length < shown) {
        originals.push(toBytes(image));
        reconstructions.push(toBytes(reconstruction));
      }
    }
    done += count;
    context.progress('measuring', done, test.length, 'images');
  }
  // Equal images have an infinite ratio, and no mean.
  const finite = ratios.filter(Number.isFinite);
  return {
    values: {
      rmse: Math.sqrt(squares / (done * length)),
      ...(finite.length > 0 && { psnr: aggregate(finite).mean }),
      ...(similarities.length > 0 && { ssim: aggregate(similarities).mean }),
    },
    pictures: [...originals, ...reconstructions],
  };
}

async function run(cell: Cell, context: CellContext): Promise<Omit<CellResult, 'cell'> | null> {
  const trained = await trainOnSet(cell, context);
  return measureRun(trained, setOf(cell, context), context, async ({ trained, model, dataset }) => {
    const limit = least(context.settings.limit, ruleOf(cell.subject).test);
    const { test } = trainAndTest(dataset, trained.manifest, limit);
    const { values, pictures } = await measure(model, dataset, test, context);
    return { values, figures: [await plateOf(cell, context, pictures, model)], tested: test.length };
  });
}

async function plateOf(
  cell: Cell,
  { dir, root }: CellContext,
  pictures: readonly Uint8Array[],
  model: ScoringModel,
): Promise<Figure> {
  const { size, channels } = model.description.spec;
  const columns = pictures.length / 2;
  const file = path.join(dir, 'reconstructions.png');
  await mkdir(dir, { recursive: true });
  await writeFileAtomic(file, await encodeGrid(pictures, { size, channels, columns, enlarge: size < 48 ? 2 : 1 }));
  return {
    title: cell.id,
    caption: 'Test images above, their reconstructions g(mean of q(z|x)) below; the first ones, not chosen.',
    file: relativeTo(root, file),
    csv: null,
  };
}

export const experiment: Experiment = {
  name: 'reconstruction',
  title: 'Reconstruction of test images',
  summary: 'each dataset by name: --set cifar10=folder.',
  paper: 'Table 2 and Figure 2',
  parameters: ['sets', 'methods', 'seeds', 'epochs', 'preset', 'runs', 'limit'],
  defaults: { ...plainDefaults, data: '', methods: ['vae', 'joint-plus', 'joint'], samples: shown },
  sets: setsOf(imageSets),
  check({ methods }) {
    for (const method of methods) requireAbility(findObjective(method), 'reconstructions');
  },
  cells: setCells,
  run,
  report(results, settings) {
    const caption =
      'Root of the mean squared error over all pixels, channels and test images, pixels in [-1, 1]; z is the mean of q(z|x). The paper does not name its scale; its figures fit this one.';
    const common = { results, settings, paper: table2 };
    return Promise.resolve({
      tables: [
        setTable({
          ...common,
          id: 'rmse',
          title: 'Table 2: RMSE of test images',
          caption,
          value: 'rmse',
          better: 'lower',
          digits: 3,
        }),
        ...['psnr', 'ssim'].map((value) =>
          setTable({
            ...common,
            paper: null,
            id: value,
            title: value.toUpperCase(),
            caption:
              value === 'psnr'
                ? 'Peak signal-to-noise ratio in decibels, mean over test images; not in the paper.'
                : 'Structural similarity (Wang et al. 2004; 11x11 Gaussian window of deviation 1.5, K1 = .01, K2 = .03), mean over test images; not in the paper.',
            value,
            better: 'higher',
            digits: value === 'psnr' ? 2 : 3,
          }),
        ),
      ],
      figures: results.filter(({ cell }) => cell.seed === settings.seeds[0]).flatMap(({ figures }) => figures),
      notes: [],
    });
  },
};
