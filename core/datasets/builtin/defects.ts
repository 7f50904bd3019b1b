/** Draws defects onto a surface, and their masks: cracks, spots and scratches, faint enough to need the surface's own texture to be known. */
import type { Random } from '../../random.ts';
import { paintSegment, valueNoise } from './noise.ts';
import type { Surface } from './surfaces.ts';
import { surfaceSize } from './surfaces.ts';

export const defectKinds = ['crack', 'spot', 'scratch'] as const;
export type DefectKind = (typeof defectKinds)[number];

/** How strongly each pixel is covered, 0 to 1, [64, 64]. */
type Coverage = Float32Array;

const area = surfaceSize * surfaceSize;

function cover(coverage: Coverage, segment: Parameters<typeof paintSegment>[1], strength = 1): void {
  paintSegment(surfaceSize, segment, (index, value) => {
    coverage[index] = Math.max(coverage[index] ?? 0, strength * value);
  });
}

/** A jagged walk that turns at random, thins out, and may branch once. */
function crackCoverage(random: Random): Coverage {
  const coverage = new Float32Array(area);
  const walk = (startX: number, startY: number, heading: number, steps: number, width: number, branches: number) => {
    let [x, y] = [startX, startY];
    for (let step = 0; step < steps; step++) {
      const angle = heading + 0.75 * random.normal();
      const length = 2 + 2.5 * random.uniform();
      const [nextX, nextY] = [x + length * Math.cos(angle), y + length * Math.sin(angle)];
      const radius = width * (1 - 0.6 * (step / steps)) * (0.8 + 0.4 * random.uniform());
      cover(coverage, { x0: x, y0: y, x1: nextX, y1: nextY, radius });
      [x, y] = [nextX, nextY];
      if (branches > 0 && step > 2 && random.uniform() < 0.18) {
        branches--;
        walk(x, y, heading + (random.uniform() < 0.5 ? -0.9 : 0.9), Math.ceil(steps / 3), width * 0.7, 0);
      }
    }
  };
  const heading = 6.2832 * random.uniform();
  const steps = 9 + random.integer(6);
  // Starts on the far side of the middle, so that most of it lies inside.
  const back = 1.3 * steps;
  const startX = 32 - back * Math.cos(heading) + 7 * random.normal();
  const startY = 32 - back * Math.sin(heading) + 7 * random.normal();
  walk(startX, startY, heading, steps, 1 + 0.35 * random.uniform(), 2);
  return coverage;
}

/** A stain with an uneven rim. */
function spotCoverage(random: Random): Coverage {
  const rim = valueNoise(random, surfaceSize, 9, 9);
  const [centreX, centreY] = [14 + 36 * random.uniform(), 14 + 36 * random.uniform()];
  const radius = 4.5 + 4 * random.uniform();
  const stretch = 0.75 + 0.5 * random.uniform();
  const coverage = new Float32Array(area);
  for (let y = 0, at = 0; y < surfaceSize; y++) {
    for (let x = 0; x < surfaceSize; x++, at++) {
      const distance = Math.hypot((x - centreX) * stretch, (y - centreY) / stretch);
      coverage[at] = Math.min(1, Math.max(0, (radius + 1.2 * (rim[at] ?? 0) - distance) / 2 + 0.5));
    }
  }
  return coverage;
}

/** A long, slightly bent line that fades in and out. */
function scratchCoverage(random: Random): Coverage {
  const coverage = new Float32Array(area);
  const angle = 6.2832 * random.uniform();
  const bend = 0.35 * random.normal();
  const length = 34 + 24 * random.uniform();
  const [middleX, middleY] = [32 + 7 * random.normal(), 32 + 7 * random.normal()];
  const segments = 14;
  const radius = 0.75 + 0.3 * random.uniform();
  const point = (t: number): [number, number] => {
    const along = length * (t - 0.5);
    const aside = bend * length * (t - 0.5) * (t - 0.5);
    return [
      middleX + along * Math.cos(angle) - aside * Math.sin(angle),
      middleY + along * Math.sin(angle) + aside * Math.cos(angle),
    ];
  };
  for (let i = 0; i < segments; i++) {
    const [x0, y0] = point(i / segments);
    const [x1, y1] = point((i + 1) / segments);
    cover(coverage, { x0, y0, x1, y1, radius }, Math.min(1, 3 * Math.sin((Math.PI * (i + 0.5)) / segments)));
  }
  return coverage;
}

/** Multiplies the covered parts of the surface by a colour, in place. */
function tint(surface: Surface, coverage: Coverage, factors: readonly [number, number, number]): void {
  for (let at = 0; at < area; at++) {
    const amount = coverage[at] ?? 0;
    if (amount === 0) continue;
    for (let c = 0; c < 3; c++)
      surface[3 * at + c] = (surface[3 * at + c] ?? 0) * (1 + amount * ((factors[c] ?? 1) - 1));
  }
}

/** The coverage moved by a pixel to the right and down: the shaded edge of a groove. */
function moved(coverage: Coverage): Coverage {
  const result = new Float32Array(area);
  for (let y = 1; y < surfaceSize; y++) {
    for (let x = 1; x < surfaceSize; x++) {
      const at = y * surfaceSize + x;
      result[at] = Math.max(0, (coverage[at - surfaceSize - 1] ?? 0) - (coverage[at] ?? 0));
    }
  }
  return result;
}

/** Draws one defect onto `surface` in place; the result is its mask, uint8 [64, 64], 255 = defect. */
export function drawDefect(kind: DefectKind, surface: Surface, random: Random): Uint8Array {
  let coverage: Coverage;
  switch (kind) {
    case 'crack': {
      coverage = crackCoverage(random);
      const dark = 0.38 + 0.14 * random.uniform();
      tint(surface, coverage, [dark, dark, dark]);
      break;
    }
    case 'spot': {
      coverage = spotCoverage(random);
      // Rust and oil are brown, bleaching is pale; neither is brighter than the brightest parts of a good surface.
      const pale = random.uniform() < 0.3;
      tint(surface, coverage, pale ? [1.3, 1.34, 1.44] : [0.76, 0.62, 0.48]);
      break;
    }
    case 'scratch': {
      coverage = scratchCoverage(random);
      const bright = 1.32 + 0.14 * random.uniform();
      tint(surface, moved(coverage), [0.6, 0.6, 0.6]);
      tint(surface, coverage, [bright, bright, bright]);
      break;
    }
  }
  return Uint8Array.from(coverage, (amount) => (amount > 0.35 ? 255 : 0));
}
