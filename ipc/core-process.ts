/**
 * The entry of a core process: joins router and core, and talks to its host over the port that it finds: Electron's utilityProcess or
 * a forked Node. Arguments: `--lane=desk|training`, `--library=<folder>`, `--cache=<folder>`.
 */
import { constants, setPriority } from 'node:os';
import { cleanUploads, ExperimentQueue, LaneTurns, openLibrary, TrainingQueue, trimCache } from '../core/index.ts';
import type { AppEvent } from './contract.ts';
import { experimentCard } from './handlers/experiments.ts';
import { trainingEvent } from './handlers/training.ts';
import { useChildrenOfHost } from './host-children.ts';
import type { Lane } from './lanes.ts';
import type { FromCore, ToCore } from './messages.ts';
import { resolveResource } from './resources.ts';
import { createRouter, describeError } from './router.ts';

interface Port {
  post(message: FromCore): void;
  listen(callback: (message: ToCore) => void): void;
}

/** Electron's `process.parentPort`, as far as it is used. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

function findPort(): Port {
  const { parentPort } = process as { parentPort?: ParentPort };
  if (parentPort !== undefined) {
    useChildrenOfHost(parentPort);
    return {
      post: (message) => parentPort.postMessage(message),
      listen: (callback) => parentPort.on('message', ({ data }) => callback(data as ToCore)),
    };
  }
  const send = process.send?.bind(process);
  if (send === undefined) throw new Error('This program is started by Triangle Studio, not by hand.');
  // Without its host it has nobody to work for.
  process.on('disconnect', () => process.exit(0));
  return {
    // A host that went away between two messages is no fault of ours: `disconnect` ends the process.
    post: (message) => void send(message, undefined, undefined, () => undefined),
    listen: (callback) => process.on('message', (message) => callback(message as ToCore)),
  };
}

function argument(name: string): string | undefined {
  const prefix = `--${name}=`;
  return process.argv.find((word) => word.startsWith(prefix))?.slice(prefix.length);
}

/** Milliseconds after the start: a window that opens comes first. */
const tidyAfterMs = 30_000;

async function main(): Promise<void> {
  const port = findPort();
  const lane: Lane = argument('lane') === 'training' ? 'training' : 'desk';
  const library = await openLibrary({ dir: argument('library'), cacheDir: argument('cache') });
  const die = (kind: string) => (error: unknown) => {
    library.log.write(
      'error',
      `${lane} process ended by ${kind}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    // A utility process only warns of these and goes on half dead: the host starts a whole one instead.
    process.exit(1);
  };
  process.on('unhandledRejection', die('an unhandled rejection'));
  process.on('uncaughtException', die('an exception'));

  const emit = (event: AppEvent): void => port.post({ type: 'event', event });
  let queue: TrainingQueue | null = null;
  let experiments: ExperimentQueue | null = null;
  if (lane === 'training') {
    lowerPriority();
    const { folders, settings, log, trash } = library;
    const turns = new LaneTurns();
    const made: TrainingQueue = new TrainingQueue(folders, {
      settings,
      log,
      turns,
      tell: (event) => {
        const told = trainingEvent(event, () => made.list());
        if (told instanceof Promise) void told.then(emit);
        else emit(told);
      },
    });
    queue = made;
    experiments = new ExperimentQueue(folders, {
      settings,
      log,
      trash,
      turns,
      tell: (card) => emit({ event: 'experiments.state', payload: experimentCard(card) }),
    });
  } else {
    const { cacheLimitBytes } = await library.settings.get();
    void trimCache(library.folders.cache, cacheLimitBytes);
    setTimeout(() => {
      const told = (error: unknown) => library.log.write('error', `Copies of dropped files stay: ${String(error)}`);
      void library.runs.folders().then((dirs) => cleanUploads(library.folders, dirs.values()).catch(told), told);
    }, tidyAfterMs).unref();
  }
  const router = createRouter({ library, queue, experiments, emit });

  const close = async (): Promise<void> => {
    router.close();
    await experiments?.close();
    await queue?.close();
    await library.close();
    process.exit(0);
  };
  port.listen((message) => {
    switch (message.type) {
      case 'call':
        void router.answer(message.call).then((answer) => {
          if (answer !== null) port.post({ type: 'answer', answer });
        });
        return;
      case 'resource': {
        const { id, path } = message;
        void resolveResource(library, path).then(
          ({ bytes, contentType }) =>
            port.post({ type: 'resource', id, answer: { ok: true, value: { bytes, contentType } } }),
          (error: unknown) => port.post({ type: 'resource', id, answer: { ok: false, ...describeError(error) } }),
        );
        return;
      }
      case 'close':
        void close();
    }
  });
  library.log.write('info', `${lane} process started`);
  port.post({ type: 'ready' });
  await queue?.begin();
  await experiments?.begin();
}

/** Whoever looks at a window while a model trains wants the window first. */
function lowerPriority(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Not allowed here: it trains as before.
  }
}

await main();
