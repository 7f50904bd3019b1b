/** Lists the files inside a tar archive, so that they can be read where they lie (POSIX ustar). */
import fs from 'node:fs';

export interface TarEntry {
  readonly name: string;
  readonly start: number;
  readonly size: number;
}

const blockBytes = 512;

/** The entry that a header block describes; null where the block is not a valid header (its checksum is wrong). */
export function parseTarHeader(block: Uint8Array): { name: string; size: number; isFile: boolean } | null {
  if (block.length < blockBytes) return null;
  const buffer = Buffer.from(block.buffer, block.byteOffset, blockBytes);
  const field = (start: number, length: number) =>
    buffer.toString('latin1', start, start + length).replace(/\0[^]*$/, '');
  const octal = (start: number, length: number) => Number.parseInt(field(start, length).trim() || '0', 8);
  // The checksum counts its own field as spaces.
  const sum = buffer.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
  if (sum !== octal(148, 8)) return null;
  const prefix = field(257, 5) === 'ustar' ? field(345, 155) : '';
  const name = field(0, 100);
  const type = field(156, 1);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size: octal(124, 12),
    isFile: type === '' || type === '0',
  };
}

/** Regular files of the archive, in order; stops at the first block that is no header. */
export function listTar(file: string): TarEntry[] {
  const entries: TarEntry[] = [];
  const descriptor = fs.openSync(file, 'r');
  try {
    const { size: total } = fs.fstatSync(descriptor);
    const block = Buffer.alloc(blockBytes);
    for (let at = 0; fs.readSync(descriptor, block, 0, blockBytes, at) === blockBytes;) {
      const header = parseTarHeader(block);
      if (header === null) break;
      const start = at + blockBytes;
      if (header.isFile && start + header.size <= total) entries.push({ name: header.name, start, size: header.size });
      at = start + Math.ceil(header.size / blockBytes) * blockBytes;
    }
    return entries;
  } finally {
    fs.closeSync(descriptor);
  }
}
