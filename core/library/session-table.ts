/** The rows of a scoring session: columns in memory, appended to disk as they come, so that 100,000 rows page quickly and a kill loses none. */
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { CoreError, messageOf } from '../errors.ts';
import type { ScoreName } from '../score-names.ts';
import { systemCode, writeFileAtomic } from '../runs/atomic.ts';

/** 0: no label, 1: normal, 2: anomalous. */
export type LabelCode = 0 | 1 | 2;

export interface Row {
  readonly name: string;
  /** Index in the joined list of inputs. */
  readonly source: number;
  readonly scores: Readonly<Partial<Record<ScoreName, number>>>;
  readonly rmse: number;
  readonly tiles: number;
  readonly label: LabelCode;
}

const rowsName = 'rows.bin';
const namesName = 'names.jsonl';
const labelsName = 'labels.bin';

/** Numbers of a row on the disk: source, rmse, tiles, then the scores; float64, little-endian. */
const fixed = 3;

export class SessionTable {
  readonly #dir: string;
  readonly scoreNames: readonly ScoreName[];
  names: string[] = [];
  #numbers = new Float64Array(0);
  #labels = new Uint8Array(0);
  #count = 0;
  #saved = 0;
  #sorted = new Map<string, { readonly count: number; readonly order: Int32Array }>();
  #ascending = new Map<string, { readonly count: number; readonly values: Float64Array }>();

  constructor(dir: string, scoreNames: readonly ScoreName[]) {
    this.#dir = dir;
    this.scoreNames = scoreNames;
  }

  /** Reads what was written; a torn end is left out. */
  static async load(dir: string, scoreNames: readonly ScoreName[]): Promise<SessionTable> {
    const table = new SessionTable(dir, scoreNames);
    const bytes = await readOr(path.join(dir, rowsName), Buffer.alloc(0));
    const width = fixed + scoreNames.length;
    const lines = (await readOr(path.join(dir, namesName), Buffer.alloc(0))).toString('utf8').split('\n').slice(0, -1);
    const count = Math.min(Math.floor(bytes.length / (8 * width)), lines.length);
    table.#numbers = new Float64Array(count * width);
    for (let i = 0; i < count * width; i++) table.#numbers[i] = bytes.readDoubleLE(8 * i);
    table.names = lines.slice(0, count).map((line) => String(JSON.parse(line)));
    table.#labels = new Uint8Array(count);
    table.#labels.set((await readOr(path.join(dir, labelsName), Buffer.alloc(0))).subarray(0, count));
    table.#count = count;
    table.#saved = count;
    return table;
  }

  get count(): number {
    return this.#count;
  }

  get #width(): number {
    return fixed + this.scoreNames.length;
  }

  add(row: Row): void {
    const width = this.#width;
    if ((this.#count + 1) * width > this.#numbers.length) this.#grow();
    const at = this.#count * width;
    this.#numbers[at] = row.source;
    this.#numbers[at + 1] = row.rmse;
    this.#numbers[at + 2] = row.tiles;
    this.scoreNames.forEach((name, i) => (this.#numbers[at + fixed + i] = row.scores[name] ?? Number.NaN));
    this.#labels[this.#count] = row.label;
    this.names.push(row.name);
    this.#count++;
  }

  #grow(): void {
    const rows = Math.max(1024, 2 * this.#count);
    const numbers = new Float64Array(rows * this.#width);
    numbers.set(this.#numbers);
    const labels = new Uint8Array(rows);
    labels.set(this.#labels);
    [this.#numbers, this.#labels] = [numbers, labels];
  }

  /** Appends the rows that are not on the disk yet. */
  async flush(): Promise<void> {
    const [from, to] = [this.#saved, this.#count];
    if (from === to) return;
    this.#saved = to;
    const width = this.#width;
    const bytes = Buffer.alloc(8 * width * (to - from));
    for (let i = from * width; i < to * width; i++)
      bytes.writeDoubleLE(this.#numbers[i] ?? NaN, 8 * (i - from * width));
    try {
      await mkdir(this.#dir, { recursive: true });
      const names = this.names.slice(from, to).map((name) => `${JSON.stringify(name)}\n`);
      await appendFile(path.join(this.#dir, namesName), names.join(''));
      await appendFile(path.join(this.#dir, rowsName), bytes);
      await this.saveLabels();
    } catch (error) {
      const text = `Scores could not be written to ${this.#dir}: ${messageOf(error)}. Free some space on the disk.`;
      throw new CoreError('library/write', text, { cause: error });
    }
  }

  async saveLabels(): Promise<void> {
    await writeFileAtomic(path.join(this.#dir, labelsName), this.#labels.slice(0, this.#count));
  }

  score(row: number, name: ScoreName): number {
    const column = this.scoreNames.indexOf(name);
    return column < 0 || row >= this.#count ? NaN : (this.#numbers[row * this.#width + fixed + column] ?? NaN);
  }

  scores(row: number): Partial<Record<ScoreName, number>> {
    return Object.fromEntries(this.scoreNames.map((name) => [name, this.score(row, name)]));
  }

  source(row: number): number {
    return this.#numbers[row * this.#width] ?? -1;
  }

  rmse(row: number): number {
    return this.#numbers[row * this.#width + 1] ?? NaN;
  }

  tiles(row: number): number {
    return this.#numbers[row * this.#width + 2] ?? 1;
  }

  label(row: number): LabelCode {
    return (this.#labels[row] ?? 0) as LabelCode;
  }

  setLabel(row: number, label: LabelCode): void {
    if (row < this.#count) this.#labels[row] = label;
  }

  labelCounts(): { normal: number; anomalous: number; unlabelled: number } {
    const counts: [number, number, number] = [0, 0, 0];
    for (let row = 0; row < this.#count; row++) counts[this.label(row)]++;
    return { unlabelled: counts[0], normal: counts[1], anomalous: counts[2] };
  }

  column(name: ScoreName): Float64Array {
    return Float64Array.from({ length: this.#count }, (_, row) => this.score(row, name));
  }

  /** Finite values, ascending; kept until rows are added. */
  ascending(name: ScoreName): Float64Array {
    const known = this.#ascending.get(name);
    if (known?.count === this.#count) return known.values;
    const values = this.column(name).filter(Number.isFinite).sort();
    this.#ascending.set(name, { count: this.#count, values });
    return values;
  }

  /** Row numbers, most anomalous first; equal scores in the order of the input, what is not a number last. */
  byScore(name: ScoreName): Int32Array {
    return this.#order(name, () => {
      const values = this.column(name).map((value) => (Number.isNaN(value) ? -Infinity : value));
      return Int32Array.from(values.keys()).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
    });
  }

  byName(): Int32Array {
    return this.#order(' name', () => {
      const { names } = this;
      const compare = new Intl.Collator('en', { numeric: true }).compare;
      return Int32Array.from(names.keys()).sort((a, b) => compare(names[a] ?? '', names[b] ?? '') || a - b);
    });
  }

  #order(key: string, make: () => Int32Array): Int32Array {
    const known = this.#sorted.get(key);
    if (known?.count === this.#count) return known.order;
    const order = make();
    this.#sorted.set(key, { count: this.#count, order });
    return order;
  }
}

async function readOr(file: string, otherwise: Buffer): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return otherwise;
    throw error;
  }
}

/** How many of ascending values lie above a threshold. */
export function countAbove(ascending: Float64Array, threshold: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) > threshold) high = middle;
    else low = middle + 1;
  }
  return ascending.length - low;
}
