import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openInputs } from '../../../core/scoring/inputs.ts';
import {
  errorOf,
  noise,
  noisePicture,
  temporaryFolder,
  writeFile,
  writeMnist,
  writePictures,
} from '../datasets/helpers.ts';

/** One CIFAR-10 record: label, then the planes of 32x32 red, green and blue. */
const cifar = (label: number) => Buffer.concat([Buffer.from([label]), noise(label, 3072)]);

async function shapeOf(inputs: readonly string[]) {
  const sources = await openInputs(inputs);
  const all = sources.map(({ format, items, problems }) => [format, items.length, problems.length]);
  for (const source of sources) await source.close();
  return all;
}

describe('what is given to be scored', () => {
  const root = temporaryFolder();
  writeMnist(path.join(root, 'digits'), 12, 5, true);
  const images = path.join(root, 'digits', 'train-images-idx3-ubyte.gz');
  const batch = writeFile(root, 'data_batch_1.bin', Buffer.concat([cifar(1), cifar(2), cifar(3)]));

  it('is opened as the dataset that a file is, with every picture of it', async () => {
    expect(await shapeOf([images])).toEqual([['mnist-idx', 12, 0]]);
    expect(await shapeOf([batch])).toEqual([['cifar10', 3, 0]]);
    const [digits] = await openInputs([images]);
    expect(await digits?.read(11)).toMatchObject({ width: 8, height: 8, channels: 1 });
    await digits?.close();
  });

  it('takes dataset files beside folders and pictures, whatever a picture is called', async () => {
    await writePictures(path.join(root, 'photos'), ['a.png', 'b.png']);
    const nameless = writeFile(root, 'scan0001', await noisePicture(9).png().toBuffer());
    expect(await shapeOf([path.join(root, 'photos'), images, nameless])).toEqual([
      ['mnist-idx', 12, 0],
      ['pictures', 3, 0],
    ]);
    expect(await shapeOf([nameless])).toEqual([['pictures', 1, 0]]);
    expect(await shapeOf([path.join(root, 'digits')])).toEqual([['mnist-idx', 17, 0]]);
  });

  it('says what a file is not, alone; beside pictures it is one of their problems when it is read', async () => {
    const zip = writeFile(root, 'photos.zip', 'PK\u0003\u0004 and so on');
    expect(await errorOf(() => openInputs([zip]))).toMatch(
      /^dataset\/single-file: .*photos\.zip is a file that is not/,
    );
    expect(await shapeOf([zip, path.join(root, 'photos', 'a.png')])).toEqual([['pictures', 2, 0]]);
    const cut = writeFile(
      root,
      'cut/train-images-idx3-ubyte',
      Buffer.from([0, 0, 8, 3, 0, 0, 0, 9, 0, 0, 0, 8, 0, 0, 0, 8]),
    );
    expect(await errorOf(() => openInputs([cut, zip]))).toMatch(/^dataset\//);
  });
});
