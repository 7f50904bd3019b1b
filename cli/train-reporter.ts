/** How a training job is told: remarks and a progress bar for people, a line of JSON for each event for machines. */
import type { TrainJobEvent } from '../core/index.ts';
import type { Output } from './output.ts';

const shownProblems = 20;

export interface ReporterOptions {
  /** Whether events become records of `--json`; a verb with one closing record wants none. */
  readonly records?: boolean;
}

/** Tells a person, and a machine, how the job goes. */
export function trainReporter(
  output: Output,
  { records = true }: ReporterOptions = {},
): (event: TrainJobEvent) => void {
  const record = (value: object): void => {
    if (records) output.record(value);
  };
  let stage = '';
  let progress: ReturnType<typeof output.progress> | null = null;
  const show = (name: string, unit: string, done: number, total: number, detail = '', start = 0): void => {
    if (stage !== name) progress = output.progress({ label: name, unit, total, start });
    stage = name;
    progress?.update(done, detail);
  };
  return (event) => {
    switch (event.kind) {
      case 'preparing':
        show('Reading images', 'images', event.progress.done, event.progress.total);
        return;
      case 'prepared':
        for (const { name, detail } of event.problems.slice(0, shownProblems)) output.warn(`${name}: ${detail}`);
        if (event.problems.length > shownProblems)
          output.warn(
            `${event.problems.length - shownProblems} more problems; triangle datasets --check lists them all`,
          );
        output.note(event.dataset.description);
        return;
      case 'recommended': {
        const { preset, objective, summary } = event;
        output.note(`Objective ${objective}, which the preset ${preset} recommends: ${summary}`);
        output.note("--objective joint is the paper's own method, --objective NAME any other.");
        record({ event: event.kind, preset, objective, summary });
        return;
      }
      case 'planned': {
        const { objective, nets, training, device, dataset } = event.manifest;
        output.note(
          `${dataset.counts.train} images to train on, ${dataset.counts.heldOut} held out; ${objective.name}, ` +
            `${nets.size}x${nets.size}x${nets.channels}, width ${nets.width}, latent ${nets.latent}; ${training.steps} steps of ${training.batch}`,
        );
        output.note(`Device: ${device.description} (${device.reason})`);
        record({ event: 'planned', manifest: event.manifest });
        return;
      }
      case 'step': {
        const { metrics, step, steps, secondsLeft } = event;
        const shown = ['reconstruction', 'gap'].flatMap((name) => {
          const value = metrics[name];
          return value === undefined ? [] : [`${name} ${value.toFixed(2)}`];
        });
        show('Training', 'steps', step, steps, shown.join(', '), step - 1);
        record({ event: 'step', secondsLeft, ...metrics });
        return;
      }
      case 'calibrating':
        show('Calibrating', 'images', event.progress.done, event.progress.total);
        return;
      case 'warning':
        output.warn(event.message);
        record({ event: event.kind, ...event });
        return;
      case 'validated':
      case 'samples':
      case 'checkpoint':
      case 'paused':
      case 'resumed':
      case 'started':
      case 'stopped':
      case 'finished':
        record({ event: event.kind, ...event });
        return;
      case 'failed':
        // The error itself is thrown as well and printed once.
        output.finish();
    }
  };
}
