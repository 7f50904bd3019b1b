/** The run and trash channels onto the core. */
import path from 'node:path';
import { differenceOf, exportRun, idOf } from '../../core/index.ts';
import { changed, type Context, type HandlersOf } from './context.ts';
import { formFor, reproduce } from './training.ts';

export function runHandlers(context: Context): HandlersOf<'runs' | 'trash'> {
  const { library, jobs } = context;
  const { runs, trash } = library;
  return {
    'runs.list': () => runs.list(),
    'runs.get': ({ run }) => runs.details(run),
    'runs.metrics': ({ run, ...query }) => runs.metrics(run, query),
    async 'runs.rename'({ run, name }) {
      await runs.rename(run, name);
      changed(context, 'runs');
      return {};
    },
    async 'runs.tag'({ run, tags }) {
      await runs.tag(run, tags);
      changed(context, 'runs');
      return {};
    },
    async 'runs.add'({ path }) {
      const id = await runs.add(path);
      changed(context, 'runs');
      return runs.card(id);
    },
    async 'runs.delete'({ runs: ids }) {
      const undo = await runs.discard(ids);
      changed(context, 'runs');
      changed(context, 'trash');
      return undo;
    },
    async 'runs.difference'({ runs: ids }) {
      const manifests = await Promise.all(ids.map(async (id) => (await runs.open(id)).manifest));
      return differenceOf(manifests);
    },
    async 'runs.duplicate'({ run }) {
      const { source } = (await runs.open(run)).manifest.dataset;
      const dataset = idOf(source);
      if ((await library.datasets.find(source)) === null) {
        await library.datasets.open(source);
        changed(context, 'datasets');
      }
      return { dataset, form: await formFor(context, { dataset, from: run }) };
    },
    'runs.reproduce': ({ run }) => reproduce(context, run),
    'runs.verify': ({ run, original }) => runs.verify(run, original),
    async 'runs.samples'({ runs: ids, seed, count, temperature }) {
      return Promise.all(
        ids.map(async (run) => {
          const { usable, step, lacks } = await runs.card(run);
          if (!usable) return { run, images: [], error: 'This run has no checkpoint yet.' };
          if (lacks.samples !== null) return { run, images: [], error: lacks.samples };
          // The step makes the address new when the weights are.
          const images = Array.from(
            { length: count },
            (_, i) => `/image/latent/${run}/${seed}/${i}?temperature=${temperature}&step=${step}`,
          );
          return { run, images, error: null };
        }),
      );
    },
    async 'runs.export'({ run, folder }) {
      const opened = await runs.open(run);
      const job = jobs.start('export-model', run, async ({ progress }) => {
        progress('Exporting', { done: 0, total: 1, secondsLeft: null });
        const { files, dir } = await exportRun({ run: opened, out: folder });
        return {
          message: `${files.length} files written to ${dir}.`,
          files: files.map((file) => path.join(dir, file)),
        };
      });
      return { job };
    },
    'trash.list': () => trash.list(),
    async 'trash.restore'({ undo }) {
      const { kind, name, extra } = await trash.restore(undo);
      if (kind === 'run') await runs.relist(extra);
      if (kind === 'pictures') await library.galleries.bringBack(extra);
      const what = (
        {
          run: 'runs',
          session: 'sessions',
          gallery: 'galleries',
          pictures: 'galleries',
          move: 'sessions',
          experiment: 'experiments',
        } as const
      )[kind];
      changed(context, what);
      changed(context, 'trash');
      return { what: kind === 'move' ? 'The files are back in their places.' : `${name} is back.` };
    },
    async 'trash.purge'({ ids }) {
      const freedBytes = await trash.purge(ids);
      changed(context, 'trash');
      return { freedBytes };
    },
  };
}
