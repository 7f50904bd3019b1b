/**
 * Resident memory and time for 1,000, 10,000 and 100,000 pictures (PNG, 32x32 RGB, in one temporary folder that is removed):
 * scanning and preparing them into the cache, opening that cache again, and streaming one epoch of shuffled batches from it.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32, deflateSync } from 'node:zlib';
import { BatchStream, openSource, prepareDataset } from '../core/datasets/index.ts';
import type { PreparedDataset, Preparation } from '../core/datasets/index.ts';
import { Random } from '../core/random.ts';

export interface DatasetsBenchOptions {
  readonly counts?: readonly number[];
  readonly batchSize?: number;
  /** Called with a line for people before each measurement. */
  readonly onProgress?: (line: string) => void;
}

export interface DatasetsBenchRow {
  readonly pictures: number;
  readonly scanSeconds: number;
  readonly prepareSeconds: number;
  readonly reopenSeconds: number;
  readonly epochSeconds: number;
  readonly batchMilliseconds: number;
  /** Resident memory of the process in megabytes: before, and the highest seen while preparing and while streaming. */
  readonly startMegabytes: number;
  readonly preparePeakMegabytes: number;
  readonly streamPeakMegabytes: number;
  readonly cacheMegabytes: number;
}

const side = 32;
const preparation: Preparation = { size: side, channels: 3, resize: 'fit', tiles: null };

/** A PNG without sharp: making 100,000 files must not be what is measured, nor take minutes. */
function encodePng(pixels: Uint8Array): Buffer {
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc(side * (1 + 3 * side));
  for (let y = 0; y < side; y++) rows.set(pixels.subarray(y * 3 * side, (y + 1) * 3 * side), y * (1 + 3 * side) + 1);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const data = chunk('IDAT', deflateSync(rows, { level: 1 }));
  return Buffer.concat([signature, chunk('IHDR', header), data, chunk('IEND', Buffer.alloc(0))]);
}

/** Smooth pictures of a seed, so that they compress about as photographs do; `from` to `to` are added to the folder. */
async function writePictures(folder: string, from: number, to: number): Promise<void> {
  const pixels = new Uint8Array(side * side * 3);
  for (let index = from; index < to; index++) {
    const random = Random.seeded(index, 'bench');
    const [a, b, c, d] = [random.uniform() * 8, random.uniform() * 8, random.uniform() * 255, random.uniform() * 80];
    for (let i = 0; i < pixels.length; i++) pixels[i] = c + a * (i % 96) + b * (i / 96) + d * random.uniform();
    const group = path.join(folder, String(Math.floor(index / 1000)).padStart(4, '0'));
    if (index % 1000 === 0 || index === from) fs.mkdirSync(group, { recursive: true });
    fs.writeFileSync(path.join(group, `${String(index).padStart(7, '0')}.png`), encodePng(pixels));
    if (index % 200 === 0) await nextTurn();
  }
}

const megabytes = (bytes: number) => Math.round(bytes / 1e5) / 10;
const resident = () => megabytes(process.memoryUsage.rss());

/** Runs `action`; its seconds and the highest resident memory seen meanwhile. */
async function measured<T>(action: () => Promise<T>): Promise<{ result: T; seconds: number; peak: number }> {
  let peak = resident();
  const look = () => (peak = Math.max(peak, resident()));
  const timer = setInterval(look, 25);
  const start = performance.now();
  try {
    const result = await action();
    const seconds = (performance.now() - start) / 1000;
    look();
    return { result, seconds: Math.round(seconds * 1000) / 1000, peak };
  } finally {
    clearInterval(timer);
  }
}

async function streamEpoch(dataset: PreparedDataset, batchSize: number): Promise<number> {
  const indices = Int32Array.from({ length: dataset.count }, (_, i) => i);
  const stream = new BatchStream({ dataset, indices, batchSize, seed: 1 });
  for (let batch = 0; batch < stream.batchesPerEpoch; batch++) {
    stream.next();
    if (batch % 50 === 0) await nextTurn();
  }
  return stream.batchesPerEpoch;
}

export async function benchDatasets(
  options: DatasetsBenchOptions = {},
): Promise<{ rows: readonly DatasetsBenchRow[] }> {
  const { counts = [1000, 10_000, 100_000], batchSize = 128, onProgress } = options;
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'triangle-bench-'));
  const rows: DatasetsBenchRow[] = [];
  try {
    const folder = path.join(root, 'pictures');
    let written = 0;
    for (const pictures of [...counts].sort((a, b) => a - b)) {
      onProgress?.(
        `${pictures.toLocaleString('en')} pictures of ${side}x${side}: writing, scanning, preparing, streaming`,
      );
      await writePictures(folder, written, pictures);
      written = pictures;
      const cacheDir = path.join(root, `cache-${pictures}`);
      const startMegabytes = resident();
      const scan = await measured(() => openSource(folder, { cacheDir }));
      const prepare = await measured(() => prepareDataset(scan.result, preparation, { cacheDir }));
      prepare.result.close();
      const reopen = await measured(() => prepareDataset(scan.result, preparation, { cacheDir, memoryBytes: 0 }));
      const epoch = await measured(() => streamEpoch(reopen.result, batchSize));
      reopen.result.close();
      await scan.result.close();
      rows.push({
        pictures,
        scanSeconds: scan.seconds,
        prepareSeconds: prepare.seconds,
        reopenSeconds: reopen.seconds,
        epochSeconds: epoch.seconds,
        batchMilliseconds: Math.round((1e6 * epoch.seconds) / epoch.result) / 1000,
        startMegabytes,
        preparePeakMegabytes: Math.max(scan.peak, prepare.peak),
        streamPeakMegabytes: epoch.peak,
        cacheMegabytes: megabytes(pictures * side * side * 3),
      });
    }
    return { rows };
  } finally {
    fs.rmSync(root, { recursive: true, force: true });
  }
}
