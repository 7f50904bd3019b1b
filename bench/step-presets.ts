/**
 * The joint step at every preset's sizes with the profile's longest operators; beside another checkout where TRIANGLE_BEFORE names its
 * folder of bundles (with this benchmark's worker in it), in alternating rounds.
 */
import { presets } from '../core/presets.ts';
import { StepProcess } from './step-process.ts';
import type { OperatorTime } from './step-profile.ts';

export interface PresetFigures {
  readonly preset: string;
  readonly batch: number;
  readonly size: number;
  readonly width: number;
  /** Medians. */
  readonly milliseconds: number;
  readonly before: number | null;
  readonly steps: number;
  readonly operators: readonly OperatorTime[];
  readonly operatorsBefore: readonly OperatorTime[];
}

export interface PresetsReport {
  readonly threads: number;
  readonly figures: readonly PresetFigures[];
}

export interface PresetsOptions {
  readonly threads: number;
  readonly rounds: number;
  readonly log: (line: string) => void;
}

const stepsPerRound = 2;
const profiledSteps = 10;
const listed = 10;

export async function runPresets({ threads, rounds, log }: PresetsOptions): Promise<PresetsReport> {
  const folder = process.env['TRIANGLE_BEFORE'];
  const before = folder === undefined || folder === '' ? null : folder;
  const figures: PresetFigures[] = [];
  const measured = new Set<string>();
  for (const { name, nets, training } of presets) {
    const { size, width } = nets;
    const key = `${size} ${nets.channels} ${width} ${nets.latent} ${training.batch}`;
    if (measured.has(key)) continue;
    measured.add(key);
    log(`${name}: steps`);
    const settings = {
      device: 'onnx-cpu',
      task: 'joint',
      preset: name,
      threads,
      batch: 0,
      width: 0,
      warmUp: 2,
    } as const;
    const sides = [await StepProcess.start(settings)];
    try {
      if (before !== null) sides.push(await StepProcess.start(settings, before));
      for (let round = 0; round < rounds; round++)
        for (const side of round % 2 === 0 ? sides : sides.toReversed()) await side.run(stepsPerRound);
    } finally {
      for (const side of sides) side.stop();
    }
    log(`${name}: profile`);
    figures.push({
      preset: name,
      batch: training.batch,
      size,
      width,
      milliseconds: median(sides[0]?.times ?? []),
      before: sides[1] === undefined ? null : median(sides[1].times),
      steps: sides[0]?.times.length ?? 0,
      operators: await profileOf(settings),
      operatorsBefore: before === null ? [] : await profileOf(settings, before),
    });
  }
  return { threads, figures };
}

async function profileOf(settings: Parameters<typeof StepProcess.start>[0], folder?: string): Promise<OperatorTime[]> {
  const worker = await StepProcess.start({ ...settings, profile: true }, folder);
  try {
    await worker.run(profiledSteps);
    return (await worker.operators()).slice(0, listed);
  } finally {
    worker.stop();
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

export function presetsTable({ threads, figures }: PresetsReport): string {
  const lines = [`the joint step of every preset, ${threads} threads`];
  for (const { preset, batch, size, width, milliseconds, before, operators, operatorsBefore } of figures) {
    const compared = before === null ? '' : `, before ${before.toFixed(1)} ms (${(milliseconds / before).toFixed(2)})`;
    lines.push(`${preset} (batch ${batch}, ${size}x${size}, width ${width}): ${milliseconds.toFixed(1)} ms${compared}`);
    lines.push(`  ${operators.map(nameOf).join(', ')}`);
    if (operatorsBefore.length > 0) lines.push(`  before: ${operatorsBefore.map(nameOf).join(', ')}`);
  }
  return lines.join('\n');
}

function nameOf({ operator, milliseconds }: OperatorTime): string {
  return `${operator} ${milliseconds.toFixed(1)}`;
}
