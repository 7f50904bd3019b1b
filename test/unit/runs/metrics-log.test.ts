import { appendFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MetricsWriter, readLastMetrics, readMetrics, truncateMetrics } from '../../../core/runs/metrics-log.ts';
import { temporaryFolder } from './example.ts';

async function logOf(steps: number): Promise<string> {
  const file = path.join(await temporaryFolder(), 'metrics.jsonl');
  const writer = new MetricsWriter(file);
  for (let step = 1; step <= steps; step++) await writer.append({ step, gap: step / 2 });
  await writer.close();
  return file;
}

const steps = async (file: string): Promise<number[]> => (await readMetrics(file)).map((record) => record.step);

describe('metrics log', () => {
  it('gives back records; values that are not finite become NaN', async () => {
    const file = await logOf(1);
    const writer = new MetricsWriter(file);
    await writer.append({ step: 2, gap: Infinity });
    await writer.close();
    expect(await readMetrics(file)).toEqual([
      { step: 1, gap: 0.5 },
      { step: 2, gap: NaN },
    ]);
  });

  it('ignores a torn last line, even one that is JSON by chance', async () => {
    const file = await logOf(2);
    for (const torn of ['{"step":3,"ga', '{"step":3}']) {
      await writeFile(file, `{"step":1}\n{"step":2}\n${torn}`);
      expect(await steps(file)).toEqual([1, 2]);
      expect(await readLastMetrics(file)).toEqual({ step: 2 });
    }
  });

  it('cuts behind the resumed step, so that no step is logged twice', async () => {
    const file = await logOf(5);
    await appendFile(file, '{"step":6,"g');
    await truncateMetrics(file, 3);
    const writer = new MetricsWriter(file);
    await writer.append({ step: 4, gap: 9 });
    await writer.close();
    expect(await steps(file)).toEqual([1, 2, 3, 4]);
    expect((await readMetrics(file)).at(-1)).toEqual({ step: 4, gap: 9 });
  });

  it('cuts a torn line even when all steps are kept', async () => {
    const file = await logOf(2);
    await appendFile(file, '{"st');
    await truncateMetrics(file, 100);
    expect(await readFile(file, 'utf8')).toBe('{"step":1,"gap":0.5}\n{"step":2,"gap":1}\n');
  });

  it('reads logs longer than one chunk, and their last record from the end', async () => {
    const file = await logOf(0);
    const lines = Array.from({ length: 20_000 }, (_, i) => JSON.stringify({ step: i + 1, energy: i / 7 }));
    await writeFile(file, `${lines.join('\n')}\n`);
    expect(await steps(file)).toEqual(Array.from({ length: 20_000 }, (_, i) => i + 1));
    expect((await readLastMetrics(file))?.step).toBe(20_000);
    await truncateMetrics(file, 12_345);
    expect((await steps(file)).at(-1)).toBe(12_345);
  });

  it('is empty where there is no file', async () => {
    const file = path.join(await temporaryFolder(), 'metrics.jsonl');
    expect(await readMetrics(file)).toEqual([]);
    expect(await readLastMetrics(file)).toBeNull();
    await truncateMetrics(file, 1);
  });
});
