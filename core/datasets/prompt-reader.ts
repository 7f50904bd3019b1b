/**
 * Reads whole files for a process that has nothing else to do meanwhile: at once while that is quick, since handing a small file that the
 * system has in memory to another thread costs several times the reading; by other threads, many at a time, where a disk makes us wait.
 */
import fs from 'node:fs';
import { readWhole, type ReadFile } from './whole-file.ts';

/** Above this mean time of a file, waiting for several at a time is worth what it costs. */
const quickMilliseconds = 0.5;
/** Weight of the newest file in the mean. */
const newest = 1 / 16;
/** Files that are read by other threads before one is tried at once again. */
const patience = 256;

export class PromptReader {
  #mean = 0;
  #others = 0;

  /** As {@link readWhole}; the promise is fulfilled already where the file was read at once. */
  readonly read: ReadFile = async (file, limitBytes, tooLarge) => {
    if (this.#others > 0) {
      this.#others--;
      return readWhole(file, limitBytes, tooLarge);
    }
    const start = performance.now();
    try {
      return readNow(file, limitBytes, tooLarge);
    } finally {
      this.#mean += (performance.now() - start - this.#mean) * newest;
      if (this.#mean > quickMilliseconds) {
        this.#others = patience;
        this.#mean = 0;
      }
    }
  };
}

function readNow(file: string, limitBytes: number, tooLarge: (bytes: number) => Error): Buffer {
  const descriptor = fs.openSync(file, 'r');
  try {
    const { size } = fs.fstatSync(descriptor);
    if (size > limitBytes) throw tooLarge(size);
    return readAll(descriptor, Buffer.allocUnsafeSlow(size));
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Fills `target`; what there is of it where the file was cut meanwhile. */
function readAll(descriptor: number, target: Buffer): Buffer {
  let done = 0;
  while (done < target.length) {
    const got = fs.readSync(descriptor, target, done, target.length - done, done);
    if (got === 0) break;
    done += got;
  }
  return target.subarray(0, done);
}
