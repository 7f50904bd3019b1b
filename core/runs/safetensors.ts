/**
 * Reading and writing of safetensors, the format of our weights (https://github.com/huggingface/safetensors, "Format"):
 * eight bytes with the header's length (little-endian), a JSON header, then the tensors' bytes without gaps.
 */
import { CoreError } from '../errors.ts';

export interface SavedTensor {
  readonly shape: readonly number[];
  /** Row-major, as long as the shape says. */
  readonly data: Float32Array | Int32Array;
}

/** Tensors by name. */
export type Tensors = Readonly<Record<string, SavedTensor>>;

/** The format's own limit on the header, which keeps a broken length from allocating gigabytes. */
const maximumHeader = 100_000_000;
const lengthBytes = 8;
const alignment = 8;

function elements(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** Encodes tensors in the order of their names as given; the data starts on a multiple of eight bytes. */
export function encodeSafetensors(tensors: Tensors, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata;
  let offset = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    if (name === '__metadata__' || name === '__proto__') {
      throw new CoreError('runs/safetensors', `A tensor may not be called ${name}. Give it another name.`);
    }
    if (elements(shape) !== data.length) {
      const text = `Tensor ${name} has ${data.length} values, its shape [${shape.join(', ')}] asks for ${elements(shape)}.`;
      throw new CoreError('runs/safetensors', `${text} Pass matching data.`);
    }
    const dtype = data instanceof Float32Array ? 'F32' : 'I32';
    header[name] = { dtype, shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header), 'utf8');
  const headerLength = Math.ceil((lengthBytes + json.length) / alignment) * alignment - lengthBytes;
  const file = Buffer.alloc(lengthBytes + headerLength + offset, 0x20);
  file.writeBigUInt64LE(BigInt(headerLength), 0);
  json.copy(file, lengthBytes);
  let position = lengthBytes + headerLength;
  for (const { data } of Object.values(tensors)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return file;
}

interface Entry {
  readonly name: string;
  readonly dtype: 'F32' | 'I32';
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function broken(what: string): CoreError {
  return new CoreError(
    'runs/safetensors',
    `Not a usable safetensors file: ${what}. Use another copy or an older checkpoint.`,
  );
}

function parseEntry(name: string, value: unknown): Entry {
  if (typeof value !== 'object' || value === null) throw broken(`the entry of ${name} is not an object`);
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>;
  if (dtype !== 'F32' && dtype !== 'I32')
    throw broken(`${name} is of type ${String(dtype)}, only F32 and I32 are read`);
  if (!Array.isArray(shape) || !shape.every(isCount)) throw broken(`the shape of ${name} is not a list of sizes`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw broken(`the offsets of ${name} are not two positions`);
  }
  const [begin = 0, end = 0] = offsets;
  const bytes = elements(shape) * 4;
  if (end - begin !== bytes) {
    throw broken(`${name} has ${end - begin} bytes, its shape [${shape.join(', ')}] asks for ${bytes}`);
  }
  return { name, dtype, shape, begin, end };
}

function parseHeader(file: Uint8Array): { header: Record<string, unknown>; start: number } {
  if (file.byteLength < lengthBytes) throw broken(`it has only ${file.byteLength} bytes`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = view.getBigUint64(0, true);
  const room = Math.min(file.byteLength - lengthBytes, maximumHeader);
  if (length > BigInt(room)) throw broken(`its header of ${length.toString()} bytes does not fit into the file`);
  const start = lengthBytes + Number(length);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(lengthBytes, start)));
  } catch {
    throw broken('its header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw broken('its header is not an object');
  return { header: header as Record<string, unknown>, start };
}

/** Decodes a whole file into copies. Throws `runs/safetensors` for anything that the format forbids: gaps, overlaps, torn files. */
export function decodeSafetensors(file: Uint8Array): Tensors {
  const { header, start } = parseHeader(file);
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => parseEntry(name, value));
  const size = file.byteLength - start;
  let covered = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) throw broken(`${name} starts at ${begin}, not at ${covered}`);
    if (end > size) throw broken(`${name} ends at ${end}, the data at ${size}: the file was cut off`);
    covered = end;
  }
  if (covered !== size) throw broken(`${size - covered} bytes belong to no tensor`);
  return Object.fromEntries(
    entries.map(({ name, dtype, shape, begin, end }) => {
      const bytes = file.slice(start + begin, start + end);
      // `slice` of a Buffer is a view that need not be aligned; a typed array of its own is.
      const copy = new Uint8Array(end - begin);
      copy.set(bytes);
      return [name, { shape, data: dtype === 'F32' ? new Float32Array(copy.buffer) : new Int32Array(copy.buffer) }];
    }),
  );
}
