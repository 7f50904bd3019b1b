/** What each logged number is: its name for people, its unit, and in which order charts are offered. */

export interface MetricInfo {
  readonly key: string;
  readonly label: string;
  /** Of the vertical axis; empty for pure numbers. */
  readonly unit: string;
  /** One sentence. */
  readonly help: string;
}

/** The networks that a method may have, in the order of their charts. */
const networks: Readonly<Record<string, string>> = {
  Generator: 'generator',
  Inference: 'inference model',
  Energy: 'energy model',
  Critic: 'critic',
  Statistics: 'estimator of information',
};

const ofNetworks = (info: (name: string, words: string) => MetricInfo): MetricInfo[] =>
  Object.entries(networks).map(([name, words]) => info(name, words));

const known: readonly MetricInfo[] = [
  {
    key: 'reconstruction',
    label: 'Reconstruction error',
    unit: 'nats per image',
    help: 'How far reconstructions are from their images; it falls as the model learns.',
  },
  {
    key: 'gap',
    label: 'Energy gap',
    unit: 'energy',
    help: 'Energy of samples less energy of data; near zero when samples look like data.',
  },
  { key: 'energyData', label: 'Energy of data', unit: 'energy', help: 'Mean energy of training images.' },
  { key: 'energySamples', label: 'Energy of samples', unit: 'energy', help: 'Mean energy of generated images.' },
  {
    key: 'kl',
    label: 'KL divergence',
    unit: 'nats per image',
    help: 'How much the inferred latent vectors differ from the prior.',
  },
  {
    key: 'diversity',
    label: 'Diversity of samples',
    unit: 'share',
    help: 'How much samples differ, over how much data do: near 1 is good, near 0 is a collapse.',
  },
  ...ofNetworks((name, words) => ({
    key: `loss${name}`,
    label: `Loss, ${words}`,
    unit: 'loss',
    help: 'What this network descends. Every method has a loss of its own: compare runs of one method only.',
  })),
  ...ofNetworks((name, words) => ({
    key: `gradientNorm${name}`,
    label: `Gradient norm, ${words}`,
    unit: 'norm',
    help: 'Length of the gradient before clipping.',
  })),
  { key: 'imagesPerSecond', label: 'Speed', unit: 'images per second', help: 'Training images processed in a second.' },
];

/** Logged, but no chart: they only say where in training a row is. */
const positions = new Set(['step', 'epoch']);

const scoreLabels: Record<string, string> = { elbo: 'ELBO' };

function measured(key: string): MetricInfo | null {
  const match = /^validation_(.+)_([^_]+)$/.exec(key);
  if (match === null) return null;
  const [, score = '', metric = ''] = match;
  const label = `${metric} of the ${scoreLabels[score] ?? score} score`;
  return { key, label, unit: 'share', help: `On labelled validation images; 1 is perfect.` };
}

export function metricInfo(key: string): MetricInfo {
  return (
    known.find((info) => info.key === key) ?? measured(key) ?? { key, label: spaced(key), unit: '', help: 'As logged.' }
  );
}

/** Whether it tells how a training goes, rather than one of many measures of one of many scores. */
export const isMain = (key: string): boolean => known.some((info) => info.key === key);

/** `gradientNorm_energy` and `someValue` as words. */
function spaced(key: string): string {
  const words = key
    .replaceAll('_', ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Those that can be charted, each once: the known ones in the order above, then what was measured, then the rest. */
export function chartable(names: Iterable<string>): MetricInfo[] {
  const order = (key: string) => {
    const position = known.findIndex((info) => info.key === key);
    if (position >= 0) return position;
    return known.length + (measured(key) === null ? 1 : 0);
  };
  return [...new Set(names)]
    .filter((name) => !positions.has(name))
    .sort((a, b) => order(a) - order(b) || a.localeCompare(b))
    .map(metricInfo);
}

/** What is shown before anything is chosen: reconstruction, gap, and one measured AUROC where there is one. */
export function defaultMetrics(available: readonly MetricInfo[]): string[] {
  const keys = available.map((info) => info.key);
  const wanted = ['reconstruction', 'gap'].filter((key) => keys.includes(key));
  const auroc =
    keys.find((key) => key === 'validation_combined_AUROC') ?? keys.find((key) => /^validation_.*AUROC$/.test(key));
  const chosen = auroc === undefined ? wanted : [...wanted, auroc];
  return chosen.length > 0 ? chosen : keys.slice(0, 1);
}
