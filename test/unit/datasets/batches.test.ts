import { beforeAll, describe, expect, it } from 'vitest';
import type { Augmentation, PreparedDataset } from '../../../core/datasets/index.ts';
import { BatchStream, prepareDataset, readImages } from '../../../core/datasets/index.ts';
import { errorOf, memorySource, squares, temporaryFolder } from './helpers.ts';

/** Picture i is grey value i in its upper left corner, a ramp elsewhere. */
const pictures = Array.from({ length: 50 }, (_, i) =>
  Uint8Array.from({ length: 64 }, (__, at) => (at === 0 ? i : 100 + at)),
);
let dataset: PreparedDataset;
beforeAll(async () => {
  dataset = await prepareDataset(memorySource(pictures, 8), squares(8), { cacheDir: temporaryFolder() });
});

const all = Int32Array.from({ length: 50 }, (_, i) => i);
const options = (batchSize: number, indices = all, augmentation: Augmentation | null = null) => {
  return { dataset, indices, batchSize, seed: 9, augmentation };
};
/** Which pictures a batch holds. */
const shown = (images: Float32Array) =>
  Array.from({ length: images.length / 64 }, (_, i) => Math.round(((images[i * 64] ?? 0) + 1) * 127.5));
const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);

describe('BatchStream', () => {
  it('shows every image once in each pass, in another order each time', () => {
    const stream = new BatchStream(options(10));
    const passes = [0, 1].map(() => Array.from({ length: 5 }, () => stream.next()));
    expect(passes.map((batches) => batches.map(({ epoch }) => epoch))).toEqual([
      [0, 0, 0, 0, 0],
      [1, 1, 1, 1, 1],
    ]);
    const [first = [], second = []] = passes.map((batches) => batches.flatMap(({ images }) => shown(images)));
    expect(sorted(first)).toEqual([...all]);
    expect(sorted(second)).toEqual([...all]);
    expect(first).not.toEqual(second);
  });

  it('scales to [-1, 1]', () => {
    const { images, count } = new BatchStream(options(4)).next();
    expect([count, images.length]).toEqual([4, 256]);
    expect(images[1]).toBeCloseTo(101 / 127.5 - 1, 6);
    expect(readImages(dataset, [3])[0]).toBeCloseTo(3 / 127.5 - 1, 6);
  });

  it('leaves the incomplete last batch out', () => {
    const stream = new BatchStream(options(16));
    expect(stream.batchesPerEpoch).toBe(3);
    const seen = Array.from({ length: 3 }, () => shown(stream.next().images)).flat();
    expect(new Set(seen).size).toBe(48);
    expect(stream.next().epoch).toBe(1);
  });

  it('runs on into the next pass where there are fewer images than places', () => {
    const stream = new BatchStream(options(8, Int32Array.of(3, 5, 7)));
    const batches = Array.from({ length: 3 }, () => stream.next());
    const seen = batches.flatMap(({ images }) => shown(images));
    for (let pass = 0; pass < 8; pass++) expect(sorted(seen.slice(3 * pass, 3 * pass + 3))).toEqual([3, 5, 7]);
    expect(batches.map(({ epoch }) => epoch)).toEqual([0, 2, 5]);
  });

  it.each([null, { flipHorizontal: true, flipVertical: true, shift: 2 }])(
    'goes on exactly after it was saved (augmentation %o)',
    (augmentation) => {
      const stream = new BatchStream(options(7, all, augmentation));
      for (let i = 0; i < 9; i++) stream.next();
      const state = JSON.parse(JSON.stringify(stream.state())) as ReturnType<BatchStream['state']>;
      const resumed = BatchStream.restored(options(7, all, augmentation), state);
      for (let i = 0; i < 20; i++) expect(resumed.next()).toEqual(stream.next());
    },
  );

  it('refuses to go on with other data or settings', async () => {
    const state = new BatchStream(options(7)).state();
    const cases = [
      [options(7, all.slice(1)), 'pictures'],
      [options(8), 'batch size'],
      [{ ...options(7), seed: 1 }, 'seed'],
    ] as const;
    for (const [changed, what] of cases) {
      expect(await errorOf(() => BatchStream.restored(changed, state))).toBe(
        `dataset/resume-mismatch: The ${what} changed since the run was saved. Resume with the same data and settings, or start a new run.`,
      );
    }
    expect(await errorOf(() => new BatchStream(options(7, new Int32Array(0))))).toMatch(/^dataset\/no-training-images/);
    expect(await errorOf(() => new BatchStream(options(0)))).toMatch(/^dataset\/wrong-setting: The batch size is 0/);
  });

  it('gives arrays that the caller may keep', () => {
    const stream = new BatchStream(options(5));
    const first = stream.next().images;
    const copy = first.slice();
    stream.next();
    expect(first).toEqual(copy);
  });
});

describe('augmentation', () => {
  const rows = Array.from({ length: 8 }, (_, y) => Array.from({ length: 8 }, (__, x) => 20 * x + y));
  const source = () => memorySource([Uint8Array.from(rows.flat())], 8);
  /** All variants of one picture, as the byte values that are seen. */
  const variants = async (augmentation: Augmentation) => {
    const one = await prepareDataset(source(), squares(8), { cacheDir: temporaryFolder() });
    const stream = new BatchStream({ dataset: one, indices: Int32Array.of(0), batchSize: 200, seed: 1, augmentation });
    const { images } = stream.next();
    one.close();
    const texts = Array.from({ length: 200 }, (_, i) =>
      [...images.subarray(i * 64, i * 64 + 64)].map((v) => Math.round((v + 1) * 127.5)).join(),
    );
    return new Set(texts);
  };

  it('flips only as it is told', async () => {
    const mirrored = rows
      .map((row) => [...row].reverse())
      .flat()
      .join();
    const upside = [...rows].reverse().flat().join();
    const plain = rows.flat().join();
    expect(await variants({ flipHorizontal: false, flipVertical: false, shift: 0 })).toEqual(new Set([plain]));
    expect(await variants({ flipHorizontal: true, flipVertical: false, shift: 0 })).toEqual(new Set([plain, mirrored]));
    expect(await variants({ flipHorizontal: false, flipVertical: true, shift: 0 })).toEqual(new Set([plain, upside]));
  });

  it('shifts by at most the given pixels in each direction and repeats edges', async () => {
    const clamp = (value: number) => Math.min(7, Math.max(0, value));
    const expected = new Set<string>();
    for (const dx of [-1, 0, 1]) {
      for (const dy of [-1, 0, 1])
        expected.add(
          rows
            .map((row, y) => row.map((_, x) => rows[clamp(y - dy)]?.[clamp(x - dx)]))
            .flat()
            .join(),
        );
    }
    expect(await variants({ flipHorizontal: false, flipVertical: false, shift: 1 })).toEqual(expected);
  });
});
