/**
 * Whether a device trains as `onnx-cpu` does, and how fast: the joint step on the same feeds, then the largest difference of a weight.
 * `onnx-cpu` itself is compared with its own standard path, on which steps are computed as they were recorded.
 * Training magnifies rounding (a ReLU's kink, Adam on tiny gradients), so the same is done on `onnx-cpu` with every other input value
 * changed in its last digit: a device can agree no better than that.
 */
import { differenceOf, type Difference, type Weights } from './step-difference.ts';
import { StepProcess } from './step-process.ts';
import type { TaskSize } from './step-tasks.ts';

export interface AgreementOptions {
  readonly device: string;
  readonly threads: number;
  readonly steps: number;
  readonly sizes: readonly TaskSize[];
  readonly log: (line: string) => void;
}

export interface AgreementFigures extends TaskSize {
  /** Ours and the reference. */
  readonly measured: Difference;
  /** What inputs changed in their last digit make of the reference. */
  readonly sensitivity: Difference;
  /** Medians. */
  readonly stepsPerSecond: number;
  readonly cpuStepsPerSecond: number;
}

export interface AgreementReport {
  readonly device: string;
  readonly steps: number;
  readonly tolerance: number;
  readonly figures: readonly AgreementFigures[];
  readonly passed: boolean;
}

/** Learning rate 1e-4: one step moves a weight by about that. */
const tolerance = 1e-4;

export async function runAgreement({ device, threads, steps, sizes, log }: AgreementOptions): Promise<AgreementReport> {
  const figures: AgreementFigures[] = [];
  for (const size of sizes) {
    log(`batch ${size.batch}, width ${size.width}: ${device} beside ${referenceOf(device)}`);
    const common = { ...size, task: 'joint', threads, warmUp: 1 } as const;
    const reference = { ...common, device: 'onnx-cpu', standard: device === 'onnx-cpu' };
    const ours = await trained({ ...common, device }, steps);
    const cpu = await trained(reference, steps);
    const changed = await trained({ ...reference, disturbance: 2 ** -23 }, steps);
    const beside = (weights: Weights): Difference => differenceOf(weights, cpu.weights, cpu.initial, tolerance / 100);
    const [measured, sensitivity] = [beside(ours.weights), beside(changed.weights)];
    figures.push({ ...size, measured, sensitivity, stepsPerSecond: ours.speed, cpuStepsPerSecond: cpu.speed });
  }
  const passed = figures.every(
    ({ measured, sensitivity }) => measured.largest <= Math.max(tolerance, 2 * sensitivity.largest),
  );
  return { device, steps, tolerance, figures, passed };
}

function referenceOf(device: string): string {
  return device === 'onnx-cpu' ? "onnx-cpu's standard path" : 'onnx-cpu';
}

type Settings = Parameters<typeof StepProcess.start>[0];

interface Trained {
  readonly initial: Weights;
  readonly weights: Weights;
  readonly speed: number;
}

async function trained(settings: Settings, steps: number): Promise<Trained> {
  const worker = await StepProcess.start(settings);
  try {
    const times = [...(await worker.run(steps - 1))].sort((a, b) => a - b);
    const speed = 1000 / (times[times.length >> 1] ?? Number.NaN);
    return { initial: await worker.weights('initial'), weights: await worker.weights('now'), speed };
  } finally {
    worker.stop();
  }
}

export function agreementTable(report: AgreementReport): string {
  const cells = (values: readonly string[]): string => values.map((value) => value.padStart(12)).join('');
  const short = (value: number): string => value.toExponential(1);
  const rows = report.figures.flatMap(({ batch, width, measured, sensitivity, stepsPerSecond, cpuStepsPerSecond }) => [
    `batch ${batch}, width ${width}: ${stepsPerSecond.toFixed(1)} steps a second, reference ${cpuStepsPerSecond.toFixed(1)}`,
    ...(
      [
        ['measured', measured],
        ['last digit', sensitivity],
      ] as const
    ).flatMap(([what, one]) => [
      `  ${what}: largest difference ${short(one.largest)} (${one.worst}), ${(100 * one.differing).toFixed(3)} % above ${short(report.tolerance / 100)}`,
      ...one.networks.map(({ network, ofWeights, ofUpdate, worstOfWeights, worstOfUpdate }) =>
        cells([network, ...[ofWeights, ofUpdate, worstOfWeights, worstOfUpdate].map(short)]),
      ),
    ]),
  ]);
  return [
    `the joint step after ${report.steps} updates, ${report.device} beside ${referenceOf(report.device)} (tolerance of the largest difference ${report.tolerance.toExponential(0)})`,
    'networks: |w - v| / |v| and |w - v| / |v - start|, Euclidean; the same of the worst tensor',
    ...rows,
  ].join('\n');
}
