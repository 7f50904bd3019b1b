/** A run's settings as labelled text, in one order: for its page and for the difference of several runs. */
import type { RunManifest } from '../runs/manifest.ts';

export interface SettingText {
  readonly key: string;
  readonly label: string;
  readonly value: string;
}

const text = (value: number | string | boolean | null): string =>
  value === null ? 'none' : value === true ? 'yes' : value === false ? 'no' : String(value);

export function settingsOf(manifest: RunManifest): SettingText[] {
  const { dataset, objective, nets, preparation, training, split, device } = manifest;
  const { options } = objective;
  const rows: [key: string, label: string, value: number | string | boolean | null][] = [
    ['data', 'Data', dataset.source],
    ['excludeLabels', 'Anomalous labels', dataset.excludeLabels.join(', ') || 'none'],
    ['excludeFiles', 'Files left out', dataset.excludeFiles?.length ?? 0],
    ['images', 'Training images', dataset.counts.train],
    ['objective', 'Objective', objective.name],
    ['size', 'Image size', `${nets.size} x ${nets.size}`],
    ['channels', 'Colour', nets.channels === 1 ? 'grey' : 'colour'],
    ['resize', 'Fitting', preparation.resize],
    ['tiles', 'Tiles', preparation.tiles === null ? 'no' : `every ${preparation.tiles.stride} pixels`],
    ['width', 'Width', nets.width],
    ['latent', 'Latent size', nets.latent],
    ['energyForm', 'Form of the energy', nets.energyForm ?? 'concat'],
    [
      'energyNorm',
      'Normalisation of the energy',
      nets.energyNorm ?? (nets.energyForm === 'coupled' ? 'none' : 'spectral'),
    ],
    ['criticNorm', 'Normalisation of the critic', nets.criticNorm ?? 'none'],
    ['steps', 'Steps', training.steps],
    ['batch', 'Batch', training.batch],
    ['seed', 'Seed', training.seed],
    ['sigma', 'Sigma', options.sigma],
    ['adversarialWeight', 'Adversarial weight', options.adversarialWeight],
    ['entropy', 'Entropy terms', options.entropy],
    ['energyLoss', 'Energy loss', options.energyLoss],
    ['mismatch', 'Mismatched pairs', options.mismatch],
    ['method', "The objective's own options", ownOptions(options.method)],
    ['rateGenerator', 'Learning rate, generator', training.learningRates.generator],
    ['rateInference', 'Learning rate, inference', training.learningRates.inference],
    ['rateEnergy', 'Learning rate, energy', training.learningRates.energy],
    ['betas', 'Betas of Adam', `${training.beta1}, ${training.beta2}`],
    ['decay', 'Decay an epoch', training.decay],
    ['clip', 'Gradient clipping', training.clip],
    ['averaging', 'Averaging', training.averaging],
    ['flipHorizontal', 'Mirrored left to right', training.augmentation.flipHorizontal],
    ['flipVertical', 'Mirrored top to bottom', training.augmentation.flipVertical],
    ['shift', 'Shifts in pixels', training.augmentation.shift],
    ['protocol', 'Protocol', split.protocol ?? 'P2'],
    ['heldOut', 'Held out', split.heldOutFraction],
    ['device', 'Device', device.adapter ?? device.description],
    ['programVersion', 'Program', manifest.programVersion],
  ];
  return rows.map(([key, label, value]) => ({ key, label, value: text(value) }));
}

function ownOptions(options: Readonly<Record<string, number>> = {}): string {
  const texts = Object.entries(options).map(([name, value]) => `${name} ${value}`);
  return texts.join(', ') || 'none';
}

/** Row by row the values of every run. */
export function differenceOf(manifests: readonly RunManifest[]) {
  const columns = manifests.map((manifest) => settingsOf(manifest));
  return (columns[0] ?? []).map(({ key, label }, row) => {
    const values = columns.map((column) => column[row]?.value ?? '');
    return { key, label, values, differs: new Set(values).size > 1 };
  });
}
