import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunCard, ScoreRow, Session, ThresholdRule } from '../../../ipc/contract.ts';
import { countAbove, inThousand, shares, thresholdForFalseAlarms } from '../../../renderer/pages/score/curve.ts';
import { tileWidth } from '../../../renderer/pages/score/tiles.ts';
import { Scoring } from '../../../renderer/state/scoring.svelte.ts';
import { fakeClient, type Answers } from './fake-client.ts';

const curve = { thresholds: [1, 2, 3, 4], these: [90, 40, 10, 0], heldOut: [50, 5, 1, 0] };

describe('counts along the curve', () => {
  it('are exact at its thresholds and on the line between', () => {
    expect([1, 2, 3, 4].map((value) => countAbove(curve.thresholds, curve.these, value, 100))).toEqual([90, 40, 10, 0]);
    expect(countAbove(curve.thresholds, curve.these, 2.5, 100)).toBe(25);
  });

  it('are everything below it and nothing above', () => {
    expect(countAbove(curve.thresholds, curve.these, 0.5, 100)).toBe(100);
    expect(countAbove(curve.thresholds, curve.these, 9, 100)).toBe(0);
    expect(countAbove([], [], 9, 100)).toBe(100);
  });

  it('give the lowest threshold with no more false alarms than allowed', () => {
    expect(thresholdForFalseAlarms(curve, 100, 0.05)).toBe(2);
    expect(thresholdForFalseAlarms(curve, 100, 0.049)).toBe(3);
    expect(thresholdForFalseAlarms(curve, 0, 0.05)).toBeNull();
  });

  it('are shown as shares, and rates as numbers in a thousand', () => {
    expect(shares([1, 3])).toEqual([25, 75]);
    expect(shares([0, 0])).toEqual([0, 0]);
    expect(inThousand(0.0005)).toBe(0.5);
  });
});

describe('tiles', () => {
  it('fill the width, in pairs where asked', () => {
    for (const width of [400, 643, 1000, 1900]) {
      for (const pairs of [false, true]) {
        const tile = tileWidth(width, 112, 4, pairs);
        const columns = Math.floor((width - 24 + 4) / (tile + 4));
        expect(tile).toBeGreaterThanOrEqual(112);
        expect(columns * (tile + 4) - 4).toBeLessThanOrEqual(width - 24);
        if (pairs) expect(columns % 2).toBe(0);
      }
    }
    expect(tileWidth(0, 112, 4)).toBe(112);
  });
});

const session: Session = {
  id: 's1',
  run: 'r1',
  runName: 'bottles',
  created: '2026-11-01T10:00:00Z',
  title: 'Scores of bottles',
  inputs: ['/a'],
  state: 'running',
  message: null,
  total: 100,
  scored: 100,
  skipped: 0,
  scores: [
    { name: 'combined', summary: 'all' },
    { name: 'energy', summary: 'energy' },
  ],
  score: 'combined',
  rule: { kind: 'false-alarms', rate: 0.05 },
  threshold: { value: 2, kind: 'false-alarms', explanation: '', weak: false },
  anomalous: 40,
  labels: { normal: 0, anomalous: 0, unlabelled: 100 },
  heldOut: { count: 100, onTraining: false },
  heatmap: null,
};

const row = (index: number): ScoreRow => ({
  index,
  name: `${index}.png`,
  score: 100 - index,
  predicted: 'normal',
  label: null,
  image: `/image/session/s1/${index}`,
});

const above = (value: number) =>
  Array.from({ length: 100 }, (_, index) => 100 - index).filter((one) => one > value).length;

function effect(rule: ThresholdRule) {
  const value = rule.kind === 'value' ? rule.value : 2;
  return {
    threshold: { value, kind: 'by-hand' as const, explanation: '', weak: false },
    above: above(value),
    total: 100,
    heldOutAbove: 0,
    heldOutTotal: 100,
    confusion: null,
  };
}

function open(more: Answers = {}) {
  const client = fakeClient({
    'scoring.sessions': () => [session],
    'scoring.results': ({ offset, limit }) => ({
      total: 100,
      rows: Array.from({ length: Math.min(limit, 100 - offset) }, (_, at) => row(offset + at)),
    }),
    'scoring.histogram': () => ({ edges: [0, 1], heldOut: [1], these: [1], labelledAnomalous: [0], range: [0, 1] }),
    'scoring.curve': () => curve,
    'scoring.threshold': ({ rule }) => effect(rule),
    'scoring.label': () => ({ labels: { normal: 0, anomalous: 1, unlabelled: 99 } }),
    'scoring.metrics': () => ({
      labels: { normal: 0, anomalous: 1, unlabelled: 99 },
      baseRate: 1,
      scores: [],
      confusion: null,
    }),
    ...more,
  });
  const errors: unknown[] = [];
  const scoring = new Scoring(client, (error) => errors.push(error));
  return { client, scoring, errors };
}

const settled = () => vi.advanceTimersByTimeAsync(0);

describe('an open session', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('counts at once while the line is dragged, and asks only about the last place', async () => {
    const { client, scoring } = open();
    await scoring.openSession(session);
    const before = client.of('scoring.threshold').length;
    for (const value of [2.2, 2.5, 3]) {
      scoring.threshold.propose({ kind: 'value', value });
      expect(scoring.threshold.value).toBe(value);
    }
    expect(scoring.threshold.above).toBe(10);
    expect(scoring.threshold.heldOutAbove).toBe(1);
    expect(scoring.threshold.falseAlarmsInThousand).toBe(10);
    await settled();
    const asked = client.of('scoring.threshold').slice(before);
    expect(asked.map((request) => (request.rule.kind === 'value' ? request.rule.value : null))).toEqual([2.2, 3]);
    expect(asked.every((request) => !request.keep)).toBe(true);
    // From here on it is the core's own count of this line, not the curve's.
    expect(scoring.threshold.above).toBe(97);
  });

  it('keeps the threshold where it is let go, and asks for the rows again', async () => {
    const { client, scoring } = open();
    await scoring.openSession(session);
    await settled();
    const asked = client.of('scoring.results').length;
    await scoring.keepThreshold({ kind: 'value', value: 3.5 });
    const kept = client.of('scoring.threshold').filter((request) => request.keep);
    expect(kept).toEqual([{ session: 's1', rule: { kind: 'value', value: 3.5 }, keep: true }]);
    expect([scoring.threshold.value, scoring.threshold.proposal]).toEqual([3.5, null]);
    await settled();
    expect(client.of('scoring.results').length).toBe(asked + 1);
  });

  it('goes back to the kept line where the core refuses', async () => {
    const { scoring, errors } = open({
      'scoring.threshold': ({ rule, keep }) => {
        if (keep) throw new Error('no labels');
        return effect(rule);
      },
    });
    await scoring.openSession(session);
    await scoring.keepThreshold({ kind: 'best-f1' });
    expect([scoring.threshold.value, errors]).toEqual([2, [new Error('no labels')]]);
  });

  it('stays where the hand is when an answer about an earlier place comes late', async () => {
    const answers: (() => void)[] = [];
    const { scoring, errors } = open({
      'scoring.threshold': ({ rule, keep }) =>
        keep
          ? new Promise((resolve, reject) => {
              const refuse = rule.kind === 'value' && rule.value === 9;
              answers.push(() => (refuse ? reject(new Error('no')) : resolve(effect(rule))));
            })
          : effect(rule),
    });
    await scoring.openSession(session);
    const kept = [3.5, 1.5, 9].map((value) => scoring.keepThreshold({ kind: 'value', value }));
    answers[0]?.();
    await kept[0];
    expect(scoring.threshold.value).toBe(9);
    answers[1]?.();
    await kept[1];
    expect(scoring.threshold.value).toBe(9);
    // The last is refused: what was taken before it holds.
    answers[2]?.();
    await kept[2];
    expect([scoring.threshold.value, scoring.threshold.proposal, errors.length]).toEqual([1.5, null, 1]);
  });

  it('follows what streams in without asking more than twice a second', async () => {
    const { client, scoring } = open();
    const stop = scoring.listen();
    await scoring.openSession(session);
    await settled();
    const asked = client.of('scoring.results').length;
    for (let scored = 1; scored <= 20; scored++) {
      client.tell('scoring.progress', {
        session: 's1',
        total: 500,
        scored,
        skipped: 1,
        anomalous: 2,
        labels: { normal: 3, anomalous: 1, unlabelled: scored - 4 },
        secondsLeft: 9,
        rows: [],
      });
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(client.of('scoring.results').length - asked).toBeLessThanOrEqual(3);
    expect([scoring.session?.scored, scoring.session?.total, scoring.secondsLeft]).toEqual([20, 500, 9]);
    // Labels that come with the pictures are measured by while the rest is scored.
    await vi.advanceTimersByTimeAsync(2000);
    expect(client.of('scoring.metrics').length).toBeGreaterThan(0);
    expect(scoring.metrics?.baseRate).toBe(1);
    stop();
  });

  it('marks at once and tells the core after', async () => {
    const { client, scoring } = open();
    await scoring.openSession(session);
    await settled();
    const told = scoring.label([3], 'anomalous');
    expect(scoring.rows.at(3)?.label).toBe('anomalous');
    await told;
    expect(client.of('scoring.label')).toEqual([{ session: 's1', items: [3], label: 'anomalous' }]);
    expect(scoring.session?.labels.anomalous).toBe(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(scoring.metrics?.baseRate).toBe(1);
  });

  it('walks from picture to picture and stays at the ends', async () => {
    const { scoring } = open();
    await scoring.openSession(session);
    await settled();
    scoring.picture.open(0);
    scoring.picture.move(-1);
    expect(scoring.picture.row?.index).toBe(0);
    scoring.picture.move(500);
    expect(scoring.picture.position).toBe(99);
    scoring.picture.close();
    expect(scoring.picture.position).toBeNull();
  });

  it('shows only the details of the picture that is open by then', async () => {
    const finish: (() => void)[] = [];
    const { scoring } = open({
      'scoring.picture': ({ index }) =>
        new Promise((resolve) => {
          finish.push(() => {
            const image = '/image/x';
            const images = { original: image, prepared: image, heatmap: image, overlay: image };
            resolve({
              ...row(index),
              path: null,
              tiles: 1,
              scores: [],
              images: { ...images, energyMap: null, reconstruction: image, mask: null },
            });
          });
        }),
      'scoring.nearest': () => [],
    });
    await scoring.openSession(session);
    await settled();
    scoring.picture.open(4);
    scoring.picture.load('s1', 4);
    scoring.picture.open(5);
    scoring.picture.load('s1', 5);
    finish[0]?.();
    await settled();
    expect(scoring.picture.detail).toBeNull();
    finish[1]?.();
    await settled();
    expect(scoring.picture.detail?.index).toBe(5);
  });

  it('forgets the session before', async () => {
    const { scoring } = open();
    await scoring.openSession(session);
    await settled();
    scoring.selection.replace([1, 2]);
    await scoring.openSession({ ...session, id: 's2' });
    expect([scoring.selection.size, scoring.rows.loaded, scoring.session?.id]).toEqual([0, true, 's2']);
    await scoring.openSession(null);
    expect([scoring.session, scoring.threshold.histogram]).toEqual([null, null]);
  });

  it('starts a session, and finds its job to stop it', async () => {
    const run = { id: 'r1' } as RunCard;
    const job = { job: 'j7', kind: 'score' as const, stage: '', subject: 's1', progress: null };
    const { client, scoring } = open({
      'scoring.start': () => ({ session: 's1', job: 'j7' }),
      'jobs.list': () => [{ ...job, job: 'j6', subject: 'other' }, job],
      'jobs.cancel': () => ({}),
    });
    await scoring.chooseRun(run);
    expect(await scoring.score([])).toBeNull();
    expect(await scoring.score(['/pictures'], 'Today')).toBe('s1');
    expect(client.of('scoring.start')).toEqual([{ run: 'r1', inputs: ['/pictures'], title: 'Today' }]);
    await scoring.openSession(scoring.sessions[0] ?? null);
    await scoring.cancel();
    expect(client.of('jobs.cancel')).toEqual([{ job: 'j7' }]);
  });

  it('selects all that the filter leaves', async () => {
    const { client, scoring } = open({ 'scoring.select': () => ({ items: [4, 2] }) });
    await scoring.openSession(session);
    scoring.setFilter({ predicted: 'anomalous' });
    await scoring.selectAll();
    expect(client.of('scoring.select')).toEqual([{ session: 's1', filter: { predicted: 'anomalous' } }]);
    expect(scoring.selection.list()).toEqual([4, 2]);
  });
});
