import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPictures, openSource } from '../../../core/datasets/index.ts';
import { readError } from '../../../core/datasets/file-errors.ts';
import { errorOf, temporaryFolder, writeFile, writePictures } from './helpers.ts';

const root = temporaryFolder();

describe('openSource', () => {
  const at = (name: string) => path.join(root, name);
  const escaped = (text: string) => text.replaceAll(root, '<root>');

  it.each<[string, () => unknown, string]>([
    ['missing', () => undefined, 'dataset/missing: <root>/missing does not exist. Check the spelling of the path.'],
    [
      'empty',
      () => writeFile(root, 'empty/notes.txt', 'x'),
      'dataset/empty: No pictures in <root>/empty. Choose a folder with JPEG, PNG, BMP, TIFF, WebP and GIF files.',
    ],
    [
      'heic',
      () => writeFile(root, 'heic/a.heic', 'x'),
      'dataset/empty: No pictures in <root>/heic. 1 other file was found, such as a.heic: A .heic file is not a picture that can be read (JPEG, PNG, BMP, TIFF, WebP and GIF can be). Choose a folder with JPEG, PNG, BMP, TIFF, WebP and GIF files.',
    ],
    [
      'a.png',
      () => writePictures(root, ['a.png']),
      'dataset/single-file: <root>/a.png is a single picture. Choose the folder that it lies in.',
    ],
    [
      'a.doc',
      () => writeFile(root, 'a.doc', 'x'),
      'dataset/single-file: <root>/a.doc is a file that is not recognised. Choose a folder of pictures, or an IDX, CIFAR-10 (.bin, .tar.gz) or SVHN (.mat) file.',
    ],
    [
      'collection',
      () => writePictures(root, ['collection/bottle/train/good/a.png', 'collection/cable/train/good/a.png']),
      'dataset/wrong-folder: <root>/collection holds 2 datasets of their own. Choose the one to use: bottle, cable.',
    ],
  ])('says what is wrong: %s', async (name, make, expected) => {
    await make();
    expect(escaped(await errorOf(() => openSource(at(name))))).toBe(expected);
  });

  it('names the built-in sets', async () => {
    expect(await errorOf(() => openSource('builtin:cats'))).toBe(
      'dataset/unknown-builtin: There is no built-in set builtin:cats. Choose one of: builtin:digits, builtin:tiles.',
    );
    expect(await errorOf(() => openSource('builtin:digits?count=3'))).toMatch(
      /^dataset\/wrong-setting: builtin:digits has no setting "count=3"\./,
    );
  });

  it('explains missing permission', () => {
    const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    expect(readError('/data', denied)).toMatchObject({
      code: 'dataset/no-permission',
      message: 'No permission to read /data. Change its permissions, or choose another folder.',
      cause: denied,
    });
  });

  it('lists unusable files as problems and keeps the rest', async () => {
    await writePictures(root, ['mixed/a.png', 'mixed/.hidden.png', 'mixed/sub/b.PNG']);
    writeFile(root, 'mixed/zero.jpg', '');
    writeFile(root, 'mixed/raw.cr2', 'x');
    writeFile(root, 'mixed/readme.txt', 'x');
    const source = await openSource(at('mixed'));
    expect(source.items.map(({ name }) => name)).toEqual(['a.png', 'sub/b.PNG']);
    expect(source.problems.map(({ name, kind }) => [name, kind])).toEqual([
      ['raw.cr2', 'unsupported'],
      ['zero.jpg', 'empty'],
    ]);
  });

  it('opens pictures and folders given by hand, each once, under the names given', async () => {
    await writePictures(root, ['hand/one.png', 'hand/in/two.png']);
    const source = await openPictures([at('hand/in/two.png'), at('hand')]);
    expect(source.items.map(({ name }) => escaped(name))).toEqual(['<root>/hand/in/two.png', '<root>/hand/one.png']);
    expect((await source.read(0)).width).toBe(16);
    expect(await errorOf(() => openPictures([at('nowhere')]))).toMatch(/^dataset\/missing/);
  });
});
