import type { MessageBoxOptions } from 'electron';
import { describe, expect, it } from 'vitest';
import { closingQuestion, createClosing, type Choice } from '../../../electron/main/closing.ts';
import { createTrainingWatch } from '../../../electron/main/training-watch.ts';
import type { ExperimentCard, TrainingStatus } from '../../../ipc/contract.ts';

const status = (run: string, state: TrainingStatus['state'], step = 0): TrainingStatus => ({
  run,
  name: `Run ${run}`,
  dataset: 'd',
  state,
  step,
  steps: 100,
  stepsPerEpoch: null,
  secondsLeft: null,
  progress: null,
  device: null,
  code: null,
  message: null,
});

const experiment = (state: ExperimentCard['state'], done = 1): ExperimentCard => ({
  id: 'e',
  experiment: 'anomaly',
  title: 'Anomaly detection',
  paper: 'Table 4',
  folder: '',
  created: '',
  choices: {},
  state,
  code: null,
  message: null,
  cells: { done, total: 4 },
  current: null,
  secondsLeft: null,
});

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

function setUp(choice: Choice) {
  const log: string[] = [];
  const questions: MessageBoxOptions[] = [];
  const watch = createTrainingWatch(() => closing.trainingChanged());
  const closing = createClosing({
    watch,
    ask(question) {
      questions.push(question);
      return Promise.resolve(closingQuestion(watch).choices.indexOf(choice));
    },
    call(channel, request) {
      log.push(`${channel} ${JSON.stringify(request)}`);
      return Promise.resolve({ ok: true, value: {} });
    },
    hide: () => log.push('hide'),
    show: () => log.push('show'),
    quit: () => log.push('quit'),
  });
  return { log, questions, watch, closing };
}

describe('training watch', () => {
  it('knows what is under way from the events', () => {
    let changes = 0;
    const watch = createTrainingWatch(() => (changes += 1));
    expect(watch.active()).toEqual([]);
    expect(watch.progress()).toBeNull();
    watch.onEvent({ event: 'training.queue', payload: { queue: [status('a', 'running', 10), status('b', 'queued')] } });
    expect(watch.active().map(({ run }) => run)).toEqual(['a', 'b']);
    const metrics = { run: 'a', step: 50, steps: 100, secondsLeft: null, rows: [] };
    watch.onEvent({ event: 'training.metrics', payload: metrics });
    expect(watch.progress()).toBe(0.5);
    watch.onEvent({ event: 'training.state', payload: status('a', 'paused') });
    expect(watch.active().map(({ run }) => run)).toEqual(['b']);
    watch.onEvent({ event: 'training.queue', payload: { queue: [] } });
    expect(watch.active()).toEqual([]);
    expect(changes).toBe(4);
  });

  it('knows experiments, and how far they are when no run trains', () => {
    const watch = createTrainingWatch(() => undefined);
    watch.onEvent({ event: 'experiments.state', payload: experiment('active') });
    expect(watch.experiments().map(({ id }) => id)).toEqual(['e']);
    expect(watch.progress()).toBe(0.25);
    watch.onEvent({ event: 'experiments.state', payload: experiment('finished') });
    expect([watch.experiments(), watch.progress()]).toEqual([[], null]);
    watch.setExperiments([experiment('queued')]);
    expect(watch.experiments()).toHaveLength(1);
  });

  it('waits until something holds, and not for ever', async () => {
    const watch = createTrainingWatch(() => undefined);
    watch.set([status('a', 'running')]);
    const idle = watch.until((active) => active.length === 0, 10_000);
    watch.set([]);
    expect(await idle).toBe(true);
    watch.set([status('a', 'running')]);
    expect(await watch.until((active) => active.length === 0, 1)).toBe(false);
  });
});

describe('closing', () => {
  it('closes at once when nothing trains', () => {
    const { closing, questions, watch } = setUp('cancel');
    expect(closing.mayClose()).toBe(true);
    watch.set([status('a', 'paused'), status('b', 'finished')]);
    expect(closing.mayClose()).toBe(true);
    expect(questions).toEqual([]);
  });

  it('asks once, naming the run, and stays open when cancelled', async () => {
    const { closing, questions, watch, log } = setUp('cancel');
    watch.set([status('a', 'running'), status('b', 'queued')]);
    expect([closing.mayClose(), closing.mayClose()]).toEqual([false, false]);
    await settle();
    expect(questions).toHaveLength(1);
    expect(questions[0]?.message).toBe('“Run a” is training and 1 more waits.');
    const { box, choices } = closingQuestion(watch);
    expect(box.buttons).toHaveLength(choices.length);
    expect(box.cancelId).toBe(choices.indexOf('cancel'));
    expect(log).toEqual([]);
    closing.mayClose();
    await settle();
    expect(questions).toHaveLength(2);
  });

  it('goes on in the background and ends with the last run', async () => {
    const { closing, watch, log } = setUp('background');
    watch.set([status('a', 'running')]);
    closing.mayClose();
    await settle();
    expect(closing.inBackground()).toBe(true);
    expect(log).toEqual(['hide']);
    watch.set([status('a', 'calibrating')]);
    expect(log).toEqual(['hide']);
    watch.set([status('a', 'finished')]);
    expect(log).toEqual(['hide', 'quit']);
    expect(closing.mayClose()).toBe(true);
  });

  it('does not end when the window is wanted again', async () => {
    const { closing, watch, log } = setUp('background');
    watch.set([status('a', 'running')]);
    closing.mayClose();
    await settle();
    closing.show();
    watch.set([]);
    expect(log).toEqual(['hide', 'show']);
  });

  it.each(['pause', 'stop'] as const)('%ss what trains, waits for it, then quits', async (choice) => {
    const { closing, watch, log } = setUp(choice);
    watch.set([status('a', 'running'), status('b', 'queued')]);
    closing.mayClose();
    await settle();
    expect(log).toEqual([`training.${choice} {"run":"a"}`]);
    watch.set([status('a', choice === 'pause' ? 'paused' : 'stopped'), status('b', 'queued')]);
    await settle();
    expect(log.at(-1)).toBe('quit');
    expect(closing.mayClose()).toBe(true);
  });

  it('asks for an experiment alone too, and says that it is saved and goes on', async () => {
    const { closing, questions, watch, log } = setUp('close');
    watch.setExperiments([experiment('active')]);
    expect(closing.mayClose()).toBe(false);
    await settle();
    const [box] = questions;
    expect(box?.message).toBe('The experiment “Anomaly detection” is under way.');
    expect(box?.detail).toMatch(/1 of its 4 trainings are done\. .*saved, and it goes on by itself at the next start/);
    expect(box?.buttons).toHaveLength(3);
    expect(log).toEqual(['quit']);
    expect(closing.mayClose()).toBe(true);
  });

  it('stays in the background until run and experiment are both through', async () => {
    const { closing, questions, watch, log } = setUp('background');
    watch.set([status('a', 'running')]);
    watch.setExperiments([experiment('queued')]);
    closing.mayClose();
    await settle();
    expect(questions[0]?.detail).toContain('The experiment “Anomaly detection” goes on at the next start.');
    watch.set([status('a', 'finished')]);
    expect(log).toEqual(['hide']);
    watch.onEvent({ event: 'experiments.state', payload: experiment('finished', 4) });
    expect(log).toEqual(['hide', 'quit']);
  });
});
