import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Estimate, Field, TrainingForm, TrainingStatus } from '../../../ipc/contract.ts';
import { chartPlans } from '../../../renderer/pages/train/charts.ts';
import { LiveRun } from '../../../renderer/state/live-run.svelte.ts';
import { TrainingFormState } from '../../../renderer/state/training-form.svelte.ts';
import { TrainingQueue } from '../../../renderer/state/training-queue.svelte.ts';
import { fakeClient, settle } from './fake-client.ts';

const field = (key: string, group: Field['group'], value: number): Field => ({
  key,
  label: key,
  help: '',
  kind: 'integer',
  group,
  min: 1,
  max: 100,
  step: 1,
  scale: 'linear',
  unit: null,
  choices: [],
  optional: false,
  default: value,
});

const form = (preset: string, name: string): TrainingForm => ({
  presets: [],
  preset,
  fields: [field('epochs', 'main', 5), field('batch', 'more', 64)],
  values: { epochs: 5, batch: 64 },
  name,
});

/** Presets `plain` without a recommendation and `tuned` with one; the loss goes with the objective. */
function objectiveClient() {
  return fakeClient({
    'training.form': ({ preset = 'plain', objective }) => {
      const recommended = preset === 'tuned' ? 'matched' : 'joint';
      const chosen = objective ?? recommended;
      const loss = chosen === 'matched' ? 2 : 1;
      const choice: Field = { ...field('objective', 'main', 0), kind: 'choice', default: recommended };
      const base = form(preset, preset);
      return {
        ...base,
        fields: [field('epochs', 'main', 5), choice, field('loss', 'more', loss)],
        values: { epochs: 5, objective: chosen, loss },
      };
    },
    'training.estimate': () => estimate(1),
  });
}

const device = { name: 'onnx-cpu', description: 'CPU', adapter: null, reason: '' };
const estimate = (seconds: number): Estimate => ({
  steps: 1,
  images: 1,
  heldOut: 0,
  seconds,
  secondsRange: null,
  memoryBytes: 1,
  diskBytes: 1,
  device,
  basis: 'model',
  explanation: '',
  warnings: [],
});

const status = (run: string, state: TrainingStatus['state']): TrainingStatus => ({
  run,
  name: run,
  dataset: 'digits',
  state,
  step: 1,
  steps: 10,
  stepsPerEpoch: 5,
  secondsLeft: null,
  progress: null,
  device,
  code: null,
  message: null,
});

describe('the form', () => {
  it('keeps a typed name when the preset changes, and follows a suggested one', async () => {
    const state = new TrainingFormState(
      fakeClient({
        'training.form': ({ preset }) => form(preset ?? 'quick', `digits ${preset ?? ''}`),
        'training.estimate': () => estimate(1),
      }),
    );
    await state.load('digits');
    await state.load('digits', { preset: 'mnist' });
    expect(state.name).toBe('digits mnist');
    state.name = 'mine';
    await state.load('digits', { preset: 'quick' });
    expect(state.name).toBe('mine');
  });

  it('takes over the objective that a preset recommends, but keeps one that a person chose', async () => {
    const client = objectiveClient();
    const state = new TrainingFormState(client);
    await state.load('digits', { preset: 'plain' });
    expect(state.values['objective']).toBe('joint');
    await state.load('digits', { preset: 'tuned' });
    expect(state.values).toMatchObject({ objective: 'matched', loss: 2 });
    const objective = state.main[1] as Field;
    state.set(objective, 'vae');
    await settle();
    expect(state.values).toMatchObject({ objective: 'vae', loss: 1 });
    await state.load('digits', { preset: 'plain' });
    expect(state.values['objective']).toBe('vae');
    // Another dataset's form knows nothing of it.
    await state.load('tiles', { preset: 'tuned' });
    expect(state.values['objective']).toBe('matched');
  });

  it('follows an objective with what goes with it, but for what a person changed; nothing starts in between', async () => {
    const client = objectiveClient();
    const state = new TrainingFormState(client);
    await state.load('digits', { preset: 'plain' });
    state.set(state.main[0] as Field, 9);
    state.set(state.main[1] as Field, 'matched');
    expect(state.valid).toBe(false);
    await settle();
    expect(state.valid).toBe(true);
    expect(state.values).toMatchObject({ objective: 'matched', loss: 2, epochs: 9 });
    state.set(state.more[0] as Field, 7);
    state.set(state.main[1] as Field, 'vae');
    await settle();
    expect(state.values).toMatchObject({ objective: 'vae', loss: 7, epochs: 9 });
  });

  it('asks for one estimate at a time and shows the last', async () => {
    const answers: ((value: Estimate) => void)[] = [];
    const client = fakeClient({
      'training.form': () => form('quick', 'x'),
      'training.estimate': () => new Promise<Estimate>((resolve) => answers.push(resolve)),
    });
    const state = new TrainingFormState(client);
    await state.load('digits');
    const epochs = state.main[0] as Field;
    for (const value of [6, 7, 8]) state.set(epochs, value);
    expect(answers).toHaveLength(1);
    answers[0]?.(estimate(5));
    await settle();
    expect(state.estimate).toBeNull();
    answers[1]?.(estimate(8));
    await settle();
    expect(state.estimate?.seconds).toBe(8);
    expect(client.of('training.estimate').at(-1)?.values['epochs']).toBe(8);
    expect(state.estimating).toBe(false);
  });

  it('does not start what is not valid; counts changes under "more"', async () => {
    const client = fakeClient({ 'training.form': () => form('quick', 'x'), 'training.estimate': () => estimate(1) });
    const state = new TrainingFormState(client);
    await state.load('digits');
    state.set(state.more[0] as Field, 1000);
    expect([state.valid, state.changedMore]).toEqual([false, 1]);
    expect(await state.start()).toBeNull();
    state.reset(state.more);
    expect([state.valid, state.changedMore]).toEqual([true, 0]);
    expect(client.of('training.start')).toEqual([]);
  });

  it('tells why a start was refused', async () => {
    const client = fakeClient({
      'training.form': () => form('quick', 'x'),
      'training.estimate': () => estimate(1),
      'training.start': () =>
        Promise.reject(Object.assign(new Error('Not enough memory.'), { code: 'training/memory' })),
    });
    const state = new TrainingFormState(client);
    await state.load('digits');
    expect(await state.start()).toBeNull();
    expect([state.error?.code, state.starting]).toEqual(['training/memory', false]);
  });
});

describe('the queue', () => {
  it('keeps what ended, and takes a resumed run out of it', async () => {
    const client = fakeClient({ 'training.queue': () => [status('a', 'running'), status('b', 'queued')] });
    const queue = new TrainingQueue(client);
    queue.start();
    await settle();
    expect(queue.current?.run).toBe('a');
    client.tell('training.state', { ...status('a', 'failed'), message: 'why' });
    expect([queue.current, queue.ended[0]?.message, queue.queue.length]).toEqual([null, 'why', 1]);
    client.tell('training.state', status('a', 'running'));
    await settle();
    expect([queue.current?.run, queue.ended.length]).toEqual(['a', 0]);
  });

  it('believes an event rather than an answer that was under way when it came', async () => {
    const answers: (() => void)[] = [];
    let state: TrainingStatus['state'] = 'running';
    const client = fakeClient({
      'training.queue': () => {
        const then = [status('a', state)];
        return new Promise((resolve) => answers.push(() => resolve(then)));
      },
    });
    const queue = new TrainingQueue(client);
    queue.start();
    answers.shift()?.();
    await settle();
    // Asked while it runs; it pauses, which is told; the answer comes last.
    const asked = queue.load();
    state = 'paused';
    client.tell('training.state', status('a', 'paused'));
    answers.shift()?.();
    await settle();
    answers.shift()?.();
    await asked;
    expect(queue.status('a')?.state).toBe('paused');
  });

  it('moves a waiting run without touching the one that trains', async () => {
    const client = fakeClient({
      'training.queue': () => [status('a', 'running'), status('b', 'queued'), status('c', 'queued')],
      'training.reorder': () => ({}),
    });
    const queue = new TrainingQueue(client);
    await queue.load();
    await queue.move('c', -1);
    await queue.move('b', -1);
    expect(client.of('training.reorder')).toEqual([{ runs: ['c', 'b'] }]);
  });
});

describe('a run that trains', () => {
  const frames: (() => void)[] = [];
  beforeEach(() => {
    frames.length = 0;
    vi.stubGlobal('requestAnimationFrame', (frame: () => void) => frames.push(frame));
  });
  afterEach(() => vi.unstubAllGlobals());

  it('changes once in a frame, however many events come, and takes only its own', async () => {
    const client = fakeClient({ 'runs.metrics': () => Promise.reject(new Error('no folder yet')) });
    const live = new LiveRun(client, 'a');
    await settle();
    frames.splice(0).forEach((frame) => frame());
    const before = live.version;
    for (let step = 1; step <= 30; step++) {
      client.tell('training.metrics', {
        run: step % 3 === 0 ? 'b' : 'a',
        step,
        steps: 100,
        secondsLeft: null,
        rows: [{ step, gap: step }],
      });
    }
    expect([live.version, frames.length]).toEqual([before, 1]);
    frames.splice(0).forEach((frame) => frame());
    expect(live.version).toBe(before + 1);
    expect(live.points('gap')).toHaveLength(20);
    client.tell('training.samples', { run: 'a', step: 20, content: 'samples', image: '/image/x' });
    client.tell('training.samples', { run: 'a', step: 10, content: 'samples', image: '/image/x' });
    expect(live.samples).toEqual([10, 20]);
    live.stop();
    client.tell('training.checkpoint', { run: 'a', step: 30 });
    expect(live.checkpoint).toBeNull();
  });
});

describe('charts of a run', () => {
  it('offers the ones that every run has before the first step', () => {
    expect(chartPlans([]).map(({ title }) => title)).toEqual([
      'Energies',
      'Energy gap',
      'Reconstruction',
      'KL divergence',
    ]);
  });

  it('puts every network and every score into its chart', () => {
    const plans = chartPlans([
      'gap',
      'gradientNormInference',
      'gradientNorm_energy',
      'validation_joint_AUROC',
      'epoch',
    ]);
    expect(plans.map(({ title, lines }) => [title, lines.map(({ name }) => name)])).toEqual([
      ['Energy gap', ['samples − data']],
      ['Gradient norms', ['inference model', 'energy model']],
      ['Validation AUROC', ['joint']],
    ]);
  });
});
