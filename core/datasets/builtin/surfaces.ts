/** Draws flawless surfaces: brushed metal, woven cloth, speckled stone. Brightness fields are coloured and lit at the end. */
import type { Random } from '../../random.ts';
import { valueNoise } from './noise.ts';

export const surfaceSize = 64;
const area = surfaceSize * surfaceSize;

/** A surface as float RGB in 0..255, [64, 64, 3]. */
export type Surface = Float32Array;

type Colour = readonly [red: number, green: number, blue: number];

/** Colours a brightness field (1 = the base colour) and lights it from a random side. */
function colour(brightness: Float32Array, base: Colour, random: Random, light: number): Surface {
  const surface = new Float32Array(area * 3);
  const angle = 6.2832 * random.uniform();
  const [lightX, lightY] = [(light * Math.cos(angle)) / surfaceSize, (light * Math.sin(angle)) / surfaceSize];
  for (let y = 0, at = 0; y < surfaceSize; y++) {
    for (let x = 0; x < surfaceSize; x++, at++) {
      const value = (brightness[at] ?? 0) * (1 + lightX * (x - surfaceSize / 2) + lightY * (y - surfaceSize / 2));
      for (let c = 0; c < 3; c++) surface[3 * at + c] = value * (base[c] ?? 0);
    }
  }
  return surface;
}

/** Fine horizontal lines of varying length, a soft sheen across. */
function brushedMetal(random: Random): Surface {
  const brightness = new Float32Array(area);
  const sheen = valueNoise(random, surfaceSize, 1.2, 1.2);
  const bands = valueNoise(random, surfaceSize, 1, 24);
  for (let y = 0, at = 0; y < surfaceSize; y++) {
    // Along a row neighbouring pixels hang together closely (a first-order autoregression), across rows not at all.
    const keep = 0.9 + 0.08 * random.uniform();
    const fresh = Math.sqrt(1 - keep * keep);
    let streak = random.normal();
    for (let x = 0; x < surfaceSize; x++, at++) {
      streak = keep * streak + fresh * random.normal();
      brightness[at] = 1 + 0.05 * streak + 0.035 * (bands[at] ?? 0) + 0.06 * (sheen[at] ?? 0);
    }
  }
  const tone = 150 + 8 * random.normal();
  return colour(brightness, [tone * 0.97, tone, tone * 1.04], random, 0.16);
}

/** Plain weave: warp and weft cross over and under in turn; each thread is a little different. */
function wovenCloth(random: Random): Surface {
  const period = 8;
  const [phaseX, phaseY] = [period * random.uniform(), period * random.uniform()];
  const threads = surfaceSize / period + 2;
  const warp = random.normals(threads, 0.05);
  const weft = random.normals(threads, 0.05);
  const bend = valueNoise(random, surfaceSize, 3, 3);
  const fibre = valueNoise(random, surfaceSize, 40, 40);
  const brightness = new Float32Array(area);
  for (let y = 0, at = 0; y < surfaceSize; y++) {
    for (let x = 0; x < surfaceSize; x++, at++) {
      const u = (x + phaseX + 0.35 * (bend[at] ?? 0)) / period;
      const v = (y + phaseY - 0.35 * (bend[at] ?? 0)) / period;
      const [column, row] = [Math.floor(u), Math.floor(v)];
      const [across, along] = [u - column - 0.5, v - row - 0.5];
      const warpOnTop = ((column + row) & 1) === 0;
      // A thread is round across and dives under its neighbours at both ends.
      const [round, dive] = warpOnTop ? [across, along] : [along, across];
      const relief = Math.sqrt(Math.max(0, 1 - 3.4 * round * round)) * (1 - 1.1 * dive * dive);
      const thread = warpOnTop ? (warp[column % threads] ?? 0) : (weft[row % threads] ?? 0) - 0.06;
      brightness[at] = 0.5 + 0.58 * relief + thread + 0.05 * (fibre[at] ?? 0);
    }
  }
  const tone = 172 + 6 * random.normal();
  return colour(brightness, [tone, tone * 0.92, tone * 0.76], random, 0.1);
}

/** Grains of several sizes with dark and pale crystals, as in granite. */
function speckledStone(random: Random): Surface {
  const coarse = valueNoise(random, surfaceSize, 7, 7);
  const middle = valueNoise(random, surfaceSize, 16, 16);
  const fine = valueNoise(random, surfaceSize, 32, 32);
  const dark = valueNoise(random, surfaceSize, 21, 21);
  const pale = valueNoise(random, surfaceSize, 18, 18);
  const brightness = new Float32Array(area);
  for (let at = 0; at < area; at++) {
    const grain = 0.05 * (coarse[at] ?? 0) + 0.045 * (middle[at] ?? 0) + 0.04 * (fine[at] ?? 0);
    const crystal = Math.min(1, Math.max(0, 3 * ((dark[at] ?? 0) - 0.75)));
    const feldspar = Math.min(1, Math.max(0, 3 * ((pale[at] ?? 0) - 0.7)));
    brightness[at] = 1 + grain - 0.24 * crystal + 0.1 * feldspar;
  }
  const tone = 148 + 6 * random.normal();
  return colour(brightness, [tone * 1.04, tone, tone * 0.95], random, 0.1);
}

export const surfaceKinds = ['metal', 'cloth', 'stone'] as const;
export type SurfaceKind = (typeof surfaceKinds)[number];

const drawers = { metal: brushedMetal, cloth: wovenCloth, stone: speckledStone };

/** A flawless surface of the given kind, or of any. */
export function drawSurface(kind: SurfaceKind | null, random: Random): Surface {
  // Drawn in any case, so that the same index differs in nothing but its kind.
  const any = surfaceKinds[random.integer(surfaceKinds.length)] ?? 'metal';
  return drawers[kind ?? any](random);
}

/** The surface as the camera sees it: a little sensor noise, rounded to bytes. */
export function photograph(surface: Surface, random: Random): Uint8Array {
  const pixels = new Uint8Array(surface.length);
  for (let i = 0; i < surface.length; i++) {
    // A sum of two uniforms: as good as a normal deviate here, and cheaper.
    const noise = 4 * (random.uniform() + random.uniform() - 1);
    pixels[i] = Math.min(255, Math.max(0, Math.round((surface[i] ?? 0) + noise)));
  }
  return pixels;
}
