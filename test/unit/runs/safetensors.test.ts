import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors, type Tensors } from '../../../core/runs/safetensors.ts';

const example: Tensors = {
  'energy/fc/kernel': { shape: [2, 3], data: Float32Array.from([1, -2, 3.5, 0, 1e-30, 4]) },
  'trainer/order': { shape: [2], data: Int32Array.from([7, -1]) },
  scalar: { shape: [], data: Float32Array.from([0.25]) },
  empty: { shape: [0, 4], data: new Float32Array(0) },
};

/** A file with any header and `bytes` bytes of data. */
function fileWith(header: string, bytes: number): Uint8Array {
  const json = Buffer.from(header);
  const file = Buffer.alloc(8 + json.length + bytes);
  file.writeBigUInt64LE(BigInt(json.length));
  json.copy(file, 8);
  return file;
}

describe('safetensors', () => {
  it('gives back what was encoded, bit for bit', () => {
    const decoded = decodeSafetensors(encodeSafetensors(example));
    expect(Object.keys(decoded)).toEqual(Object.keys(example));
    for (const [name, tensor] of Object.entries(example)) expect(decoded[name]).toEqual(tensor);
  });

  it('encodes a file exactly as the format says', () => {
    const file = Buffer.from(encodeSafetensors({ a: { shape: [1], data: Float32Array.from([1]) } }));
    const header = '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
    const padded = header.padEnd(56, ' ');
    expect(file.readBigUInt64LE(0)).toBe(56n);
    expect(file.toString('utf8', 8, 64)).toBe(padded);
    expect(file.subarray(64).toString('hex')).toBe('0000803f');
  });

  it('starts the data on a multiple of eight, whatever the names', () => {
    for (const name of ['a', 'ab', 'abc', 'ä', '日本語']) {
      const file = Buffer.from(encodeSafetensors({ [name]: { shape: [1], data: Float32Array.from([1]) } }));
      expect(Number(file.readBigUInt64LE(0)) % 8, name).toBe(0);
      expect(decodeSafetensors(file)[name]?.data[0]).toBe(1);
    }
  });

  it('keeps metadata out of the tensors', () => {
    expect(Object.keys(decodeSafetensors(encodeSafetensors(example, { program: 'test' })))).not.toContain(
      '__metadata__',
    );
  });

  it('encodes views of larger buffers', () => {
    const data = Float32Array.from([9, 1, 2, 9]).subarray(1, 3);
    expect(decodeSafetensors(encodeSafetensors({ a: { shape: [2], data } }))['a']?.data).toEqual(
      Float32Array.from([1, 2]),
    );
  });

  it('refuses to encode data that does not fit its shape', () => {
    expect(() => encodeSafetensors({ a: { shape: [3], data: new Float32Array(2) } })).toThrow(/2 values.*asks for 3/);
  });

  const entry = (offsets: number[], dtype = 'F32', shape = [1]): unknown => ({ dtype, shape, data_offsets: offsets });
  it.each([
    ['an empty file', new Uint8Array(0), /0 bytes/],
    ['a header longer than the file', fileWith('{}', 0).subarray(0, 9), /does not fit/],
    ['a header that is not JSON', fileWith('{"a"', 0), /not JSON/],
    ['a header that is a list', fileWith('[]', 0), /not an object/],
    ['another type', fileWith(JSON.stringify({ a: entry([0, 2], 'F16') }), 2), /type F16/],
    ['a negative side', fileWith(JSON.stringify({ a: entry([0, 4], 'F32', [-1]) }), 4), /shape of a/],
    ['offsets that do not fit the shape', fileWith(JSON.stringify({ a: entry([0, 8]) }), 8), /8 bytes.*asks for 4/],
    ['a gap', fileWith(JSON.stringify({ a: entry([4, 8]) }), 8), /starts at 4, not at 0/],
    ['an overlap', fileWith(JSON.stringify({ a: entry([0, 4]), b: entry([0, 4]) }), 4), /b starts at 0, not at 4/],
    ['bytes left over', fileWith(JSON.stringify({ a: entry([0, 4]) }), 6), /2 bytes belong to no tensor/],
    ['a file cut off', encodeSafetensors(example).subarray(0, -1), /cut off/],
  ])('refuses %s', (_, file, message) => {
    expect(() => decodeSafetensors(file)).toThrow(message);
  });
});
