/** The experiment channels: the list and what changes it in the process that trains, the rest at the desk. */
import {
  CoreError,
  experiments as kinds,
  objectives,
  planExperiment,
  type ExperimentCard as CoreCard,
  type ExperimentQueue,
} from '../../core/index.ts';
import type { ExperimentCard } from '../contract.ts';
import { changed, type Context, type HandlersOf } from './context.ts';

/** The core's card in the contract's words. */
export function experimentCard(card: CoreCard): ExperimentCard {
  const chosen = Object.entries(card.choices).filter(([, value]) => value !== undefined);
  return { ...card, choices: Object.fromEntries(chosen) };
}

export function experimentHandlers(context: Context): HandlersOf<'experiments'> {
  const { library } = context;
  const queue = (): ExperimentQueue => {
    if (context.experiments !== null) return context.experiments;
    throw new CoreError('internal/lane', 'This call belongs to the process that trains. Please report this.');
  };
  return {
    'experiments.catalogue': () =>
      Promise.resolve({
        kinds: kinds.map(({ name, title, summary, paper, parameters, defaults, sets }) => ({
          name,
          title,
          summary,
          paper,
          parameters: [...parameters],
          defaults: {
            data: defaults.data,
            digits: [...defaults.digits],
            methods: [...defaults.methods],
            seeds: [...defaults.seeds],
            epochs: defaults.epochs,
            lastEpochs: defaults.lastEpochs,
            protocols: [...defaults.protocols],
            samples: defaults.samples,
            preset: defaults.preset,
          },
          sets: { ...sets },
        })),
        methods: objectives.map(({ name, summary }) => ({ name, summary })),
      }),
    'experiments.list': async () => (await queue().list()).map(experimentCard),
    'experiments.plan': async ({ kind, choices }) => Promise.resolve({ cells: planExperiment(kind, choices) }),
    'experiments.start': async ({ kind, choices }) => experimentCard(await queue().start(kind, choices)),
    'experiments.stop': async ({ experiment }) => experimentCard(await queue().stop(experiment)),
    'experiments.resume': async ({ experiment }) => experimentCard(await queue().resume(experiment)),
    async 'experiments.report'({ experiment }) {
      const page = await library.experiments.page(experiment);
      if (page === null) return null;
      return {
        ...page,
        cells: { ...page.cells },
        tables: structuredClone(page.tables) as never,
        figures: page.figures.map((figure, index) => ({
          ...figure,
          image: `/image/experiment/${experiment}/${index}`,
        })),
        notes: [...page.notes],
        made: { heads: [...page.made.heads], rows: page.made.rows },
        versions: [...page.versions],
      };
    },
    async 'experiments.export'({ experiment, what, path }) {
      return { file: await library.experiments.exportTo(experiment, what, path) };
    },
    async 'experiments.delete'({ experiment }) {
      const undo = await library.experiments.discard(experiment);
      changed(context, 'experiments');
      changed(context, 'trash');
      return undo;
    },
  };
}
