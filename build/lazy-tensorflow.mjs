/**
 * For esbuild: TensorFlow.js is loaded when it is first used, not when a process starts. It takes a second or more to load, and the
 * process that answers a window needs it only once a model is opened.
 */
import { readFile } from 'node:fs/promises';

const name = '@tensorflow/tfjs';
const whole = /^import \* as tf from '@tensorflow\/tfjs';$/m;
const parts = /^import \{ (util) \} from '@tensorflow\/tfjs';$/m;

/** One object for the whole of it and one for each part that is imported by name; property by property the package's own. */
const source = `
import { createRequire } from 'node:module';
const load = createRequire(import.meta.url);
let loaded;
const whole = () => (loaded ??= load('${name}'));
const lazily = (of, more) =>
  new Proxy({}, { get: (_, key) => (more !== undefined && key in more ? more[key] : of()[key]), has: (_, key) => key in of() });
// A class that a backend extends when its module is read; its real base joins when the first one is made.
function KernelBackend(...given) {
  const { KernelBackend: Real } = whole();
  Object.setPrototypeOf(KernelBackend.prototype, Real.prototype);
  return Reflect.construct(Real, given, new.target);
}
export const tf = lazily(whole, { KernelBackend });
export const util = lazily(() => whole().util);
`;

/** Of the core's sources. */
export const lazyTensorflow = {
  name: 'lazy-tensorflow',
  setup(build) {
    build.onResolve({ filter: /^lazy:tensorflow$/ }, () => ({ path: 'tensorflow', namespace: 'lazy' }));
    build.onLoad({ filter: /.*/, namespace: 'lazy' }, () => ({ contents: source, loader: 'js' }));
    build.onLoad({ filter: /[\\/]core[\\/].*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (!text.includes(name)) return undefined;
      const contents = text
        .replace(whole, `import { tf } from 'lazy:tensorflow';`)
        .replace(parts, `import { $1 } from 'lazy:tensorflow';`);
      return { contents, loader: 'ts' };
    });
  },
};
