/**
 * `bigan`: Donahue, Krähenbühl and Darrell, "Adversarial Feature Learning", ICLR 2017. As ALI with a deterministic encoder z̃ = E(x).
 * Its anomaly scores are those of Zenati et al., "Efficient GAN-Based Anomaly Detection", 2018 (`bigan-sigma`, `bigan-fm`).
 */
import {
  deterministic,
  discriminatorLoss,
  generatorLoss,
  inferenceLoss,
  jointLogs,
  jointNets,
  jointNetworks,
} from '../joint-discriminator.ts';
import { defineGame } from '../players.ts';

export const objective = defineGame({
  name: 'bigan',
  summary: 'Bidirectional GAN (Donahue et al., ICLR 2017), with the anomaly scores of Zenati et al. 2018.',
  networks: jointNetworks,
  scores: ['energy', 'reconstruction', 'local', 'features', 'bigan-sigma', 'bigan-fm', 'combined'],
  defaultScore: 'bigan-sigma',
  defaults: {},
  nets: jointNets,
  training: { beta1: 0.5, beta2: 0.999 },
  losses: (turn) => ({
    generator: () => generatorLoss(turn),
    inference: () => inferenceLoss(turn, deterministic),
    energy: () => discriminatorLoss(turn, deterministic),
  }),
  logs: (turn) => jointLogs(turn, deterministic),
});
