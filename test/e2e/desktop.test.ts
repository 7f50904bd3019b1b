/** The desktop application as it is: the real main process, preload and page. See the harness for what this does not cover. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareDesktop, startDesktop, whyNot, type Desktop, type PageWindow } from './desktop-app.ts';

describe.skipIf(whyNot !== null)(`desktop shell${whyNot === null ? '' : ` (${whyNot})`}`, () => {
  let desktop: Desktop;
  beforeAll(async () => {
    await prepareDesktop();
    desktop = await startDesktop();
  });
  afterAll(() => desktop.close());

  it('exposes exactly these functions to the page', async () => {
    const keys = await desktop.page.evaluate(() => {
      const { triangle } = globalThis as unknown as PageWindow;
      return Object.entries(triangle).map(([name, value]) => `${name}: ${typeof value}`);
    });
    expect(keys).toEqual([
      'call: function',
      'onEvent: function',
      'onCommand: function',
      'pathOf: function',
      'chooseFolder: function',
      'chooseFiles: function',
      'saveFile: function',
      'reveal: function',
      'openLink: function',
    ]);
  });
});
