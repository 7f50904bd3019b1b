/** The gallery channels onto the core. */
import { CoreError, type GalleryEnd } from '../../core/index.ts';
import type { GalleryWish } from '../contract.ts';
import { changed, type Context, type HandlersOf } from './context.ts';

const mostSeed = 0xffff_ffff;

async function endOf(
  { library }: Context,
  end: Extract<GalleryWish, { kind: 'interpolation' }>['from'],
): Promise<GalleryEnd> {
  if (end.kind !== 'item') return end;
  const { source } = await library.datasets.source(end.dataset);
  return { kind: 'item', data: source, index: end.index };
}

export function galleryHandlers(context: Context): HandlersOf<'gallery'> {
  const { library, jobs } = context;
  const { galleries } = library;
  return {
    async 'gallery.make'({ run, wish }) {
      const plan = await (async () => {
        if (wish.kind !== 'interpolation') return wish;
        const ends = [await endOf(context, wish.from), await endOf(context, wish.to)] as const;
        return { kind: wish.kind, ends, steps: wish.steps, count: wish.steps, seed: 0 };
      })();
      const { id, go } = await galleries.prepare(run, plan);
      const job = jobs.start('gallery', id, async ({ signal, progress }) => {
        progress('Drawing', { done: 0, total: plan.count, secondsLeft: null });
        const began = performance.now();
        const onProgress = (done: number, total: number): void =>
          progress('Drawing', {
            done,
            total,
            secondsLeft: ((performance.now() - began) / 1000 / done) * (total - done),
          });
        const file = await go({ signal, onProgress });
        changed(context, 'galleries');
        return { message: 'The gallery is made.', files: [file] };
      });
      return { gallery: id, job };
    },
    'gallery.list': ({ run }) => galleries.list(run),
    'gallery.items': (query) => galleries.items(query),
    async 'gallery.favourite'({ items, favourite }) {
      const favourites = await galleries.favourite(items, favourite);
      changed(context, 'galleries');
      return { favourites };
    },
    async 'gallery.delete'({ galleries: ids }) {
      const undo = await galleries.discard(ids);
      changed(context, 'galleries');
      changed(context, 'trash');
      return undo;
    },
    async 'gallery.deleteItems'({ items }) {
      const undo = await galleries.discardItems(items);
      changed(context, 'galleries');
      changed(context, 'trash');
      return undo;
    },
    'gallery.export': ({ items, folder, enlarge }) => galleries.export(items, folder, enlarge),
    'gallery.verify': ({ gallery }) => galleries.verify(gallery),
    async 'gallery.nearest'({ item, count }) {
      const [gallery = '', position = '0'] = item.split('/');
      const { run, pixels } = await galleries.pixels(gallery, Number(position));
      return library.models.use(run, ({ model }) => library.nearest.find(run, model, pixels, count));
    },
    async 'gallery.surprise'({ run }) {
      const usable = (await library.runs.list()).filter(
        (card) => card.usable && card.lacks.samples === null && (run === undefined || card.id === run),
      );
      // What nobody wants to repeat: the seed is in the wish, so that it can be.
      const chosen = usable[Math.floor(Math.random() * usable.length)];
      if (chosen === undefined) {
        throw new CoreError(
          'library/no-runs',
          'No run can generate pictures yet. Train one first; a minute is enough for the quick preset.',
        );
      }
      const seed = Math.floor(Math.random() * mostSeed);
      const temperature = Math.round(10 * (0.7 + 0.6 * Math.random())) / 10;
      return { run: chosen.id, wish: { kind: 'samples', seed, temperature, count: 64 } };
    },
  };
}
