/**
 * One journey of a person who never opens a terminal, from the first start to a saved gallery, through the real main process,
 * preload and page. Each part goes on where the one before it ended.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratchFolder, triangle } from './command-line.ts';
import { prepareDesktop, startDesktop, whyNot, type Desktop } from './desktop-app.ts';
import * as hands from './journey/hands.ts';
import { writeScoreFolder, writeTrainingFolder } from './journey/pictures.ts';

/** Machines that are busy with other things take so long for a hundred small steps. */
const patience = 60_000;
/** Of the run on the imported folder: long enough to be paused and killed. */
const steps = 250;

const eventually = <T>(read: () => T) => expect.poll(read, { timeout: patience, interval: 100 });

describe.skipIf(whyNot !== null)(
  `the journey in the window${whyNot === null ? '' : ` (${whyNot})`}`,
  { timeout: 120_000 },
  () => {
    const scratch = scratchFolder();
    const trainingFolder = path.join(scratch, 'parts');
    const scoreFolder = path.join(scratch, 'delivery');
    const csv = path.join(scratch, 'scores.csv');
    let desktop: Desktop;
    let run: string;
    /** Step at which the pause saved. */
    let paused: number;
    /** Addresses that were answered with an error. */
    const refused: string[] = [];

    const { page, button, go, heading } = {
      page: () => desktop.page,
      button: (name: string | RegExp) => desktop.page.getByRole('button', { name, exact: typeof name === 'string' }),
      heading: (name: string) => desktop.page.getByRole('heading', { name, exact: true }),
      go: (name: string) => desktop.page.getByRole('navigation').first().getByRole('link', { name }).click(),
    };
    const counted = () => page().locator('.counts strong').textContent();

    beforeAll(async () => {
      await prepareDesktop();
      await writeTrainingFolder(trainingFolder, 60);
      await writeScoreFolder(scoreFolder, 30, 6);
      desktop = await startDesktop();
      desktop.page.setDefaultTimeout(20_000);
      desktop.page.on('response', (response) => {
        if (response.status() >= 400) refused.push(new URL(response.url()).pathname);
      });
    });
    afterAll(() => desktop.close());

    it('begins with an empty library and the offer of a tour', async () => {
      expect(await desktop.call('runs.list', {})).toEqual([]);
      await page().getByRole('dialog', { name: 'Welcome to Triangle Studio' }).waitFor();
      await button('Take the tour').click();
      await heading('These are the pictures to learn from').waitFor();
      await page().getByRole('listbox').getByRole('option').first().waitFor();
    });

    it('trains on the tour with charts that live, kept before its time, and finds the planted ones', async () => {
      await button('Train on them').click();
      const reconstruction = page().locator('dl > div', { hasText: 'Reconstruction' }).locator('dd');
      const chart = page().locator('figure canvas').first();
      await reconstruction.waitFor({ timeout: patience });
      // Charts outside the window are not drawn.
      await chart.scrollIntoViewIfNeeded();
      const [number, picture] = [await reconstruction.textContent(), await hands.canvasPicture(chart)];
      await eventually(() => reconstruction.textContent()).not.toBe(number);
      await eventually(() => hands.canvasPicture(chart)).not.toBe(picture);
      expect(await button('Find odd ones').isEnabled()).toBe(false);
      // A person who has seen enough: the whole tour takes a minute of an idle machine.
      await button('Keep as is').click();
      await page().getByRole('dialog').getByRole('button', { name: 'Keep as is' }).click();
      await heading('The model is trained').waitFor({ timeout: patience });
      await button('Find odd ones').click();
      await heading('The odd ones come first').waitFor();
      await eventually(async () => (await desktop.call('scoring.sessions', {}))[0]).toMatchObject({
        state: 'finished',
        scored: 202,
        skipped: 0,
      });
      await button('Done').click();
      await eventually(async () => (await desktop.call('settings.get', {})).tourDone).toBe(true);
    });

    it('takes a dropped folder in, finds its broken file and its duplicate, and leaves both out', async () => {
      await go('Datasets');
      await heading('Built in').or(heading('Datasets')).first().waitFor();
      await hands.drop(page(), page().getByRole('group', { name: /Drop a folder of pictures/ }), [trainingFolder]);
      await heading('parts').waitFor();
      await button('Check all pictures').first().click();
      await button('1 unreadable file').waitFor({ timeout: patience });
      await button('1 duplicate').waitFor();
      const problems = page().getByRole('listbox').getByRole('option');
      expect(await hands.namesOf(problems)).toEqual([
        expect.stringMatching(/broken\.png/),
        expect.stringMatching(/twin\.png/),
      ]);
      await button('Leave all of them out').click();
      await page().getByRole('status').filter({ hasText: '2 files left out of training' }).waitFor();
      await button('Train on this').click();
    });

    it('trains with settings of the form; pauses; resumes', async () => {
      await page().getByText('More settings').click();
      const fill = async (label: string, value: string) => {
        const field = page().getByLabel(label, { exact: true });
        await field.fill(value);
        await field.press('Tab');
      };
      await fill('Steps', String(steps));
      await fill('Batch', '16');
      await fill('Width', '4');
      await hands.listenToSteps(page());
      await button('Start training').click();
      await eventually(async () => (await hands.toldSteps(page())).length).toBeGreaterThan(10);
      run = (await desktop.call('training.queue', {}))[0]?.run ?? '';
      await button('Pause').click();
      await button('Resume').waitFor({ timeout: patience });
      paused = await hands.untilState(desktop, run, 'paused', patience);
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect((await hands.toldSteps(page())).at(-1)).toBe(paused);
      await button('Resume').click();
      await eventually(async () => (await hands.toldSteps(page())).at(-1)).toBeGreaterThan(paused);
    });

    it('keeps the window when the process that trains is killed; the run goes on from its checkpoint to its end', async () => {
      const { app } = desktop;
      const [first, before] = [await hands.processOf(app, 'training'), await hands.toldSteps(page())];
      expect(await hands.untilState(desktop, run, 'running', patience)).toBeLessThan(steps);
      // Looked for at every frame: the process is back within half a second, and a locator looks that seldom.
      const shown = () => {
        // Runs in the page; tests know no DOM.
        interface Page {
          document: { querySelectorAll(selector: string): Iterable<{ textContent: string }> };
        }
        const alerts = (globalThis as unknown as Page).document.querySelectorAll('[role=alert]');
        return [...alerts].some(({ textContent }) => textContent.includes('The process that trains'));
      };
      const banner = page().waitForFunction(shown, null, { polling: 'raf' });
      process.kill(first, 'SIGKILL');
      await banner;
      // The desk answers meanwhile.
      expect((await desktop.call('app.state', {})).version).toMatch(/^\d/);
      await page().getByRole('status').filter({ hasText: 'Finished' }).first().waitFor({ timeout: patience });
      expect(await hands.untilState(desktop, run, 'finished', patience)).toBe(steps);
      expect(await hands.processOf(app, 'training')).not.toBe(first);
      const told = await hands.toldSteps(page());
      // Where the steps begin again: right behind what was told before, if nothing came between the look and the kill.
      const again = told.findIndex((step, at) => at >= before.length && step <= (told[at - 1] ?? 0));
      // Not from the start: the pause had saved.
      expect(told[again]).toBe(paused + 1);
      expect(told.at(-1)).toBe(steps);
      await page().getByText('The process that trains').waitFor({ state: 'detached' });
      // What was left out was not learnt from.
      const { counts } = await desktop.call('runs.get', { run });
      expect(counts.train + counts.heldOut + counts.validation).toBe(60);
    });

    it('scores a folder that is dropped on the run', async () => {
      await button('Score pictures').click();
      await heading('Drop pictures or a folder here').waitFor();
      await hands.drop(page(), page().getByRole('group', { name: 'Score with parts' }), [scoreFolder]);
      await page().getByText('36 pictures').first().waitFor({ timeout: patience });
      await page().getByRole('slider', { name: 'Threshold' }).waitFor({ timeout: patience });
      const first = page().getByRole('listbox').getByRole('option').first();
      await eventually(() => first.getAttribute('aria-label')).toMatch(/score/);
    });

    it('counts anew at once when the threshold moves by keys and by false alarms', async () => {
      const line = page().getByRole('slider', { name: 'Threshold' });
      await line.focus();
      await page().keyboard.press('End');
      await eventually(counted).toBe('0');
      await page().keyboard.press('Home');
      await eventually(async () => Number(await counted())).toBeGreaterThan(30);
      await page().keyboard.press('PageUp');
      const kept = async () => (await desktop.call('scoring.sessions', { run }))[0];
      await eventually(async () => (await kept())?.rule.kind).toBe('value');
      const alarms = page().getByRole('slider', { name: 'False alarms in 1,000' });
      await alarms.focus();
      // It may lie at either end by what the hand chose: one of the two keys would then change nothing.
      await page().keyboard.press('Home');
      await page().keyboard.press('End');
      await eventually(async () => (await kept())?.rule).toEqual({ kind: 'false-alarms', rate: 0.3 });
      const many = Number(await counted());
      await page().keyboard.press('Home');
      await eventually(async () => (await kept())?.rule).toEqual({ kind: 'false-alarms', rate: 0.0005 });
      await eventually(async () => Number(await counted())).toBeLessThan(many);
      // The crosses, whatever else.
      expect(Number(await counted())).toBeGreaterThanOrEqual(6);
      expect(String((await kept())?.anomalous)).toBe(await counted());
    });

    it('exports the very table that the command line writes', async () => {
      await hands.answerSaveWith(desktop.app, csv);
      await button('Export…').click();
      const kind = page().locator('dialog .kind', { hasText: 'Table (CSV)' });
      await kind.getByRole('button', { name: 'Save as…' }).click();
      await page()
        .getByRole('status')
        .filter({ hasText: `Written: ${csv}` })
        .waitFor({ timeout: patience });
      await page().keyboard.press('Escape');
      const { card } = await desktop.call('runs.get', { run });
      const own = path.join(scratch, 'own.csv');
      const said = await triangle([
        'score',
        '--run',
        card.folder,
        scoreFolder,
        '--false-alarms',
        '0.0005',
        '--out',
        own,
      ]);
      expect(said.code, said.stderr).toBe(0);
      const [theirs, ours] = [readFileSync(own, 'utf8'), readFileSync(csv, 'utf8')];
      expect(ours.trim().split('\n')).toHaveLength(37);
      expect(ours).toBe(theirs);
    });

    it('keeps a gallery, and makes it again to the byte', async () => {
      await go('Gallery');
      await page().getByLabel('Model', { exact: true }).selectOption(run);
      await page().getByRole('spinbutton', { name: 'Seed' }).fill('11');
      await page().getByRole('spinbutton', { name: 'Pictures' }).fill('6');
      await page().keyboard.press('Tab');
      const { folder } = (await desktop.call('runs.get', { run })).card;
      const galleries = () => desktop.call('gallery.list', { run });
      const make = async (count: number) => {
        await button('Make and keep').click();
        await eventually(async () => (await galleries()).length).toBe(count);
        return hands.digests(path.join(folder, 'gallery'));
      };
      const once = await make(1);
      expect(once.length).toBeGreaterThanOrEqual(7);
      const card = (await galleries())[0];
      expect(card).toMatchObject({ kind: 'samples', seed: 11, count: 6 });
      await button(new RegExp(card?.title ?? ''))
        .first()
        .click();
      await button('Make again and compare').click();
      await page()
        .getByRole('status')
        .filter({ hasText: /identical|same/i })
        .waitFor({ timeout: patience });
      const twice = await make(2);
      expect(twice).toHaveLength(2 * once.length);
      expect([...twice].sort()).toEqual([...once, ...once].sort());
      // And they are pictures that differ from one another.
      expect(new Set(once).size).toBe(once.length);
    });

    it('goes dark and light again', async () => {
      await go('Settings');
      await page().getByRole('tab', { name: 'Appearance' }).click();
      await page()
        .getByRole('radio', { name: /^Light/ })
        .check({ force: true });
      await eventually(() => hands.brightness(page())).toBeGreaterThan(200);
      await page().getByRole('radio', { name: /^Dark/ }).check({ force: true });
      await eventually(() => hands.brightness(page())).toBeLessThan(60);
      expect((await desktop.call('settings.get', {})).appearance).toBe('dark');
    });

    it('can be used by keys alone', async () => {
      const { keyboard } = page();
      const titles = ['Datasets', 'Train', 'Runs', 'Score', 'Gallery', 'Experiments', 'Settings'];
      for (const [at, title] of titles.entries()) {
        await keyboard.press(`Control+${at + 1}`);
        await heading(title).first().waitFor();
      }
      await keyboard.press('Control+4');
      const grid = page().getByRole('listbox', { name: /Scored pictures/ });
      await hands.tabTo(page(), grid);
      await keyboard.press('ArrowRight');
      await keyboard.press('a');
      const second = grid.getByRole('option').nth(1);
      await eventually(() => second.getAttribute('aria-label')).toMatch(/marked anomalous/);
      await keyboard.press('Enter');
      await page().getByText('2 of 36').waitFor();
      await keyboard.press('ArrowRight');
      await page().getByText('3 of 36').waitFor();
      await keyboard.press('Escape');
      await grid.waitFor();
      expect(await hands.hasFocus(grid)).toBe(true);
      await eventually(() => grid.getByRole('option', { selected: true }).getAttribute('aria-posinset')).toMatch(
        /[23]/,
      );
      await keyboard.press('Control+5');
      const gallery = page().getByRole('listbox').first();
      await hands.tabTo(page(), gallery);
      await keyboard.press('f');
      const starred = async () =>
        (await desktop.call('gallery.items', { favourites: true, offset: 0, limit: 10 })).total;
      await eventually(starred).toBe(1);
    });

    it('had nothing to complain of but the broken picture', async () => {
      const dataset = (await desktop.call('datasets.list', {})).find(({ name }) => name === 'parts')?.id ?? '';
      const broken = await desktop.call('datasets.items', { dataset, offset: 0, limit: 1, search: 'broken' });
      expect(new Set(refused)).toEqual(new Set([`/image/dataset/${dataset}/${broken.rows[0]?.index}`]));
      expect(desktop.complaints.filter((text) => !text.includes('status of 404'))).toEqual([]);
    });
  },
);
