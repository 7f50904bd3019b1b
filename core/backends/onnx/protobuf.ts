/** The few lines of Protocol Buffers' wire format that writing an ONNX model takes (protobuf.dev, "Encoding"). */

/** Writes one message; nested messages are writers of their own. */
export class MessageWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  /** The message so far; a view that the next write may invalidate. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Field of type int32, int64 or enum; negative values take ten bytes, as the format has it. */
  integer(field: number, value: number): this {
    this.#varint(field * 8);
    return this.#signed(value);
  }

  float(field: number, value: number): this {
    this.#varint(field * 8 + 5);
    this.#reserve(4);
    new DataView(this.#bytes.buffer).setFloat32(this.#length, value, true);
    this.#length += 4;
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varint(field * 8 + 2);
    this.#varint(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, value: MessageWriter): this {
    return this.bytes(field, value.finish());
  }

  #reserve(extra: number): void {
    if (this.#length + extra <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + extra));
    larger.set(this.finish());
    this.#bytes = larger;
  }

  #varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  #signed(value: number): this {
    if (value >= 0) {
      this.#varint(value);
      return this;
    }
    this.#reserve(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 127n) {
      this.#bytes[this.#length++] = Number(rest % 128n) + 128;
      rest /= 128n;
    }
    this.#bytes[this.#length++] = Number(rest);
    return this;
  }
}
