/** Page 3's states against a client that a test controls. */
import { describe, expect, it } from 'vitest';
import { ComparisonState } from '../../../renderer/pages/runs/comparison.svelte.ts';
import { SameLatents } from '../../../renderer/pages/runs/same-latents.svelte.ts';
import { RunsState } from '../../../renderer/state/runs.svelte.ts';
import type { TrainingStatus } from '../../../ipc/contract.ts';
import { fakeClient, settle } from './fake-client.ts';
import { card, details } from './runs-cards.ts';

const status = (change: Partial<TrainingStatus>): TrainingStatus => ({
  run: 'a',
  name: 'a',
  dataset: 'digits',
  state: 'running',
  step: 5,
  steps: 10,
  stepsPerEpoch: null,
  secondsLeft: null,
  progress: null,
  device: null,
  code: null,
  message: null,
  ...change,
});

async function opened(cards = [card('a'), card('b', { name: 'bottle' }), card('c')]) {
  const library = { cards };
  const client = fakeClient({ 'runs.list': () => library.cards });
  const state = new RunsState(client);
  state.sortBy('name');
  state.open();
  await settle();
  return { client, state, library };
}

describe('the list of runs', () => {
  it('loads, and stops listening when it is closed', async () => {
    const { client, state } = await opened();
    expect(state.loading).toBe(false);
    expect(state.visible.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    client.tell('library.changed', { what: 'runs' });
    expect(client.of('runs.list')).toHaveLength(2);
    state.close();
    client.tell('library.changed', { what: 'runs' });
    expect(client.of('runs.list')).toHaveLength(2);
  });

  it('keeps the error, and forgets it when it is asked again and answered', async () => {
    const client = fakeClient({});
    const state = new RunsState(client);
    state.open();
    await settle();
    expect(state.error).toBeInstanceOf(Error);
    expect(state.loading).toBe(false);
    client.answers['runs.list'] = () => [card('a')];
    await state.load();
    expect(state.error).toBeNull();
    expect(state.cards).toHaveLength(1);
  });

  it('drops an older answer that comes after a newer one', async () => {
    const waiting: ((cards: ReturnType<typeof card>[]) => void)[] = [];
    const client = fakeClient({ 'runs.list': () => new Promise((resolve) => waiting.push(resolve)) });
    const state = new RunsState(client);
    const both = [state.load(), state.load()];
    waiting[1]?.([card('new')]);
    waiting[0]?.([card('old')]);
    await Promise.all(both);
    expect(state.cards.map(({ id }) => id)).toEqual(['new']);
  });

  it('selects one by one, by range, all that is shown, and acts on nothing that is hidden', async () => {
    const { state } = await opened();
    state.select('a', true);
    state.select('c', true, true);
    expect([...state.selected]).toEqual(['a', 'b', 'c']);
    state.text = 'bott';
    expect(state.chosen.map(({ id }) => id)).toEqual(['b']);
    state.selectAll(true);
    expect([...state.selected]).toEqual(['b']);
    state.clearFilter();
    state.selectAll(false);
    expect(state.chosen).toEqual([]);
  });

  it('forgets a selection and a tag that are gone', async () => {
    const { state, library } = await opened([card('a', { tags: ['x'] }), card('b')]);
    state.select('a', true);
    state.tag = 'x';
    library.cards = [card('b')];
    await state.load();
    expect(state.selected.size).toBe(0);
    expect(state.tag).toBeNull();
  });

  it('shows a new name at once and takes it back when it fails', async () => {
    const { client, state } = await opened();
    let fail: (error: Error) => void = () => undefined;
    client.answers['runs.rename'] = () => new Promise((_, reject) => (fail = reject));
    const renaming = state.rename('a', 'new name');
    expect(state.find('a')?.name).toBe('new name');
    fail(new Error('no'));
    await expect(renaming).rejects.toThrow('no');
    expect(state.find('a')?.name).toBe('a');
  });

  it('deletes, unselects, and brings back by the undo', async () => {
    const { client, state, library } = await opened();
    client.answers['runs.delete'] = ({ runs }) => {
      library.cards = library.cards.filter(({ id }) => !runs.includes(id));
      return { undo: 'u1', what: '2 runs deleted' };
    };
    client.answers['trash.restore'] = () => {
      library.cards = [card('a'), card('b'), card('c')];
      return { what: 'back' };
    };
    state.selectAll(true);
    const undo = await state.remove(['a', 'c']);
    expect(state.cards.map(({ id }) => id)).toEqual(['b']);
    expect([...state.selected]).toEqual(['b']);
    await state.restore(undo.undo);
    expect(client.of('trash.restore')).toEqual([{ undo: 'u1' }]);
    expect(state.cards).toHaveLength(3);
  });

  it('follows a run that trains, without asking for the list each time', async () => {
    const { client, state } = await opened([card('a', { state: 'new', step: 0 })]);
    const asked = client.of('runs.list').length;
    client.tell('training.state', status({ state: 'running', step: 5 }));
    expect(state.find('a')).toMatchObject({ state: 'running', step: 5 });
    client.tell('training.metrics', { run: 'a', step: 7, steps: 10, secondsLeft: 1, rows: [{ step: 7, gap: 3 }] });
    expect(state.find('a')).toMatchObject({ step: 7, metrics: { gap: 3 } });
    client.tell('training.samples', { run: 'a', step: 7, content: 'samples', image: '/image/run/a/samples/7' });
    client.tell('training.samples', { run: 'a', step: 7, content: 'reconstructions', image: '/image/other' });
    expect(state.find('a')?.image).toBe('/image/run/a/samples/7');
    expect(client.of('runs.list')).toHaveLength(asked);
    client.tell('training.state', status({ state: 'finished', step: 10 }));
    expect(client.of('runs.list')).toHaveLength(asked + 1);
  });
});

function compared() {
  const client = fakeClient({
    'runs.get': ({ run }) =>
      details(run, { card: card(run, { seed: run === 'b' ? 2 : 1 }), samples: run === 'a' ? [10, 20] : [20, 30] }),
    'runs.metrics': ({ run }) => ({
      records: 2,
      lastStep: 2,
      series: [
        { name: 'reconstruction', steps: [1, 2], values: [5, null] },
        ...(run === 'a' ? [{ name: 'kl', steps: [1], values: [3] }] : []),
      ],
    }),
    'runs.difference': () => [{ key: 'seed', label: 'Seed', values: ['1', '2'], differs: true }],
  });
  return { client, state: new ComparisonState(client) };
}

describe('the comparison of runs', () => {
  it('lays the series of all runs over one another, with gaps where a value was not finite', async () => {
    const { state } = compared();
    state.open(['a', 'b']);
    await settle();
    expect(state.error).toBeNull();
    expect(state.metrics).toEqual(['reconstruction']);
    const [chart] = state.charts;
    expect(chart?.series.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(chart?.series[0]?.points).toEqual([
      [1, 5],
      [2, null],
    ]);
    state.close();
  });

  it('leaves out runs that never logged a metric, and keeps charts in the order offered', async () => {
    const { state } = compared();
    state.open(['a', 'b']);
    await settle();
    state.show('kl', true);
    expect(state.metrics).toEqual(['reconstruction', 'kl']);
    expect(state.charts[1]?.series.map(({ id }) => id)).toEqual(['a']);
    expect(state.charts[1]?.without).toEqual(['b']);
    state.show('reconstruction', false);
    expect(state.metrics).toEqual(['kl']);
    state.close();
  });

  it('has one slider over all steps, and knows when seeds differ', async () => {
    const { state } = compared();
    state.open(['a', 'b']);
    await settle();
    expect(state.sampleSteps).toEqual([10, 20, 30]);
    expect(state.sameLatents).toBe(false);
    state.open(['a']);
    await settle();
    expect(state.sameLatents).toBe(true);
    state.close();
  });

  it('does not ask for differences of a single run', async () => {
    const { client, state } = compared();
    state.open(['a']);
    await settle();
    expect(client.of('runs.difference')).toEqual([]);
    state.close();
    client.tell('library.changed', { what: 'runs' });
    expect(client.of('runs.get')).toHaveLength(1);
  });

  it('asks for more points within a zoom of a run that was thinned', async () => {
    const { client, state } = compared();
    client.answers['runs.metrics'] = ({ fromStep }) => ({
      records: 50_000,
      lastStep: 9,
      series: [
        fromStep === undefined
          ? { name: 'kl', steps: [1, 5, 9], values: [1, 5, 9] }
          : { name: 'kl', steps: [4, 5, 6], values: [40, 50, 60] },
      ],
    });
    state.open(['a']);
    await settle();
    state.zoomTo({ from: 4.2, to: 5.7 });
    await settle();
    expect(client.of('runs.metrics').at(-1)).toMatchObject({ fromStep: 4, toStep: 6 });
    expect(state.charts[0]?.series[0]?.points.map(([, value]) => value)).toEqual([1, 40, 50, 60, 9]);
    client.answers['runs.metrics'] = ({ maxPoints, names }) => ({
      records: 50_000,
      lastStep: 9,
      series: [{ name: names?.[0] ?? '', steps: [1], values: [maxPoints] }],
    });
    await expect(state.whole('kl')).resolves.toEqual([{ id: 'a', name: 'a', points: [[1, 20_000]] }]);
    state.zoomTo(null);
    expect(state.charts[0]?.series[0]?.points).toHaveLength(3);
    state.close();
  });

  it('says what failed', async () => {
    const { client, state } = compared();
    delete client.answers['runs.metrics'];
    state.open(['a']);
    await settle();
    expect(state.error).toBeInstanceOf(Error);
    expect(state.loading).toBe(false);
    state.close();
  });
});

describe('pictures of the same latent vectors', () => {
  it('are asked for with one seed for all runs, and with the next one for others', async () => {
    const client = fakeClient({ 'runs.samples': ({ runs }) => runs.map((run) => ({ run, images: [], error: null })) });
    const state = new SameLatents(client);
    await state.draw(['a', 'b']);
    await state.others(['a', 'b']);
    expect(client.of('runs.samples')).toEqual([
      { runs: ['a', 'b'], seed: 1, count: 16, temperature: 1 },
      { runs: ['a', 'b'], seed: 2, count: 16, temperature: 1 },
    ]);
    expect(state.answers).toHaveLength(2);
  });
});
