/**
 * The programs of the probing child processes, as text: they must run wherever the core is bundled to, so they cannot be files beside
 * it. Plain CommonJS for `node -e`; each prints one line `PROBE {json}`.
 */

/** y = x + x for two floats, operator set 17: the smallest model that every provider has to compute. */
const additionModel = 'CAg6NQoOCgF4CgF4EgF5IgNBZGQSAWdaDwoBeBIKCggIARIECgIIAmIPCgF5EgoKCAgBEgQKAggCQgQKABAR';

/** Arguments: path of onnxruntime-node, provider. Answer: {ok: true} or {ok: false, error, absent: library names}. */
export const onnxProbe = `
const [modulePath, provider] = process.argv.slice(1);
const answer = (value) => { process.stdout.write('\\nPROBE ' + JSON.stringify(value) + '\\n', () => process.exit(0)); };
// The loader names one missing library at a time; asking for each gives the whole list. Any other error means that it was found.
const absent = () => provider !== 'cuda' || process.platform !== 'linux' ? [] :
  ['libcuda.so.1', 'libcudart.so.12', 'libcublas.so.12', 'libcublasLt.so.12', 'libcufft.so.11', 'libcurand.so.10', 'libcudnn.so.9']
    .filter((name) => {
      try { process.dlopen({ exports: {} }, name); } catch (error) { return /cannot open shared object file/.test(error.message); }
      return false;
    });
(async () => {
  try {
    const ort = require(modulePath);
    const model = Buffer.from('${additionModel}', 'base64');
    const session = await ort.InferenceSession.create(model, { executionProviders: [provider] });
    const result = await session.run({ x: new ort.Tensor('float32', Float32Array.of(1, 2), [2]) });
    if (result.y.data[0] !== 2 || result.y.data[1] !== 4) throw new Error('computed 1 + 1 = ' + result.y.data[0]);
    answer({ ok: true });
  } catch (error) {
    answer({ ok: false, error: String(error && error.message || error), absent: absent() });
  }
})();
`;

/** Arguments: folders to look in. Answer: {ok: true, version, gpu} or {ok: false, failures: [[package, message]]}. */
export const tensorflowProbe = `
const util = require('node:util');
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
console.warn = () => undefined;
const failures = [];
let found = null;
for (const name of ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']) {
  for (const folder of process.argv.slice(1)) {
    if (found !== null) break;
    try {
      const tf = require(require.resolve(name, { paths: [folder] }));
      const product = tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).dataSync();
      if (product.some((value) => value !== 3)) throw new Error('computed a wrong product');
      const backend = tf.findBackend('tensorflow');
      found = { ok: true, version: String(backend.binding.TF_Version), gpu: backend.isUsingGpuDevice === true };
    } catch (error) {
      failures.push([name, String(error && error.message || error)]);
    }
  }
}
process.stdout.write('\\nPROBE ' + JSON.stringify(found ?? { ok: false, failures }) + '\\n', () => process.exit(0));
`;
