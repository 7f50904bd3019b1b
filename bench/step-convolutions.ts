/** `triangle bench convolutions`: the fast path of 500 random convolutions beside the standard operators. */
import { openBackend } from '../core/backends/devices-open.ts';
import { activeBackend } from '../core/backends/onnx/step-program.ts';
import { Random } from '../core/random.ts';
import { largestError, randomCase, runCase } from './step-convolution-cases.ts';
import type { ConvolutionCase } from './step-convolution-cases.ts';

export interface ConvolutionsReport {
  readonly convolutions: string;
  readonly shapes: number;
  /** Shapes of which at least one of the three convolutions ran blocked. */
  readonly fastShapes: number;
  readonly lowered: number;
  readonly kept: number;
  readonly tolerance: number;
  /** Largest difference relative to the largest value of its array (or 1), and its shape. */
  readonly worst: number;
  readonly worstShape: ConvolutionCase | null;
  readonly failed: number;
  readonly passed: boolean;
}

const tolerance = 1e-4;

export async function runConvolutions(options: {
  readonly shapes: number;
  readonly threads: number;
  readonly log: (line: string) => void;
}): Promise<ConvolutionsReport> {
  const info = { name: 'onnx-cpu', description: 'onnx-cpu', adapter: null, reason: 'benchmark' } as const;
  await openBackend(info, options.threads);
  const { reason, block } = activeBackend().convolutions;
  const random = Random.seeded(2026, 'convolutions');
  let [fastShapes, lowered, kept, failed, worst] = [0, 0, 0, 0, 0];
  let worstShape: ConvolutionCase | null = null;
  for (let i = 0; i < options.shapes; i++) {
    if (i % 50 === 0) options.log(`shape ${i + 1} of ${options.shapes}`);
    const shape = randomCase(random);
    const fast = await runCase(shape, i, 'fast');
    const error = largestError(fast, await runCase(shape, i, 'standard'));
    if (fast.lowered > 0) fastShapes++;
    lowered += fast.lowered;
    kept += fast.kept;
    if (!(error <= tolerance)) failed++;
    if (!(error <= worst)) [worst, worstShape] = [error, shape];
  }
  const passed = failed === 0 && block !== null;
  return {
    convolutions: reason,
    shapes: options.shapes,
    fastShapes,
    lowered,
    kept,
    tolerance,
    worst,
    worstShape,
    failed,
    passed,
  };
}

export function convolutionsTable(report: ConvolutionsReport): string {
  return [
    `${report.convolutions}: ${report.shapes} random convolutions, forward and both gradients, beside the standard operators`,
    `shapes with blocked convolutions ${report.fastShapes}; convolutions blocked ${report.lowered}, kept standard ${report.kept}`,
    `largest difference ${report.worst.toExponential(1)} (tolerance ${report.tolerance.toExponential(0)}), shapes above it: ${report.failed}`,
    ...(report.worstShape === null ? [] : [`worst: ${JSON.stringify(report.worstShape)}`]),
  ].join('\n');
}
