/** The training form and the objectives: what it offers, and what its values mean for each. */
import { describe, expect, it } from 'vitest';
import { openSource } from '../../../core/datasets/open.ts';
import { choicesOf, trainingForm, type FormValues } from '../../../core/jobs/form.ts';
import { parseMethodOptions } from '../../../core/jobs/method-options.ts';
import { planTraining } from '../../../core/jobs/plan.ts';
import { findPreset } from '../../../core/presets.ts';
import { objectives } from '../../../core/objectives/registry.ts';

async function plan(change: FormValues) {
  const source = await openSource('builtin:digits');
  try {
    const form = await trainingForm(source, { preset: 'quick' });
    return { form, plan: await planTraining(source, choicesOf('quick', { ...form.values, ...change })) };
  } finally {
    await source.close();
  }
}

describe('training form', () => {
  it('offers every registered objective with its sentence and what it cannot do', async () => {
    const { form } = await plan({});
    const field = form.fields.find(({ key }) => key === 'objective');
    expect(field?.choices.map(({ value }) => value)).toEqual(objectives.map(({ name }) => name));
    const helpOf = (name: string) => field?.choices.find(({ value }) => value === name)?.help;
    expect(helpOf('joint')).toMatch(/CVPR 2020/);
    expect(helpOf('ebm')).toMatch(/Note: no generator: .*; no inference model/);
  });

  it('leaves to an objective what its paper says, and takes what a person changed', async () => {
    const { plan: wgan } = await plan({ objective: 'wgan', rateEnergy: 0.002, method: 'penalty=10, criticSteps=1' });
    expect(wgan.training).toMatchObject({ beta1: 0, beta2: 0.9, learningRates: { generator: 1e-3, energy: 0.002 } });
    expect(wgan.nets.criticNorm).toBe('none');
    expect(wgan.options.method).toEqual({ criticSteps: 1, weightClip: 0.01, penalty: 10 });
  });

  it("gives an objective's own defaults to who chose it, and the preset's recommendation as what to go back to", async () => {
    const source = await openSource('builtin:digits');
    const form = await trainingForm(source, { preset: 'quick', objective: 'joint-matched' });
    await source.close();
    const fieldOf = (key: string) => form.fields.find((field) => field.key === key);
    expect(form.values).toMatchObject({ objective: 'joint-matched', energyLoss: 'logistic' });
    expect([fieldOf('energyLoss')?.default, fieldOf('objective')?.default]).toEqual([
      'logistic',
      findPreset('quick').objective ?? 'joint',
    ]);
    const { options } = (await plan(form.values)).plan;
    expect(options.energyLoss).toBe('logistic');
    const labelOf = (name: string) => fieldOf('objective')?.choices.find(({ value }) => value === name)?.label;
    expect([labelOf('joint'), labelOf('vae')]).toEqual(["joint (the paper's own)", 'vae']);
  });

  it('says which options an objective has', async () => {
    await expect(plan({ objective: 'alice', method: 'penalty=1' })).rejects.toThrow(/no option "penalty".*cycle/);
    await expect(plan({ objective: 'wgan', method: 'criticSteps=1.5' })).rejects.toThrow(/whole number from 1/);
    expect(() => parseMethodOptions('penalty 10')).toThrow(/name=number/);
  });
});
