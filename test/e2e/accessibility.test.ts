/** axe on every page of the browser host, light and dark: nothing serious may be found. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../harness/electron-on-chromium/build.ts';
import { serve, type Served } from './accessibility/served.ts';
import { emptyStates, filledStates, type Filled, type PageState } from './accessibility/states.ts';
import { scratchFolder } from './command-line.ts';
import { prepareDesktop } from './desktop-app.ts';

const executablePath = findChromium();
const themes = ['light', 'dark'] as const;
const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const dir = scratchFolder();
/** Milliseconds: dozens of states, on a machine that may be busy. */
const patience = 240_000;

/** What a page's script finds; specs are checked without the types of a page. */
interface PageGlobals {
  readonly axe: typeof axe;
  readonly location: { hash: string };
  readonly addEventListener: (event: string, listener: () => void, options: { once: boolean }) => void;
  readonly requestAnimationFrame: (callback: () => void) => void;
  readonly document: {
    readonly images: Iterable<{ readonly complete: boolean }>;
    querySelector(selector: string): object | null;
    getAnimations(): { finish(): void; effect: { getComputedTiming(): { endTime: number } } | null }[];
  };
}

let served: Served;
let browser: Browser;
const pages = new Map<string, Page>();

/** Nothing loads and nothing moves any more: colours half way through a fade are not what is judged. */
async function settle(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const { document } = globalThis as unknown as PageGlobals;
    if (document.querySelector('main h1') === null || document.querySelector('main .loading') !== null) return false;
    return [...document.images].every(({ complete }) => complete);
  });
  await page.evaluate(() => {
    for (const animation of (globalThis as unknown as PageGlobals).document.getAnimations()) {
      if (animation.effect?.getComputedTiming().endTime !== Infinity) animation.finish();
    }
  });
}

/** Serious and critical findings, each with the rule, the element and what is wrong with it. */
async function findings(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as PageGlobals).axe.run({ resultTypes: ['violations'] }),
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, impact, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} (${impact}) at ${target.join(' ')}: ${failureSummary}`),
    );
}

/** Resolves once the window has drawn what the address says. */
const go = (page: Page, hash: string): Promise<void> =>
  page.evaluate(async (address) => {
    const { location, addEventListener, requestAnimationFrame } = globalThis as unknown as PageGlobals;
    if (location.hash === address) return;
    const changed = new Promise<void>((resolve) => addEventListener('hashchange', () => resolve(), { once: true }));
    location.hash = address;
    await changed;
    // The second frame begins after the first has been drawn.
    for (let frame = 0; frame < 2; frame++)
      await new Promise<void>((resolve) => requestAnimationFrame(() => resolve()));
  }, hash);

async function look(page: Page, { hash, prepare }: PageState): Promise<string[]> {
  // Dialogs and menus of the state before are closed with their page.
  await go(page, '#/settings?tab=about');
  await settle(page);
  await go(page, hash);
  await settle(page);
  if (prepare !== undefined) {
    await prepare(page);
    await settle(page);
  }
  return findings(page);
}

/** All states in one go: what is wrong on several pages is told at once. */
async function lookAtAll(page: Page, states: readonly PageState[]): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  for (const state of states) {
    const found = await look(page, state).catch((error: unknown) => [`not reached: ${String(error)}`]);
    if (found.length > 0) all[state.name] = found;
  }
  return all;
}

/** Two tiny runs, pictures with damaged ones among them, scores, and galleries. */
async function fill(): Promise<Filled> {
  const { client, job, until } = served;
  const tour = await client.call('app.tour', {});
  const { values } = await client.call('training.form', { dataset: tour.dataset, preset: 'quick' });
  const tiny = { ...values, steps: 30, batch: 8, width: 2, latent: 4, excludeLabels: ['4'], device: 'onnx-cpu' };
  const train = async (name: string) => {
    const { run } = await client.call('training.start', {
      dataset: tour.dataset,
      preset: 'quick',
      values: tiny,
      name,
    });
    await until('training.state', (status) => status.run === run && status.state === 'finished');
    return run;
  };
  const runs = [await train('First'), await train('Second')] as const;
  const [inputs = ''] = tour.scoreInputs;
  writeFileSync(path.join(inputs, 'broken.png'), 'no picture');
  const { card } = await client.call('datasets.open', { path: inputs });
  await job(() => client.call('datasets.check', { dataset: card.id }));
  const { session } = await job(() => client.call('scoring.start', { run: runs[0], inputs: [inputs] }));
  const end = (index: number) => ({ kind: 'seed', seed: 1, index, temperature: 1 }) as const;
  for (const wish of [
    { kind: 'interpolation', from: end(0), to: end(1), steps: 5 },
    { kind: 'samples', seed: 1, temperature: 1, count: 12 },
  ] as const) {
    await job(() => client.call('gallery.make', { run: runs[0], wish }));
  }
  const finished = until('experiments.state', ({ state }) => state === 'finished' || state === 'failed');
  const { id: experiment } = await client.call('experiments.start', {
    kind: 'anomaly',
    choices: { data: 'builtin:digits', digits: ['4'], methods: ['vae'], epochs: 1, lastEpochs: 1, limit: 80 },
  });
  expect(await finished).toMatchObject({ state: 'finished', message: null, cells: { done: 1, total: 1 } });
  const start = { dataset: tour.dataset, preset: 'quick', values: { ...tiny, steps: 5000 } } as const;
  const { run: paused } = await client.call('training.start', { ...start, name: 'Paused' });
  await until('training.metrics', ({ run }) => run === paused);
  const rests = until('training.state', ({ run, state }) => run === paused && state === 'paused');
  await client.call('training.pause', { run: paused });
  await rests;
  return { dataset: card.id, runs, session, paused, experiment };
}

describe.skipIf(executablePath === null)(
  `accessibility${executablePath === null ? ' (skipped: no Chromium)' : ''}`,
  () => {
    beforeAll(async () => {
      // Builds what is stale, one spec at a time.
      await prepareDesktop();
      served = await serve(path.join(dir, 'library'));
      browser = await chromium.launch({
        executablePath: executablePath ?? '',
        args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'],
      });
      for (const colorScheme of themes) {
        const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme });
        page.setDefaultTimeout(20_000);
        await page.goto(served.link);
        // An evaluation by the debugger: the page's own policy would not let a script in.
        await page.evaluate(source);
        pages.set(colorScheme, page);
      }
    }, patience);

    afterAll(async () => {
      await browser.close();
      await served.close();
    });

    const pageOf = (theme: string) => {
      const page = pages.get(theme);
      if (page === undefined) throw new Error(`No page for ${theme}`);
      return page;
    };

    it('finds nothing serious in the welcome', async () => {
      for (const theme of themes) {
        const page = pageOf(theme);
        await page.getByRole('dialog', { name: 'Welcome to Triangle Studio' }).waitFor();
        await settle(page);
        expect(await findings(page)).toEqual([]);
      }
      await pageOf('light').getByRole('button', { name: 'Not now' }).click();
      await pageOf('dark').getByRole('button', { name: 'Not now' }).click();
    });

    it.each(themes)(
      'finds nothing serious in an empty library, %s',
      async (theme) => {
        expect(await lookAtAll(pageOf(theme), emptyStates)).toEqual({});
      },
      patience,
    );

    let filled: Filled;
    it(
      'is filled',
      async () => {
        filled = await fill();
      },
      patience,
    );

    it.each(themes)(
      'finds nothing serious in a library that is used, %s',
      async (theme) => {
        expect(await lookAtAll(pageOf(theme), filledStates(filled))).toEqual({});
      },
      patience,
    );

    it('would find something', async () => {
      const page = pageOf('light');
      await page.evaluate(() => {
        const { document } = globalThis as unknown as {
          document: { body: { insertAdjacentHTML: (...words: string[]) => void } };
        };
        document.body.insertAdjacentHTML('beforeend', '<button id="nameless"></button>');
      });
      expect((await findings(page)).join()).toMatch(/^button-name \(critical\) at #nameless/);
    });
  },
);
