/** Pictures scored with their maps, for reports and folders of heatmaps; a bad picture is passed over, since its row says what is wrong. */
import type { Calibration } from './calibration.ts';
import { scoreImages, type ScoreOptions } from './stream.ts';
import type { PictureMaps, ScoredImage } from './types.ts';

export type MappedImage = ScoredImage & { readonly maps: PictureMaps };

export interface MappedOptions extends Omit<ScoreOptions, 'maps' | 'normals'> {
  readonly calibration: Calibration;
}

/** Throws what {@link scoreImages} throws. */
export async function* mappedImages({ calibration, ...options }: MappedOptions): AsyncGenerator<MappedImage> {
  for await (const result of scoreImages({ ...options, normals: calibration, maps: true })) {
    if (result.kind === 'scored' && result.maps !== null) yield { ...result, maps: result.maps };
  }
}
