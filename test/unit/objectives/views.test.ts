import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { contrastLoss } from '../../../core/objectives/contrast.ts';
import { viewDraws, viewsOf } from '../../../core/objectives/views.ts';
import { Random } from '../../../core/random.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const size = 14;
const middle = (batch: number) => tf.fill([batch, 5], 0.5);
const random = Random.seeded(3, 'views');
const noise = (batch: number, channels: number) =>
  tf.tensor4d(random.normals(batch * size * size * channels), [batch, size, size, channels]);

describe('views', () => {
  it('of draws in the middle, or of no strength, are the images', () => {
    const images = noise(3, 3);
    const draws = tf.tensor2d(random.normals(15), [3, 5]);
    for (const views of [viewsOf(images, middle(3), 1), viewsOf(images, draws, 0)])
      expect(tf.max(tf.abs(tf.sub(views, images))).dataSync()[0]).toBeLessThan(1e-5);
  });

  it('move by a seventh of the side at the most, and the edge goes on outside', () => {
    const images = noise(1, 1);
    const draws = tf.tensor2d([[0.5, 0.5, 0.5, 1, 0.5]]);
    const [moved, given] = [viewsOf(images, draws, 1), images].map((x) => tf.reshape(x, [size, size]).arraySync()) as [
      number[][],
      number[][],
    ];
    for (const [y, row] of moved.entries())
      for (const [x, value] of row.entries()) expect(value).toBeCloseTo(given[y]?.[Math.min(x + 2, size - 1)] ?? 0, 5);
  });

  it('turn about the centre', () => {
    const line = tf.tensor4d(
      Array.from({ length: size * size }, (_, i) => (Math.abs((i % size) - 6.5) < 1 ? 1 : -1)),
      [1, size, size, 1],
    );
    const turned = tf
      .reshape(viewsOf(line, tf.tensor2d([[1, 0.5, 0.5, 0.5, 0.5]]), 1), [size, size])
      .arraySync() as number[][];
    const centre = (row: readonly number[]) =>
      row.reduce((sum, value, x) => sum + x * (value + 1), 0) / row.reduce((sum, value) => sum + value + 1, 0);
    // Over four rows up and four down the line leans by 8 tan 30 degrees.
    const lean = Math.abs(centre(turned[3] ?? []) - centre(turned[11] ?? []));
    expect(lean).toBeCloseTo(8 * Math.tan(Math.PI / 6), 0);
  });

  it('differ within a batch, and leave a plain image plain', () => {
    const feed = viewDraws(4);
    expect(feed).toEqual({ kind: 'uniform', shape: [4, 5] });
    const draws = tf.tensor2d(
      Array.from({ length: 20 }, () => random.uniform()),
      [4, 5],
    );
    const one = noise(1, 1);
    const [a, b] = tf
      .split(viewsOf(tf.tile(one, [4, 1, 1, 1]), draws, 1), 4)
      .map((view) => Array.from(view.dataSync()));
    expect(a).not.toEqual(b);
    const plain = viewsOf(tf.fill([4, size, size, 1], 0.25), draws, 2);
    for (const value of plain.dataSync()) expect(value).toBeCloseTo(0.25, 6);
  });
});

describe('contrast', () => {
  it('is ln n where nothing tells the rows apart, and by hand', () => {
    expect(contrastLoss(tf.zeros([8, 8])).dataSync()[0]).toBeCloseTo(Math.log(8), 5);
    const expected = (Math.log(1 + Math.exp(-2)) + Math.log(1 + Math.exp(1))) / 2;
    expect(
      contrastLoss(
        tf.tensor2d([
          [3, 1],
          [2, 1],
        ]),
      ).dataSync()[0],
    ).toBeCloseTo(expected, 5);
  });
});
