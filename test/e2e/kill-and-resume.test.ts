import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, RunFolder } from '../../core/index.ts';
import { records, scratchFolder, triangle } from './command-line.ts';

const steps = 36;
const settings = [
  ...['--preset', 'quick', '--width', '4', '--latent', '4', '--batch', '16', '--device', 'onnx-cpu', '--threads', '1'],
  ...['--checkpoint-steps', '5', '--json'],
];

/** Trains with the words and kills the process without warning when it reports `killAt`. */
async function trainKilled(words: readonly string[], killAt: number): Promise<number> {
  let last = 0;
  const { signal } = await triangle(['train', ...words], (line, child) => {
    const event = JSON.parse(line) as { event?: string; step?: number };
    if (event.event !== 'step' || event.step === undefined) return;
    last = event.step;
    if (last >= killAt) child.kill('SIGKILL');
  });
  expect(signal).toBe('SIGKILL');
  return last;
}

/** All saved tensors of the last checkpoint, as bytes. */
async function finalTensors(dir: string): Promise<Map<string, Buffer>> {
  const run = await RunFolder.open(dir);
  expect(run.manifest.state).toBe('finished');
  const file = path.join(dir, 'checkpoints', `step-${String(steps).padStart(8, '0')}.safetensors`);
  const tensors = decodeSafetensors(readFileSync(file));
  await run.close();
  return new Map(
    Object.entries(tensors).map(([name, { data }]) => [
      name,
      Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    ]),
  );
}

describe('a run that is killed and resumed', () => {
  const dir = scratchFolder();
  const data = 'builtin:digits?count=400';

  it('ends with the same bits as one that was not, and logs every step once', { timeout: 180_000 }, async () => {
    const whole = path.join(dir, 'whole');
    const killed = path.join(dir, 'killed');
    const begin = ['--data', data, '--steps', String(steps), ...settings];
    expect((await triangle(['train', ...begin, '--out', whole])).code).toBe(0);
    // Before the first checkpoint, between two, and on one.
    const deaths = [await trainKilled([...begin, '--out', killed], 3)];
    for (const killAt of [13, 25]) deaths.push(await trainKilled([...settings, '--out', killed, '--resume'], killAt));
    expect(deaths).toEqual([...deaths].sort((a, b) => a - b));
    const last = await triangle(['train', ...settings, '--out', killed, '--resume']);
    expect(last.code, last.stderr).toBe(0);

    const expected = await finalTensors(whole);
    const resumed = await finalTensors(killed);
    expect([...resumed.keys()]).toEqual([...expected.keys()]);
    for (const [name, bytes] of expected) expect(resumed.get(name)?.equals(bytes), name).toBe(true);

    const logged = records(readFileSync(path.join(killed, 'metrics.jsonl'), 'utf8'))
      .filter((record) => 'reconstruction' in record)
      .map((record) => record['step']);
    expect(logged).toEqual(Array.from({ length: steps }, (_, i) => i + 1));
  });
});
