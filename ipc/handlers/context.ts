/** What every handler works with. */
import type { ExperimentQueue, Library, TrainingQueue } from '../../core/index.ts';
import type { Api, AppEvent, Channel } from '../contract.ts';
import type { JobBoard } from '../jobs.ts';

export interface Context {
  readonly library: Library;
  /** Null in the process that does not train. */
  readonly queue: TrainingQueue | null;
  /** Null in the process that does not train. */
  readonly experiments: ExperimentQueue | null;
  readonly jobs: JobBoard;
  readonly emit: (event: AppEvent) => void;
}

/** The channels that begin with one of these words. */
export type HandlersOf<Prefix extends string> = Pick<Api, Extract<Channel, `${Prefix}.${string}`>>;

export function changed(
  context: Context,
  what: 'datasets' | 'runs' | 'sessions' | 'galleries' | 'trash' | 'storage' | 'experiments',
): void {
  context.emit({ event: 'library.changed', payload: { what } });
}
