/**
 * Starts the desktop application for a spec: on real Electron where its binary is, else on Debian's Chromium through the harness.
 * Each start has a library and a window state of its own.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import type { Bridge } from '../../ipc/bridge.ts';
import type { AnswerOf, Channel, RequestOf } from '../../ipc/contract.ts';
import { buildStandIn, findChromium, notCovered } from '../harness/electron-on-chromium/build.ts';

const root = path.resolve(import.meta.dirname, '../..');
const standIn = path.join(root, 'dist/electron-on-chromium');

/** What a page's script finds; specs are checked without the types of a page. */
export interface PageWindow {
  readonly triangle: Bridge;
}

const hasElectron = existsSync(path.join(root, 'node_modules/electron/path.txt'));

/** Null: it can run. Else the reason, for the title of what is skipped. */
export const whyNot =
  process.platform === 'win32' && !hasElectron
    ? 'skipped: no Electron'
    : hasElectron || findChromium() !== null
      ? null
      : 'skipped: neither Electron nor Chromium';

/** Only one of the spec files that start together builds; the others wait, then find nothing stale. */
async function alone(work: () => Promise<void>): Promise<void> {
  const lock = path.join(root, 'dist/desktop-specs.lock');
  const longestMilliseconds = 60_000;
  mkdirSync(path.dirname(lock), { recursive: true });
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      // Left behind by a process that was killed.
      const { mtimeMs } = statSync(lock, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
      if (Date.now() - mtimeMs > longestMilliseconds) rmSync(lock, { recursive: true, force: true });
      await setTimeout(100);
    }
  }
  try {
    await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** Builds what is stale; once for a file of specs. */
export async function prepareDesktop(): Promise<void> {
  await alone(async () => {
    execFileSync(process.execPath, [path.join(root, 'build/start.mjs'), '--build-only'], { cwd: root, stdio: 'pipe' });
    if (!hasElectron) await buildStandIn(standIn);
  });
  if (hasElectron) return;
  process.env['ELECTRON_OVERRIDE_DIST_PATH'] = standIn;
  process.stdout.write(`${notCovered}\n`);
}

export interface Desktop {
  readonly app: ElectronApplication;
  readonly page: Page;
  /** A call over the bridge, from the page. */
  call<C extends Channel>(channel: C, request: RequestOf<C>): Promise<AnswerOf<C>>;
  /** What the window's console said at the level error, and what was thrown. */
  readonly complaints: readonly string[];
  readonly home: string;
  /** Quits the program and removes its folders. */
  close(): Promise<void>;
}

/** A call over the bridge as the page makes it: the envelope. */
export const callFrom = (page: Page, channel: string, request: unknown) =>
  page.evaluate(([name, value]) => (globalThis as unknown as PageWindow).triangle.call(name as Channel, value), [
    channel,
    request,
  ] as const);

/** `home` of an earlier start brings its library and window back. */
export async function startDesktop(home = mkdtempSync(path.join(tmpdir(), 'triangle-desktop-'))): Promise<Desktop> {
  const app = await _electron.launch({
    args: ['.', `--user-data-dir=${path.join(home, 'user-data')}`],
    cwd: root,
    env: {
      ...(process.env as Record<string, string>),
      TRIANGLE_LIBRARY: path.join(home, 'library'),
      TRIANGLE_CACHE: path.join(home, 'cache'),
    },
  });
  const complaints: string[] = [];
  const listen = (page: Page): void => {
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  };
  app.context().on('page', listen);
  let said = '';
  app.process().stderr?.on('data', (text: Buffer) => (said += text.toString()));
  const page = await app.firstWindow().catch((error: unknown) => {
    throw new Error(`No window. The program said:\n${said}`, { cause: error });
  });
  listen(page);
  // The first document of a window is an empty one.
  await page.locator('#app main').waitFor();
  return {
    app,
    page,
    complaints,
    home,
    async call<C extends Channel>(channel: C, request: RequestOf<C>) {
      const envelope = await callFrom(page, channel, request);
      if (!envelope.ok) throw new Error(`${channel}: ${envelope.code}: ${envelope.message}`);
      return envelope.value as AnswerOf<C>;
    },
    async close() {
      await app.close();
      rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}
