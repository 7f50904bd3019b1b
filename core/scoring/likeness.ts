/** Whether a model's energy network gives likeness features ({@link Energy.likeness}); they are then what its graphs call features. */
import type { ModelDescription } from './types.ts';

export function hasLikeness({ spec }: Pick<ModelDescription, 'spec'>): boolean {
  return spec.energyViews === true;
}
