import { describe, expect, it } from 'vitest';
import { MessageWriter } from '../../../../core/backends/onnx/protobuf.ts';

describe('MessageWriter', () => {
  it('writes the example of the format: field 1 = 150 is 08 96 01', () => {
    expect([...new MessageWriter().integer(1, 150).finish()]).toEqual([0x08, 0x96, 0x01]);
  });

  it('writes text with its length: field 2 = "testing"', () => {
    const bytes = [0x12, 0x07, ...Buffer.from('testing')];
    expect([...new MessageWriter().text(2, 'testing').finish()]).toEqual(bytes);
  });

  it('writes negative integers in ten bytes', () => {
    expect([...new MessageWriter().integer(1, -1).finish()]).toEqual([0x08, ...Array<number>(9).fill(0xff), 0x01]);
  });

  it('writes integers beyond 32 bits', () => {
    expect([...new MessageWriter().integer(1, 2 ** 35).finish()]).toEqual([8, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]);
  });

  it('writes floats in little-endian order', () => {
    expect([...new MessageWriter().float(2, 1).finish()]).toEqual([0x15, 0, 0, 0x80, 0x3f]);
  });

  it('nests messages and grows beyond its first buffer', () => {
    const inner = new MessageWriter().bytes(1, new Uint8Array(1000).fill(7));
    const outer = new MessageWriter().message(3, inner).finish();
    expect(outer.length).toBe(1000 + 3 + 3);
    expect([...outer.subarray(0, 7)]).toEqual([0x1a, 0xeb, 0x07, 0x0a, 0xe8, 0x07, 7]);
  });
});
