/** Who is updated when, how often so far; what a replay buffer draws; weights that stay within their bound. */
import { describe, expect, it } from 'vitest';
import { findObjective } from '../../../core/objectives/registry.ts';
import { resolveOptions } from '../../../core/objectives/options.ts';
import { Random } from '../../../core/random.ts';
import { cycleOf } from '../../../core/training/cycle.ts';
import { drawFeed, NoiseSource } from '../../../core/training/noise.ts';
import { train } from '../../../core/training/trainer.ts';
import { referenceDevice, temporaryRun, tinyDataset, tinyRequest } from './tiny.ts';

describe('cycle', () => {
  it('updates everything in every step unless the objective says otherwise', () => {
    const joint = findObjective('joint');
    const cycle = cycleOf(joint, resolveOptions(joint));
    expect(cycle.phases).toEqual([joint.networks]);
    expect([1, 2, 9].map((step) => cycle.phaseOf(step))).toEqual([0, 0, 0]);
    expect(cycle.updatesOf('energy', 9)).toBe(9);
  });

  it('gives the critic its own steps, and each network its own count', () => {
    const wgan = findObjective('wgan');
    const cycle = cycleOf(wgan, resolveOptions(wgan, { method: { criticSteps: 3 } }));
    expect(cycle.phases).toEqual([['critic'], ['generator', 'critic']]);
    expect([1, 2, 3, 4, 5, 6].map((step) => cycle.phaseOf(step))).toEqual([0, 0, 1, 0, 0, 1]);
    expect([1, 2, 3, 4, 6].map((step) => cycle.updatesOf('generator', step))).toEqual([0, 0, 1, 1, 2]);
    expect(cycle.updatesOf('critic', 5)).toBe(5);
  });
});

describe('random feeds', () => {
  it('draw without replacement, the others behind in order', () => {
    const order = [...drawFeed({ kind: 'draw', of: 10, first: 4 }, Random.seeded(3))];
    expect([...order].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(order.slice(4)).toEqual([...order.slice(4)].sort((a, b) => a - b));
  });

  it('go on where a saved state was taken, and miss a state that is not there', () => {
    const feeds = { between: { kind: 'uniform', shape: [3] } } as const;
    const source = new NoiseSource(1, feeds);
    source.next(2, 2);
    const state = source.state();
    const next = source.next(2, 2);
    expect(new NoiseSource(9, feeds, state).next(2, 2)).toEqual(next);
    const { more, ...without } = state;
    expect(more).toBeDefined();
    expect(() => new NoiseSource(9, feeds, without)).toThrow(/no random state "random\/between"|"random\/between"/);
  });
});

describe('weight clipping', () => {
  it('keeps the critic within its bound, the generator free', async () => {
    const device = await referenceDevice();
    const run = await temporaryRun();
    const request = tinyRequest({ objective: 'wgan', training: { steps: 5, averaging: 0 } });
    const options = { ...request.options, method: { criticSteps: 2, weightClip: 0.005, penalty: 0 } };
    await train({ ...request, options }, { device, run, ...tinyDataset(22) });
    const { tensors } = await run.loadCheckpoint('latest');
    const largest = (prefix: string): number =>
      Math.max(
        ...Object.entries(tensors)
          .filter(([name]) => name.startsWith(prefix))
          .map(([, { data }]) => Math.max(...Array.from(data, Math.abs))),
      );
    expect(largest('critic/')).toBeLessThanOrEqual(0.005 + 1e-9);
    expect(largest('generator/')).toBeGreaterThan(0.1);
  });
});
