/** The scores' formulas for programs that know nothing of us: what `model.json` says, in the names of the graphs' outputs. */
import type { ScoreName } from '../score-names.ts';
import { combinedMembers } from './combination.ts';
import { nearest } from './neighbours.ts';
import { cellsAcross, floor } from './place.ts';
import { windowSide } from './scores/local.ts';
import type { ModelDescription } from './types.ts';

/** Of the scores `names` that a model gives; lengths are those of its input. */
export function formulasOf(
  { spec: { size }, sigma }: Pick<ModelDescription, 'spec' | 'sigma'>,
  names: readonly ScoreName[],
): Partial<Record<ScoreName, string>> {
  const window = windowSide(size);
  const across = cellsAcross(size);
  const variance = `(2 * ${sigma}^2)`;
  const all: Record<ScoreName, string> = {
    energy: '-f of the picture',
    reconstruction: `sum over pixels and channels of (images - reconstruction)^2, / ${variance}`,
    local: `the largest, over all squares of ${window} x ${window} pixels, of the mean over the square and the channels of (images - reconstruction)^2, / ${variance}`,
    place: `r of a cell = the largest mean of (images - reconstruction)^2 over the channels and a square of ${window} x ${window} pixels, of the squares that begin at multiples of ${window} pixels in the model input and whose middle lies in that cell of the ${across} x ${across} grid over the whole picture, all tiles of it together; v = ln(r + ${floor}); level = median over the cells of (v - centre); the score is the largest (v - level - centre) / spread. centre and spread of each cell, row by row: calibration.places`,
    neighbours: `mean of the ${nearest} smallest Euclidean distances between mean and the rows of calibration.neighbours (base64 of float32, little-endian)`,
    'feature-neighbours': `mean of the ${nearest} smallest Euclidean distances between features of the picture and the rows of calibration.featureNeighbours (likewise)`,
    elbo: 'reconstruction + sum(mean^2 + exp(logVariance) - 1 - logVariance) / 2',
    joint: 'energy + reconstruction',
    features: 'Euclidean distance between features of the picture and of its reconstruction',
    'bigan-sigma':
      '0.9 * sum over pixels and channels of |images - reconstruction| + 0.1 * ln(1 + exp(-f)), f of the picture',
    'bigan-fm':
      '0.9 * sum over pixels and channels of |images - reconstruction| + 0.1 * sum of |features of the picture - features of its reconstruction|',
    combined: `weighted mean over ${combinedMembers(names)
      .map(({ name, weight }) => `${name} (${weight})`)
      .join(
        ', ',
      )} of the picture of ln(1 + exp(v)) = max(v, 0) + ln(1 + exp(-|v|)), v = (score - median) / spread by calibration.statistics`,
  };
  return Object.fromEntries(names.map((name) => [name, all[name]]));
}
