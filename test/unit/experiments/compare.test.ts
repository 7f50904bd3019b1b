/** The comparison's cells, what it refuses, and its tables from figures made up here: no training. */
import { describe, expect, it } from 'vitest';
import { experiment } from '../../../core/experiments/catalogue/compare.ts';
import { resolveSettings } from '../../../core/experiments/settings.ts';
import type { CellFacts, CellResult, ExperimentChoices } from '../../../core/experiments/types.ts';
import { objectives } from '../../../core/objectives/registry.ts';

const settingsOf = (choices: ExperimentChoices) =>
  resolveSettings(experiment, { data: 'builtin:digits', ...choices }, null);

function result(method: string, seed: number, values: Record<string, number>, caption = ''): CellResult {
  return {
    cell: { id: `${method}-seed${seed}`, method, subject: '4', protocol: 'P2', seed },
    values,
    series: {},
    figures: [{ title: method, caption, file: 'grid.png', csv: null }],
    facts: {} as CellFacts,
  };
}

describe('compare', () => {
  it('has every registered method and each seed as a cell', () => {
    const cells = experiment.cells(settingsOf({ seeds: [1, 2] }));
    expect(cells).toHaveLength(2 * objectives.length);
    expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length);
    expect(cells[0]).toMatchObject({ subject: 'all', protocol: 'P2', seed: 1 });
  });

  it('holds out one label at most, and P1 needs one', () => {
    expect(() => settingsOf({ digits: ['1', '4'] })).toThrow(/at most one label/);
    expect(() => settingsOf({ protocols: ['P1'] })).toThrow(/P1 needs a label/);
    expect(experiment.cells(settingsOf({ digits: ['4'], protocols: ['P1'] }))[0]).toMatchObject({ subject: '4' });
  });

  it('shows means and deviations over seeds, a dash for what a method cannot do, and who collapsed', async () => {
    const settings = settingsOf({ methods: ['joint', 'ebm'], seeds: [1, 2], digits: ['4'] });
    const results = [
      result('joint', 1, { 'joint/aupr': 0.5, 'joint/auroc': 0.8, baseRate: 0.1, frechet: 3, diversity: 1 }),
      result('joint', 2, { 'joint/aupr': 0.7, 'joint/auroc': 0.8, baseRate: 0.1, frechet: 5, diversity: 0.2 }),
      result('ebm', 1, { 'energy/aupr': 0.3, 'energy/auroc': 0.6 }, 'Chains. The samples have collapsed at step 9.'),
    ];
    const { tables, notes, figures } = await experiment.report(results, settings, '/nowhere');
    const [overview, scores] = tables;
    const at = (row: number, column: string) => overview?.rows[row]?.values[overview.columns.indexOf(column)];
    expect(overview?.rows.map(({ heads }) => heads)).toEqual([
      ['joint', 'joint'],
      ['ebm', 'energy'],
    ]);
    expect(at(0, 'AUPR')?.mean).toBeCloseTo(0.6, 9);
    expect(at(0, 'AUPR')?.deviation).toBeCloseTo(Math.SQRT2 / 10, 9);
    expect(at(0, 'Fréchet')).toMatchObject({ mean: 4, count: 2 });
    expect(at(1, 'Fréchet')).toBeNull();
    expect(scores?.rows.map(({ heads }) => heads)).toEqual([
      ['joint', 'joint'],
      ['ebm', 'energy'],
    ]);
    expect(notes).toEqual(['ebm-seed1: The samples have collapsed at step 9.']);
    expect(figures).toHaveLength(3);
  });
});
