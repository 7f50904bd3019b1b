/** Which lines go into which chart while a run trains. */

export interface ChartPlan {
  readonly title: string;
  readonly yLabel: string;
  /** One sentence on how to read it. */
  readonly help: string;
  /** Few points, each measured with care: not to be smoothed. */
  readonly sparse?: boolean;
  readonly lines: readonly { readonly key: string; readonly name: string }[];
}

interface Known extends Omit<ChartPlan, 'lines'> {
  readonly line: (key: string) => string | null;
}

const named = (names: Readonly<Record<string, string>>) => (key: string) => names[key] ?? null;

const known: readonly Known[] = [
  {
    title: 'Energies',
    yLabel: 'energy',
    help: 'Of training pictures and of samples. In a good training both stay close to one another.',
    line: named({ energyData: 'data', energySamples: 'samples' }),
  },
  {
    title: 'Energy gap',
    yLabel: 'energy',
    help: 'Energy of samples less that of data. A gap that grows without end means that training runs away.',
    line: named({ gap: 'samples − data' }),
  },
  {
    title: 'Reconstruction',
    yLabel: 'nats per image',
    help: 'How far reconstructions are from their pictures. It falls as the model learns.',
    line: named({ reconstruction: 'reconstruction error' }),
  },
  {
    title: 'KL divergence',
    yLabel: 'nats per image',
    help: 'How much the latent vectors say about a picture. Near zero means that they say nothing.',
    line: named({ kl: 'KL divergence' }),
  },
  {
    title: 'Gradient norms',
    yLabel: 'norm',
    help: 'Length of each network’s gradient before clipping. Sudden peaks warn of an unstable training.',
    line: (key) => {
      const match = /^gradientNorm_?(.+)$/.exec(key);
      return match === null ? null : networkName(match[1] ?? '');
    },
  },
  {
    title: 'Validation AUROC',
    yLabel: 'AUROC',
    help: 'How well known anomalies are told from normal pictures: 0.5 is guessing, 1 is perfect.',
    sparse: true,
    line: (key) => /^validation_(.+)_AUROC$/.exec(key)?.[1] ?? null,
  },
  {
    title: 'Validation AUPR',
    yLabel: 'AUPR',
    help: 'The same by precision and recall; 1 is perfect.',
    sparse: true,
    line: (key) => /^validation_(.+)_AUPR$/.exec(key)?.[1] ?? null,
  },
];

function networkName(key: string): string {
  const name = key.toLowerCase();
  return name === 'inference' ? 'inference model' : name === 'energy' ? 'energy model' : name;
}

/** Charts of what is logged: those that every run has come first even while they are empty. */
export function chartPlans(names: readonly string[]): ChartPlan[] {
  return known
    .map(({ line, ...chart }, at) => {
      const keys = names.length === 0 && at < always.length ? (always[at] ?? []) : names;
      const lines = keys.flatMap((key) => {
        const name = line(key);
        return name === null ? [] : [{ key, name }];
      });
      return { ...chart, lines };
    })
    .filter(({ lines }) => lines.length > 0);
}

/** Before the first step. */
const always: readonly (readonly string[])[] = [['energyData', 'energySamples'], ['gap'], ['reconstruction'], ['kl']];
