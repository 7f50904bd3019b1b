/** What a person is told that a method cannot do: by its networks, and in sentences that say what to do. */
import { describe, expect, it } from 'vitest';
import { abilities, lacksOf, requireAbility } from '../../../core/objectives/capabilities.ts';
import { findObjective, objectives } from '../../../core/objectives/registry.ts';

/** The abilities that are there, in order. */
const can = (name: string) => {
  const lacking = lacksOf(findObjective(name));
  return abilities.filter((ability) => lacking[ability] === null);
};

describe('abilities', () => {
  it('follow from the networks', () => {
    expect(can('joint')).toEqual(['samples', 'interpolation', 'reconstructions', 'inference']);
    expect(can('bigan')).toEqual(can('joint'));
    expect(can('dcgan')).toEqual(['samples', 'interpolation']);
    expect(can('ebm')).toEqual(['samples']);
  });

  it('every method makes pictures, and what it lacks ends with what to do', () => {
    for (const objective of objectives) {
      const { samples, ...others } = lacksOf(objective);
      expect(samples, objective.name).toBeNull();
      for (const reason of Object.values(others)) {
        if (reason !== null) expect(reason).toMatch(new RegExp(`^Objective ${objective.name} .*\\. Choose [^.]+\\.$`));
      }
    }
  });

  it('are refused with the reason', () => {
    const [meg, joint] = [findObjective('meg'), findObjective('joint')];
    expect(() => requireAbility(meg, 'reconstructions')).toThrow('has no inference model');
    expect(() => requireAbility(joint, 'reconstructions')).not.toThrow();
    const nothing = { name: 'nothing', networks: ['critic'] } as const;
    expect(() => requireAbility(nothing, 'samples')).toThrow('there are no samples');
  });
});
