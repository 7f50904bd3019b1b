/**
 * Seeded random numbers whose state can be saved, so that a run resumes bit for bit.
 * Generator: xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), seeded by
 * SplitMix32. Normal deviates: Box and Muller (1958), both of a pair used.
 */

/** JSON-safe state of a {@link Random}: four 32-bit words and the normal deviate that is kept back, if any. */
export interface RandomState {
  readonly words: readonly [number, number, number, number];
  readonly spare: number | null;
}

/** One step of SplitMix32: a well-mixed 32-bit word for each consecutive counter. */
function splitMix(counter: number): number {
  let word = (counter + 0x9e3779b9) | 0;
  word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
  word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
  return (word ^ (word >>> 15)) >>> 0;
}

/** FNV-1a hash of a label, so that named streams differ. */
function hashLabel(label: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

export class Random {
  readonly #words: Uint32Array;
  #spare: number | null;

  private constructor(words: Uint32Array, spare: number | null) {
    this.#words = words;
    this.#spare = spare;
  }

  /** A generator from an integer seed; `stream` names an independent sequence of the same seed. */
  static seeded(seed: number, stream = ''): Random {
    const start = (Math.imul(seed | 0, 0x85ebca6b) ^ hashLabel(stream)) | 0;
    const words = new Uint32Array(4);
    for (let i = 0; i < 4; i++) words[i] = splitMix((start + Math.imul(i, 0x9e3779b9)) | 0);
    // All zeros is the one state that xoshiro cannot leave.
    if (words.every((word) => word === 0)) words[0] = 1;
    return new Random(words, null);
  }

  static restored(state: RandomState): Random {
    return new Random(Uint32Array.from(state.words), state.spare);
  }

  state(): RandomState {
    const [a = 0, b = 0, c = 0, d = 0] = this.#words;
    return { words: [a, b, c, d], spare: this.#spare };
  }

  /** The next 32-bit unsigned integer. */
  uint32(): number {
    const s = this.#words as unknown as [number, number, number, number];
    const scrambled = Math.imul(s[1], 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return result;
  }

  /** Uniform in [0, 1), 32 bits. */
  uniform(): number {
    return this.uint32() / 4294967296;
  }

  /** A uniform integer in [0, bound). */
  integer(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  /** A standard normal deviate. */
  normal(): number {
    if (this.#spare !== null) {
      const spare = this.#spare;
      this.#spare = null;
      return spare;
    }
    // 1 - u lies in (0, 1], so the logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** `count` standard normal deviates times `scale`, as float32. */
  normals(count: number, scale = 1): Float32Array {
    const values = new Float32Array(count);
    for (let i = 0; i < count; i++) values[i] = scale * this.normal();
    return values;
  }

  /** Shuffles in place (Fisher and Yates) and returns its argument. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const kept = items[i];
      items[i] = items[j];
      items[j] = kept;
    }
    return items;
  }
}
