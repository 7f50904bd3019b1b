/** The table of runs as data, the differences, and one slider over the steps of several runs. */
import { describe, expect, it } from 'vitest';
import { changed, differenceSummary, shownRows } from '../../../renderer/pages/runs/difference.ts';
import { chartable, defaultMetrics, isMain, metricInfo } from '../../../renderer/pages/runs/metrics.ts';
import { rangeBetween } from '../../../renderer/pages/runs/selection.ts';
import { halfLifeAt, positionOf, positions } from '../../../renderer/pages/runs/smoothing.ts';
import { refined, shownStep, unionOfSteps } from '../../../renderer/pages/runs/steps.ts';
import { allTags, bestAuroc, matches, nextSort, parseTags, sorted } from '../../../renderer/pages/runs/table.ts';
import { sentences } from '../../../renderer/pages/runs/words.ts';
import { card, details } from './runs-cards.ts';

const ids = (cards: readonly { id: string }[]) => cards.map(({ id }) => id);
const none = { text: '', state: null, tag: null } as const;

describe('sorting', () => {
  const runs = [
    card('a', { name: 'run 10', metrics: { gap: 2 } }),
    card('b', { name: 'Run 9' }),
    card('c', { name: 'run 2', metrics: { gap: -1 } }),
  ];

  it('reads numbers in names as numbers and ignores case', () => {
    expect(ids(sorted(runs, { key: 'name', direction: 'ascending' }))).toEqual(['c', 'b', 'a']);
  });

  it('puts runs without a value last in both directions', () => {
    expect(ids(sorted(runs, { key: 'gap', direction: 'ascending' }))).toEqual(['c', 'a', 'b']);
    expect(ids(sorted(runs, { key: 'gap', direction: 'descending' }))).toEqual(['a', 'c', 'b']);
  });

  it('leaves the given list alone', () => {
    sorted(runs, { key: 'name', direction: 'ascending' });
    expect(ids(runs)).toEqual(['a', 'b', 'c']);
  });

  it('sorts the best first on a first click, and turns round on a second', () => {
    const first = nextSort({ key: 'name', direction: 'ascending' }, 'best');
    expect(first).toEqual({ key: 'best', direction: 'descending' });
    expect(nextSort(first, 'best').direction).toBe('ascending');
  });
});

describe('charts', () => {
  it('offers first those that tell how a training goes', () => {
    expect(['gap', 'reconstruction', 'validation_local_AUPR', 'something'].filter(isMain)).toEqual([
      'gap',
      'reconstruction',
    ]);
  });
});

describe('filtering', () => {
  const bottle = card('a', { name: 'Bottle, wide', tags: ['paper'], state: 'failed' });

  it('wants every word, anywhere, in any case', () => {
    expect(matches(bottle, { ...none, text: ' WIDE digits ' })).toBe(true);
    expect(matches(bottle, { ...none, text: 'wide cable' })).toBe(false);
    expect(matches(bottle, { ...none, text: 'paper' })).toBe(true);
  });

  it('wants the state and the tag where they are chosen', () => {
    expect(matches(bottle, { ...none, state: 'finished' })).toBe(false);
    expect(matches(bottle, { ...none, state: 'failed', tag: 'paper' })).toBe(true);
    expect(matches(bottle, { ...none, tag: 'other' })).toBe(false);
  });

  it('lists tags once and reads typed ones', () => {
    expect(allTags([bottle, card('b', { tags: ['a', 'paper'] })])).toEqual(['a', 'paper']);
    expect(parseTags(' one, two ,,one,')).toEqual(['one', 'two']);
    expect(parseTags('x'.repeat(50))[0]).toHaveLength(40);
  });
});

describe('the best AUROC', () => {
  it('is the highest of the latest ones and of the best checkpoint, else none', () => {
    const metrics = { validation_energy_AUROC: 0.7, validation_joint_AUROC: 0.8, validation_joint_AUPR: 0.99 };
    expect(bestAuroc(card('a', { metrics }))).toBe(0.8);
    const best = { step: 5, metric: 'validation_joint_AUROC', value: 0.9 };
    expect(bestAuroc(card('a', { metrics, best }))).toBe(0.9);
    expect(bestAuroc(card('a', { metrics, best: { ...best, value: 0.6 } }))).toBe(0.8);
    expect(bestAuroc(card('a', { best: { ...best, metric: 'reconstruction' } }))).toBeNull();
    expect(bestAuroc(card('a', { metrics: { reconstruction: 3 } }))).toBeNull();
  });
});

describe('ranges', () => {
  it('includes both ends, whichever is first', () => {
    const items = ['a', 'b', 'c', 'd'].map((id) => ({ id }));
    expect(rangeBetween(items, 'c', 'a')).toEqual(['a', 'b', 'c']);
    expect(rangeBetween(items, 'gone', 'b')).toEqual(['b']);
  });
});

describe('differences', () => {
  const rows = [
    { key: 'width', label: 'Width', values: ['16', '32', '16'], differs: true },
    { key: 'seed', label: 'Seed', values: ['1', '1', '1'], differs: false },
  ];

  it('shows only what differs unless all is asked for', () => {
    expect(shownRows(rows, false).map(({ key }) => key)).toEqual(['width']);
    expect(shownRows(rows, true)).toHaveLength(2);
  });

  it('marks what deviates from the first run', () => {
    expect(changed({ key: 'width', label: 'Width', values: ['16', '32', '16'], differs: true })).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('says how many differ', () => {
    expect(differenceSummary(rows, 3)).toBe('1 of 2 settings differs.');
    expect(differenceSummary(rows.slice(1), 2)).toBe('All 1 settings are the same in both runs.');
  });
});

describe('one slider over several runs', () => {
  it('has every step at which some run has a picture', () => {
    expect(
      unionOfSteps([
        [50, 100],
        [10, 100],
      ]),
    ).toEqual([10, 50, 100]);
  });

  it('shows the newest picture that is not later, or the first', () => {
    expect(shownStep([10, 50, 100], 60)).toBe(50);
    expect(shownStep([10, 50, 100], 100)).toBe(100);
    expect(shownStep([10, 50, 100], 5)).toBe(10);
    expect(shownStep([], 5)).toBeNull();
  });
});

describe('metrics', () => {
  it('offers known ones in order, then measured ones, then the rest; never the step', () => {
    const names = ['step', 'epoch', 'somethingNew', 'validation_combined_AUROC', 'kl', 'reconstruction', 'kl'];
    expect(chartable(names).map(({ key }) => key)).toEqual([
      'reconstruction',
      'kl',
      'validation_combined_AUROC',
      'somethingNew',
    ]);
  });

  it('names measured and unknown ones in words', () => {
    expect(metricInfo('validation_elbo_AUPR').label).toBe('AUPR of the ELBO score');
    expect(metricInfo('somethingNew').label).toBe('Something new');
    expect(metricInfo('lossCritic').label).toBe('Loss, critic');
    expect(isMain('gradientNormStatistics')).toBe(true);
  });

  it('begins with reconstruction, gap and the combined AUROC where they are', () => {
    const names = ['validation_energy_AUROC', 'validation_combined_AUROC', 'gap', 'reconstruction'];
    expect(defaultMetrics(chartable(names))).toEqual(['reconstruction', 'gap', 'validation_combined_AUROC']);
    expect(defaultMetrics(chartable(['kl']))).toEqual(['kl']);
    expect(defaultMetrics([])).toEqual([]);
  });
});

describe('zoomed lines', () => {
  it('have fine points in place of coarse ones, and the coarse ones around', () => {
    const coarse: [number, number | null][] = [
      [1, 0],
      [5, 0],
      [9, 0],
    ];
    expect(
      refined(coarse, [
        [4, 1],
        [5, null],
        [6, 1],
      ]),
    ).toEqual([
      [1, 0],
      [4, 1],
      [5, null],
      [6, 1],
      [9, 0],
    ]);
    expect(refined(coarse, [])).toEqual(coarse);
  });
});

describe('the smoothing slider', () => {
  it('goes from none to ten thousand steps, and finds its place again', () => {
    expect(halfLifeAt(0)).toBe(0);
    expect(halfLifeAt(1)).toBe(1);
    expect(halfLifeAt(positions)).toBe(10_000);
    for (const halfLife of [0, 1, 10, 100, 10_000]) expect(halfLifeAt(positionOf(halfLife))).toBe(halfLife);
  });
});

describe('a run in words', () => {
  it('says what was left out, how far it came and what thresholds rest on', () => {
    const dataset = { ...card('a').dataset, excludeLabels: ['4'] };
    const [first, second, third] = sentences(details('a', { card: card('a', { dataset }), calibratedOn: 500 }));
    expect(first).toBe('Learnt what is normal from 90 images of “digits”, without 4, at 28 × 28 pixels, grey.');
    expect(second).toBe('Trained to the end: 100 steps.');
    expect(third).toContain('500 normal images were kept');
  });

  it('says of a stopped run whether it can go on', () => {
    const stopped = card('a', { state: 'stopped', step: 5 });
    expect(sentences(details('a', { card: stopped }))[1]).toContain('can go on');
    expect(sentences(details('a', { card: stopped, checkpoints: [] }))[1]).toContain('before its first checkpoint');
  });
});
