/** How an experiment is told: one progress bar for the cell at work, a line for each finished one, JSON lines for machines. */
import type { ExperimentEvent } from '../core/index.ts';
import type { Output } from './output.ts';
import { formatSeconds } from './progress.ts';

const labels = { preparing: 'reading images', training: 'training', measuring: 'measuring' } as const;

export function experimentReporter(output: Output): (event: ExperimentEvent) => void {
  let stage = '';
  let place = '';
  let progress: ReturnType<typeof output.progress> | null = null;
  return (event) => {
    switch (event.kind) {
      case 'planned': {
        const done = event.cells.filter((cell) => cell.done).length;
        output.note(`${event.cells.length} cells to train and measure, ${done} of them done before`);
        output.record({ event: 'planned', ...event });
        return;
      }
      case 'cell-started':
        place = `${event.index + 1}/${event.total} ${event.cell.id}`;
        output.record({ event: event.kind, cell: event.cell, index: event.index, total: event.total });
        return;
      case 'progress': {
        const name = `${place}: ${labels[event.stage]}`;
        const counted = `${name} ${event.unit} ${event.total}`;
        if (stage !== counted) {
          progress = output.progress({ label: name, unit: event.unit, total: event.total, start: event.done });
          stage = counted;
        }
        progress?.update(event.done, event.secondsLeft === null ? '' : `all ${formatSeconds(event.secondsLeft)} left`);
        if (event.stage === 'training') output.record({ event: event.kind, ...event });
        return;
      }
      case 'problem':
        output.warn(event.message);
        return;
      case 'cell-finished': {
        const { facts } = event.result;
        output.finish();
        output.note(
          `${event.cell.id}: ${facts.epochs} epochs in ${formatSeconds(facts.trainingSeconds)}, measured in ${formatSeconds(facts.measuringSeconds)}`,
        );
        output.record({ event: event.kind, result: event.result });
        return;
      }
      case 'cell-failed':
        output.finish();
        output.warn(`${event.cell.id} failed: ${event.message}`);
        output.record({ event: event.kind, cell: event.cell, code: event.code, message: event.message });
        return;
      case 'report':
        output.record({ event: event.kind, tables: event.report.tables, cells: event.report.cells });
    }
  };
}
