/** Versions under names that people know; what is shown elsewhere on the page is left out. */
const names: Readonly<Record<string, string>> = {
  node: 'Node.js',
  electron: 'Electron',
  chrome: 'Chromium',
  'onnxruntime-node': 'ONNX Runtime',
  '@tensorflow/tfjs': 'TensorFlow.js',
};
const elsewhere = new Set(['triangle', 'platform']);

export function versionRows(versions: Readonly<Record<string, string>>): [name: string, version: string][] {
  return Object.entries(versions)
    .filter(([key]) => !elsewhere.has(key))
    .map(([key, version]) => [names[key] ?? key, version]);
}
