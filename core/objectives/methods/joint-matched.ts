/**
 * `joint-matched`: `joint` (Han et al. 2020, Eq. 14 to 21) with an energy model that learns which z belongs to which x. Deviations from
 * the paper, found by the trials of docs/experiments.md: the coupled form of f; logistic instead of linear terms in Eq. 12; among the
 * energy's negatives beside (g(z), z), at a smaller weight, data images with another image's z̃ and with z̃ moved by noise. Told only data
 * from samples, as in the paper, f turned into a detector of the generator's style that sees nothing of an unfamiliar image.
 */
import { triangleLosses, triangleStep } from '../divergence-triangle.ts';
import type { EnergyLoss } from '../energy-loss.ts';
import { settingOf } from '../options.ts';
import type { MethodSettings, Objective, ObjectiveOptions } from '../types.ts';

const settings = {
  samples: {
    value: 0.1,
    least: 0.001,
    most: 100,
    help: "Weight of generated pairs among the energy's negatives; 1 in the paper.",
  },
  mismatched: {
    value: 1,
    least: 0,
    most: 100,
    help: "Weight of data images paired with another image's latent vector; 0 in the paper.",
  },
  nearby: {
    value: 1,
    least: 0,
    most: 100,
    help: 'Weight of data images paired with their latent vector moved by noise; 0 in the paper.',
  },
  distance: { value: 0.5, least: 0.01, most: 10, help: 'Standard deviation of that noise; the prior has 1.' },
} satisfies MethodSettings;

function pairsOf(options: ObjectiveOptions): EnergyLoss {
  const [samples, mismatched, nearby, distance] = (['samples', 'mismatched', 'nearby', 'distance'] as const).map(
    (name) => settingOf(options, settings, name),
  ) as [number, number, number, number];
  return { kind: options.energyLoss, weights: { samples, mismatched, nearby, distance } };
}

export const objective: Objective = {
  name: 'joint-matched',
  summary:
    'As joint (Han et al., CVPR 2020), with an energy that learns which latent vector belongs to which image: a deviation from the paper.',
  networks: ['generator', 'inference', 'energy'],
  scores: ['energy', 'reconstruction', 'local', 'elbo', 'joint', 'features', 'combined'],
  defaults: { energyLoss: 'logistic' },
  settings,
  nets: { energyForm: 'coupled' },
  losses: (networks, inputs, options) => triangleLosses(networks, inputs, options, 'minus', pairsOf(options)),
  step: (networks, inputs, options) => triangleStep(networks, inputs, options, 'minus', pairsOf(options)),
};
