import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { GalleryCard, GalleryItem, RunCard } from '../../../ipc/contract.ts';
import { Gallery } from '../../../renderer/state/gallery.svelte.ts';
import { fakeClient, type Answers } from './fake-client.ts';

const everything = { samples: null, interpolation: null, reconstructions: null, inference: null };
const run = (id: string, usable = true, lacks: RunCard['lacks'] = everything) =>
  ({ id, name: id, usable, lacks }) as RunCard;

const card = (id: string): GalleryCard => ({
  id,
  run: 'r1',
  runName: 'digits',
  kind: 'samples',
  created: '2026-11-01T10:00:00Z',
  title: '300 samples',
  seed: 7,
  temperature: 0.8,
  count: 300,
  columns: 8,
  step: 100,
  image: '/image/gallery/g1',
});

const item = (position: number): GalleryItem => ({
  id: `g1/${position}`,
  gallery: 'g1',
  run: 'r1',
  position,
  kind: 'generated',
  image: `/image/gallery/g1/${position}`,
  caption: '',
  seed: 7,
  index: position,
  temperature: 0.8,
  t: null,
  favourite: false,
});

function open(more: Answers = {}) {
  const cards = [card('g1')];
  const client = fakeClient({
    'runs.list': () => [run('broken', false), run('r1'), run('r2')],
    'gallery.list': () => [...cards],
    'gallery.items': ({ offset, limit }) => ({
      total: 300,
      rows: Array.from({ length: Math.min(limit, 300 - offset) }, (_, at) => item(offset + at)),
    }),
    'gallery.make': () => ({ gallery: 'g2', job: 'j1' }),
    ...more,
  });
  const errors: unknown[] = [];
  const gallery = new Gallery(client, (error) => errors.push(error));
  return { client, gallery, errors, cards };
}

const settled = () => vi.advanceTimersByTimeAsync(0);

describe('the gallery page', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('wishes with the first run that can generate', async () => {
    const { gallery } = open();
    await gallery.load();
    expect(gallery.maker.run).toBe('r1');
    expect(gallery.maker.wish).toEqual({ kind: 'samples', seed: 1, temperature: 1, count: 64 });
  });

  it('wishes for samples where the model that is chosen cannot make what was wished for', async () => {
    const reason = 'Objective dcgan has no inference model.';
    const dcgan = run('gan', true, { ...everything, reconstructions: reason, inference: reason });
    const { gallery } = open({ 'runs.list': () => [run('r1'), dcgan] });
    await gallery.load();
    const { maker } = gallery;
    maker.kind = 'reconstructions';
    gallery.chooseModel('gan');
    expect([maker.kind, gallery.lacks('reconstructions')]).toEqual(['samples', reason]);
    gallery.chooseModel('r1');
    maker.kind = 'interpolation';
    maker.from = { kind: 'file', path: '/a.png' };
    gallery.chooseModel('gan');
    // It can go between drawn pictures, but not from a given one.
    expect(maker.wish).toMatchObject({ kind: 'interpolation', from: { kind: 'seed' }, to: { kind: 'seed' } });
  });

  it('keeps counts and seeds within what the core takes', () => {
    const { maker } = open().gallery;
    maker.setCount(5000);
    maker.setSeed(-3);
    expect(maker.wish).toMatchObject({ count: 1024, seed: 0 });
    maker.kind = 'interpolation';
    maker.setCount(1);
    maker.setSeed(2 ** 40);
    expect(maker.wish).toMatchObject({ kind: 'interpolation', steps: 2 });
    expect(maker.seed).toBe(0xffff_ffff);
    maker.setCount(Number.NaN);
    expect(maker.wish).toMatchObject({ steps: 2 });
  });

  it('shows a gallery when it is ready', async () => {
    const { client, gallery, cards } = open();
    const stop = gallery.listen();
    await gallery.load();
    await gallery.make();
    expect(gallery.making).toEqual({ gallery: 'g2', job: 'j1' });
    cards.unshift(card('g2'));
    client.tell('job.finished', { job: 'other', kind: 'gallery', subject: 'g9', message: '', files: [] });
    expect(gallery.making).not.toBeNull();
    client.tell('job.finished', { job: 'j1', kind: 'gallery', subject: 'g2', message: '', files: [] });
    await settled();
    expect([gallery.making, gallery.view.gallery, gallery.card?.id]).toEqual([null, 'g2', 'g2']);
    expect(client.of('gallery.items').at(-1)).toMatchObject({ gallery: 'g2' });
    stop();
  });

  it('makes what it was surprised with', async () => {
    const wish = { kind: 'samples' as const, seed: 99, temperature: 1.2, count: 16 };
    const { client, gallery } = open({ 'gallery.surprise': () => ({ run: 'r2', wish }) });
    await gallery.load();
    await gallery.surprise();
    expect(client.of('gallery.make')).toEqual([{ run: 'r2', wish }]);
  });

  it('asks for a preview once when a slider rests', async () => {
    const image = '/image/preview/1';
    const { client, gallery } = open({ 'runs.samples': () => [{ run: 'r1', images: [image], error: null }] });
    await gallery.load();
    for (const temperature of [0.2, 0.4, 0.6]) {
      gallery.maker.temperature = temperature;
      gallery.maker.schedulePreview();
      await vi.advanceTimersByTimeAsync(100);
    }
    await vi.advanceTimersByTimeAsync(500);
    expect(client.of('runs.samples').map((request) => request.temperature)).toEqual([0.6]);
    expect(gallery.maker.preview).toEqual([image]);
  });

  it('marks favourites at once, and takes the mark back where the core refuses', async () => {
    const { gallery, errors } = open({
      'gallery.favourite': ({ favourite }) => {
        if (!favourite) throw new Error('read-only');
        return { favourites: 1 };
      },
    });
    await gallery.load();
    await settled();
    const marking = gallery.setFavourite(['g1/4'], true);
    expect(gallery.items.at(4)?.favourite).toBe(true);
    await marking;
    await gallery.setFavourite(['g1/4'], false);
    expect([gallery.items.at(4)?.favourite, errors.length]).toEqual([true, 1]);
  });

  it('selects every picture, beyond those that were fetched', async () => {
    const { gallery } = open();
    await gallery.load();
    await settled();
    await gallery.selectAll();
    expect([gallery.selection.size, gallery.selection.has('g1/299')]).toEqual([300, true]);
  });

  it('takes deleted pictures out of the selection and closes the one that was open', async () => {
    const { gallery } = open({ 'gallery.deleteItems': () => ({ undo: 'u1', what: '2 pictures' }) });
    await gallery.load();
    await settled();
    gallery.selection.replace(['g1/1', 'g1/2', 'g1/3']);
    gallery.open(1);
    const undo = await gallery.removeItems(['g1/1', 'g1/2']);
    expect([undo?.undo, gallery.selection.list(), gallery.position]).toEqual(['u1', ['g1/3'], null]);
  });

  it('asks again only for the nearest of the picture that is open by then', async () => {
    const { client, gallery } = open({ 'gallery.nearest': () => [] });
    await gallery.load();
    await settled();
    gallery.open(2);
    gallery.loadNearest('g1/2');
    gallery.open(3);
    gallery.loadNearest('g1/3');
    await settled();
    expect(client.of('gallery.nearest').map((request) => request.item)).toEqual(['g1/2', 'g1/3']);
    expect(gallery.nearest).toEqual([]);
    gallery.move(10_000);
    expect([gallery.position, gallery.nearest]).toEqual([299, null]);
  });

  it('makes a gallery again from its card', async () => {
    const { gallery } = open();
    await gallery.load();
    gallery.again(card('g1'));
    expect(gallery.maker.wish).toEqual({ kind: 'samples', seed: 7, temperature: 0.8, count: 300 });
  });
});
