/**
 * Decides whether blocked convolutions may be used on this machine. The domain is the runtime's own ("for internal use") and a wrong
 * block size would give wrong numbers without a word, so: the exact version is pinned, the block size is read off the runtime, and one
 * convolution of each kind is compared with the standard operators. Any doubt means no.
 */
import { messageOf } from '../../../errors.ts';
import { Random } from '../../../random.ts';
import { buildModel, gather } from '../compile.ts';
import type { Value } from '../graph.ts';
import { emit, leaf, sizeOf } from '../graph.ts';
import { hostTensor, Session } from '../session.ts';
import type { SessionSettings } from '../session.ts';
import { forward, inputGradient, phasesOf } from './convolution.ts';
import { filterGradient } from './filter-gradient.ts';
import { domain, toBlocked, toPlain, transpose } from './layout.ts';

export interface BlockedSupport {
  /** Channels in a block, or null where blocked convolutions are not used. */
  readonly block: number | null;
  /** A sentence for the device's description. */
  readonly reason: string;
}

const tolerance = 1e-4;
const settings: SessionSettings = { provider: 'cpu', threads: 1, optimisation: 'basic' };
const pads = [1, 1, 1, 1] as const;
const strided = { strides: [2, 2], dilations: [1, 1], pads } as const;

let support: BlockedSupport | undefined;

/** Probes once for each process; takes some milliseconds. Never throws. */
export function blockedSupport(): BlockedSupport {
  support ??= probe();
  return support;
}

function probe(): BlockedSupport {
  try {
    const block = blockSize();
    if (block !== 8 && block !== 16)
      return { block: null, reason: `standard convolutions (blocks of ${block} channels are not supported)` };
    const worst = largestError(block);
    if (!(worst < tolerance))
      return { block: null, reason: `standard convolutions (blocked ones differ by ${worst.toExponential(1)} here)` };
    return { block, reason: `blocked convolutions (${block} channels)` };
  } catch (error) {
    return { block: null, reason: `standard convolutions (blocked ones failed: ${messageOf(error)})` };
  }
}

/** Four channels are padded to a whole block. */
function blockSize(): number {
  const image = random([1, 4, 1, 1]);
  const reordered = emit('ReorderInput', [image], [1, 0, 1, 1], { attributes: { channels_last: 0 }, domain });
  return run([reordered], [['batch', 'channels', 'height', 'width']])[0]?.dims[1] ?? 0;
}

/** Largest difference between blocked and standard operators over a forward pass and both gradients. */
function largestError(block: number): number {
  const [inputs, outputs, batch] = [2 * block, 3 * block, block];
  const x = random([batch, 6, 6, inputs]);
  const dy = random([batch, 3, 3, outputs]);
  const filter = random([4, 4, inputs, outputs], 0.1);
  const small = { batch, channels: outputs, height: 3, width: 3 };
  const large = { batch, channels: inputs, height: 6, width: 6 };
  const phases = phasesOf(4, 2, 1, 6, 3) ?? [];
  const nchw = (value: Value): Value => transpose(value, [0, 3, 1, 2]);
  const nhwc = (value: Value): Value => transpose(value, [0, 2, 3, 1]);
  const attributes = { strides: [2, 2], dilations: [1, 1], pads };
  const pairs: [Value, Value][] = [
    [
      toPlain(forward(toBlocked(x, 'NHWC'), filter, small, strided, block), 'NHWC'),
      nhwc(emit('Conv', [nchw(x), transpose(filter, [3, 2, 0, 1])], [batch, outputs, 3, 3], { attributes })),
    ],
    [
      toPlain(inputGradient(toBlocked(dy, 'NHWC'), filter, large, [2, 2], phases, phases, block), 'NHWC'),
      nhwc(emit('ConvTranspose', [nchw(dy), transpose(filter, [3, 2, 0, 1])], [batch, inputs, 6, 6], { attributes })),
    ],
    [
      filterGradient({ value: toBlocked(x, 'NHWC'), blocked: true }, toBlocked(dy, 'NHWC'), [4, 4], strided, block),
      transpose(
        emit('Conv', [transpose(x, [3, 0, 1, 2]), transpose(dy, [3, 0, 1, 2])], [inputs, outputs, 4, 4], {
          attributes: { strides: [1, 1], dilations: [2, 2], pads },
        }),
        [2, 3, 0, 1],
      ),
    ],
  ];
  const results = run(pairs.flat());
  let worst = 0;
  for (let i = 0; i < results.length; i += 2) {
    const [blocked, standard] = [results[i]?.data as Float32Array, results[i + 1]?.data as Float32Array];
    if (blocked.length !== standard.length) return Infinity;
    for (let j = 0; j < blocked.length; j++)
      worst = Math.max(worst, Math.abs((blocked[j] ?? Number.NaN) - (standard[j] ?? Number.NaN)));
  }
  return worst;
}

function random(shape: readonly number[], scale = 1): Value {
  const data = Random.seeded(1, shape.join()).normals(sizeOf(shape), scale);
  return leaf(shape, 'float32', hostTensor('float32', data, shape));
}

function run(outputs: readonly Value[], shapes?: readonly string[][]): { dims: readonly number[]; data: unknown }[] {
  const names = outputs.map((_, i) => `o${i}`);
  const model = buildModel({
    subgraph: gather(outputs),
    inputs: new Map(),
    outputs: outputs.map((value, i) => [`o${i}`, value] as const),
    ...(shapes && { shapeOf: (value: Value) => shapes[outputs.indexOf(value)] ?? value.shape }),
  });
  const session = new Session(model, names, settings);
  try {
    const results = session.run({});
    return names.map((name) => {
      const tensor = results[name];
      if (tensor === undefined) throw new Error(`no output ${name}`);
      return { dims: tensor.dims, data: tensor.data };
    });
  } finally {
    session.dispose();
  }
}
