/** Which objective a run gets: what was asked for, else what the preset recommends, else the paper's own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSource } from '../../../core/datasets/open.ts';
import type { ImageSource } from '../../../core/datasets/types.ts';
import { planFrom, planTraining } from '../../../core/jobs/plan.ts';
import { objectives } from '../../../core/objectives/registry.ts';
import { findPreset, presets } from '../../../core/presets.ts';

let source: ImageSource;
beforeAll(async () => {
  source = await openSource('builtin:digits');
});
afterAll(() => source.close());

describe('the objective of a run', () => {
  const { name, summary, nets, preparation, options: given, training: steps, epochs } = findPreset('mnist');
  const plain = { name, summary, nets, preparation, options: given, training: steps, epochs };
  const wgan = { ...plain, objective: 'wgan' };

  it("is the paper's own where nobody says anything", async () => {
    const { objective, recommended } = await planFrom(plain, source, {});
    expect([objective.name, recommended]).toEqual(['joint', false]);
  });

  it('is what the preset recommends, with the defaults that go with it', async () => {
    const { objective, recommended, options, training } = await planFrom(wgan, source, {});
    expect([objective.name, recommended]).toEqual(['wgan', true]);
    expect(options.method).toHaveProperty('penalty');
    expect(training.beta1).toBe(0);
  });

  it('is what was asked for, whatever the preset recommends', async () => {
    const { objective, recommended, options } = await planFrom(wgan, source, { objective: 'joint' });
    expect([objective.name, recommended, options.method]).toEqual(['joint', false, undefined]);
  });

  it('is one that exists for every preset, and the same by name', async () => {
    const known = objectives.map(({ name }) => name);
    for (const preset of presets) {
      const { objective } = await planTraining(source, { preset: preset.name });
      expect(objective.name).toBe(preset.objective ?? 'joint');
      expect(known).toContain(objective.name);
    }
  });
});
