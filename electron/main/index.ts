/**
 * The main process: one window, the core in a process of its own, and what only the system can do. No top-level await: Electron
 * becomes ready after this module has been evaluated.
 */
import path from 'node:path';
import { app, dialog, ipcMain, Menu, nativeTheme, protocol, session, shell, type BrowserWindow } from 'electron';
import type { AppCommand } from '../../ipc/bridge.ts';
import type { AnswerOf, AppEvent } from '../../ipc/contract.ts';
import { channels } from '../channels.ts';
import { aboutText } from './about.ts';
import { scheme } from './addresses.ts';
import { createBackground } from './background.ts';
import { createClosing } from './closing.ts';
import { createContentHandler } from './content.ts';
import { startCore, type Core } from './core.ts';
import { createDialogs } from './dialogs.ts';
import { denyPermissions, guardContents } from './guards.ts';
import { registerIpc } from './ipc.ts';
import { isListedLink } from './links.ts';
import { menuTemplate, type RecentRun } from './menu.ts';
import { createTrainingWatch } from './training-watch.ts';
import { openWindow, raiseWindow } from './window.ts';

// This file is dist/electron/main.mjs.
const dist = path.resolve(import.meta.dirname, '..');

protocol.registerSchemesAsPrivileged([
  { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
]);
app.enableSandbox();
guardContents(app);

function start(): void {
  denyPermissions(session.defaultSession);
  let window: BrowserWindow | null = null;
  let recentRuns: readonly RecentRun[] = [];

  const shown = (): BrowserWindow => {
    if (window === null) throw new Error('There is no window.');
    return window;
  };
  const toWindow = (channel: string, value: AppEvent | AppCommand): void => {
    if (window !== null && !window.isDestroyed()) window.webContents.send(channel, value);
  };
  const command = (value: AppCommand): void => {
    closing.show();
    toWindow(channels.command, value);
  };

  const watch = createTrainingWatch(() => {
    if (window !== null && !window.isDestroyed()) window.setProgressBar(watch.progress() ?? -1);
    closing.trainingChanged();
  });
  const background = createBackground(
    path.join(dist, 'electron/tray.png'),
    app.getName(),
    () => closing.show(),
    () => {
      app.quit();
    },
  );
  const closing = createClosing({
    watch,
    ask: async (question) => (await dialog.showMessageBox(shown(), question)).response,
    call: (channel, request) => core.call(channel, request),
    hide() {
      background.enter();
      window?.hide();
    },
    show() {
      background.leave();
      if (window !== null) raiseWindow(window);
    },
    quit: () => app.quit(),
  });

  // Tells of its start at once: what listens must be there.
  const core: Core = startCore({ program: path.join(dist, 'core-process.mjs'), onEvent });
  protocol.handle(scheme, createContentHandler({ root: path.join(dist, 'renderer'), picture: core.picture }));

  async function ask<
    C extends 'app.state' | 'settings.get' | 'settings.folders' | 'training.queue' | 'experiments.list',
  >(channel: C): Promise<AnswerOf<C> | null> {
    const answer = await core.call(channel, {});
    return answer.ok ? (answer.value as AnswerOf<C>) : null;
  }

  async function refresh(): Promise<void> {
    const [state, settings, queue] = await Promise.all([
      ask('app.state'),
      ask('settings.get'),
      ask('training.queue'),
      refreshExperiments(),
    ]);
    if (settings !== null) nativeTheme.themeSource = settings.appearance;
    if (queue !== null) watch.set(queue);
    if (state === null) return;
    recentRuns = state.recentRuns;
    setMenu();
  }

  async function refreshExperiments(): Promise<void> {
    const cards = await ask('experiments.list');
    if (cards !== null) watch.setExperiments(cards);
  }

  function onEvent(event: AppEvent): void {
    toWindow(channels.event, event);
    watch.onEvent(event);
    if (event.event === 'settings.changed') nativeTheme.themeSource = event.payload.appearance;
    const runsChanged = event.event === 'library.changed' && event.payload.what === 'runs';
    const coreIsBack = event.event === 'core.state' && event.payload.state === 'running';
    if (runsChanged || coreIsBack) void refresh();
    else if (event.event === 'library.changed' && event.payload.what === 'experiments') void refreshExperiments();
  }

  async function showAbout(): Promise<void> {
    const { electron, chrome } = process.versions;
    const message = `${app.getName()} ${app.getVersion()}`;
    const detail = aboutText(await ask('app.state'), { electron, chromium: chrome });
    await dialog.showMessageBox(shown(), { type: 'info', title: message, message, detail, buttons: ['OK'] });
  }

  async function openDataset(): Promise<void> {
    const folder = await dialogs.chooseFolder('Open a folder of images');
    if (folder !== null) command({ command: 'open-dataset', path: folder });
  }

  async function openLogs(): Promise<void> {
    const folders = await ask('settings.folders');
    await shell.openPath(folders?.logs ?? app.getPath('userData'));
  }

  function setMenu(): void {
    const state = { platform: process.platform, appName: app.getName(), recentRuns, development: !app.isPackaged };
    const template = menuTemplate(state, {
      openDataset: () => void openDataset(),
      openRun: (run) => command({ command: 'open-run', run }),
      go: (page) => command({ command: 'go', page }),
      about: () => void showAbout(),
      openLogs: () => void openLogs(),
    });
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  }

  const dialogs = createDialogs(dialog, shown);
  registerIpc(ipcMain, {
    ...dialogs,
    call: core.call,
    reveal(file) {
      if (path.isAbsolute(file)) shell.showItemInFolder(file);
    },
    async openLink(url) {
      if (!isListedLink(url)) return false;
      await shell.openExternal(url);
      return true;
    },
  });

  setMenu();
  window = openWindow({ preload: path.join(dist, 'electron/preload.cjs'), mayClose: () => closing.mayClose() });
  window.on('closed', () => (window = null));
  app.on('second-instance', () => closing.show());
  app.on('activate', () => closing.show());
  app.on('window-all-closed', () => app.quit());

  let coreStopped = false;
  app.on('will-quit', (event) => {
    if (coreStopped) return;
    event.preventDefault();
    void core.stop().finally(() => {
      coreStopped = true;
      app.quit();
    });
  });
}

if (app.requestSingleInstanceLock()) {
  app.whenReady().then(start, (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    app.exit(1);
  });
} else app.quit();
