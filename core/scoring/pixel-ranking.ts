/** AUROC over hundreds of millions of pixels in fixed memory: counts by the leading bits of each value's float32 form. */

/** Sign, exponent and 11 bits of mantissa: values closer than one part in 2,048 count as equal, for half. */
const keptBits = 20;

export class PixelRanking {
  readonly #normal = new Float64Array(1 << keptBits);
  readonly #anomalous = new Float64Array(1 << keptBits);
  readonly #value = new Float32Array(1);
  readonly #bits = new Uint32Array(this.#value.buffer);
  #counts = { normal: 0, anomalous: 0 };

  /** Adds a map and its mask (255 where anomalous), both [height, width]; a null mask is all normal. */
  add(map: Float32Array, mask: Uint8Array | null): void {
    for (let i = 0; i < map.length; i++) {
      const key = this.#key(map[i] ?? 0);
      if ((mask?.[i] ?? 0) > 127) {
        this.#anomalous[key] = (this.#anomalous[key] ?? 0) + 1;
        this.#counts.anomalous++;
      } else {
        this.#normal[key] = (this.#normal[key] ?? 0) + 1;
        this.#counts.normal++;
      }
    }
  }

  get anomalousPixels(): number {
    return this.#counts.anomalous;
  }

  /** Probability that an anomalous pixel has a higher value than a normal one; null when either kind is missing. */
  auroc(): number | null {
    const { normal, anomalous } = this.#counts;
    if (normal === 0 || anomalous === 0) return null;
    let below = 0;
    let area = 0;
    for (let key = 0; key < this.#normal.length; key++) {
      const here = this.#normal[key] ?? 0;
      area += (this.#anomalous[key] ?? 0) * (below + here / 2);
      below += here;
    }
    return area / (normal * anomalous);
  }

  /** Rises with the value: positive floats sort like their bits, negative ones the other way round. */
  #key(value: number): number {
    this.#value[0] = value;
    const bits = this.#bits[0] ?? 0;
    const ordered = bits >>> 31 === 1 ? ~bits : bits | 0x80000000;
    return ordered >>> (32 - keptBits);
  }
}
