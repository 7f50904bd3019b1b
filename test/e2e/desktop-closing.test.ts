/** The desktop application over several starts: every page, closing while a run trains, what is remembered. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ElectronApplication } from 'playwright-core';
import { prepareDesktop, startDesktop, whyNot, type Desktop } from './desktop-app.ts';

/** Puts a person in place of the question: remembers what was asked, answers with a button. */
const answerWith = (app: ElectronApplication, button: number) =>
  app.evaluate(({ dialog }, response) => {
    const asked: string[] = [];
    Object.assign(globalThis, { asked });
    dialog.showMessageBox = (_window: unknown, options?: { message: string; buttons?: string[] }) => {
      asked.push(`${options?.message ?? ''} [${options?.buttons?.join(', ') ?? ''}]`);
      return Promise.resolve({ response, checkboxChecked: false });
    };
  }, button);

const asked = (app: ElectronApplication) => app.evaluate(() => (globalThis as unknown as { asked: string[] }).asked);

const closeWindow = (app: ElectronApplication) =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());

const visible = (app: ElectronApplication) =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.isVisible()));

describe.skipIf(whyNot !== null)(`desktop over several starts${whyNot === null ? '' : ` (${whyNot})`}`, () => {
  const home = mkdtempSync(path.join(tmpdir(), 'triangle-desktop-'));
  let desktop: Desktop;
  let run: string;

  beforeAll(async () => {
    await prepareDesktop();
    desktop = await startDesktop(home);
  });
  afterAll(async () => {
    await desktop.close();
    rmSync(home, { recursive: true, force: true });
  });

  it.each(['datasets', 'train', 'runs', 'score', 'gallery', 'settings'])(
    'shows the page %s without complaints',
    async (name) => {
      const { page, complaints } = desktop;
      await page.evaluate((hash) => {
        (globalThis as unknown as { location: { hash: string } }).location.hash = hash;
      }, `#/${name}`);
      await page.locator('main h1').first().waitFor();
      await page.locator('main [aria-busy="true"]').waitFor({ state: 'detached' });
      expect(complaints).toEqual([]);
    },
  );

  it('asks before it closes while a run trains, and stays when cancelled', async () => {
    const { app, page } = desktop;
    const tour = await desktop.call('app.tour', {});
    const { dataset, preset, values, name } = tour;
    ({ run } = await desktop.call('training.start', { dataset, preset, values, name }));
    const state = async () => (await desktop.call('training.queue', {}))[0]?.state;
    await expect.poll(state, { timeout: 45_000, interval: 200 }).toBe('running');
    await answerWith(app, 3);
    await closeWindow(app);
    await expect
      .poll(() => asked(app))
      .toEqual([`“${name}” is training. [Keep training in the background, Pause and close, Stop and close, Cancel]`]);
    expect(await visible(app)).toEqual([true]);
    expect(await page.evaluate(() => 'triangle' in globalThis)).toBe(true);
    expect(await state()).toBe('running');
  });

  it('trains on without a window, which a second start brings back', async () => {
    const { app } = desktop;
    await answerWith(app, 0);
    await closeWindow(app);
    await expect.poll(() => visible(app)).toEqual([false]);
    expect((await desktop.call('training.queue', {}))[0]?.state).toBe('running');
    await app.evaluate(({ app: main }) => main.emit('second-instance', {}, [], ''));
    await expect.poll(() => visible(app)).toEqual([true]);
  });

  it('pauses, closes, and finds run and window again at the next start', async () => {
    const { app } = desktop;
    await app.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.setBounds({ x: 60, y: 40, width: 1100, height: 700 });
    });
    await answerWith(app, 1);
    const gone = app.waitForEvent('close');
    await closeWindow(app);
    await gone;
    desktop = await startDesktop(home);
    const bounds = await desktop.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.getNormalBounds(),
    );
    expect(bounds).toEqual({ x: 60, y: 40, width: 1100, height: 700 });
    const [first] = await desktop.call('training.queue', {});
    expect(first).toMatchObject({ run, state: 'paused' });
    // Saved where it was, not only remembered.
    const card = (await desktop.call('runs.list', {})).find(({ id }) => id === run);
    expect(card?.step).toBeGreaterThan(0);
  });

  it('lists the run in the menu', async () => {
    const labels = () =>
      desktop.app.evaluate(({ Menu }) => {
        const menus = Menu.getApplicationMenu()?.items.flatMap(({ submenu }) => submenu?.items ?? []) ?? [];
        return menus.find(({ id }) => id === 'recent-runs')?.submenu?.items.map(({ label }) => label) ?? [];
      });
    const { name } = (await desktop.call('training.queue', {}))[0] ?? {};
    await expect.poll(labels).toEqual([name]);
  });

  it('asks for an experiment too, closes, and goes on with it at the next start', async () => {
    const { app } = desktop;
    const choices = { data: 'builtin:digits', digits: ['4'], methods: ['vae'], epochs: 500, limit: 400 };
    const { id, title } = await desktop.call('experiments.start', { kind: 'anomaly', choices });
    const state = async () => (await desktop.call('experiments.list', {})).find((card) => card.id === id)?.state;
    await expect.poll(state, { timeout: 45_000, interval: 200 }).toBe('active');
    await answerWith(app, 2);
    await closeWindow(app);
    await expect
      .poll(() => asked(app))
      .toEqual([`The experiment “${title}” is under way. [Keep it going in the background, Save and close, Cancel]`]);
    expect(await state()).toBe('active');
    await answerWith(app, 1);
    const gone = app.waitForEvent('close');
    await closeWindow(app);
    await gone;
    desktop = await startDesktop(home);
    await expect.poll(state, { timeout: 45_000, interval: 200 }).toBe('active');
    await desktop.call('experiments.stop', { experiment: id });
    await expect.poll(state, { timeout: 30_000, interval: 200 }).toBe('stopped');
  });
});
