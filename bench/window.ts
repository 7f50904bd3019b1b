/**
 * The window with 20,000 scored pictures: time of a frame while the results scroll and while the threshold is dragged; delay of the
 * main process's event loop while a run trains; size of the page; time from a warm start to a page that can be used.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { callFrom, prepareDesktop } from '../test/e2e/desktop-app.ts';
import { quantile } from '../core/evaluation/quantile.ts';
import { Random } from '../core/random.ts';
import { collectFrames, type Frames } from './window-frames.ts';

const root = path.resolve(import.meta.dirname, '..');
const pictures = 20_000;
const limits = { frame: 16, eventLoop: 50, bundle: 400, start: 2 };

interface Opened {
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly seconds: number;
  readonly call: (channel: string, request: object) => Promise<Record<string, unknown>>;
}

/** Frames as fast as they come, not at the pace of a screen: else each would take its 16.7 ms. */
async function open(home: string): Promise<Opened> {
  const began = performance.now();
  const app = await _electron.launch({
    args: ['.', `--user-data-dir=${path.join(home, 'user-data')}`, '--disable-frame-rate-limit'],
    cwd: root,
    env: {
      ...(process.env as Record<string, string>),
      TRIANGLE_LIBRARY: path.join(home, 'library'),
      TRIANGLE_CACHE: path.join(home, 'cache'),
    },
  });
  const page = await app.firstWindow();
  await page.locator('#app main h1').waitFor();
  const call = async (channel: string, request: object) => {
    const envelope = await callFrom(page, channel, request);
    if (!envelope.ok) throw new Error(`${channel}: ${envelope.message}`);
    return envelope.value as Record<string, unknown>;
  };
  await call('app.state', {});
  return { app, page, call, seconds: (performance.now() - began) / 1000 };
}

const goTo = (page: Page, address: string) =>
  page.evaluate((hash) => {
    (globalThis as unknown as { location: { hash: string } }).location.hash = hash;
  }, address);

async function until(wanted: () => Promise<boolean>, limitSeconds: number): Promise<void> {
  const end = Date.now() + limitSeconds * 1000;
  while (!(await wanted())) {
    if (Date.now() > end) throw new Error(`Not reached within ${limitSeconds} s.`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** One file with blobs of many sizes and places: the cheapest way to that many pictures. */
function writePictures(file: string): void {
  const side = 28;
  const random = Random.seeded(1, 'window');
  const bytes = Buffer.alloc(16 + pictures * side * side);
  [0x803, pictures, side, side].forEach((value, at) => bytes.writeUInt32BE(value, at * 4));
  for (let i = 0; i < pictures; i++) {
    const [x, y, width] = [6 + 16 * random.uniform(), 6 + 16 * random.uniform(), 2 + 6 * random.uniform()];
    for (let at = 0; at < side * side; at++) {
      const distance = Math.hypot((at % side) - x, Math.floor(at / side) - y) / width;
      bytes[16 + i * side * side + at] = 255 * Math.exp(-distance * distance);
    }
  }
  writeFileSync(file, bytes);
}

/** Trains the tour's run with its charts in view; gives its id and the delays of the main process in milliseconds. */
async function train({ app, page, call }: Opened): Promise<{ run: string; delays: number[] }> {
  const { dataset, preset, values, name } = await call('app.tour', {});
  const { run } = (await call('training.start', { dataset, preset, values, name })) as { run: string };
  await goTo(page, `#/train?run=${run}`);
  const state = async () =>
    ((await call('training.queue', {})) as unknown as { run: string; state: string }[]).find((each) => each.run === run)
      ?.state ?? 'gone';
  await until(async () => (await state()) === 'running', 120);
  await page.locator('figure canvas').first().scrollIntoViewIfNeeded();
  await app.evaluate(() => {
    const { monitorEventLoopDelay } = process.getBuiltinModule('node:perf_hooks');
    const monitor = monitorEventLoopDelay({ resolution: 5 });
    monitor.enable();
    Object.assign(globalThis, { monitor });
  });
  await until(async () => (await state()) !== 'running', 300);
  const delays = await app.evaluate(() => {
    const { monitor } = globalThis as unknown as { monitor: { percentile: (p: number) => number; max: number } };
    return [50, 99].map((share) => monitor.percentile(share) / 1e6).concat(monitor.max / 1e6);
  });
  const ended = async () =>
    ((await call('runs.list', {})) as unknown as { id: string; state: string }[]).some(
      (each) => each.id === run && each.state === 'finished',
    );
  await until(ended, 120);
  return { run, delays };
}

async function framesOf(
  { page, call }: Opened,
  run: string,
  folder: string,
): Promise<{ scroll: Frames; drag: Frames }> {
  const { session } = (await call('scoring.start', { run, inputs: [folder] })) as { session: string };
  await until(async () => (await call('scoring.session', { session }))['state'] === 'finished', 300);
  await goTo(page, `#/score?run=${run}&session=${session}`);
  const grid = page.getByRole('listbox', { name: /Scored pictures/ });
  await grid.getByRole('option').first().waitFor();
  await page.getByRole('slider', { name: 'Threshold' }).waitFor();
  const scroll = await page.evaluate(collectFrames, { kind: 'scroll', count: 600 } as const);
  const line = page.getByRole('slider', { name: 'Threshold' });
  const box = await line.boundingBox();
  if (box === null) throw new Error('There is no threshold line.');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  const drag = await page.evaluate(collectFrames, { kind: 'drag', count: 600 } as const);
  await page.mouse.up();
  return { scroll, drag };
}

/** Starts of a library that is there, in seconds: median of five. */
async function warmStart(home: string): Promise<number> {
  const starts: number[] = [];
  for (let i = 0; i < 5; i++) {
    const { app, seconds } = await open(home);
    starts.push(seconds);
    await app.close();
  }
  return quantile(starts, 0.5);
}

function bundleKilobytes(): number {
  const folder = path.join(root, 'dist/renderer');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(js|css|html)$/.test(name),
  );
  return files.reduce((sum, name) => sum + gzipSync(readFileSync(path.join(folder, name))).length, 0) / 1000;
}

/** Only the start, with a library that was begun just before: short enough for a machine that is kept quiet for a minute. */
export async function measureStart(): Promise<{ passed: boolean; table: string }> {
  await prepareDesktop();
  const home = mkdtempSync(path.join(tmpdir(), 'triangle-window-'));
  try {
    const first = await open(home);
    await first.call('settings.set', { tourDone: true });
    await first.app.close();
    const start = await warmStart(home);
    const table = `Warm start to a usable window: median of 5: ${start.toFixed(2)} s, limit ${limits.start}`;
    return { passed: start < limits.start, table };
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

export async function measureWindow(): Promise<{ passed: boolean; table: string }> {
  await prepareDesktop();
  const home = mkdtempSync(path.join(tmpdir(), 'triangle-window-'));
  try {
    const folder = path.join(home, 'blobs');
    mkdirSync(folder);
    writePictures(path.join(folder, 't10k-images-idx3-ubyte'));
    const first = await open(home);
    await first.call('settings.set', { tourDone: true });
    await first.page.reload();
    await first.page.locator('#app main h1').waitFor();
    const { run, delays } = await train(first);
    const { scroll, drag } = await framesOf(first, run, folder);
    await first.app.close();
    const start = await warmStart(home);
    const bundle = bundleKilobytes();
    const [middle = NaN, late = NaN, most = NaN] = delays;
    const row = (name: string, values: readonly number[], unit: string, limit: number) =>
      `${name.padEnd(44)} ${values.map((value) => value.toFixed(1).padStart(7)).join('')} ${unit}, limit ${limit}`;
    const share = (values: readonly number[]) => [0.5, 0.95].map((q) => quantile(values, q));
    const table = [
      row('Frame, scrolling: median, 95 %', share(scroll.intervals), 'ms', limits.frame),
      row('  of it the page itself', share(scroll.work), 'ms', limits.frame),
      row('Frame, dragging the threshold: median, 95 %', share(drag.intervals), 'ms', limits.frame),
      row('  of it the page itself', share(drag.work), 'ms', limits.frame),
      row('Event loop, training: median, 99 %, most', [middle, late, most], 'ms', limits.eventLoop),
      row('Page, gzipped', [bundle], 'kB', limits.bundle),
      row('Warm start to a usable window: median of 5', [start], 's', limits.start),
    ].join('\n');
    const passed =
      quantile(scroll.intervals, 0.5) < limits.frame &&
      quantile(drag.intervals, 0.5) < limits.frame &&
      late < limits.eventLoop &&
      bundle < limits.bundle &&
      start < limits.start;
    return { passed, table };
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
