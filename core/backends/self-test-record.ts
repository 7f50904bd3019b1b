/** Remembers a self-test's outcome for a day, so that `auto` does not measure at every start. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import path from 'node:path';
import { env } from 'onnxruntime-node';
import { defaultCacheDir } from '../user-folders.ts';
import type { DeviceReport } from './devices.ts';
import { selfTest } from './self-test.ts';
import type { SelfTest } from './self-test.ts';

const validMilliseconds = 24 * 60 * 60 * 1000;

/** Changes when the self-test or the engine changes in a way that makes old outcomes worthless. */
const edition = 3;

interface RecordedTest extends SelfTest {
  readonly at: number;
}

/** The self-test's outcome from the record, or by running it. A record that cannot be read or written is no error. */
export async function recalledSelfTest(report: DeviceReport, threads: number): Promise<SelfTest> {
  const file = path.join(defaultCacheDir(), 'self-tests.json');
  const key = keyOf(report, threads);
  const records = await readRecords(file);
  const known = records[key];
  if (known !== undefined && known.at <= Date.now() && Date.now() - known.at < validMilliseconds) {
    return { passed: known.passed, reason: known.reason, milliseconds: known.milliseconds };
  }
  const result = await selfTest(report.name, threads);
  if (result.unfinished !== true) await writeRecords(file, { ...records, [key]: { ...result, at: Date.now() } });
  return result;
}

/** Everything that could change the outcome and is known without measuring. */
function keyOf(report: DeviceReport, threads: number): string {
  const drivers = `${process.env['VK_ICD_FILENAMES'] ?? ''} ${process.env['VK_DRIVER_FILES'] ?? ''}`;
  const processor = `${cpus()[0]?.model ?? ''} x${availableParallelism()}`;
  return [edition, report.name, report.description, threads, env.versions.node ?? '', processor, drivers].join(' | ');
}

async function readRecords(file: string): Promise<Record<string, RecordedTest>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, RecordedTest>;
  } catch {
    return {};
  }
}

async function writeRecords(file: string, records: Record<string, RecordedTest>): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const temporary = `${file}.${process.pid}`;
    await writeFile(temporary, JSON.stringify(records, null, 1));
    await rename(temporary, file);
  } catch {
    // A read-only home: the test runs again next time.
  }
}
