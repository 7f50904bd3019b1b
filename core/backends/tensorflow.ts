/**
 * TensorFlow's own library as a tfjs backend: `@tensorflow/tfjs-node-gpu`, else `@tensorflow/tfjs-node`. Both are optional; they are
 * looked for in the folder that the environment variable NATIVE_TENSORFLOW names (with a `node_modules` in it), then in the application.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { CoreError, messageOf } from '../errors.ts';

const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

export interface NativeTensorflow {
  /** Name under which the backend is registered with tfjs. */
  readonly backend: 'tensorflow';
  readonly package: (typeof packages)[number];
  /** Of the C library: "2.9.1". */
  readonly version: string;
  /** Whether it computes on a GPU. */
  readonly gpu: boolean;
}

/** What is used of tfjs-node's backend object. */
interface NativeBackend {
  readonly isUsingGpuDevice?: boolean;
  readonly binding?: { readonly TF_Version?: string };
}

/** Where the packages are looked for: modules are resolved as if from a file in these folders. */
export function tensorflowFolders(): string[] {
  const folder = process.env['NATIVE_TENSORFLOW'];
  const application = import.meta.dirname;
  return folder === undefined || folder === '' ? [application] : [path.resolve(folder), application];
}

/** Whether one of the packages is found at all, working or not. */
export function tensorflowIsInstalled(): boolean {
  return tensorflowFolders().some((folder) => {
    const from = createRequire(path.join(folder, 'package.json'));
    return packages.some((name) => {
      try {
        return from.resolve(name) !== '';
      } catch {
        return false;
      }
    });
  });
}

/**
 * Loads the first package that works and registers the backend `tensorflow`; tfjs's current backend stays as it was.
 * Errors: `device/tensorflow` with the reason of each package.
 */
export async function registerTensorflowBackend(): Promise<NativeTensorflow> {
  const reasons = new Set<string>();
  for (const name of packages) {
    for (const folder of tensorflowFolders()) {
      try {
        return await load(name, folder);
      } catch (cause) {
        reasons.add(explainTensorflowFailure(name, messageOf(cause)));
      }
    }
  }
  throw new CoreError(
    'device/tensorflow',
    `TensorFlow's own library could not be loaded: ${[...reasons].join(' ')} ` +
      'Run "npm run setup:tensorflow", or use another device.',
  );
}

/** A sentence from a loader's message; a missing library is named. */
export function explainTensorflowFailure(name: string, message: string): string {
  const library = /([\w.+-]+\.(?:so[\d.]*|dylib|dll)): cannot open shared object file/.exec(message)?.[1];
  if (library !== undefined) return `${name} needs the library ${library}, which is missing.`;
  if (/Cannot find module/.test(message) && message.includes(`'${name}'`)) return `${name} is not installed.`;
  if (/tfjs_binding\.node/.test(message))
    return `${name} is installed without its native part, which is a download of its own.`;
  return `${name}: ${message.slice(0, 200)}`;
}

async function load(name: (typeof packages)[number], folder: string): Promise<NativeTensorflow> {
  // tfjs-node calls this function, which Node 23 and later no longer have (tfjs issue 8609).
  const node = util as { isNullOrUndefined?: (value: unknown) => boolean };
  node.isNullOrUndefined ??= (value) => value === null || value === undefined;

  const previous = tf.getBackend() as string | undefined;
  await quietly(() => createRequire(path.join(folder, 'package.json'))(name) as unknown);
  // The package brings its own copy of tfjs-core; both copies share one global engine, so its backend is ours as well.
  const backend = tf.findBackend('tensorflow') as NativeBackend | null;
  if (previous !== undefined && previous !== '') await tf.setBackend(previous);
  if (backend === null) throw new Error(`${name} registered no backend.`);
  return {
    backend: 'tensorflow',
    package: name,
    version: backend.binding?.TF_Version ?? 'unknown',
    gpu: backend.isUsingGpuDevice === true,
  };
}

/** The second copy of tfjs-core registers every kernel and flag again and warns of each; in production mode it is silent. */
async function quietly<Result>(action: () => Result): Promise<Result> {
  const environment = tf.env();
  const production = environment.getBool('PROD');
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  environment.set('PROD', true);
  try {
    return await action();
  } finally {
    environment.set('PROD', production);
  }
}
