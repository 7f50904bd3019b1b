/** Scores and file names for people. The core's own summary has the formula; these say what a score is good for. */
import type { ScoreName } from '../../../ipc/contract.ts';

export const scoreWords: Record<ScoreName, { readonly title: string; readonly text: string }> = {
  combined: {
    title: 'Combined',
    text: 'Several scores together, each by its place among the held-out normals. The best single choice on most data.',
  },
  energy: {
    title: 'Energy',
    text: 'How unlikely the model finds the picture as a whole. Finds what is of another kind altogether.',
  },
  reconstruction: {
    title: 'Reconstruction',
    text: 'How much of the picture the model cannot draw, summed over all of it.',
  },
  local: {
    title: 'Local',
    text: 'The largest difference in any one place: finds small defects that vanish in a sum.',
  },
  place: {
    title: 'Place',
    text: 'The largest difference for that place, measured by what normal pictures show there: for things always in the same pose.',
  },
  neighbours: {
    title: 'Neighbours',
    text: 'Distance from the most similar training pictures, by what the inference model sees in them.',
  },
  'feature-neighbours': {
    title: 'Look-alikes',
    text: 'Distance from the most similar normal pictures, by what the energy network learnt to see as alike.',
  },
  elbo: {
    title: 'ELBO',
    text: 'Evidence lower bound: reconstruction, and how unusual the latent code is, in one likelihood.',
  },
  joint: {
    title: 'Joint',
    text: 'Energy and reconstruction weighed as the model was trained.',
  },
  features: {
    title: 'Features',
    text: "Distance from normal pictures in what the network's inner layers see.",
  },
  'bigan-sigma': {
    title: 'BiGAN, σ',
    text: 'Reconstruction, and how sure the discriminator is that the picture is none of the training ones.',
  },
  'bigan-fm': {
    title: 'BiGAN, features',
    text: 'Reconstruction, and how far the discriminator sees the picture and its reconstruction apart.',
  },
};

/** The last part of a path, of either kind of system. */
export const fileNameOf = (name: string): string => name.split(/[/\\]/).at(-1) ?? name;
