/**
 * Structured clone as JSON text, the same code on both sides of the DevTools protocol: what Electron's IPC carries between main and
 * renderer. Cyclic values are not provided; what cannot be cloned fails with Electron's own words.
 */
type Wire = string | number | boolean | null | readonly Wire[] | { readonly [key: string]: Wire };

export interface Base64 {
  to(bytes: Uint8Array): string;
  from(text: string): Uint8Array;
}

const views = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
];

/** An instance of another class loses its class. */
const refused = [Promise, WeakMap, WeakSet, WeakRef, EventTarget, Blob];

/** Every wrapped value is `{ $: kind, … }`; an object that has a `$` of its own is wrapped too. */
export function createClone(base64: Base64) {
  const bytesOf = (buffer: ArrayBufferLike, offset = 0, length = buffer.byteLength): string =>
    base64.to(new Uint8Array(buffer, offset, length));

  const encodeNumber = (value: number): Wire =>
    Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : { $: 'number', value: Object.is(value, -0) ? '-0' : String(value) };

  function encodeObject(value: object, depth: number): Wire {
    const inner = (item: unknown): Wire => encode(item, depth + 1);
    if (Array.isArray(value)) return value.map(inner);
    if (value instanceof Date) return { $: 'date', value: value.getTime() };
    if (value instanceof Map) return { $: 'map', value: [...value].map(([key, item]) => [inner(key), inner(item)]) };
    if (value instanceof Set) return { $: 'set', value: [...value].map(inner) };
    if (value instanceof ArrayBuffer) return { $: 'buffer', value: bytesOf(value) };
    if (ArrayBuffer.isView(value)) {
      const type = views.find((view) => value instanceof view)?.name ?? 'Uint8Array';
      return { $: 'view', type, value: bytesOf(value.buffer, value.byteOffset, value.byteLength) };
    }
    if (value instanceof Error) return { $: 'error', name: value.name, message: value.message };
    if (refused.some((type) => value instanceof type)) throw new Error('An object could not be cloned.');
    const plain = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(item)]));
    return '$' in plain ? { $: 'object', value: plain } : plain;
  }

  function encode(value: unknown, depth: number): Wire {
    if (depth > 200) throw new Error('The harness has no cyclic values in IPC.');
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value === 'number') return encodeNumber(value);
    if (value === undefined) return { $: 'undefined' };
    if (typeof value === 'bigint') return { $: 'bigint', value: String(value) };
    if (typeof value === 'object') return encodeObject(value, depth);
    throw new Error('An object could not be cloned.');
  }

  function decodeView(type: string, bytes: Uint8Array): unknown {
    const view = (views.find((candidate) => candidate.name === type) ?? Uint8Array) as new (
      buffer: ArrayBuffer,
    ) => unknown;
    return new view(bytes.slice().buffer);
  }

  const plainObject = (wire: object): unknown =>
    Object.fromEntries(Object.entries(wire).map(([key, item]) => [key, decode(item as Wire)]));

  function decode(wire: Wire): unknown {
    if (wire === null || typeof wire !== 'object') return wire;
    if (Array.isArray(wire)) return (wire as readonly Wire[]).map(decode);
    const { $: kind, value, type, name, message } = wire as Record<string, never>;
    switch (kind as string | undefined) {
      case undefined:
        return plainObject(wire);
      case 'undefined':
        return undefined;
      case 'object':
        return plainObject(value as unknown as object);
      case 'number':
        return Number(value);
      case 'bigint':
        return BigInt(value as unknown as string);
      case 'date':
        return new Date(value as unknown as number);
      case 'map':
        return new Map(
          (value as unknown as Wire[][]).map(([key, item]) => [decode(key ?? null), decode(item ?? null)]),
        );
      case 'set':
        return new Set((value as unknown as Wire[]).map(decode));
      case 'buffer':
        return base64.from(value as unknown as string).slice().buffer;
      case 'view':
        return decodeView(type as unknown as string, base64.from(value as unknown as string));
      case 'error':
        return Object.assign(new Error(message as unknown as string), { name });
      default:
        throw new Error(`The harness cannot decode ${String(kind)}.`);
    }
  }

  return {
    encode: (value: unknown): string => JSON.stringify(encode(value, 0)),
    decode: (text: string): unknown => decode(JSON.parse(text) as Wire),
  };
}

export type Clone = ReturnType<typeof createClone>;
