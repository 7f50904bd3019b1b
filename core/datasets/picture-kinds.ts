/** Which files are pictures: by name while listing folders, by their first and last bytes when decoding. */

export type PictureKind = 'jpeg' | 'png' | 'gif' | 'webp' | 'tiff' | 'bmp';

/** Named in messages. */
export const knownKinds = 'JPEG, PNG, BMP, TIFF, WebP and GIF';

const pictureNames = /\.(jpe?g|jpe|jfif|png|bmp|dib|tiff?|webp|gif)$/i;
/** Files that lie beside pictures and mean no harm. */
const companionNames =
  /(^\.|^(thumbs\.db|desktop\.ini|licen[cs]e|readme)$|\.(txt|csv|tsv|json|jsonl|xml|ya?ml|md|html?|pdf|py|sh|db|log|toml)$)/i;

export function isPictureName(name: string): boolean {
  return pictureNames.test(name);
}

export function isCompanionName(name: string): boolean {
  return companionNames.test(name);
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1', start, end);
}

/** What the first bytes say; null for anything that is not decoded here (SVG, PDF and the like never reach a decoder). */
export function sniff(bytes: Uint8Array): PictureKind | null {
  const start = text(bytes, 0, 12);
  if (start.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (/^GIF8[79]a/.test(start)) return 'gif';
  if (start.startsWith('RIFF') && start.slice(8) === 'WEBP') return 'webp';
  if (/^(II[*+]\0|MM\0[*+])/.test(start)) return 'tiff';
  if (start.startsWith('BM')) return 'bmp';
  return null;
}

/** Whether a picture that failed to decode lacks its end. */
export function isCutShort(bytes: Uint8Array, kind: PictureKind): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = text(bytes, Math.max(0, bytes.length - 64), bytes.length);
  switch (kind) {
    case 'jpeg':
      return !end.includes('\xff\xd9');
    case 'png':
      return !end.includes('IEND');
    case 'gif':
      return !end.includes(';');
    case 'webp':
      return bytes.length < 12 || view.getUint32(4, true) + 8 > bytes.length;
    case 'tiff':
      return bytes.length < 8 || view.getUint32(4, bytes[0] === 0x49) >= bytes.length;
    case 'bmp':
      return bytes.length < 54;
  }
}
