/** `triangle export`: the trained networks as ONNX files for other programs. */
import path from 'node:path';
import { checkpointOption, parseCheckpoint } from '../checkpoint-option.ts';
import { defineCommand } from '../command.ts';

export const command = defineCommand({
  name: 'export',
  summary: 'Write generator.onnx, inference.onnx, energy.onnx and model.json for other programs',
  options: {
    run: { kind: 'text', summary: 'Run folder that triangle train wrote', placeholder: 'DIR', required: true },
    out: { kind: 'text', summary: 'Folder for the files', placeholder: 'DIR', required: true },
    checkpoint: checkpointOption,
  },
  examples: [
    { line: 'triangle export --run runs/digits --out exported/', does: 'weights inside, free batch dimension' },
  ],
  async run({ values, output }) {
    const checkpoint = parseCheckpoint(values.checkpoint);
    const { RunFolder, exportRun } = await import('../../core/index.ts');
    const run = await RunFolder.open(values.run);
    try {
      const result = await exportRun({ run, out: values.out, checkpoint });
      output.record(result);
      for (const file of result.files) output.text(path.join(result.dir, file));
      if (!result.calibrated) {
        output.warn(
          'The run has no calibration yet: model.json holds no thresholds. Run triangle score once, then export again.',
        );
      }
      return 0;
    } finally {
      await run.close();
    }
  },
});
