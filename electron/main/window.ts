/** The one window: opened where it was, shown when its page is there, loaded again when its process dies. */
import path from 'node:path';
import { app, BrowserWindow, nativeTheme, screen } from 'electron';
import { startPage } from './addresses.ts';
import { safeWebPreferences } from './web-preferences.ts';
import { minimumSize, placeWindow, readWindowState, writeWindowState, type Area } from './window-state.ts';

/** The page's own background, so that nothing flashes before it is drawn. */
const background = (): string => (nativeTheme.shouldUseDarkColors ? '#15171a' : '#ffffff');

const workAreas = (): [Area, ...Area[]] => [
  screen.getPrimaryDisplay().workArea,
  ...screen.getAllDisplays().map((display) => display.workArea),
];

/** A page that dies at once, again and again, is left alone. */
const leastSecondsBetweenReloads = 10;

export interface WindowOptions {
  readonly preload: string;
  /** Whether the window may close now. */
  readonly mayClose: () => boolean;
}

export function openWindow({ preload, mayClose }: WindowOptions): BrowserWindow {
  const stateFile = path.join(app.getPath('userData'), 'window.json');
  const state = readWindowState(stateFile);
  const window = new BrowserWindow({
    ...placeWindow(state, workAreas()),
    minWidth: minimumSize.width,
    minHeight: minimumSize.height,
    show: false,
    title: app.getName(),
    backgroundColor: background(),
    webPreferences: safeWebPreferences(preload, app.isPackaged),
  });
  if (state?.maximized === true) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', (event) => {
    writeWindowState(stateFile, { ...window.getNormalBounds(), maximized: window.isMaximized() });
    if (!mayClose()) event.preventDefault();
  });
  nativeTheme.on('updated', () => {
    if (!window.isDestroyed()) window.setBackgroundColor(background());
  });
  let lastReload = 0;
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    const now = Date.now();
    if (reason === 'clean-exit' || now - lastReload < 1000 * leastSecondsBetweenReloads) return;
    lastReload = now;
    window.webContents.reload();
  });
  window.loadURL(startPage).catch((error: unknown) => {
    process.stderr.write(`The window's page could not be loaded: ${String(error)}\n`);
  });
  return window;
}

/** Brings the window to the front, from wherever it was. */
export function raiseWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
