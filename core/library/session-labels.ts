/** Labels that the pictures' own layout gives (good and crack, OK and NG, classes left out of training), so that metrics are there at once. */
import path from 'node:path';
import { isAnomalous, openSource } from '../datasets/index.ts';
import type { LabelCode } from './session-table.ts';

/** Looks up the label of a picture by its path or name in a container. Inputs that are no labelled dataset give none. */
export async function layoutLabels(
  inputs: readonly string[],
  excludeLabels: readonly string[],
): Promise<(name: string) => LabelCode> {
  const known = new Map<string, LabelCode>();
  for (const input of inputs) {
    const source = await openSource(input).catch(() => null);
    if (source === null) continue;
    source.items.forEach((item, index) => {
      const verdict = isAnomalous(item, excludeLabels);
      if (verdict === null) return;
      const file = source.pathOf(index);
      known.set(file === null ? item.name : path.resolve(file), verdict ? 2 : 1);
    });
    await source.close();
  }
  return (name) => known.get(name) ?? known.get(path.resolve(name)) ?? 0;
}
