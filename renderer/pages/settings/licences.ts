/** Packages that the program ships with, by their licences; a test compares them with what is installed. */
export interface Licence {
  readonly name: string;
  /** Of the npm package; null where it comes inside another. */
  readonly package: string | null;
  readonly purpose: string;
  /** SPDX. */
  readonly licence: string;
}

export const licences: readonly Licence[] = [
  { name: 'TensorFlow.js', package: '@tensorflow/tfjs', purpose: 'Models and gradients', licence: 'Apache-2.0' },
  { name: 'ONNX Runtime', package: 'onnxruntime-node', purpose: 'Computing on CPUs and GPUs', licence: 'MIT' },
  { name: 'sharp', package: 'sharp', purpose: 'Reading and writing pictures', licence: 'Apache-2.0' },
  { name: 'libvips', package: null, purpose: 'Inside sharp', licence: 'LGPL-3.0-or-later' },
  { name: 'zod', package: 'zod', purpose: 'Checking what comes in', licence: 'MIT' },
  { name: 'ws', package: 'ws', purpose: 'The browser’s connection', licence: 'MIT' },
  { name: 'Svelte', package: 'svelte', purpose: 'The window', licence: 'MIT' },
  { name: 'Chart.js', package: 'chart.js', purpose: 'Charts', licence: 'MIT' },
  { name: 'Electron', package: 'electron', purpose: 'The desktop application', licence: 'MIT' },
  { name: 'Chromium', package: null, purpose: 'Inside Electron', licence: 'BSD-3-Clause and others' },
];
