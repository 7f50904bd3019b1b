import { describe, expect, it } from 'vitest';
import type { DatasetCard, DatasetDetails, DatasetItem, DatasetProblem } from '../../../ipc/contract.ts';
import { DatasetList, DatasetView } from '../../../renderer/state/datasets.svelte.ts';
import { channelWords, sizeWords } from '../../../renderer/pages/datasets/words.ts';
import { fakeClient, settle } from './fake-client.ts';

const card = (id: string, builtin = false): DatasetCard => ({
  id,
  source: builtin ? `builtin:${id}` : `/data/${id}`,
  name: id,
  builtin,
  description: null,
  pictures: 3,
  missing: false,
  added: null,
  thumbnails: [],
  excluded: 0,
});

const details: DatasetDetails = {
  card: card('parts'),
  format: 'folder',
  layout: '',
  explanation: '',
  labels: [],
  counts: { train: 0, test: 0, unsplit: 3, masks: 0 },
  sizes: null,
  problems: null,
  suggestedPreset: 'quick',
};

const item = (index: number): DatasetItem => ({
  index,
  name: `${index}.png`,
  label: null,
  split: null,
  anomalous: null,
  hasMask: false,
  excluded: false,
  image: `/image/dataset/parts/${index}`,
});

describe('the list', () => {
  it('shows the first pictures of built-in sets that nobody opened', async () => {
    const client = fakeClient({
      'datasets.list': () => [card('parts'), card('digits', true)],
      'datasets.items': () => ({ total: 2, rows: [item(0), item(1)] }),
    });
    const list = new DatasetList(client);
    await list.load();
    await settle();
    expect(client.of('datasets.items').map(({ dataset }) => dataset)).toEqual(['digits']);
    expect(list.cards.find(({ builtin }) => builtin)?.thumbnails).toHaveLength(2);
  });

  it('says why a path cannot be opened and stays as it was', async () => {
    const client = fakeClient({
      'datasets.list': () => [card('parts')],
      'datasets.openAll': () => Promise.reject(Object.assign(new Error('No images in /x.'), { code: 'dataset/empty' })),
    });
    const list = new DatasetList(client);
    await list.load();
    expect(await list.open(['/x'])).toBeNull();
    expect(list.openError).toEqual({ code: 'dataset/empty', message: 'No images in /x.' });
    expect(list.opening).toBeNull();
    expect(list.cards).toHaveLength(1);
  });

  it('opens everything that was dropped in one go and gives the first', async () => {
    const client = fakeClient({
      'datasets.list': () => [card('parts')],
      'datasets.openAll': () => ({ datasets: [details] }),
    });
    const list = new DatasetList(client);
    expect(await list.open(['/a.png', '/b.png'])).toBe(details.card.id);
    expect(client.of('datasets.openAll')).toEqual([{ paths: ['/a.png', '/b.png'] }]);
  });

  it('brings a forgotten dataset back by its path', async () => {
    const client = fakeClient({
      'datasets.list': () => [],
      'datasets.forget': () => ({}),
      'datasets.open': () => details,
    });
    const undo = await new DatasetList(client).forget(card('parts'));
    await undo();
    expect(client.of('datasets.open')).toEqual([{ path: '/data/parts' }]);
  });
});

describe('one dataset', () => {
  const problem: DatasetProblem = {
    name: '1.png',
    kind: 'duplicate',
    detail: '',
    excluded: false,
    image: null,
    duplicateOf: null,
  };

  function open() {
    const client = fakeClient({
      'datasets.inspect': () => details,
      'datasets.items': ({ offset, limit }) => ({
        total: 3,
        rows: [item(0), item(1), item(2)].slice(offset, offset + limit),
      }),
      'datasets.problems': () => ({ checked: true, total: 1, counts: { duplicate: 1 }, rows: [problem] }),
      'datasets.exclude': () => ({ excluded: 1 }),
      'datasets.excludeProblems': () => ({ excluded: 1, names: ['1.png'] }),
    });
    return { client, view: new DatasetView(client, 'parts') };
  }

  it('marks what was left out at once, in the pictures and in the problems, and takes it back', async () => {
    const { client, view } = open();
    await view.load();
    await settle();
    const undo = await view.exclude(['1.png'], true);
    expect([view.items.at(1)?.excluded, view.items.at(0)?.excluded, view.problems.at(0)?.excluded]).toEqual([
      true,
      false,
      true,
    ]);
    await undo();
    expect(view.items.at(1)?.excluded).toBe(false);
    expect(client.of('datasets.exclude').map(({ excluded }) => excluded)).toEqual([true, false]);
  });

  it('undoes leaving out all problems with exactly the names that were changed', async () => {
    const { client, view } = open();
    await view.load();
    const { count, undo } = await view.excludeProblems(['duplicate']);
    await undo();
    expect(count).toBe(1);
    expect(client.of('datasets.exclude')).toEqual([{ dataset: 'parts', names: ['1.png'], excluded: false }]);
  });

  it('asks for what the filter says', async () => {
    const { client, view } = open();
    await view.load();
    await settle();
    view.show({ label: null, search: 'a' });
    await settle();
    expect(client.of('datasets.items').at(-1)).toMatchObject({ label: null, search: 'a', offset: 0 });
    view.showKind('tiny');
    await settle();
    expect(client.of('datasets.problems').at(-1)).toMatchObject({ kind: 'tiny' });
  });
});

describe('words', () => {
  it('says sizes and channels', () => {
    const sizes = { min: [128, 96], median: [128, 96], max: [128, 96], grey: 1, colour: 0, exact: true } as const;
    const wide = { ...sizes, min: [...sizes.min], median: [...sizes.median], max: [4000, 3000], exact: false };
    expect(sizeWords({ ...wide, max: [128, 96], exact: true } as Parameters<typeof sizeWords>[0])).toBe(
      '128 × 96 pixels',
    );
    expect(sizeWords(wide as Parameters<typeof sizeWords>[0])).toBe('about 128 × 96 to 4,000 × 3,000 pixels');
    expect([channelWords({ grey: 3, colour: 0 }), channelWords({ grey: 1, colour: 9 })]).toEqual([
      'grey',
      '90 % colour, 10 % grey',
    ]);
  });
});
