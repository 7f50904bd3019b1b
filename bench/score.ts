/**
 * Scoring of PNG files on disk beside decoding them alone, alternating in one run: what the networks cost on top of what reading
 * the pictures costs anyway. Decoding is measured twice, as this program does it and by sharp alone, which is what a program without
 * a decoder of its own would use; scoring twice, by this process alone and shared out to processes, their start included. Last,
 * resident memory while a hundred thousand pictures are scored.
 */
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { quantile } from '../core/evaluation/quantile.ts';
import { decodePictures } from '../core/scoring/pictures.ts';
import { scoreImages } from '../core/scoring/stream.ts';
import { scoreCases, withCase, type Opened, type ScoreCase } from './score-cases.ts';

export interface ScoreBenchmarkOptions {
  readonly cases: readonly ScoreCase[];
  /** PNG files of each case. */
  readonly images: number;
  /** Times that each is measured. */
  readonly rounds: number;
  readonly threads: number | undefined;
  /** Pictures of the memory measurement, which are links to the files; 0: it is left out. */
  readonly memoryImages: number;
  readonly log: (line: string) => void;
}

export const scoreDefaults = {
  cases: scoreCases,
  images: 2000,
  rounds: 5,
  threads: undefined,
  memoryImages: 100_000,
  log: () => undefined,
} satisfies ScoreBenchmarkOptions;

/** What is measured in each round, images a second; `going`: as `scoring`, its last three quarters, without what starting takes. */
const kinds = ['sharp', 'decoding', 'alone', 'scoring', 'going'] as const;
type Kind = (typeof kinds)[number];
type Speeds = Readonly<Record<Kind, number>>;

export interface ScoreFigures extends ScoreCase {
  /** Medians over the rounds. */
  readonly speeds: Speeds;
  /** Medians over the rounds of scoring's speed through those of sharp and of our own decoding, of neighbours in time. */
  readonly ofSharp: number;
  readonly goingOfSharp: number;
  readonly ofDecoding: number;
  /** Highest resident memory while scoring, all processes added, and how much higher it was in the last round than in the second. */
  readonly residentMiB: number;
  readonly grownMiB: number;
}

export interface ScoreReport {
  readonly images: number;
  readonly rounds: number;
  readonly figures: readonly ScoreFigures[];
  readonly memory: ScoreMemory | null;
  readonly passed: boolean;
}

/** Resident memory while many pictures are scored. */
export interface ScoreMemory {
  readonly images: number;
  readonly size: number;
  readonly imagesPerSecond: number;
  /** Highest in each tenth of the pictures, all processes added. */
  readonly tenthsMiB: readonly number[];
  /** Of the last tenth less that of the second. */
  readonly grownMiB: number;
}

/** Pictures that sharp decodes at once, as many as our own decoding does. */
const ahead = 128;
/** Growth between rounds that allocators show without a leak. */
const allowedMiB = 64;
const mebibyte = 1 << 20;
/** Results between two looks at the memory. */
const lookEvery = 500;

/** Measures all cases; `passed` is false when memory grows from round to round. */
export async function benchScore(options: Partial<ScoreBenchmarkOptions> = {}): Promise<ScoreReport> {
  const settings = { ...scoreDefaults, ...options };
  const { cases, images, rounds, threads, memoryImages, log } = settings;
  const figures: ScoreFigures[] = [];
  for (const one of cases) {
    log(`${one.size} pixels, width ${one.width}: writing ${images} PNG files`);
    figures.push(await withCase(one, { images, links: 1, threads }, (opened) => alternate(one, opened, settings)));
  }
  const [first] = cases;
  const links = Math.ceil(memoryImages / images);
  const memory =
    first === undefined || memoryImages === 0
      ? null
      : await withCase(first, { images, links, threads }, (opened) => measureMemory(first.size, opened, log));
  const passed = [...figures, ...(memory === null ? [] : [memory])].every(({ grownMiB }) => grownMiB <= allowedMiB);
  return { images, rounds, figures, memory, passed };
}

/** Scores all pictures once and looks at the resident memory meanwhile. */
async function measureMemory(
  size: number,
  { source, model }: Opened,
  log: (line: string) => void,
): Promise<ScoreMemory> {
  const images = source.items.length;
  const tenths = Array<number>(10).fill(0);
  let done = 0;
  const { all: speed } = await imagesPerSecond(images, scoreImages({ model, list: source }), async () => {
    const tenth = Math.min(9, Math.floor((10 * done) / images));
    tenths[tenth] = Math.max(tenths[tenth] ?? 0, await residentMiB());
    done += lookEvery;
  });
  log(`${size} pixels: ${images} images scored at ${speed.toFixed(0)} a second`);
  const grownMiB = (tenths[9] ?? 0) - (tenths[1] ?? 0);
  return { images, size, imagesPerSecond: speed, tenthsMiB: tenths, grownMiB };
}

async function alternate(
  one: ScoreCase,
  { source, model }: Opened,
  { rounds, log }: ScoreBenchmarkOptions,
): Promise<ScoreFigures> {
  const { preparation } = model.description;
  const count = source.items.length;
  const files = source.items.map((_, i) => source.pathOf(i) ?? '');
  const all: Speeds[] = [];
  const resident: number[] = [];
  // Round 0 fills the file cache and warms the code; it does not count.
  for (let round = 0; round <= rounds; round++) {
    let highest = 0;
    const sharpAlone = await sharpImagesPerSecond(files);
    const decoding = await imagesPerSecond(count, decodePictures({ list: source, preparation, ahead }));
    const alone = await imagesPerSecond(count, scoreImages({ model, list: source, scorers: { processes: 1 } }));
    const shared = scoreImages({ model, list: source, scorers: { leastSeconds: 0 } });
    const scoring = await imagesPerSecond(count, shared, async () => {
      highest = Math.max(highest, await residentMiB());
    });
    const speeds: Speeds = {
      ...{ sharp: sharpAlone, decoding: decoding.all, alone: alone.all },
      ...{ scoring: scoring.all, going: scoring.going },
    };
    if (round > 0) all.push(speeds);
    if (round > 0) resident.push(highest);
    const words = kinds.map((kind) => `${kind} ${speeds[kind].toFixed(0)}`);
    log(`${one.size} pixels, width ${one.width}, round ${round}: ${words.join(', ')} images a second`);
  }
  const median = (value: (speeds: Speeds) => number): number => quantile(all.map(value), 0.5);
  return {
    ...one,
    speeds: Object.fromEntries(kinds.map((kind) => [kind, median((speeds) => speeds[kind])])) as Record<Kind, number>,
    ofSharp: median(({ scoring, sharp: peer }) => scoring / peer),
    goingOfSharp: median(({ going, sharp: peer }) => going / peer),
    ofDecoding: median(({ scoring, decoding }) => scoring / decoding),
    residentMiB: Math.max(...resident),
    grownMiB: (resident.at(-1) ?? 0) - (resident[Math.min(1, resident.length - 1)] ?? 0),
  };
}

/** Of this process and, where the system tells (Linux), of its children; pages that they share are counted for each. */
async function residentMiB(): Promise<number> {
  let bytes = process.memoryUsage.rss();
  try {
    const children = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8');
    for (const child of children.trim().split(' ').filter(Boolean)) {
      const status = await readFile(`/proc/${child}/status`, 'utf8').catch(() => '');
      bytes += 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    }
  } catch {
    // Another system: this process alone.
  }
  return bytes / mebibyte;
}

/** Files read and decoded by sharp, one thread each, many at once: its fastest way with small pictures. */
async function sharpImagesPerSecond(files: readonly string[]): Promise<number> {
  const start = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let file = files[next++]; file !== undefined; file = files[next++]) await sharp(file).raw().toBuffer();
  };
  await Promise.all(Array.from({ length: ahead }, worker));
  return (1000 * files.length) / (performance.now() - start);
}

async function imagesPerSecond(
  count: number,
  results: AsyncIterable<unknown>,
  look?: () => Promise<void>,
): Promise<{ readonly all: number; readonly going: number }> {
  const start = performance.now();
  const quarter = Math.floor(count / 4);
  let [done, quarterTime] = [0, start];
  const iterator = results[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true) {
    if (done++ % lookEvery === 0) await look?.();
    if (done === quarter) quarterTime = performance.now();
  }
  if (done !== count) throw new Error(`${done} of ${count} pictures came out`);
  const end = performance.now();
  return { all: (1000 * count) / (end - start), going: (1000 * (count - quarter)) / (end - quarterTime) };
}

export function scoreTable({ figures, memory, images, rounds }: ScoreReport): string {
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(24) : cell.padStart(13))).join('');
  const rows = figures.map(
    ({ size, width, preset, speeds, ofSharp, goingOfSharp, ofDecoding, residentMiB: most, grownMiB }) =>
      line([
        `${size}x${size}, ${width}${preset === null ? '' : ` (${preset})`}`,
        ...kinds.map((kind) => speeds[kind].toFixed(0)),
        ...[ofSharp, goingOfSharp, ofDecoding].map((share) => share.toFixed(2)),
        ...[most, grownMiB].map((mebibytes) => mebibytes.toFixed(0)),
      ]),
  );
  const titles = [
    ...['sharp alone', 'decoding', 'one process', 'scored', 'going', 'of sharp', 'going', 'of decoding'],
    ...['MiB', 'grown MiB'],
  ];
  return [
    `${images} PNG files a case, medians of ${rounds} alternating rounds, images a second`,
    line(['images, width', ...titles]),
    ...rows,
    ...(memory === null
      ? []
      : [
          `${memory.images} images of ${memory.size}x${memory.size}, MiB in each tenth: ` +
            memory.tenthsMiB.map((mebibytes) => mebibytes.toFixed(0)).join(' '),
        ]),
  ].join('\n');
}
