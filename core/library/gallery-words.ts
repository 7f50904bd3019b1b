/** Galleries and their pictures in words. */
import type { GalleryManifest, GalleryPicture } from '../galleries/manifest.ts';

export interface PictureWords {
  readonly caption: string;
  readonly seed: number | null;
  readonly index: number | null;
  readonly temperature: number | null;
  readonly t: number | null;
}

export function describePicture(picture: GalleryPicture): PictureWords {
  switch (picture.kind) {
    case 'original':
      return { caption: picture.image, seed: null, index: null, temperature: null, t: null };
    case 'generated': {
      const { latent } = picture;
      if (latent.kind === 'stored') {
        return { caption: `reconstruction of ${latent.image}`, seed: null, index: null, temperature: null, t: null };
      }
      const { seed, index, temperature } = latent;
      return { caption: `seed ${seed}, number ${index}`, seed, index, temperature, t: null };
    }
    case 'between': {
      const { from, t } = picture;
      const caption = `${Math.round(100 * t)} % of the way`;
      return from.kind === 'seed'
        ? { caption, seed: from.seed, index: from.index, temperature: from.temperature, t }
        : { caption, seed: null, index: null, temperature: null, t };
    }
  }
}

/** "64 samples, seed 7, temperature 0.8". */
export function titleOf({ kind, pictures }: GalleryManifest): string {
  const first = pictures[0];
  const words = first === undefined ? null : describePicture(first);
  switch (kind) {
    case 'samples':
      return `${pictures.length} samples, seed ${words?.seed ?? '?'}, temperature ${words?.temperature ?? 1}`;
    case 'reconstructions':
      return `${Math.round(pictures.length / 2)} pictures and their reconstructions`;
    case 'interpolation':
      return first?.kind === 'between' && first.from.kind === 'stored'
        ? `${pictures.length} steps between two pictures`
        : `${pictures.length} steps between samples`;
  }
}
