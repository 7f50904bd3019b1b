/** The licences that the window shows, against the packages themselves. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { licences } from '../../../renderer/pages/settings/licences.ts';

describe('licences', () => {
  it('are those of the installed packages, and name every package that is shipped', async () => {
    const root = path.join(import.meta.dirname, '../../..');
    const read = async (file: string) =>
      JSON.parse(await readFile(path.join(root, file), 'utf8')) as Record<string, unknown>;
    const named = licences.filter((each) => each.package !== null);
    for (const { package: name, licence } of named) {
      const { license } = await read(`node_modules/${name ?? ''}/package.json`);
      expect(`${name ?? ''}: ${licence}`).toBe(`${name ?? ''}: ${String(license)}`);
    }
    const { dependencies } = (await read('package.json')) as { dependencies: Record<string, string> };
    const shipped = Object.keys(dependencies).filter((name) => name !== 'onnxruntime-common');
    expect(named.map((each) => each.package)).toEqual(expect.arrayContaining(shipped));
  });
});
