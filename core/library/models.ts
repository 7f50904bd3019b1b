/** The networks of runs, opened for scoring and galleries and shared; the newest checkpoint's, looked for at each use. */
import path from 'node:path';
import { CoreError } from '../errors.ts';
import { RunFolder } from '../runs/run-folder.ts';
import { openModel } from '../scoring/graph-model.ts';
import { ensureGraphs } from '../scoring/run-model.ts';
import type { ScoringModel } from '../scoring/types.ts';
import { Pool } from './pool.ts';

export interface OpenedModel {
  readonly model: ScoringModel;
  /** Folder of the exported graphs below the run folder: kept while the run goes on. */
  readonly graphs: string;
}

export class Models {
  readonly #pool = new Pool<OpenedModel>(2, ({ model }) => model.dispose());
  /** One export at a time: it borrows tfjs's backend. */
  #exporting: Promise<unknown> = Promise.resolve();
  /** Threads of the computing; undefined: all. */
  threads: () => Promise<number | undefined> = () => Promise.resolve(undefined);

  /** The newest checkpoint, or the one given. Throws `runs/no-checkpoint` and what opening a model throws. */
  async use<R>(
    run: RunFolder,
    job: (opened: OpenedModel) => Promise<R> | R,
    checkpoint: 'latest' | number = 'latest',
  ): Promise<R> {
    const export_ = this.#exporting.then(() => ensureGraphs(run, checkpoint));
    this.#exporting = export_.catch(() => undefined);
    return this.useGraphs(await export_, job);
  }

  /** A model by the folder of its graphs. Throws `scoring/model` where they were cleaned away. */
  async useGraphs<R>(graphs: string, job: (opened: OpenedModel) => Promise<R> | R): Promise<R> {
    const open = async (): Promise<OpenedModel> => {
      const threads = await this.threads();
      return { model: await openModel(graphs, threads === undefined ? {} : { threads }), graphs };
    };
    return this.#pool.use(path.resolve(graphs), open, job);
  }

  /**
   * The graphs that a session or gallery was made with; where they were cleaned away they are made again from the checkpoint if the run
   * still has it. Throws `library/weights-gone`.
   */
  async useMade<R>(
    made: { readonly runDir: string; readonly graphs: string; readonly step: number; readonly fingerprint: string },
    job: (opened: OpenedModel) => Promise<R> | R,
  ): Promise<R> {
    try {
      return await this.useGraphs(made.graphs, job);
    } catch (error) {
      if (!(error instanceof CoreError) || error.code !== 'scoring/model') throw error;
    }
    try {
      const run = await RunFolder.open(made.runDir);
      return await this.use(
        run,
        (opened) => {
          if (opened.model.description.fingerprint !== made.fingerprint) throw gone(made.step);
          return job(opened);
        },
        made.step,
      );
    } catch (error) {
      if (error instanceof CoreError && error.code.startsWith('runs/')) throw gone(made.step, error);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#pool.clear();
  }
}

function gone(step: number, cause?: unknown): CoreError {
  const text = `The weights of step ${step} are not kept any more: the run went on, or was cleaned up. Score again with the run as it is now.`;
  return new CoreError('library/weights-gone', text, cause === undefined ? {} : { cause });
}
