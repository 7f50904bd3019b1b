/** The training channels: the form and the estimate in the desk's process, the queue in the process that trains. */
import {
  choicesOf,
  CoreError,
  estimateTraining,
  idOf,
  speedStore,
  trainingForm,
  withoutItems,
  type QueueEvent,
  type TrainingQueue,
} from '../../core/index.ts';
import type { AppEvent, DeviceInfo, RequestOf, TrainingForm } from '../contract.ts';
import type { Context, HandlersOf } from './context.ts';

/** The queue's own events in the contract's words. */
export function trainingEvent(event: QueueEvent, queue: () => Promise<unknown>): AppEvent | Promise<AppEvent> {
  switch (event.kind) {
    case 'state':
      return { event: 'training.state', payload: event.status };
    case 'queue':
      return queue().then((list) => ({ event: 'training.queue', payload: { queue: list as never } }));
    case 'runs':
      return { event: 'library.changed', payload: { what: 'runs' } };
    case 'metrics': {
      const { run, step, steps, secondsLeft, rows } = event;
      return { event: 'training.metrics', payload: { run, step, steps, secondsLeft, rows } };
    }
    case 'samples': {
      const { run, step, content } = event;
      return {
        event: 'training.samples',
        payload: { run, step, content, image: `/image/run/${run}/${content}/${step}` },
      };
    }
    case 'validated': {
      const { run, step, metrics, best } = event;
      return { event: 'training.validated', payload: { run, step, metrics, best } };
    }
    case 'checkpoint':
      return { event: 'training.checkpoint', payload: { run: event.run, step: event.step } };
  }
}

/** The form for a dataset, with the values of a run where `from` is given. */
export async function formFor({ library }: Context, request: RequestOf<'training.form'>): Promise<TrainingForm> {
  const { source } = await library.datasets.source(request.dataset);
  const like = request.from === undefined ? undefined : (await library.runs.open(request.from)).manifest;
  const { preset, objective } = request;
  const form = await library.sources.use(source, (opened) => trainingForm(opened, { preset, objective, like }));
  const { device } = await library.settings.get();
  const values = like === undefined ? { ...form.values, device } : form.values;
  const taken = new Set((await library.runs.list()).map(({ name }) => name));
  const base =
    request.from === undefined
      ? (source
          .replace(/^builtin:/, '')
          .split(/[\\/]/)
          .at(-1) ?? 'run')
      : await library.runs.nameOf(request.from);
  let name = base;
  for (let number = 2; taken.has(name); number++) name = `${base} ${number}`;
  return { ...form, values, name };
}

export function trainingHandlers(context: Context): HandlersOf<'training'> {
  const { library } = context;
  /** What a choice of device means here, by choice and threads: found once. */
  const devices = new Map<string, DeviceInfo>();
  const queue = (): TrainingQueue => {
    if (context.queue !== null) return context.queue;
    throw new CoreError('internal/lane', 'This call belongs to the process that trains. Please report this.');
  };
  return {
    'training.form': (request) => formFor(context, request),
    async 'training.estimate'({ dataset, preset, values, measure }) {
      const { source, excluded } = await library.datasets.source(dataset);
      const { threads } = await library.settings.get();
      const speeds = speedStore(library.folders);
      const known = await speeds.read();
      const choices = choicesOf(preset, values);
      const asked = `${choices.device} ${threads ?? ''}`;
      const { estimate, measured } = await library.sources.use(source, (opened) =>
        estimateTraining({
          source: withoutItems(opened, excluded),
          choices,
          device: devices.get(asked),
          known,
          measure,
          threads: threads ?? undefined,
        }),
      );
      devices.set(asked, estimate.device);
      if (measure) await speeds.change((all) => ({ ...all, ...measured }));
      return estimate;
    },
    async 'training.start'({ dataset, preset, values, name }) {
      const { source, excluded } = await library.datasets.source(dataset);
      const { dir } = library.runs.newRun(name);
      const dataName =
        source
          .replace(/^builtin:/, '')
          .split(/[\\/]/)
          .at(-1) ?? source;
      const entry = { dir, name, dataset: dataName, source, excludeFiles: excluded, preset, values };
      return { run: await queue().add(entry) };
    },
    async 'training.pause'({ run }) {
      await queue().pause(run);
      return {};
    },
    async 'training.resume'({ run, epochs }) {
      if (await queue().resume(run, epochs)) return {};
      const { folder, dataset } = await library.runs.card(run);
      const name = await library.runs.nameOf(run);
      await queue().add({ dir: folder, name, dataset: dataset.name, epochs });
      return {};
    },
    async 'training.stop'({ run }) {
      await queue().stop(run);
      return {};
    },
    async 'training.keepAsIs'({ run }) {
      if (queue().keepAsIs(run)) return {};
      const { folder, dataset, step, usable, name } = await library.runs.card(run);
      if (!usable) {
        const text = `${name} has no checkpoint yet, so there is nothing to keep. Resume it instead.`;
        throw new CoreError('training/nothing-to-keep', text);
      }
      // Resumed with nothing left to do: it is calibrated and marked finished.
      const { manifest } = await library.runs.open(run);
      await queue().add({
        dir: folder,
        name,
        dataset: dataset.name,
        steps: Math.max(1, Math.min(step, manifest.step)),
      });
      return {};
    },
    'training.queue': () => queue().list(),
    async 'training.reorder'({ runs }) {
      await queue().reorder(runs);
      return {};
    },
    async 'training.remove'({ run }) {
      await queue().remove(run);
      return {};
    },
  };
}

/** Queues a run with the very settings of another. */
export async function reproduce(context: Context, run: string): Promise<{ run: string }> {
  const { library, queue } = context;
  if (queue === null) throw new CoreError('internal/lane', 'This call belongs to the process that trains.');
  const { folder, dataset } = await library.runs.card(run);
  const name = `${await library.runs.nameOf(run)} (again)`;
  const { dir } = library.runs.newRun(name);
  await library.runs.noteReproduction(idOf(dir), run);
  return { run: await queue.add({ dir, name, dataset: dataset.name, like: folder }) };
}
