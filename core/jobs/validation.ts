/** Metrics on labelled pictures while a run trains: AUROC and AUPR of every score. They steer nothing but which checkpoint is marked best. */
import { withExportBackend } from '../backends/graphs.ts';
import { isAnomalous } from '../datasets/split.ts';
import type { ImageSource, PreparedDataset } from '../datasets/types.ts';
import { aupr } from '../evaluation/aupr.ts';
import { auroc } from '../evaluation/auroc.ts';
import type { Networks } from '../nets/types.ts';
import { modelOfNetworks } from '../scoring/graph-model.ts';
import { scoreImages } from '../scoring/stream.ts';
import type { ModelDescription } from '../scoring/types.ts';

export interface ValidationRequest {
  readonly source: ImageSource;
  readonly dataset: PreparedDataset;
  /** Model inputs to validate on. */
  readonly inputs: Int32Array;
  readonly excludeLabels: readonly string[];
  readonly describe: (step: number) => ModelDescription;
  readonly threads?: number | undefined;
}

export type Validate = (step: number, networks: Networks) => Promise<Record<string, number>>;

/** Null where there are no labels of both kinds. Metrics are named `validation_<score>_AUROC` and `…_AUPR`. */
export function makeValidation(request: ValidationRequest): Validate | null {
  const { source, dataset, inputs, excludeLabels } = request;
  const names = new Set(Array.from(inputs, (input) => dataset.items[dataset.itemOf[input] ?? -1]?.name));
  const indices = source.items.flatMap(({ name }, index) => (names.has(name) ? [index] : []));
  const labelOf = (index: number): 0 | 1 => {
    const item = source.items[index];
    return item !== undefined && isAnomalous(item, excludeLabels) === true ? 1 : 0;
  };
  const anomalous = indices.filter((index) => labelOf(index) === 1).length;
  if (anomalous === 0 || anomalous === indices.length) return null;
  return (step, networks) =>
    withExportBackend(async () => {
      const options = request.threads === undefined ? {} : { threads: request.threads };
      const model = await modelOfNetworks(networks, request.describe(step), options);
      try {
        const labels: number[] = [];
        const columns = new Map<string, number[]>();
        for await (const result of scoreImages({ model, list: source, indices })) {
          if (result.kind === 'skipped') continue;
          labels.push(labelOf(result.index));
          for (const [name, value] of Object.entries(result.scores))
            columns.set(name, [...(columns.get(name) ?? []), value]);
        }
        return Object.fromEntries(
          [...columns].flatMap(([name, values]) => [
            [`validation_${name}_AUROC`, auroc(values, labels)],
            [`validation_${name}_AUPR`, aupr(values, labels)],
          ]),
        );
      } finally {
        await model.dispose();
      }
    });
}
