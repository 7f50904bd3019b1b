/** The window's controls when the core answers late: what the hand has set is neither lost nor pulled back. */
import path from 'node:path';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../harness/electron-on-chromium/build.ts';
import { serve, type Served } from './accessibility/served.ts';
import { scratchFolder } from './command-line.ts';
import { prepareDesktop } from './desktop-app.ts';

const executablePath = findChromium();
/** Milliseconds that each answer and event of the core is kept back. */
const delay = 150;
const patience = 120_000;

describe.skipIf(executablePath === null)(
  `answers that come late${executablePath === null ? ' (skipped: no Chromium)' : ''}`,
  () => {
    const dir = scratchFolder();
    let served: Served;
    let browser: Browser;
    let page: Page;
    let session: string;
    let alarms: Locator;

    beforeAll(async () => {
      await prepareDesktop();
      served = await serve(path.join(dir, 'library'));
      const { client, job, until } = served;
      const tour = await client.call('app.tour', {});
      const form = { dataset: tour.dataset, preset: 'quick' } as const;
      const { values } = await client.call('training.form', form);
      const tiny = { ...values, steps: 20, batch: 8, width: 2, latent: 4, excludeLabels: ['4'], device: 'onnx-cpu' };
      const { run } = await client.call('training.start', { ...form, values: tiny, name: 'First' });
      await until('training.state', (status) => status.run === run && status.state === 'finished');
      ({ session } = await job(() => client.call('scoring.start', { run, inputs: tour.scoreInputs })));
      await client.call('settings.set', { tourDone: true });
      browser = await chromium.launch({
        executablePath: executablePath ?? '',
        args: ['--no-sandbox', '--disable-gpu'],
      });
      page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      page.setDefaultTimeout(20_000);
      await page.routeWebSocket(/socket/, (near) => {
        const far = near.connectToServer();
        far.onMessage((message) => void setTimeout(() => near.send(message), delay));
      });
      await page.goto(`${served.link}#/score?run=${run}&session=${session}`);
      alarms = page.getByRole('slider', { name: 'False alarms in 1,000' });
      await alarms.waitFor();
    }, patience);
    afterAll(async () => {
      await browser.close();
      await served.close();
    });

    const rule = async () => (await served.client.call('scoring.session', { session })).rule;
    const at = () => alarms.inputValue();

    it('take every key that moves a slider, however quickly', async () => {
      await alarms.focus();
      const seen: string[] = [];
      for (let turn = 0; turn < 6; turn++) {
        for (const key of ['End', 'Home', 'End']) await page.keyboard.press(key);
        // Answers about the keys before arrive from here on, while the thumb must stay at its end.
        for (let look = 0; look < 8; look++) {
          seen.push(await at());
          await new Promise((resolve) => setTimeout(resolve, delay / 5));
        }
        await page.keyboard.press('Home');
        await expect.poll(rule).toEqual({ kind: 'false-alarms', rate: 0.0005 });
        await page.keyboard.press('End');
        await expect.poll(rule).toEqual({ kind: 'false-alarms', rate: 0.3 });
      }
      expect(new Set(seen)).toEqual(new Set(['12']));
    });

    it.each([
      ['End', 'lowest', { kind: 'false-alarms', rate: 0.3 }],
      ['Home', 'highest', { kind: 'false-alarms', rate: 0.0005 }],
    ])('let the end be chosen that the slider lies at by what was set by hand: %s', async (key, end, wanted) => {
      const line = page.getByRole('slider', { name: 'Threshold' });
      await line.focus();
      await page.keyboard.press(end === 'lowest' ? 'Home' : 'End');
      await expect.poll(async () => (await rule()).kind).toBe('value');
      await expect.poll(at).toBe(key === 'End' ? '12' : '0');
      await alarms.focus();
      await page.keyboard.press(key);
      await expect.poll(rule).toEqual(wanted);
    });

    it('let it be chosen by a press as well', async () => {
      await page.getByRole('slider', { name: 'Threshold' }).focus();
      await page.keyboard.press('End');
      await expect.poll(async () => (await rule()).kind).toBe('value');
      await expect.poll(at).toBe('0');
      await alarms.click({ position: { x: 8, y: 11 } });
      await expect.poll(rule).toEqual({ kind: 'false-alarms', rate: 0.0005 });
    });
  },
);
