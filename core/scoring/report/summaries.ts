/** What each score is, in one line. */
import type { ScoreName } from '../../score-names.ts';
import { registry } from '../scores/registry.generated.ts';

export function summaryOf(name: ScoreName): string {
  if (name === 'place')
    return 'largest local error relative to the picture, measured against held-out normal images at that place';
  if (name === 'neighbours') return 'distance in the latent space to the nearest held-out normal images';
  if (name === 'feature-neighbours') return 'distance to the nearest normal images in what the energy network sees';
  if (name === 'combined') return 'the scores together, each measured against held-out normal images';
  return registry.find((score) => score.name === name)?.summary ?? name;
}
