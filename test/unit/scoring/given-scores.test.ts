import { describe, expect, it } from 'vitest';
import { findObjective, objectives } from '../../../core/objectives/registry.ts';
import { givenScores } from '../../../core/scoring/given-scores.ts';

describe('the scores that models give', () => {
  it('are the own ones and all that are calibrated, where the networks reconstruct', () => {
    expect(givenScores(findObjective('vae'))).toEqual([
      'reconstruction',
      'local',
      'place',
      'neighbours',
      'elbo',
      'combined',
    ]);
  });

  it('are the energy and the combination of it for a critic alone', () => {
    expect(givenScores(findObjective('dcgan'))).toEqual(['energy', 'combined']);
  });

  it.each(objectives.map((objective) => [objective.name, objective] as const))(
    'contain all that %s declares and what it ranks by',
    (_name, objective) => {
      const given = givenScores(objective);
      expect(given).toEqual(expect.arrayContaining([...objective.scores, objective.defaultScore ?? 'combined']));
      expect(new Set(given).size).toBe(given.length);
    },
  );
});
