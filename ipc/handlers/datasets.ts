/** The dataset channels onto the core. */
import { collectPictures, splitLoose } from '../../core/index.ts';
import { changed, type Context, type HandlersOf } from './context.ts';

export function datasetHandlers(context: Context): HandlersOf<'datasets'> {
  const { datasets } = context.library;
  return {
    'datasets.list': () => datasets.list(),
    async 'datasets.open'({ path }) {
      const details = await datasets.open(path);
      changed(context, 'datasets');
      return details;
    },
    async 'datasets.openAll'({ paths }) {
      const { pictures, others } = await splitLoose(paths);
      const opened = [];
      try {
        for (const path of others) opened.push(await datasets.open(path));
        if (pictures.length > 0) {
          opened.push(await datasets.open(await collectPictures(context.library.folders, pictures)));
        }
      } finally {
        changed(context, 'datasets');
      }
      return { datasets: opened };
    },
    'datasets.inspect': ({ dataset }) => datasets.inspect(dataset),
    async 'datasets.check'({ dataset }) {
      const { card } = await datasets.inspect(dataset);
      const job = context.jobs.start('check', dataset, async ({ signal, progress }) => {
        const found = await datasets.check(dataset, {
          signal,
          onProgress: (state) => progress('Looking at every picture', state),
        });
        changed(context, 'datasets');
        const count = found.problems.length;
        const words =
          count === 0 ? 'no problems' : `${count.toLocaleString('en')} ${count === 1 ? 'problem' : 'problems'}`;
        return { message: `${card.name}: ${words} found.` };
      });
      return { job };
    },
    'datasets.problems': ({ dataset, ...query }) => datasets.problems(dataset, query),
    async 'datasets.exclude'({ dataset, names, excluded }) {
      const count = await datasets.exclude(dataset, names, excluded);
      changed(context, 'datasets');
      return { excluded: count };
    },
    async 'datasets.excludeProblems'({ dataset, kinds }) {
      const done = await datasets.excludeProblems(dataset, kinds);
      changed(context, 'datasets');
      return done;
    },
    'datasets.items': ({ dataset, ...query }) => datasets.items(dataset, query),
    async 'datasets.forget'({ dataset }) {
      await datasets.forget(dataset);
      changed(context, 'datasets');
      return {};
    },
  };
}
