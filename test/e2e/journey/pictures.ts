/** Folders of small pictures as a person has them: light discs on a dark ground, and a few that are something else. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { Random } from '../../../core/index.ts';

const side = 28;

type Kind = 'disc' | 'cross';

/** Grey levels, row by row; where the shape lies and how large it is differs from picture to picture. */
function draw(kind: Kind, random: Random): Uint8Array {
  const [centreX, centreY] = [11 + 6 * random.uniform(), 11 + 6 * random.uniform()];
  const radius = 6 + 3 * random.uniform();
  return Uint8Array.from({ length: side * side }, (_, at) => {
    const [x, y] = [(at % side) - centreX, Math.floor(at / side) - centreY];
    const inside = kind === 'disc' ? Math.hypot(x, y) < radius : Math.min(Math.abs(x), Math.abs(y)) < 1.5;
    return (inside ? 210 : 25) + 20 * random.uniform();
  });
}

async function writePicture(file: string, kind: Kind, random: Random): Promise<void> {
  const picture = sharp(draw(kind, random), { raw: { width: side, height: side, channels: 1 } });
  await picture.png().toFile(file);
}

const numbered = (name: string, number: number): string => `${name}-${String(number).padStart(3, '0')}.png`;

/** `count` discs, the first of them there twice, and a file that is no picture. */
export async function writeTrainingFolder(dir: string, count: number): Promise<void> {
  await mkdir(dir, { recursive: true });
  const random = Random.seeded(1, 'journey');
  for (let i = 0; i < count; i++) await writePicture(path.join(dir, numbered('disc', i)), 'disc', random);
  await copyFile(path.join(dir, numbered('disc', 0)), path.join(dir, 'twin.png'));
  await writeFile(path.join(dir, 'broken.png'), 'this is no picture');
}

/** Unseen discs, and crosses among them. */
export async function writeScoreFolder(dir: string, discs: number, crosses: number): Promise<void> {
  await mkdir(dir, { recursive: true });
  const random = Random.seeded(2, 'journey');
  for (let i = 0; i < discs; i++) await writePicture(path.join(dir, numbered('disc', i)), 'disc', random);
  for (let i = 0; i < crosses; i++) await writePicture(path.join(dir, numbered('cross', i)), 'cross', random);
}
