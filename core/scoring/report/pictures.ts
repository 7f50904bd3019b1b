/** Pictures of the report as data URIs: the model's input and its heatmap, small enough that two hundred fit into one file. */
import sharp from 'sharp';
import type { MapScale } from '../calibration.ts';
import { overlay, toRgb, type RgbPicture } from '../heatmap.ts';
import type { PictureMaps } from '../types.ts';

/** Longest side in pixels. */
const longest = 256;

async function dataUri({ pixels, width, height }: RgbPicture): Promise<string> {
  const image = sharp(pixels, { raw: { width, height, channels: 3 } });
  if (Math.max(width, height) > longest) image.resize(longest, longest, { fit: 'inside' });
  // Small pictures are all edges: WebP's lossless mode is smaller for them and keeps every pixel.
  const webp = image.webp(Math.max(width, height) <= 64 ? { lossless: true } : { quality: 82 });
  return `data:image/webp;base64,${(await webp.toBuffer()).toString('base64')}`;
}

export interface CardPictures {
  readonly picture: string;
  /** Null where the model has no heatmaps. */
  readonly heatmap: string | null;
  /** Pixels should be shown as squares. */
  readonly small: boolean;
}

export async function cardPictures(maps: PictureMaps, scale: MapScale | null): Promise<CardPictures> {
  return {
    picture: await dataUri(toRgb(maps.pixels, maps.width, maps.height, maps.channels)),
    heatmap: maps.residual === null || scale === null ? null : await dataUri(overlay(maps, maps.residual, scale)),
    small: Math.max(maps.width, maps.height) <= 64,
  };
}
