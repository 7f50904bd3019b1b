/** Model images laid out as a grid on a quiet background. */
import sharp from 'sharp';

export interface GridOptions {
  readonly size: number;
  readonly channels: 1 | 3;
  readonly columns: number;
  /** Each pixel becomes a square of this side. */
  readonly enlarge: number;
}

/** Pixels between and around pictures. */
const gap = 4;
const background = 244;

/** float32 in [-1, 1] to uint8, the inverse of the training batches' scaling. */
export function toBytes(images: Float32Array): Uint8Array {
  return Uint8Array.from(images, (value) => Math.min(255, Math.max(0, Math.round((value + 1) * 127.5))));
}

/** One picture [size, size, channels] as PNG. */
export async function encodeSingle(
  pixels: Uint8Array,
  { size, channels, enlarge }: Omit<GridOptions, 'columns'>,
): Promise<Buffer> {
  const image = sharp(pixels, { raw: { width: size, height: size, channels } });
  if (enlarge > 1) image.resize(size * enlarge, size * enlarge, { kernel: 'nearest' });
  return image
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png()
    .toBuffer();
}

/** All pictures, row by row, as one PNG. */
export async function encodeGrid(pictures: readonly Uint8Array[], options: GridOptions): Promise<Buffer> {
  const { size, channels, columns, enlarge } = options;
  const side = size * enlarge;
  const used = Math.min(columns, Math.max(1, pictures.length));
  const rows = Math.max(1, Math.ceil(pictures.length / columns));
  const width = used * (side + gap) + gap;
  const height = rows * (side + gap) + gap;
  const grid = new Uint8Array(width * height * channels).fill(background);
  pictures.forEach((pixels, i) => {
    const left = gap + (i % columns) * (side + gap);
    const top = gap + Math.floor(i / columns) * (side + gap);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const from = (Math.floor(y / enlarge) * size + Math.floor(x / enlarge)) * channels;
        const to = ((top + y) * width + left + x) * channels;
        for (let channel = 0; channel < channels; channel++) grid[to + channel] = pixels[from + channel] ?? 0;
      }
    }
  });
  const image = sharp(grid, { raw: { width, height, channels } });
  return image
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png()
    .toBuffer();
}
