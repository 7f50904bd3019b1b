/** Heatmaps as pictures, on the one fixed scale of the model: what is dark in one is as normal as what is dark in another. */
import sharp from 'sharp';
import type { MapScale } from './calibration.ts';
import { colourTable } from './colours.ts';
import { drawText, textHeight, textWidth } from './pixel-font.ts';
import type { PictureMaps } from './types.ts';

export type MapKind = 'residual' | 'energy';

/** An RGB picture, uint8 [height, width, 3]. */
export interface RgbPicture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Position on the scale: 0 at `low`, 1 at `high`, clipped. */
export function onScale(value: number, { low, high }: MapScale): number {
  return Math.min(1, Math.max(0, (value - low) / (high - low)));
}

/** Colours a map [height, width]. */
export function colourMap(map: Float32Array, width: number, height: number, scale: MapScale): RgbPicture {
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const entry = 3 * Math.round(255 * onScale(map[i] ?? 0, scale));
    pixels.set(colourTable.subarray(entry, entry + 3), 3 * i);
  }
  return { width, height, pixels };
}

/** The picture in grey with the heatmap over it; a pixel's colour covers as much as it is anomalous, so that good images stay as they are. */
export function overlay(maps: PictureMaps, map: Float32Array, scale: MapScale): RgbPicture {
  const { width, height, pixels: source, channels } = maps;
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const grey =
      channels === 1
        ? (source[i] ?? 0)
        : 0.299 * (source[3 * i] ?? 0) + 0.587 * (source[3 * i + 1] ?? 0) + 0.114 * (source[3 * i + 2] ?? 0);
    const position = onScale(map[i] ?? 0, scale);
    const entry = 3 * Math.round(255 * position);
    const cover = 0.75 * position;
    for (let channel = 0; channel < 3; channel++) {
      pixels[3 * i + channel] = Math.round((1 - cover) * grey + cover * (colourTable[entry + channel] ?? 0));
    }
  }
  return { width, height, pixels };
}

/** Width of the colour bar's gradient and the space around it, in pixels. */
const bar = { width: 20, height: 256, margin: 12, scale: 2 } as const;

/** A vertical colour bar with five labelled ticks, values rising upwards. */
export function colourBar(scale: MapScale): RgbPicture {
  const labels = [0, 0.25, 0.5, 0.75, 1].map((at) => ({
    at,
    text: (scale.low + (scale.high - scale.low) * at).toPrecision(3),
  }));
  const left = bar.margin + bar.width + 10;
  const width = left + Math.max(...labels.map(({ text }) => textWidth(text, bar.scale))) + bar.margin;
  const height = bar.height + 2 * bar.margin;
  const pixels = new Uint8Array(width * height * 3).fill(255);
  for (let row = 0; row < bar.height; row++) {
    const entry = 3 * Math.round((255 * (bar.height - 1 - row)) / (bar.height - 1));
    for (let column = 0; column < bar.width; column++) {
      pixels.set(colourTable.subarray(entry, entry + 3), ((row + bar.margin) * width + bar.margin + column) * 3);
    }
  }
  for (const { at, text } of labels) {
    const y = bar.margin + Math.round((1 - at) * (bar.height - 1));
    pixels.fill(0, (y * width + bar.margin + bar.width) * 3, (y * width + left - 4) * 3);
    drawText({ pixels, width, height }, text, left, y - textHeight(bar.scale) / 2, bar.scale);
  }
  return { width, height, pixels };
}

/** PNG bytes; `enlarge` repeats pixels so that small maps can be looked at. */
export async function encodePng(picture: RgbPicture, enlarge = 1): Promise<Buffer> {
  const image = sharp(picture.pixels, { raw: { width: picture.width, height: picture.height, channels: 3 } });
  if (enlarge > 1) image.resize(picture.width * enlarge, picture.height * enlarge, { kernel: 'nearest' });
  return image.png({ compressionLevel: 6 }).toBuffer();
}

/** Prepared pixels of one or three channels as RGB. */
export function toRgb(pixels: Uint8Array, width: number, height: number, channels: number): RgbPicture {
  if (channels === 3) return { width, height, pixels };
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) rgb.fill(pixels[i] ?? 0, 3 * i, 3 * i + 3);
  return { width, height, pixels: rgb };
}
