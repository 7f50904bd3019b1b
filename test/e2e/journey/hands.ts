/** What a person does to the window: drops, keys, answers of the system's dialogs; and what can be read off it. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ElectronApplication, Locator, Page } from 'playwright-core';
import type { Desktop, PageWindow } from '../desktop-app.ts';

/** Files of the system let go over a part of the window; real paths reach the page as with a real hand. */
export async function drop(page: Page, target: Locator, paths: readonly string[]): Promise<void> {
  const box = await target.boundingBox();
  if (box === null) throw new Error('What it should be dropped on is not shown.');
  const session = await page.context().newCDPSession(page);
  const at = { x: box.x + box.width / 2, y: box.y + Math.min(box.height / 2, 200) };
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, ...at, data });
  }
  await session.detach();
}

/** Whether keys go to it. */
export const hasFocus = (target: Locator): Promise<boolean> =>
  target.evaluate((element) => {
    const here = element as unknown as { ownerDocument: { activeElement: unknown } };
    return here.ownerDocument.activeElement === here;
  });

/** What screen readers say of each. */
export const namesOf = (all: Locator): Promise<(string | null)[]> =>
  all.evaluateAll((elements) =>
    (elements as unknown as { getAttribute: (name: string) => string | null }[]).map((element) =>
      element.getAttribute('aria-label'),
    ),
  );

/** Presses Tab until an element has the focus: how a person without a mouse comes there. */
export async function tabTo(page: Page, target: Locator, most = 60): Promise<void> {
  await target.waitFor();
  for (let presses = 0; presses < most; presses++) {
    await page.keyboard.press('Tab');
    if (await hasFocus(target)) return;
  }
  throw new Error(`Not reached with ${most} presses of Tab.`);
}

/** The system's dialog for a new file answers with this path. */
export const answerSaveWith = (app: ElectronApplication, file: string) =>
  app.evaluate(({ dialog, shell }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
    shell.showItemInFolder = () => undefined;
  }, file);

/** Process id of a lane of the core: 0 where it does not run. */
export const processOf = (app: ElectronApplication, lane: 'desk' | 'training') =>
  app.evaluate(({ app: main }, name) => main.getAppMetrics().find((each) => each.name?.includes(name))?.pid ?? 0, lane);

/** Collects, in the page, the steps that training tells from now on; read with {@link toldSteps}. */
export const listenToSteps = (page: Page) =>
  page.evaluate(() => {
    const told: number[] = [];
    Object.assign(globalThis, { told });
    (globalThis as unknown as PageWindow).triangle.onEvent(({ event, payload }) => {
      if (event === 'training.metrics') told.push(...payload.rows.map((row) => row['step'] ?? -1));
    });
  });

export const toldSteps = (page: Page) => page.evaluate(() => (globalThis as unknown as { told: number[] }).told);

/** What a chart shows, to tell it from what it showed before. */
export const canvasPicture = (canvas: Locator): Promise<string> =>
  canvas.evaluate((element) => (element as unknown as { toDataURL: () => string }).toDataURL());

/** Of the page's ground, 0 (black) to 255. */
export const brightness = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { document, getComputedStyle } = globalThis as unknown as {
      document: { body: object };
      getComputedStyle: (element: object) => { backgroundColor: string };
    };
    const [red = 0, green = 0, blue = 0] = (getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g) ?? []).map(
      Number,
    );
    return (red + green + blue) / 3;
  });

/** Waits for a state of the newest run in the queue's words; gives its step. */
export async function untilState(desktop: Desktop, run: string, state: string, patience: number): Promise<number> {
  const end = Date.now() + patience;
  for (;;) {
    const status = (await desktop.call('training.queue', {})).find((each) => each.run === run);
    const card = status ?? (await desktop.call('runs.list', {})).find(({ id }) => id === run);
    if (card?.state === state) return card.step;
    if (Date.now() > end)
      throw new Error(`The run is ${card?.state ?? 'nowhere'} at step ${card?.step}, not ${state}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** SHA-256 of every PNG file below a folder, sorted by name, without the names. */
export function digests(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.png'));
  return names.sort().map((name) =>
    createHash('sha256')
      .update(readFileSync(path.join(folder, name)))
      .digest('hex'),
  );
}
