/** Settings, app and job channels onto the core. */
import {
  activeTraining,
  cleanCheckpoints,
  cleanDerived,
  cleanSamples,
  cleanUploads,
  diagnosticReport,
  ensureTourFolder,
  findPreset,
  idOf,
  listDevices,
  listFolderOf,
  makeFolder,
  openDevice,
  storageOf,
  testDevices,
  trimCache,
  version,
  versions,
} from '../../core/index.ts';
import type { DeviceInfo } from '../contract.ts';
import { changed, type Context, type HandlersOf } from './context.ts';

/** The tour's training: about a minute on two cores. */
const tourSteps = 350;

export function settingsHandlers(context: Context): HandlersOf<'settings' | 'app' | 'jobs'> {
  const { library, jobs, emit } = context;
  const { folders, settings, runs } = library;
  let automatic: Promise<DeviceInfo | null> | null = null;
  /** What `auto` takes here; measured once, since a self-test may take a while. */
  const autoDevice = (): Promise<DeviceInfo | null> => {
    automatic ??= openDevice('auto').then(
      ({ name, description, adapter, reason }) => ({ name, description, adapter, reason }),
      () => null,
    );
    return automatic;
  };
  return {
    'jobs.list': () => Promise.resolve(jobs.list()),
    'jobs.cancel'({ job }) {
      jobs.cancel(job);
      return Promise.resolve({});
    },
    'settings.get': () => settings.get(),
    async 'settings.set'(patch) {
      const now = await settings.set(patch);
      emit({ event: 'settings.changed', payload: now });
      if (patch.cacheLimitBytes !== undefined) await trimCache(folders.cache, now.cacheLimitBytes);
      return now;
    },
    async 'settings.devices'() {
      const devices = (await listDevices()).map((device) => ({ ...device, missing: [...device.missing] }));
      return { devices, auto: await autoDevice() };
    },
    async 'settings.selfTest'({ device }) {
      const { threads } = await settings.get();
      const job = jobs.start('self-test', device ?? 'all', async ({ signal, progress }) => {
        progress('Testing', { done: 0, total: 1, secondsLeft: null });
        let passed = 0;
        let tested = 0;
        for await (const result of testDevices({ only: device, threads: threads ?? undefined, signal })) {
          tested++;
          if (result.passed) passed++;
          emit({ event: 'settings.selfTest', payload: result });
        }
        return { message: `${passed} of ${tested} devices passed.` };
      });
      return { job };
    },
    'settings.folders'() {
      const { library: dir, runs: runDir, cache, trash, logs } = folders;
      return Promise.resolve({ library: dir, runs: runDir, cache, trash, logs });
    },
    'settings.storage': () => storageOf(folders, runs),
    async 'settings.cleanUp'(wish) {
      const freedBytes = await (async () => {
        switch (wish.what) {
          case 'cache':
            return trimCache(folders.cache, 0);
          case 'trash': {
            const purged = await library.trash.purge();
            return purged + (await cleanUploads(folders, (await runs.folders()).values()));
          }
          case 'uploads':
            return cleanUploads(folders, (await runs.folders()).values(), 0);
          case 'checkpoints':
            return cleanCheckpoints(await runs.dirOf(wish.run));
          case 'samples':
            return cleanSamples(await runs.dirOf(wish.run));
          case 'derived':
            return cleanDerived(await runs.dirOf(wish.run));
        }
      })();
      changed(context, 'storage');
      return { freedBytes };
    },
    async 'settings.logs'({ lines }) {
      return { file: library.log.file, lines: await library.log.lines(lines) };
    },
    async 'settings.diagnostics'() {
      return { text: await diagnosticReport({ folders, runs, log: library.log, settings: await settings.get() }) };
    },
    async 'app.state'() {
      const list = await runs.list();
      const { tourDone } = await settings.get();
      const training = await activeTraining(folders);
      return {
        version,
        versions: { ...versions() },
        platform: process.platform,
        device: training?.device ?? list[0]?.device ?? null,
        firstStart: !tourDone && list.length === 0,
        training,
        recentRuns: list.slice(0, 10).map(({ id, name }) => ({ run: id, name })),
      };
    },
    async 'app.tour'() {
      const preset = findPreset('quick');
      return {
        dataset: idOf('builtin:digits'),
        preset: preset.name,
        values: { steps: tourSteps, seed: 1 },
        name: 'First tour',
        scoreInputs: [await ensureTourFolder(folders.tour)],
      };
    },
    'app.listFolder': ({ path, files }) => listFolderOf(path, files),
    async 'app.makeFolder'({ path }) {
      return { path: await makeFolder(path) };
    },
  };
}
