/** Heatmaps as files of their own, one folder for a scoring: under the picture's own name, with one colour bar for all of them. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../runs/atomic.ts';
import type { Calibration, MapScale } from './calibration.ts';
import { colourBar, colourMap, encodePng, overlay } from './heatmap.ts';
import type { PictureMaps } from './types.ts';

export interface HeatmapOptions {
  readonly dir: string;
  /** Lay the heatmap over the picture instead of showing it alone. */
  readonly overlay: boolean;
}

/** A path below any folder: no drive, no steps upwards, none of the characters that Windows forbids. */
export function safeName(name: string): string {
  const parts = name.split(/[\\/]+/).map((part) => part.replace(/[<>:"|?*]/g, '_').replace(/\p{Cc}/gu, '_'));
  return parts.filter((part) => part !== '' && part !== '.' && part !== '..').join('/') || 'image';
}

/** Small pictures are enlarged to about this side, so that they can be looked at. */
const side = 224;

/** Maps that get files, in this order. */
const kinds = ['residual', 'place', 'energy'] as const;
type Scales = Readonly<Record<(typeof kinds)[number], MapScale | null>>;

export class HeatmapFolder {
  readonly #options: HeatmapOptions;
  readonly #scales: Scales;

  private constructor(options: HeatmapOptions, scales: Scales) {
    this.#options = options;
    this.#scales = scales;
  }

  /** Makes the folder and its colour bars. */
  static async open(
    options: HeatmapOptions,
    calibration: Pick<Calibration, 'maps' | 'places'>,
  ): Promise<HeatmapFolder> {
    const scales: Scales = { ...calibration.maps, place: calibration.places?.scale ?? null };
    const folder = new HeatmapFolder(options, scales);
    await mkdir(options.dir, { recursive: true });
    for (const kind of kinds) {
      const scale = scales[kind];
      if (scale === null) continue;
      await writeFileAtomic(path.join(options.dir, `colour-bar-${kind}.png`), await encodePng(colourBar(scale)));
    }
    return folder;
  }

  /** Writes the maps of one picture and returns their paths. */
  async write(name: string, maps: PictureMaps): Promise<string[]> {
    const files: string[] = [];
    for (const kind of kinds) {
      const [map, scale] = [maps[kind], this.#scales[kind]];
      if (map !== null && scale !== null) files.push(await this.#writeMap(name, kind, map, maps, scale));
    }
    return files;
  }

  async #writeMap(name: string, kind: string, map: Float32Array, maps: PictureMaps, scale: MapScale): Promise<string> {
    const file = path.join(this.#options.dir, `${safeName(name)}.${kind}.png`);
    const { width, height } = maps;
    const picture = this.#options.overlay ? overlay(maps, map, scale) : colourMap(map, width, height, scale);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFileAtomic(file, await encodePng(picture, Math.max(1, Math.floor(side / Math.max(width, height)))));
    return file;
  }
}
