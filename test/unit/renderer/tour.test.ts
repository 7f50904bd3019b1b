import { describe, expect, it } from 'vitest';
import { TourState } from '../../../renderer/state/tour.svelte.ts';
import { fakeClient, type Answers } from './fake-client.ts';

const plan = { dataset: 'd', preset: 'quick', values: { steps: 100 }, name: 'First tour', scoreInputs: ['/tour'] };

function start(more: Answers = {}) {
  const went: [string, Readonly<Record<string, string>>][] = [];
  const client = fakeClient({
    'app.tour': () => plan,
    'training.start': () => ({ run: 'r' }),
    'scoring.start': () => ({ session: 's', job: 'j' }),
    'settings.set': () => ({}) as never,
    ...more,
  });
  const tour = new TourState({ client, go: (page, params) => void went.push([page, params]), status: () => null });
  return { client, tour, went };
}

describe('the tour', () => {
  it('leads over the real pages with what the core planned', async () => {
    const { client, tour, went } = start();
    tour.offer(true);
    expect(tour.step).toBe('welcome');
    await tour.look();
    await tour.train();
    await tour.score();
    expect(went).toEqual([
      ['datasets', { dataset: 'd' }],
      ['train', { run: 'r' }],
      ['score', { run: 'r', session: 's' }],
    ]);
    expect(client.of('training.start')).toEqual([
      { dataset: 'd', preset: 'quick', values: { steps: 100 }, name: 'First tour' },
    ]);
    await tour.end();
    expect(client.of('settings.set')).toEqual([{ tourDone: true }]);
    // The window still knows this start as the first one.
    tour.offer(true);
    expect(tour.step).toBe('closed');
  });

  it('is offered on a first start only, and stays where it is when a step fails', async () => {
    const { tour, went } = start({
      'training.start': () => Promise.reject(Object.assign(new Error('No disk space.'), { code: 'disk' })),
    });
    tour.offer(false);
    expect(tour.step).toBe('closed');
    tour.begin();
    await tour.look();
    await tour.train();
    expect([tour.step, tour.error?.message, tour.busy, went.length]).toEqual(['look', 'No disk space.', false, 1]);
  });
});
