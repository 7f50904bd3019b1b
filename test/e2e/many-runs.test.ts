/** A thousand runs in the window: only those on the screen exist, and keys reach every one. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../harness/electron-on-chromium/build.ts';
import { exampleManifest } from '../unit/runs/example.ts';
import { serve, type Served } from './accessibility/served.ts';
import { scratchFolder } from './command-line.ts';
import { prepareDesktop } from './desktop-app.ts';

const executablePath = findChromium();
const many = 1000;

describe.skipIf(executablePath === null)(
  `many runs in the window${executablePath === null ? ' (skipped: no Chromium)' : ''}`,
  () => {
    const dir = scratchFolder();
    let served: Served;
    let browser: Browser;
    let page: Page;

    beforeAll(async () => {
      const manifest = exampleManifest();
      for (let i = 0; i < many; i++) {
        const run = path.join(dir, 'library/runs', `r${i}`);
        mkdirSync(run, { recursive: true });
        const created = new Date(1.79e12 + i * 60_000).toISOString();
        writeFileSync(path.join(run, 'run.json'), JSON.stringify({ ...manifest, name: `Run ${i}`, created }));
      }
      await prepareDesktop();
      served = await serve(path.join(dir, 'library'));
      await served.client.call('settings.set', { tourDone: true });
      browser = await chromium.launch({
        executablePath: executablePath ?? '',
        args: ['--no-sandbox', '--disable-gpu'],
      });
      page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      page.setDefaultTimeout(20_000);
      await page.goto(`${served.link}#/runs`);
      await page.getByRole('table', { name: 'Runs' }).waitFor();
    }, 120_000);
    afterAll(async () => {
      await browser.close();
      await served.close();
    });

    it('keeps only the rows that are seen, and says how many there are', async () => {
      expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe(String(many + 1));
      expect(await page.locator('tbody [data-row]').count()).toBeLessThan(40);
    });

    it('goes to the last and back by keys, each row at its number', async () => {
      const open = (name: string) => page.getByRole('button', { name: new RegExp(`^${name} `) });
      await open(`Run ${many - 1}`).focus();
      await page.keyboard.press('End');
      await expect
        .poll(() =>
          open('Run 0').evaluate((element) =>
            (element as unknown as { matches: (selector: string) => boolean }).matches(':focus'),
          ),
        )
        .toBe(true);
      expect(
        await page
          .getByRole('row')
          .filter({ has: open('Run 0') })
          .getAttribute('aria-rowindex'),
      ).toBe(String(many + 1));
      await page.keyboard.press('ArrowUp');
      await expect
        .poll(() =>
          open('Run 1').evaluate((element) =>
            (element as unknown as { matches: (selector: string) => boolean }).matches(':focus'),
          ),
        )
        .toBe(true);
      await page.keyboard.press('Home');
      await expect
        .poll(() =>
          open(`Run ${many - 1}`).evaluate((element) =>
            (element as unknown as { matches: (selector: string) => boolean }).matches(':focus'),
          ),
        )
        .toBe(true);
      expect(await page.locator('tbody [data-row]').count()).toBeLessThan(40);
    });
  },
);
