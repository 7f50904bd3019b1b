/** `metrics.jsonl`: one JSON object a logged step, appended. A kill may tear the last line, never an earlier one. */
import { createReadStream } from 'node:fs';
import { open, stat, truncate, type FileHandle } from 'node:fs/promises';
import { CoreError } from '../errors.ts';
import { systemCode } from './atomic.ts';

/** Scalars of one step. Values that are not finite are stored as null and come back as NaN. */
export type MetricsRecord = Readonly<Record<string, number>> & { readonly step: number };

const newline = 0x0a;
/** A record is far shorter; the tail that is read for the last ones. */
const tailBytes = 65_536;

function parseLine(line: string): MetricsRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || !('step' in value) || typeof value.step !== 'number') return null;
  const numbers = Object.entries(value).map(([name, entry]): [string, number] => [
    name,
    typeof entry === 'number' ? entry : NaN,
  ]);
  return { ...Object.fromEntries(numbers), step: value.step };
}

async function size(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0;
    throw error;
  }
}

/** Whole lines of the file with the offset behind each one; a last line without its end is left out. */
async function* wholeLines(file: string): AsyncGenerator<{ line: string; end: number }> {
  if ((await size(file)) === 0) return;
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = rest.indexOf(newline); end !== -1; end = rest.indexOf(newline, start)) {
      offset += end + 1 - start;
      yield { line: rest.toString('utf8', start, end), end: offset };
      start = end + 1;
    }
    rest = rest.subarray(start);
  }
}

/** All records in order; lines that are no records are left out. */
export async function readMetrics(file: string): Promise<MetricsRecord[]> {
  const records: MetricsRecord[] = [];
  for await (const { line } of wholeLines(file)) {
    const record = parseLine(line);
    if (record !== null) records.push(record);
  }
  return records;
}

/** The last record, read from the end of the file however long it is; null without one. */
export async function readLastMetrics(file: string): Promise<MetricsRecord | null> {
  const length = await size(file);
  if (length === 0) return null;
  const handle = await open(file, 'r');
  try {
    const tail = Buffer.alloc(Math.min(length, tailBytes));
    await handle.read(tail, 0, tail.length, length - tail.length);
    const lines = tail.toString('utf8').split('\n').slice(0, -1);
    for (const line of lines.reverse()) {
      const record = parseLine(line);
      if (record !== null) return record;
    }
    return null;
  } finally {
    await handle.close();
  }
}

/** Cuts the log behind `step`, and from the first line that is no record: a resumed run logs no step twice. */
export async function truncateMetrics(file: string, step: number): Promise<void> {
  let keep = 0;
  for await (const { line, end } of wholeLines(file)) {
    const record = parseLine(line);
    if (record === null || record.step > step) break;
    keep = end;
  }
  if ((await size(file)) > keep) await truncate(file, keep);
}

/** Appends records; one system call a record, so that a kill of the process loses none. */
export class MetricsWriter {
  readonly #file: string;
  #handle: FileHandle | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  async append(record: MetricsRecord): Promise<void> {
    try {
      this.#handle ??= await open(this.#file, 'a');
      await this.#handle.appendFile(`${JSON.stringify(record)}\n`);
    } catch (error) {
      if (systemCode(error) !== 'ENOSPC') throw error;
      const text = `The disk is full: ${this.#file} cannot grow. Free some space, then resume.`;
      throw new CoreError('runs/disk-full', text, { cause: error });
    }
  }

  /** Makes what was appended survive a crash of the machine. */
  async flush(): Promise<void> {
    await this.#handle?.sync();
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
  }
}
