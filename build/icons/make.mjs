/** Makes icon.png, icon.ico, icon.icns and tray.png of icon.svg; run it when the drawing changes: `node build/icons/make.mjs`. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';

const here = import.meta.dirname;
const drawing = readFileSync(path.join(here, 'icon.svg'));
const png = (size) => sharp(drawing, { density: 96 }).resize(size, size).png({ compressionLevel: 9 }).toBuffer();

/** Windows: a directory of pictures, each a whole PNG. Size 256 is written as 0. */
async function ico(sizes) {
  const pictures = await Promise.all(sizes.map(png));
  const head = Buffer.alloc(6 + 16 * sizes.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(sizes.length, 4);
  let offset = head.length;
  pictures.forEach((picture, i) => {
    const at = 6 + 16 * i;
    head.writeUInt8(sizes[i] % 256, at);
    head.writeUInt8(sizes[i] % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(picture.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += picture.length;
  });
  return Buffer.concat([head, ...pictures]);
}

/** macOS: blocks of a four-letter type, their length with head, and a PNG. */
async function icns(types) {
  const blocks = await Promise.all(
    Object.entries(types).map(async ([type, size]) => {
      const picture = await png(size);
      const head = Buffer.alloc(8);
      head.write(type, 'ascii');
      head.writeUInt32BE(picture.length + 8, 4);
      return Buffer.concat([head, picture]);
    }),
  );
  const body = Buffer.concat(blocks);
  const head = Buffer.alloc(8);
  head.write('icns', 'ascii');
  head.writeUInt32BE(body.length + 8, 4);
  return Buffer.concat([head, body]);
}

const write = (name, data) => writeFileSync(path.join(here, name), data);
write('icon.png', await png(512));
write('tray.png', await png(32));
write('icon.ico', await ico([16, 24, 32, 48, 64, 128, 256]));
write('icon.icns', await icns({ ic07: 128, ic08: 256, ic09: 512, ic11: 32, ic12: 64, ic13: 256, ic14: 512 }));
