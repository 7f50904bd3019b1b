/**
 * From a picture of any size to what the model sees. Training, scoring and heatmaps all come through here, so that they cannot
 * differ. Resizing: Lanczos-3 of libvips (pictures that already fit are not touched); masks: nearest neighbour.
 */
import sharp from 'sharp';
import { CoreError } from '../errors.ts';
import type { Channels, DecodedImage, Preparation } from './types.ts';

/** Where a picture lies on the canvas from which model inputs are cut; all in canvas pixels. */
export interface PreparationGeometry {
  readonly scaledWidth: number;
  readonly scaledHeight: number;
  /** The whole resized picture; x and y are negative where `crop` cuts its edges off. */
  readonly content: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  /** Top left corner of each model input, row by row. */
  readonly positions: readonly { readonly x: number; readonly y: number }[];
}

export interface PreparedImage extends PreparationGeometry {
  /** Model inputs in the order of `positions`: uint8 [size, size, channels]. */
  readonly tiles: readonly Uint8Array[];
}

/** Starts of tiles along one side: every `stride`, and the last one at the border. */
function starts(length: number, size: number, stride: number): number[] {
  const result: number[] = [];
  for (let start = 0; start < length - size; start += stride) result.push(start);
  result.push(length - size);
  return result;
}

/** Where a picture of `width` x `height` pixels goes; a pure function of its arguments. */
export function preparationGeometry(width: number, height: number, preparation: Preparation): PreparationGeometry {
  const { size, resize, tiles } = preparation;
  checkPreparation(preparation);
  let content: readonly [number, number] = [size, size];
  let [scaledWidth, scaledHeight] = [size, size];
  if (tiles !== null) {
    content = [Math.max(1, Math.round(width * tiles.scale)), Math.max(1, Math.round(height * tiles.scale))];
    [scaledWidth, scaledHeight] = [Math.max(size, content[0]), Math.max(size, content[1])];
  } else if (resize !== 'fill') {
    const scale = size / (resize === 'fit' ? Math.max(width, height) : Math.min(width, height));
    const side = (length: number) => {
      const scaled = Math.round(length * scale);
      return resize === 'fit' ? Math.min(size, Math.max(1, scaled)) : Math.max(size, scaled);
    };
    content = [side(width), side(height)];
  }
  const stride = tiles?.stride ?? size;
  const columns = starts(scaledWidth, size, stride);
  const rows = starts(scaledHeight, size, stride);
  return {
    scaledWidth,
    scaledHeight,
    content: {
      x: Math.floor((scaledWidth - content[0]) / 2),
      y: Math.floor((scaledHeight - content[1]) / 2),
      width: content[0],
      height: content[1],
    },
    positions: rows.flatMap((y) => columns.map((x) => ({ x, y }))),
  };
}

/** Throws `dataset/wrong-setting` for a preparation that no picture can go through. */
export function checkPreparation({ size, tiles }: Preparation): void {
  if (!Number.isInteger(size) || size < 4 || size > 4096) {
    throw new CoreError(
      'dataset/wrong-setting',
      `The image size is ${size}. Choose a whole number of pixels from 4 to 4096.`,
    );
  }
  if (tiles === null) return;
  if (!Number.isInteger(tiles.stride) || tiles.stride < 1) {
    throw new CoreError(
      'dataset/wrong-setting',
      `The tile stride is ${tiles.stride}. Choose a whole number of pixels, 1 or more.`,
    );
  }
  if (!(tiles.scale > 0 && tiles.scale <= 16)) {
    throw new CoreError(
      'dataset/wrong-setting',
      `The tile scale is ${tiles.scale}. Choose a number above 0, at most 16.`,
    );
  }
}

/** Grey from colour by the luma of ITU-R BT.601, or colour from grey by repetition. */
export function withChannels(pixels: Uint8Array, from: Channels, to: Channels): Uint8Array {
  if (from === to) return pixels;
  const count = pixels.length / from;
  const result = new Uint8Array(count * to);
  if (to === 3) {
    for (let i = 0, o = 0; i < count; i++) {
      const value = pixels[i] ?? 0;
      result[o++] = value;
      result[o++] = value;
      result[o++] = value;
    }
  } else {
    for (let i = 0, o = 0; i < count; i++, o += 3) {
      // Weights in 1/65536 that sum to 65536, so that grey pictures stored as colour keep their values exactly.
      const luma = 19595 * (pixels[o] ?? 0) + 38470 * (pixels[o + 1] ?? 0) + 7471 * (pixels[o + 2] ?? 0);
      result[i] = (luma + 32768) >> 16;
    }
  }
  return result;
}

async function resized(image: DecodedImage, width: number, height: number): Promise<Uint8Array> {
  if (image.width === width && image.height === height) return image.pixels;
  const { data, info } = await sharp(image.pixels, {
    raw: { width: image.width, height: image.height, channels: image.channels },
    limitInputPixels: false,
  })
    .resize(width, height, { fit: 'fill', kernel: 'lanczos3' })
    .toColourspace(image.channels === 1 ? 'b-w' : 'srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== image.channels || info.width !== width || info.height !== height) {
    throw new CoreError(
      'internal/resize',
      `Resizing gave ${info.width}x${info.height}x${info.channels}. Please report this.`,
    );
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.length);
}

function nearest(image: DecodedImage, width: number, height: number): Uint8Array {
  if (image.width === width && image.height === height) return image.pixels;
  const result = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * image.height) / height) * image.width;
    for (let x = 0; x < width; x++) {
      result[y * width + x] = image.pixels[row + Math.floor(((x + 0.5) * image.width) / width)] ?? 0;
    }
  }
  return result;
}

/**
 * Cuts one square from the resized picture. Outside the picture its border pixels are repeated, so that padding has no edge of its
 * own that could look like a defect; `outside` gives a constant instead.
 */
function cut(
  pixels: Uint8Array,
  channels: Channels,
  { content }: PreparationGeometry,
  corner: { readonly x: number; readonly y: number },
  size: number,
  outside?: number,
): Uint8Array {
  const left = corner.x - content.x;
  const top = corner.y - content.y;
  const inside = left >= 0 && top >= 0 && left + size <= content.width && top + size <= content.height;
  if (inside && content.width === size && content.height === size) return pixels;
  const result = new Uint8Array(size * size * channels);
  for (let y = 0; y < size; y++) {
    const sourceY = Math.min(content.height - 1, Math.max(0, top + y));
    const rowStart = sourceY * content.width * channels;
    if (inside) {
      const start = rowStart + left * channels;
      result.set(pixels.subarray(start, start + size * channels), y * size * channels);
      continue;
    }
    for (let x = 0; x < size; x++) {
      const sourceX = Math.min(content.width - 1, Math.max(0, left + x));
      const beyond = sourceX !== left + x || sourceY !== top + y;
      for (let c = 0; c < channels; c++) {
        const value = pixels[rowStart + sourceX * channels + c] ?? 0;
        result[(y * size + x) * channels + c] = beyond && outside !== undefined ? outside : value;
      }
    }
  }
  return result;
}

/** The model inputs of one picture. The tiles may share memory with `image` where nothing had to change. */
export async function prepareImage(image: DecodedImage, preparation: Preparation): Promise<PreparedImage> {
  const geometry = preparationGeometry(image.width, image.height, preparation);
  const { content, positions } = geometry;
  const { size, channels } = preparation;
  const scaled = withChannels(await resized(image, content.width, content.height), image.channels, channels);
  return { ...geometry, tiles: positions.map((corner) => cut(scaled, channels, geometry, corner, size)) };
}

/** The same cut of a mask: nearest neighbour, 1 channel, 0 or 255; nothing is a defect outside the picture. */
export function prepareMask(mask: DecodedImage, preparation: Preparation): PreparedImage {
  const geometry = preparationGeometry(mask.width, mask.height, preparation);
  const { content, positions } = geometry;
  const grey: DecodedImage = { ...mask, channels: 1, pixels: withChannels(mask.pixels, mask.channels, 1) };
  const scaled = nearest(grey, content.width, content.height).map((value) => (value > 127 ? 255 : 0));
  return { ...geometry, tiles: positions.map((corner) => cut(scaled, 1, geometry, corner, preparation.size, 0)) };
}
