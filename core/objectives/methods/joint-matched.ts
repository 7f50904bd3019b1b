/**
 * `joint-matched`: `joint` (Han et al. 2020, Eq. 14 to 21) with an energy model that learns which z belongs to which x. Deviations from
 * the paper, found by the trials of docs/experiments.md: the coupled form of f; logistic instead of linear terms in Eq. 12, at a smaller
 * weight; beside them f chooses the z̃ of x among the batch's (InfoNCE; van den Oord et al. 2018), and a second output of its image path
 * tells a changed view of x from those of other images (SimCLR; Chen et al. 2020). Told only data from samples, as in the paper, f turned
 * into a detector of the generator's style that sees nothing of an unfamiliar image.
 */
import { triangleLosses, triangleStep } from '../divergence-triangle.ts';
import type { EnergyLoss } from '../energy-loss.ts';
import { settingOf } from '../options.ts';
import type { MethodSettings, Objective, ObjectiveOptions, RandomFeeds } from '../types.ts';
import { viewDraws, viewsOf } from '../views.ts';

const settings = {
  samples: {
    value: 0.1,
    least: 0.001,
    most: 100,
    help: "Weight of generated pairs among the energy's negatives; 1 in the paper.",
  },
  contrast: {
    value: 1,
    least: 0,
    most: 100,
    help: "Weight of choosing an image's latent vector among the batch's; 0 in the paper.",
  },
  views: {
    value: 1,
    least: 0,
    most: 100,
    help: 'Weight of telling a changed view of an image from those of other images; 0 in the paper.',
  },
  change: {
    value: 1,
    least: 0,
    most: 2,
    help: 'How much a view is turned, scaled, sheared and moved: 1 is up to 30 degrees and a seventh of the side. Less where such a change is a defect.',
  },
} satisfies MethodSettings;

function pairsOf(options: ObjectiveOptions): EnergyLoss {
  const of = (name: keyof typeof settings) => settingOf(options, settings, name);
  const weights = {
    samples: of('samples'),
    mismatched: options.mismatch,
    contrast: of('contrast'),
    views: of('views'),
  };
  return { kind: options.energyLoss, weights };
}

export const objective: Objective = {
  name: 'joint-matched',
  summary:
    'As joint (Han et al., CVPR 2020), with an energy that learns which latent vector belongs to which image, and which images are alike: a deviation from the paper.',
  networks: ['generator', 'inference', 'energy'],
  scores: ['energy', 'reconstruction', 'local', 'elbo', 'joint', 'features', 'combined'],
  defaults: { energyLoss: 'logistic' },
  settings,
  nets: { energyForm: 'coupled', energyViews: true },
  // As the joint ones, and the image path once more for the views.
  passes: (options) => (settingOf(options, settings, 'views') > 0 ? 7 : 6),
  randomness: (_, batch, options): RandomFeeds =>
    settingOf(options, settings, 'views') > 0 ? { views: viewDraws(batch) } : {},
  prepare: (_, { images, random }, options) => {
    const draws = random?.['views'];
    return draws === undefined ? {} : { views: viewsOf(images, draws, settingOf(options, settings, 'change')) };
  },
  losses: (networks, inputs, options) => triangleLosses(networks, inputs, options, 'minus', pairsOf(options)),
  step: (networks, inputs, options) => triangleStep(networks, inputs, options, 'minus', pairsOf(options)),
};
