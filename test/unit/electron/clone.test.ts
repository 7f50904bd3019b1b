/** The harness carries IPC as structured clone; if it did not, specs would show what Electron does not do. */
import { expect, it } from 'vitest';
import { clone } from '../../harness/electron-on-chromium/runtime.ts';

it('carries what structured clone carries', () => {
  const value = {
    plain: [1, -0, NaN, Infinity, 'text', true, null, undefined, 10n],
    $: 'a key of ours',
    date: new Date(5),
    map: new Map([[{ a: 1 }, new Set([1])]]),
    bytes: Uint8Array.of(0, 255),
    floats: Float32Array.of(0.5, -1).subarray(1),
    buffer: Uint8Array.of(7).buffer,
  };
  expect(clone.decode(clone.encode(value))).toEqual(value);
  const error = clone.decode(clone.encode(new TypeError('no')));
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: 'TypeError', message: 'no' });
});

it('refuses what structured clone refuses', () => {
  class Mine {
    readonly a = 1;
  }
  for (const value of [() => 1, Symbol('s'), { inner: () => 1 }, Promise.resolve(1)]) {
    expect(() => clone.encode(value)).toThrow('could not be cloned');
  }
  // An instance loses its class, as in Electron.
  expect(() => clone.encode(new Mine())).not.toThrow();
});
