/** Scores computed from the exported files alone, by the formulas that `model.json` states, are those that the program gives. */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportRun } from '../../../core/scoring/export-job.ts';
import { scorePictures } from '../../../core/scoring/score-job.ts';
import { preparation, spec, untrainedRun, writePictures } from './untrained-run.ts';

const size = spec.size;
const side = 12;
const origins = [0, 4].flatMap((y) => [0, 4].map((x) => ({ x, y })));

interface ModelJson {
  readonly sigma: number;
  readonly scores: {
    readonly default: string;
    readonly formulas: Readonly<Record<string, string>>;
    readonly tilesAveraged: number;
  };
  readonly calibration: {
    readonly statistics: Readonly<Record<string, { readonly median: number; readonly spread: number }>>;
    readonly places: { readonly side: number; readonly centre: number[]; readonly spread: number[] };
    readonly neighbours: { readonly shape: readonly [number, number]; readonly rows: string };
  };
}

const sum = (values: Iterable<number>): number => Array.from(values).reduce((a, b) => a + b, 0);
const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
};
const at = (values: ArrayLike<number>, i: number): number => values[i] ?? Number.NaN;

/** Of one tile [8, 8, 1] in [-1, 1]. */
async function networks(dir: string) {
  const load = (name: string) => InferenceSession.create(path.join(dir, `${name}.onnx`));
  const [inference, generator, energy] = [await load('inference'), await load('generator'), await load('energy')];
  const image = (data: Float32Array) => new Tensor('float32', data, [1, size, size, 1]);
  const vector = (data: Float32Array) => new Tensor('float32', data, [1, spec.latent]);
  return async (images: Float32Array) => {
    const read = async (session: InferenceSession, feeds: Record<string, Tensor>, name: string) =>
      (await session.run(feeds))[name]?.data as Float32Array;
    const mean = await read(inference, { images: image(images) }, 'mean');
    const logVariance = await read(inference, { images: image(images) }, 'logVariance');
    const reconstruction = await read(generator, { latents: vector(mean) }, 'images');
    const both = async (data: Float32Array) => {
      const feeds = { images: image(data), latents: vector(mean) };
      return { f: at(await read(energy, feeds, 'f'), 0), features: await read(energy, feeds, 'features') };
    };
    return { images, mean, logVariance, reconstruction, x: await both(images), g: await both(reconstruction) };
  };
}

type Networks = Awaited<ReturnType<Awaited<ReturnType<typeof networks>>>>;

/** The scores of one tile, and its squared residuals. */
function tileScores({ images, mean, logVariance, reconstruction, x, g }: Networks, { sigma, calibration }: ModelJson) {
  const squares = images.map((value, i) => (value - at(reconstruction, i)) ** 2);
  const error = sum(squares) / (2 * sigma ** 2);
  let window = 0;
  for (let top = 0; top + 2 <= size; top++)
    for (let left = 0; left + 2 <= size; left++)
      window = Math.max(window, sum([0, 1, size, size + 1].map((i) => at(squares, top * size + left + i))) / 4);
  const bytes = Buffer.from(calibration.neighbours.rows, 'base64');
  const [rows, latent] = calibration.neighbours.shape;
  const distances = Array.from({ length: rows }, (_, row) =>
    Math.hypot(...Array.from(mean, (value, i) => value - bytes.readFloatLE(4 * (row * latent + i)))),
  ).sort((a, b) => a - b);
  const scores = {
    energy: -x.f,
    reconstruction: error,
    local: window / (2 * sigma ** 2),
    neighbours: sum(distances.slice(0, 3)) / 3,
    elbo: error + sum(mean.map((m, i) => m * m + Math.exp(at(logVariance, i)) - 1 - at(logVariance, i))) / 2,
    joint: error - x.f,
    features: Math.hypot(...x.features.map((value, i) => value - at(g.features, i))),
  };
  return { squares, scores };
}

/** `place` of a picture from its tiles' squared residuals. */
function placeOf(
  tiles: readonly Float32Array[],
  layout: typeof origins,
  length: number,
  { places }: ModelJson['calibration'],
) {
  const across = places.side;
  const largest = Array<number>(across * across).fill(-Infinity);
  tiles.forEach((squares, tile) => {
    const { x, y } = layout[tile] ?? { x: 0, y: 0 };
    for (let row = 0; row < size; row += 2)
      for (let column = 0; column < size; column += 2) {
        const mean = sum([0, 1, size, size + 1].map((i) => at(squares, row * size + column + i))) / 4;
        const cellOf = (middle: number) => Math.floor((middle / length) * across);
        const cell = cellOf(y + row + 1) * across + cellOf(x + column + 1);
        largest[cell] = Math.max(at(largest, cell), mean);
      }
  });
  const rest = largest.map((r, cell) => Math.log(r + 1e-5) - at(places.centre, cell));
  const level = median(rest);
  return Math.max(...rest.map((value, cell) => (value - level) / at(places.spread, cell)));
}

describe('an exported model', () => {
  let folder = '';
  const formerCache = process.env['TRIANGLE_CACHE'];
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'export-'));
    process.env['TRIANGLE_CACHE'] = path.join(folder, 'cache');
  });
  afterAll(async () => {
    if (formerCache === undefined) delete process.env['TRIANGLE_CACHE'];
    else process.env['TRIANGLE_CACHE'] = formerCache;
    await rm(folder, { recursive: true });
  });

  it.each([
    ['whole pictures', null, size],
    ['tiles', { stride: 4, scale: 1 }, side],
  ] as const)('has all that its scores are computed with, for %s', async (what, tiles, length) => {
    const data = path.join(folder, what, 'data');
    await writePictures(data, length);
    const run = await untrainedRun(path.join(folder, what, 'run'), data, { preparation: { ...preparation, tiles } });
    const picture = path.join(data, 'NG', '03.png');
    const csv = path.join(folder, what, 'scores.csv');
    await scorePictures({ run, inputs: [picture], out: csv });
    const out = path.join(folder, what, 'exported');
    const { files, calibrated } = await exportRun({ run, out });
    await run.close();
    expect(calibrated).toBe(true);
    expect(files).toEqual(['energy.onnx', 'generator.onnx', 'inference.onnx', 'model.json']);
    expect((await readdir(out)).sort()).toEqual(files);

    const model = JSON.parse(await readFile(path.join(out, 'model.json'), 'utf8')) as ModelJson;
    const [head, row] = (await readFile(csv, 'utf8')).split('\r\n').map((line) => line.split(','));
    const given = Object.fromEntries((head ?? []).map((name, i) => [name, Number(row?.[i])]));
    expect(Object.keys(model.scores.formulas)).toEqual(head?.slice(3, -2));
    expect(model.scores.default).toBe('combined');

    const pixels = await sharp(picture).greyscale().raw().toBuffer();
    const layout = tiles === null ? [{ x: 0, y: 0 }] : origins;
    const evaluate = await networks(out);
    const byTile = [];
    for (const { x, y } of layout) {
      const cut = Float32Array.from({ length: size * size }, (_, i) => {
        const byte = at(pixels, (y + Math.floor(i / size)) * length + x + (i % size));
        return byte / 127.5 - 1;
      });
      byTile.push(tileScores(await evaluate(cut), model));
    }
    const names = ['energy', 'reconstruction', 'local', 'neighbours', 'elbo', 'joint', 'features'] as const;
    const own: Record<string, number> = {};
    for (const name of names) {
      const highest = byTile.map(({ scores }) => scores[name]).sort((a, b) => b - a);
      const taken = highest.slice(0, model.scores.tilesAveraged);
      own[name] = sum(taken) / taken.length;
    }
    own['place'] = placeOf(
      byTile.map(({ squares }) => squares),
      layout,
      length,
      model.calibration,
    );
    own['combined'] =
      sum(
        ['energy', 'reconstruction', 'local'].map((name) => {
          const { median: middle, spread } = model.calibration.statistics[name] ?? { median: NaN, spread: NaN };
          const v = ((own[name] ?? NaN) - middle) / spread;
          return Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)));
        }),
      ) / 3;
    expect(Object.keys(own).sort()).toEqual(Object.keys(model.scores.formulas).sort());
    for (const [name, value] of Object.entries(own)) {
      expect(Math.abs(value - (given[name] ?? NaN)) / Math.abs(value), name).toBeLessThan(1e-3);
    }
  });

  it('states no formula that needs what is not there, before a calibration', async () => {
    const data = path.join(folder, 'uncalibrated');
    await writePictures(data);
    const run = await untrainedRun(path.join(folder, 'uncalibrated-run'), data);
    const out = path.join(folder, 'uncalibrated-out');
    const { calibrated } = await exportRun({ run, out });
    await run.close();
    expect(calibrated).toBe(false);
    const model = JSON.parse(await readFile(path.join(out, 'model.json'), 'utf8')) as ModelJson;
    expect(model.calibration).toBeNull();
    expect(Object.keys(model.scores.formulas)).toEqual([
      'energy',
      'reconstruction',
      'local',
      'elbo',
      'joint',
      'features',
    ]);
  });
});
