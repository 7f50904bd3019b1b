/** Draws one handwritten-looking digit, 28x28 grey, white on black, laid out like MNIST (20 pixels high, centre of mass in the middle). */
import type { Random } from '../../random.ts';
import { ways } from './digit-strokes.ts';

export const digitSize = 28;
const samplesPerSpan = 7;
/** Height in pixels to which a digit is scaled, and the room that a pen may use. */
const glyphPixels = 19;
/** Distance that the middle of the pen keeps from the border, in pixels. */
const margin = 2.5;

/** Points of the curves, flat: x, y, pen radius factor; a new stroke where `starts` says so. */
interface Path {
  readonly x: number[];
  readonly y: number[];
  readonly pressure: number[];
  readonly starts: boolean[];
}

/** Catmull-Rom value between b and c (uniform parametrisation). */
function spline(a: number, b: number, c: number, d: number, t: number): number {
  return 0.5 * (2 * b + t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * b - a - 3 * c + d))));
}

/** A smooth random displacement of the plane: the hand's wobble. Shared points move together, so corners stay joined. */
function wobble(random: Random, amplitude: number): (x: number, y: number) => [number, number] {
  const waves = Array.from({ length: 4 }, (_, i) => {
    const frequency = i < 2 ? 3 : 6;
    return {
      kx: frequency * random.normal(),
      ky: frequency * random.normal(),
      phase: 6.2832 * random.uniform(),
      dx: (amplitude * random.normal()) / (i < 2 ? 1 : 2.5),
      dy: (amplitude * random.normal()) / (i < 2 ? 1 : 2.5),
    };
  });
  return (x, y) => {
    let movedX = x;
    let movedY = y;
    for (const { kx, ky, phase, dx, dy } of waves) {
      const wave = Math.sin(kx * x + ky * y + phase);
      movedX += dx * wave;
      movedY += dy * wave;
    }
    return [movedX, movedY];
  };
}

/** The pen's path for one writing of the digit, in the strokes' unit box. */
function write(label: number, random: Random): Path {
  const choices = ways[label] ?? [];
  const way = choices[random.integer(choices.length)] ?? [];
  const move = wobble(random, 0.05);
  const path: Path = { x: [], y: [], pressure: [], starts: [] };
  const pressurePhase = 6.2832 * random.uniform();
  const pressureDepth = 0.22 * random.uniform();
  for (const stroke of way) {
    const points = stroke.map(([x, y]) => move(x + 0.006 * random.normal(), y + 0.006 * random.normal()));
    // A pen overshoots or stops short a little at its last point.
    const last = points.length - 1;
    const [endX, endY] = points[last] ?? [0, 0];
    const [beforeX, beforeY] = points[last - 1] ?? [0, 0];
    const reach = 0.1 * random.normal();
    points[last] = [endX + reach * (endX - beforeX), endY + reach * (endY - beforeY)];
    const at = (i: number): [number, number] => points[Math.min(last, Math.max(0, i))] ?? [0, 0];
    for (let i = 0; i < last; i++) {
      const [ax, ay] = at(i - 1);
      const [bx, by] = at(i);
      const [cx, cy] = at(i + 1);
      const [dx, dy] = at(i + 2);
      for (let s = i === 0 ? 0 : 1; s <= samplesPerSpan; s++) {
        const t = s / samplesPerSpan;
        path.starts.push(i === 0 && s === 0);
        path.x.push(spline(ax, bx, cx, dx, t));
        path.y.push(spline(ay, by, cy, dy, t));
        path.pressure.push(1 + pressureDepth * Math.sin(pressurePhase + 3 * (i + t)));
      }
    }
  }
  return path;
}

/** A normal deviate without the rare extremes, which nobody writes. */
function bounded(random: Random): number {
  return Math.min(2, Math.max(-2, random.normal()));
}

/** Slants, turns, stretches and scales the path to pixels, in place. */
function transform(path: Path, random: Random): void {
  const slant = 0.12 + 0.2 * bounded(random);
  const turn = 0.09 * bounded(random);
  const width = 1 + 0.16 * bounded(random);
  const sin = Math.sin(turn);
  const cos = Math.cos(turn);
  let [minX, maxX, minY, maxY] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < path.x.length; i++) {
    const y = (path.y[i] ?? 0) - 0.5;
    const x = width * ((path.x[i] ?? 0) - 0.3) - slant * y;
    path.x[i] = cos * x - sin * y;
    path.y[i] = sin * x + cos * y;
    minX = Math.min(minX, path.x[i] ?? 0);
    maxX = Math.max(maxX, path.x[i] ?? 0);
    minY = Math.min(minY, path.y[i] ?? 0);
    maxY = Math.max(maxY, path.y[i] ?? 0);
  }
  const scale = (glyphPixels * (0.95 + 0.06 * random.normal())) / Math.max(maxX - minX, maxY - minY, 0.5);
  for (let i = 0; i < path.x.length; i++) {
    path.x[i] = scale * ((path.x[i] ?? 0) - (minX + maxX) / 2);
    path.y[i] = scale * ((path.y[i] ?? 0) - (minY + maxY) / 2);
  }
}

/** Moves the path so that its centre of mass (by length) is mostly in the middle of the picture, as in MNIST. */
function centre(path: Path, random: Random): void {
  let [sumX, sumY, sum] = [0, 0, 0];
  for (let i = 1; i < path.x.length; i++) {
    if (path.starts[i] === true) continue;
    const [x0 = 0, x1 = 0, y0 = 0, y1 = 0] = [path.x[i - 1], path.x[i], path.y[i - 1], path.y[i]];
    const length = Math.hypot(x1 - x0, y1 - y0);
    sumX += (length * (x0 + x1)) / 2;
    sumY += (length * (y0 + y1)) / 2;
    sum += length;
  }
  const middle = digitSize / 2;
  // Long bars would leave the picture where the mass lies far from the middle; the pen stays inside.
  const inside = (values: readonly number[], shift: number) =>
    Math.max(margin - Math.min(...values), Math.min(digitSize - margin - Math.max(...values), shift));
  const dx = inside(path.x, middle - sumX / Math.max(sum, 1e-6) + 0.4 * random.normal());
  const dy = inside(path.y, middle - sumY / Math.max(sum, 1e-6) + 0.4 * random.normal());
  for (let i = 0; i < path.x.length; i++) {
    path.x[i] = (path.x[i] ?? 0) + dx;
    path.y[i] = (path.y[i] ?? 0) + dy;
  }
}

/** Ink of a round pen along the path: full inside, falling to nothing over about a pixel (anti-aliased). */
function ink(path: Path, radius: number, softness: number): Float32Array {
  const coverage = new Float32Array(digitSize * digitSize);
  for (let i = 1; i < path.x.length; i++) {
    if (path.starts[i] === true) continue;
    const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = [path.x[i - 1], path.y[i - 1], path.x[i], path.y[i]];
    const pen = radius * (path.pressure[i] ?? 1);
    const reach = pen + softness;
    const [dx, dy] = [x1 - x0, y1 - y0];
    const squared = Math.max(dx * dx + dy * dy, 1e-9);
    const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
    const bottom = Math.min(digitSize - 1, Math.ceil(Math.max(y0, y1) + reach));
    const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
    const right = Math.min(digitSize - 1, Math.ceil(Math.max(x0, x1) + reach));
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const [px, py] = [x + 0.5 - x0, y + 0.5 - y0];
        const t = Math.min(1, Math.max(0, (px * dx + py * dy) / squared));
        const [ex, ey] = [px - t * dx, py - t * dy];
        const distance = Math.sqrt(ex * ex + ey * ey);
        const value = Math.min(1, Math.max(0, (pen - distance) / softness + 0.5));
        const at = y * digitSize + x;
        if (value > (coverage[at] ?? 0)) coverage[at] = value;
      }
    }
  }
  return coverage;
}

/** One digit 0-9: uint8 [28, 28, 1], row-major. Depends on `label` and the generator's state alone. */
export function drawDigit(label: number, random: Random): Uint8Array {
  const path = write(label, random);
  transform(path, random);
  centre(path, random);
  const radius = Math.min(1.9, Math.max(0.75, 1.3 + 0.25 * random.normal()));
  const coverage = ink(path, radius, 0.9 + 0.5 * random.uniform());
  const strength = 255 * (0.94 + 0.06 * random.uniform());
  return Uint8Array.from(coverage, (value) => Math.round(strength * value));
}
