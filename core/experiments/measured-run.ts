/** What cells have in common once their run is trained: it and its dataset are opened, measured, and closed again. */
import type { PreparedDataset } from '../datasets/types.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import { openRunModel } from '../scoring/run-model.ts';
import type { ScoringModel } from '../scoring/types.ts';
import { openPrepared } from './image-sets.ts';
import { factsOf } from './training-cell.ts';
import type { CellContext, CellResult, Figure } from './types.ts';

export interface MeasuredRun {
  readonly trained: RunFolder;
  readonly model: ScoringModel;
  /** As the run's networks want it. */
  readonly dataset: PreparedDataset;
}

export interface Measurement {
  readonly values: Readonly<Record<string, number>>;
  readonly figures: readonly Figure[];
  /** Test images. */
  readonly tested: number;
}

/** Null where the training was stopped: `trained` is what {@link trainCell} gave. Takes care of closing it. */
export async function measureRun(
  trained: RunFolder | null,
  data: string,
  context: CellContext,
  measure: (opened: MeasuredRun) => Promise<Measurement>,
): Promise<Omit<CellResult, 'cell'> | null> {
  if (trained === null) return null;
  try {
    const dataset = await openPrepared(data, trained.manifest.preparation, context);
    try {
      const model = await openRunModel(trained, { threads: context.threads });
      try {
        const began = performance.now();
        const { values, figures, tested } = await measure({ trained, model, dataset });
        const measuringSeconds = (performance.now() - began) / 1000;
        const facts = await factsOf(trained, context, { testImages: tested, measuringSeconds });
        return { values, series: {}, figures, facts };
      } finally {
        await model.dispose();
      }
    } finally {
      dataset.close();
    }
  } finally {
    await trained.close();
  }
}
