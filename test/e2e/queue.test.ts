/** The queue in the window: runs are put in order by hand and by keys, taken out, and one is kept as it is; experiments wait behind. */
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../harness/electron-on-chromium/build.ts';
import { serve, type Served } from './accessibility/served.ts';
import { scratchFolder } from './command-line.ts';
import { prepareDesktop } from './desktop-app.ts';

const executablePath = findChromium();
const patience = 120_000;
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 60_000, interval: 100 });

describe.skipIf(executablePath === null)(
  `the queue in the window${executablePath === null ? ' (skipped: no Chromium)' : ''}`,
  { timeout: patience },
  () => {
    const dir = scratchFolder();
    const runs: string[] = [];
    let served: Served;
    let browser: Browser;
    let page: Page;
    let experiment: string;

    const waiting = async () =>
      (await served.client.call('training.queue', {})).flatMap(({ name, state }) => (state === 'queued' ? [name] : []));
    const button = (name: string) => page.getByRole('button', { name, exact: true });

    beforeAll(async () => {
      await prepareDesktop();
      served = await serve(path.join(dir, 'library'));
      const { client, until } = served;
      await client.call('settings.set', { tourDone: true });
      const { dataset } = await client.call('app.tour', {});
      const form = { dataset, preset: 'quick' } as const;
      const { values } = await client.call('training.form', form);
      const endless = { ...values, steps: 50_000, batch: 8, width: 2, latent: 4, device: 'onnx-cpu' };
      const first = until('training.metrics', () => true);
      for (const name of ['First', 'Second', 'Third', 'Fourth']) {
        runs.push((await client.call('training.start', { ...form, values: endless, name })).run);
      }
      await first;
      const choices = { data: 'builtin:digits', digits: ['4'], methods: ['vae'], epochs: 1, lastEpochs: 1, limit: 60 };
      ({ id: experiment } = await client.call('experiments.start', { kind: 'anomaly', choices }));
      browser = await chromium.launch({
        executablePath: executablePath ?? '',
        args: ['--no-sandbox', '--disable-gpu'],
      });
      page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      page.setDefaultTimeout(20_000);
      await page.goto(`${served.link}#/train?run=${runs[0]}`);
      await page.getByRole('heading', { name: 'Queue' }).waitFor();
    }, patience);
    afterAll(async () => {
      await browser.close();
      await served.close();
    });

    it('moves a waiting run ahead by a press and by a key', async () => {
      await button('Train Fourth earlier').click();
      await eventually(waiting).toEqual(['Second', 'Fourth', 'Third']);
      await button('Train Third earlier').focus();
      await page.keyboard.press('Enter');
      await eventually(waiting).toEqual(['Second', 'Third', 'Fourth']);
      expect(await button('Train Second earlier').isDisabled()).toBe(true);
    });

    it('takes waiting runs out', async () => {
      for (const name of ['Fourth', 'Third', 'Second']) await button(`Take ${name} out of the queue`).click();
      await eventually(waiting).toEqual([]);
    });

    it('keeps a run as it is: finished with the steps that it has', async () => {
      await button('Keep as is').click();
      await page.getByRole('dialog').getByRole('button', { name: 'Keep as is' }).click();
      await button('Score pictures').waitFor({ timeout: 60_000 });
      const { card } = await served.client.call('runs.get', { run: runs[0] ?? '' });
      expect(card).toMatchObject({ state: 'finished', usable: true });
      expect(card.step).toBeLessThan(50_000);
      expect(card.steps).toBe(card.step);
    });

    it('lets the experiment have its turn then, and shows it beside the paper', async () => {
      await page.getByRole('navigation').first().getByRole('link', { name: 'Experiments' }).click();
      await page.getByRole('link', { name: 'Anomaly detection on MNIST, each digit held out' }).click();
      await page.getByText('Finished').first().waitFor({ timeout: 60_000 });
      const table = page.getByRole('table').first();
      await table
        .getByRole('row', { name: /VAE.*paper/ })
        .first()
        .waitFor();
      expect(await table.getByRole('row', { name: /^vae / }).count()).toBeGreaterThan(0);
      await page
        .getByRole('heading', { name: /digit 4 against the others/ })
        .first()
        .waitFor();
      expect(await served.client.call('experiments.report', { experiment })).toMatchObject({ state: 'finished' });
    });
  },
);
