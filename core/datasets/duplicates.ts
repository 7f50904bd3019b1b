/** Finds equal pictures among a million by their contents, in 20 bytes of memory each. */
import { createHash } from 'node:crypto';
import type { DecodedImage } from './types.ts';

const empty = -1;

/** First 128 bits of the sha1 of shape and pixels. */
function digest({ width, height, channels, pixels }: DecodedImage): Buffer {
  return createHash('sha1').update(`${width}x${height}x${channels}:`).update(pixels).digest();
}

/** 96 bits of a picture's content hash. */
export type ContentHash = readonly [number, number, number];

export function contentHash(image: DecodedImage): ContentHash {
  const bytes = digest(image);
  return [bytes.readUInt32LE(0), bytes.readUInt32LE(4), bytes.readUInt32LE(8)];
}

/** An open-addressing hash table from content to the index of the picture seen first. */
export class DuplicateFinder {
  #capacity = 1 << 10;
  #hashes = new Uint32Array(3 * this.#capacity);
  #indices = new Int32Array(this.#capacity).fill(empty);
  #count = 0;

  /** The index of an equal picture seen before, or null after remembering this one. */
  seenBefore(hash: ContentHash, index: number): number | null {
    if (2 * (this.#count + 1) > this.#capacity) this.#grow();
    const slot = this.#find(hash);
    const known = this.#indices[slot] ?? empty;
    if (known !== empty) return known;
    this.#put(slot, hash, index);
    this.#count++;
    return null;
  }

  #find(hash: ContentHash): number {
    let slot = hash[0] & (this.#capacity - 1);
    while (this.#indices[slot] !== empty) {
      const at = 3 * slot;
      const same = this.#hashes[at] === hash[0] && this.#hashes[at + 1] === hash[1] && this.#hashes[at + 2] === hash[2];
      if (same) break;
      slot = (slot + 1) & (this.#capacity - 1);
    }
    return slot;
  }

  #put(slot: number, hash: ContentHash, index: number): void {
    this.#hashes.set(hash, 3 * slot);
    this.#indices[slot] = index;
  }

  #grow(): void {
    const [hashes, indices] = [this.#hashes, this.#indices];
    this.#capacity *= 2;
    this.#hashes = new Uint32Array(3 * this.#capacity);
    this.#indices = new Int32Array(this.#capacity).fill(empty);
    indices.forEach((index, slot) => {
      if (index === empty) return;
      const hash: ContentHash = [hashes[3 * slot] ?? 0, hashes[3 * slot + 1] ?? 0, hashes[3 * slot + 2] ?? 0];
      this.#put(this.#find(hash), hash, index);
    });
  }
}
