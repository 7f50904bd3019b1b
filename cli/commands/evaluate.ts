/** `triangle evaluate`: the metrics of every score on labelled pictures. */
import type { Evaluation } from '../../core/index.ts';
import { checkpointOption, parseCheckpoint } from '../checkpoint-option.ts';
import { defineCommand } from '../command.ts';
import type { Output } from '../output.ts';

const labels = { calibrating: 'Scoring held-out normal images', scoring: 'Scoring' } as const;

function show(evaluation: Evaluation, output: Output): void {
  const { protocol, images, anomalous, base_rate, scores, default_score, kinds, pixel_AUROC } = evaluation;
  const weights = evaluation.weights === 'average' ? 'moving average' : 'weights';
  output.text(
    `Protocol ${protocol}: ${images} images, ${anomalous} anomalous, base rate ${base_rate.toFixed(3)}; ${weights} of step ${evaluation.step}`,
  );
  output.text('image_AUPR is average precision; its value without any information is the base rate.');
  output.text('');
  const columns = ['image_AUROC', 'image_AUPR', 'image_F1Max', 'image_FPR95'] as const;
  output.text(`${'score'.padEnd(16)}${columns.map((name) => name.padStart(13)).join('')}`);
  for (const [name, metrics] of Object.entries(scores)) {
    const mark = name === default_score ? ' *' : '';
    output.text(
      `${(name + mark).padEnd(16)}${columns.map((column) => metrics[column].toFixed(3).padStart(13)).join('')}`,
    );
  }
  output.text('* the default score');
  if (Object.keys(kinds).length > 1) {
    output.text('');
    output.text(`image_AUROC of ${default_score} by kind of anomaly`);
    for (const [kind, { images: count, image_AUROC }] of Object.entries(kinds)) {
      output.text(`  ${kind.padEnd(14)}${image_AUROC.toFixed(3)}  (${count} images)`);
    }
  }
  if (pixel_AUROC === null) return;
  output.text('');
  for (const [map, value] of Object.entries(pixel_AUROC)) {
    if (value !== null) output.text(`pixel_AUROC of the ${map} map: ${value.toFixed(3)}`);
  }
}

export const command = defineCommand({
  name: 'evaluate',
  summary: 'Measure every score on labelled pictures: image_AUROC, image_AUPR, image_F1Max, pixel_AUROC',
  options: {
    run: { kind: 'text', summary: 'Run folder that triangle train wrote', placeholder: 'DIR', required: true },
    data: { kind: 'text', summary: "Dataset; by default the run's own", placeholder: 'PATH' },
    'anomaly-label': {
      kind: 'text',
      summary: 'Label that counts as anomalous; by default those excluded from training',
      placeholder: 'LABEL',
      multiple: true,
    },
    protocol: {
      kind: 'choice',
      summary: "P2: official test split; P1: all pictures that were not trained on; by default the run's",
      choices: ['P1', 'P2'],
    },
    checkpoint: checkpointOption,
    threads: { kind: 'number', summary: 'Threads of the computing', placeholder: 'N', integer: true, min: 1 },
  },
  examples: [
    { line: 'triangle evaluate --run runs/no4 --data mnist/ --anomaly-label 4', does: 'on the official test images' },
    { line: 'triangle evaluate --run runs/tiles --json', does: 'one line of JSON' },
  ],
  async run({ values, output, signal }) {
    const checkpoint = parseCheckpoint(values.checkpoint);
    const { RunFolder, evaluateRun } = await import('../../core/index.ts');
    const run = await RunFolder.open(values.run);
    let stage = '';
    let progress: ReturnType<typeof output.progress> | null = null;
    try {
      const evaluation = await evaluateRun({
        run,
        data: values.data,
        anomalyLabels: values['anomaly-label'].length === 0 ? undefined : values['anomaly-label'],
        protocol: values.protocol,
        checkpoint,
        threads: values.threads,
        signal,
        onProgress(now, { done, total }) {
          if (now !== stage) progress = output.progress({ label: labels[now], unit: 'images', total });
          stage = now;
          progress?.update(done);
        },
        onSkipped: ({ name, detail }) => output.warn(`skipped ${name}: ${detail}`),
      });
      output.finish();
      const { default_score, scores } = evaluation;
      output.record({ ...scores[default_score], ...evaluation });
      show(evaluation, output);
    } finally {
      await run.close();
    }
    return 0;
  },
});
