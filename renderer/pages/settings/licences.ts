/** Packages that the program ships with, by their licences; a test compares them with what is installed. */
export interface Licence {
  readonly name: string;
  /** Of the npm package; null where it comes inside another. */
  readonly package: string | null;
  readonly purpose: string;
  /** SPDX. */
  readonly licence: string;
  /** Its own page; the desktop opens exactly these (`electron/main/links.ts`). */
  readonly page: string;
}

export const licences: readonly Licence[] = [
  {
    name: 'TensorFlow.js',
    package: '@tensorflow/tfjs',
    purpose: 'Models and gradients',
    licence: 'Apache-2.0',
    page: 'https://www.tensorflow.org/js',
  },
  {
    name: 'ONNX Runtime',
    package: 'onnxruntime-node',
    purpose: 'Computing on CPUs and GPUs',
    licence: 'MIT',
    page: 'https://onnxruntime.ai/',
  },
  {
    name: 'sharp',
    package: 'sharp',
    purpose: 'Reading and writing pictures',
    licence: 'Apache-2.0',
    page: 'https://sharp.pixelplumbing.com/',
  },
  {
    name: 'libvips',
    package: null,
    purpose: 'Inside sharp',
    licence: 'LGPL-3.0-or-later',
    page: 'https://www.libvips.org/',
  },
  { name: 'zod', package: 'zod', purpose: 'Checking what comes in', licence: 'MIT', page: 'https://zod.dev/' },
  {
    name: 'ws',
    package: 'ws',
    purpose: 'The browser’s connection',
    licence: 'MIT',
    page: 'https://github.com/websockets/ws',
  },
  { name: 'Svelte', package: 'svelte', purpose: 'The window', licence: 'MIT', page: 'https://svelte.dev/' },
  { name: 'Chart.js', package: 'chart.js', purpose: 'Charts', licence: 'MIT', page: 'https://www.chartjs.org/' },
  {
    name: 'Electron',
    package: 'electron',
    purpose: 'The desktop application',
    licence: 'MIT',
    page: 'https://www.electronjs.org/',
  },
  {
    name: 'Chromium',
    package: null,
    purpose: 'Inside Electron',
    licence: 'BSD-3-Clause and others',
    page: 'https://www.chromium.org/',
  },
];
