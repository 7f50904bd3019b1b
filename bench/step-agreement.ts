/**
 * Whether a device trains as `onnx-cpu` does, and how fast: the joint step on the same feeds, then the largest difference of a weight.
 * `onnx-cpu` itself is compared with its own standard path, on which steps are computed as they were recorded.
 * Training magnifies rounding (a ReLU's kink, Adam on tiny gradients), so the same is done on `onnx-cpu` with every other input value
 * changed in its last digit: a device can agree no better than that.
 */
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
  /** Largest absolute difference of a weight. */
  readonly difference: number;
  /** The variable in which it is. */
  readonly worst: string;
  /** The difference that inputs changed in their last digit make on `onnx-cpu` itself. */
  readonly sensitivity: number;
  /** Part of all values that differ by more than a hundredth of the tolerance. */
  readonly differing: number;
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
    const agreement = compare(ours.weights, cpu.weights);
    const sensitivity = compare(changed.weights, cpu.weights).difference;
    figures.push({ ...size, ...agreement, sensitivity, stepsPerSecond: ours.speed, cpuStepsPerSecond: cpu.speed });
  }
  const passed = figures.every(({ difference, sensitivity }) => difference <= Math.max(tolerance, 2 * sensitivity));
  return { device, steps, tolerance, figures, passed };
}

function referenceOf(device: string): string {
  return device === 'onnx-cpu' ? "onnx-cpu's standard path" : 'onnx-cpu';
}

type Weights = Readonly<Record<string, Float32Array>>;
type Settings = Parameters<typeof StepProcess.start>[0];

async function trained(settings: Settings, steps: number): Promise<{ weights: Weights; speed: number }> {
  const worker = await StepProcess.start(settings);
  try {
    const times = [...(await worker.run(steps - 1))].sort((a, b) => a - b);
    return { weights: await worker.weights(), speed: 1000 / (times[times.length >> 1] ?? Number.NaN) };
  } finally {
    worker.stop();
  }
}

/** NaN where a value is NaN or missing. */
function compare(a: Weights, b: Weights): Pick<AgreementFigures, 'difference' | 'worst' | 'differing'> {
  let [difference, worst, differing, count] = [0, '', 0, 0];
  for (const [name, values] of Object.entries(a)) {
    for (const [position, value] of values.entries()) {
      const distance = Math.abs(value - (b[name]?.[position] ?? Number.NaN));
      if (Number.isNaN(distance)) return { difference: Number.NaN, worst: name, differing: 1 };
      count++;
      if (distance > tolerance / 100) differing++;
      if (distance > difference) [difference, worst] = [distance, name];
    }
  }
  return { difference, worst, differing: differing / count };
}

export function agreementTable(report: AgreementReport): string {
  const lines = [
    `the joint step after ${report.steps} updates, ${report.device} beside ${referenceOf(report.device)} (tolerance ${report.tolerance.toExponential(0)})`,
    'batch  width  difference sensitivity   differing   steps/s  reference  worst',
  ];
  for (const {
    batch,
    width,
    difference,
    sensitivity,
    differing,
    worst,
    stepsPerSecond,
    cpuStepsPerSecond,
  } of report.figures) {
    lines.push(
      `${String(batch).padStart(5)} ${String(width).padStart(6)} ${difference.toExponential(1).padStart(11)} ${sensitivity.toExponential(1).padStart(11)} ` +
        `${`${(100 * differing).toFixed(3)} %`.padStart(11)} ` +
        `${stepsPerSecond.toFixed(1).padStart(9)} ${cpuStepsPerSecond.toFixed(1).padStart(10)}  ${worst}`,
    );
  }
  return lines.join('\n');
}
