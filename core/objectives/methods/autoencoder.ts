/**
 * `autoencoder`: the deterministic auto-encoder (Hinton and Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks",
 * Science 2006): |x - g(mean(x))|^2 / 2 sigma^2 and nothing else. A baseline that tells what the Gaussian latent space itself adds to a
 * `vae`; nothing draws its latent vectors towards the prior, so samples of it are not to be expected to look like data.
 */
import { defineGame, type Turn } from '../players.ts';
import { reconstructionError } from '../reconstruction.ts';

const networks = ['generator', 'inference'] as const;

/** Both players share the one loss. */
function error({ players, inputs, options }: Turn<(typeof networks)[number]>) {
  const { mean } = players.inference.infer(inputs.images, 'frozen');
  return reconstructionError(inputs.images, players.generator.generate(mean, 'frozen'), options.sigma);
}

export const objective = defineGame({
  name: 'autoencoder',
  summary: 'Deterministic auto-encoder (Hinton and Salakhutdinov, Science 2006), the baseline without a prior.',
  networks,
  scores: ['reconstruction', 'local', 'combined'],
  defaults: {},
  losses: (turn) => ({ generator: () => error(turn), inference: () => error(turn) }),
  logs: (turn) => ({ reconstruction: error(turn) }),
});
