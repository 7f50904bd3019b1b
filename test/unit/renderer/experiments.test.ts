import { describe, expect, it } from 'vitest';
import type { ExperimentCard } from '../../../ipc/contract.ts';
import {
  choiceWords,
  countOf,
  listOf,
  numbersOf,
  readForm,
  type FormText,
} from '../../../renderer/pages/experiments/choices.ts';
import { valueWords } from '../../../renderer/pages/experiments/tables.ts';
import { Experiments } from '../../../renderer/state/experiments.svelte.ts';
import { fakeClient, settle } from './fake-client.ts';

const text: FormText = {
  data: 'builtin:digits',
  sets: { svhn: '', textures: '/data/dtd' },
  digits: '1, 4;7',
  methods: ['vae', 'joint'],
  seeds: '1 2',
  epochs: '',
  lastEpochs: '3',
  protocols: ['P1'],
  samples: '',
  limit: '500',
};

describe('the form of an experiment', () => {
  it('reads lists, numbers and counts, and says what is none', () => {
    expect(listOf(' 1,4; 7 ')).toEqual(['1', '4', '7']);
    expect([numbersOf('1, 2'), numbersOf('1, -2'), numbersOf('a')]).toEqual([[1, 2], null, null]);
    expect([countOf(''), countOf('3'), countOf('1.5'), countOf('1', 2)]).toEqual([undefined, 3, null, null]);
  });

  it('leaves out what the experiment has no use for, and what was left empty', () => {
    expect(readForm(text, ['data', 'digits', 'methods', 'seeds', 'epochs', 'limit']).choices).toEqual({
      data: 'builtin:digits',
      digits: ['1', '4', '7'],
      methods: ['vae', 'joint'],
      seeds: [1, 2],
      limit: 500,
    });
    expect(readForm(text, ['sets', 'lastEpochs']).choices).toEqual({ sets: { textures: '/data/dtd' }, lastEpochs: 3 });
  });

  it('tells what cannot be read, by field', () => {
    const { problems, choices } = readForm({ ...text, epochs: 'many', seeds: '1,x' }, ['epochs', 'seeds']);
    expect(Object.keys(problems).sort()).toEqual(['epochs', 'seeds']);
    expect(choices).toEqual({});
  });

  it('says in words what was chosen', () => {
    const { choices } = readForm(text, ['data', 'sets', 'digits', 'methods', 'seeds', 'limit']);
    expect(choiceWords({ choices })).toBe(
      'builtin:digits; against textures; held out 1, 4, 7; vae, joint; seeds 1, 2; at most 500 images',
    );
  });
});

const value = (mean: number, deviation: number | null = null) => ({ mean, deviation, count: 1 });
describe('a table beside the paper', () => {
  it('shows mean and deviation with the digits of the table', () => {
    expect([valueWords(value(0.7234, 0.04), 3), valueWords(value(-1.5), 1), valueWords(null, 3)]).toEqual([
      '0.723 ± 0.040',
      '−1.5',
      '–',
    ]);
    expect(valueWords(value(-0.00001), 3)).toBe('0.000');
  });
});

const card = (state: ExperimentCard['state'], done: number): ExperimentCard => ({
  id: 'e1',
  experiment: 'anomaly',
  title: 'Anomaly',
  paper: 'Table 4',
  folder: '/e1',
  created: '2026-11-01T10:00:00Z',
  choices: {},
  state,
  code: null,
  message: null,
  cells: { done, total: 3 },
  current: null,
  secondsLeft: null,
});

describe('an experiment that is looked at', () => {
  it('reads its tables anew when a training is measured, not with every step', async () => {
    const client = fakeClient({
      'experiments.catalogue': () => ({ kinds: [], methods: [] }),
      'experiments.list': () => [card('active', 0)],
      'experiments.report': () => null,
    });
    const experiments = new Experiments(client);
    const stop = experiments.listen();
    await experiments.load();
    experiments.choose('e1');
    await settle();
    expect(experiments.report).toBeNull();
    client.tell('experiments.state', { ...card('active', 0), secondsLeft: 9 });
    expect([experiments.card?.secondsLeft, client.of('experiments.report').length]).toEqual([9, 1]);
    client.tell('experiments.state', card('active', 1));
    client.tell('experiments.state', card('stopped', 1));
    expect(client.of('experiments.report').length).toBe(3);
    stop();
    client.tell('experiments.state', card('finished', 3));
    expect(experiments.card?.state).toBe('stopped');
  });
});
