/** `triangle info`: what a run folder holds, or which versions are at work. */
import { defineCommand } from '../command.ts';
import { table } from '../table.ts';

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Seven significant digits at most, without a tail of zeros. */
function short(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5)));
}

export const command = defineCommand({
  name: 'info',
  summary: 'Show a run: settings, state, checkpoints, last metrics; without a run, the versions at work',
  options: {},
  operands: { placeholder: 'runDir', min: 0, max: 1 },
  examples: [
    { line: 'triangle info runs/digits', does: 'what was trained, how far it came, what it takes on disk' },
    { line: 'triangle info --json', does: 'versions for a report of a fault' },
  ],
  async run({ operands, output }) {
    const { RunFolder, versions } = await import('../../core/index.ts');
    const [dir] = operands;
    if (dir === undefined) {
      const found = versions();
      output.record(found);
      output.text(table(Object.entries(found)));
      return;
    }
    const run = await RunFolder.open(dir);
    const { manifest } = run;
    const [checkpoints, best, metrics, bytes] = await Promise.all([
      run.listCheckpoints(),
      run.best(),
      run.lastMetrics(),
      run.bytesUsed(),
    ]);
    output.record({ run: run.dir, manifest, checkpoints, best, metrics, bytes });
    const { nets, dataset, training, device } = manifest;
    const excluded = dataset.excludeLabels.length > 0 ? `, without ${dataset.excludeLabels.join(', ')}` : '';
    const bestText = best === null ? 'none' : `step ${best.step} (${best.metric.name} ${short(best.metric.value)})`;
    output.text(
      table([
        ['run', run.dir],
        ['name', manifest.name],
        ['created', manifest.created],
        ['state', `${manifest.state}, step ${manifest.step} of ${training.steps}`],
        ...(manifest.message === null ? [] : [['message', manifest.message] as const]),
        ['objective', manifest.objective.name],
        ['data', `${dataset.source} (${dataset.format}${excluded}): ${dataset.counts.train} for training`],
        [
          'nets',
          `${nets.size} pixels ${nets.channels === 1 ? 'grey' : 'RGB'}, width ${nets.width}, latent ${nets.latent}`,
        ],
        ['device', `${device.name}: ${device.description}`],
        ['program', `triangle ${manifest.programVersion}`],
        ['checkpoints', checkpoints.length === 0 ? 'none' : checkpoints.map((step) => `step ${step}`).join(', ')],
        ['best', bestText],
        ['on disk', megabytes(bytes)],
      ]),
    );
    if (metrics === null) return;
    output.text('\nLast metrics');
    output.text(table(Object.entries(metrics).map(([name, value]) => [`  ${name}`, short(value)])));
  },
});
