/** The demo's folder: digits of the built-in set as PNG files, some of them damaged on purpose. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { openSource } from '../datasets/open.ts';
import { encodeSingle } from '../galleries/grid.ts';
import { Random } from '../random.ts';
import { writeFileAtomic } from '../runs/atomic.ts';

export interface DemoFolder {
  readonly dir: string;
  /** Names of the damaged pictures, relative to `dir`. */
  readonly anomalous: ReadonlySet<string>;
  readonly count: number;
}

const kinds = ['blot', 'scratch', 'erased'] as const;
const normals = 160;
const damagedEach = 14;

/** Writes normal and damaged digits, none of which was trained on. The same pictures every time. */
export async function writeDemoFolder(dir: string): Promise<DemoFolder> {
  await mkdir(dir, { recursive: true });
  const source = await openSource('builtin:digits');
  const test = source.items.flatMap(({ split }, index) => (split === 'test' ? [index] : []));
  const random = Random.seeded(7, 'demo');
  const anomalous = new Set<string>();
  const total = normals + kinds.length * damagedEach;
  try {
    for (let i = 0; i < total; i++) {
      const { pixels, width } = await source.read(test[i] ?? 0);
      const kind = i < normals ? null : kinds[i % kinds.length];
      const picture = Uint8Array.from(pixels);
      if (kind !== null && kind !== undefined) damage(picture, width, kind, random);
      const name = `digit-${String(i).padStart(3, '0')}${kind == null ? '' : `-${kind}`}.png`;
      if (kind != null) anomalous.add(name);
      await writeFileAtomic(
        path.join(dir, name),
        await encodeSingle(picture, { size: width, channels: 1, enlarge: 1 }),
      );
    }
  } finally {
    await source.close();
  }
  return { dir, anomalous, count: total };
}

/** Changes a white-on-black digit of `size` x `size` pixels in place. */
function damage(picture: Uint8Array, size: number, kind: (typeof kinds)[number], random: Random): void {
  const angle = Math.PI * random.uniform();
  const [centreX, centreY] = inked(picture, size, random);
  const radius = 4.3 + random.uniform();
  // Signed distance to the line of a scratch, which goes through the ink.
  const across = (x: number, y: number): number =>
    Math.abs((x - centreX) * Math.sin(angle) - (y - centreY) * Math.cos(angle));
  const around = (x: number, y: number): number => Math.hypot(x - centreX, y - centreY);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const here = y * size + x;
      const old = picture[here] ?? 0;
      if (kind === 'scratch') picture[here] = Math.max(old, 230 * Math.min(1, Math.max(0, 1.6 - across(x, y))));
      else {
        const inside = Math.min(1, Math.max(0, radius + 0.5 - around(x, y)));
        picture[here] = kind === 'blot' ? Math.max(old, 240 * inside) : old * (1 - inside);
      }
    }
  }
}

/** A pixel of the digit itself, so that the damage meets it. */
function inked(picture: Uint8Array, size: number, random: Random): [x: number, y: number] {
  const ink = Array.from(picture.keys()).filter((i) => (picture[i] ?? 0) > 200);
  const chosen = ink[random.integer(Math.max(1, ink.length))] ?? Math.floor(picture.length / 2);
  return [chosen % size, Math.floor(chosen / size)];
}
