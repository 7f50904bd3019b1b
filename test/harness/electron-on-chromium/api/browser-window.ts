/** `BrowserWindow`: bounds and visibility are remembered, not shown: Chromium runs without a screen. */
import { EventEmitter } from 'node:events';
import { provided } from '../provided.ts';
import { emitPreventable } from './preventable.ts';
import { WebContents, type WebPreferences } from './web-contents.ts';

interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface WindowOptions extends Partial<Bounds> {
  readonly show?: boolean;
  readonly webPreferences?: WebPreferences;
}

const windows = new Set<BrowserWindowClass>();

/** Told when the last one has closed; set by `app`. */
export const allClosed = new EventEmitter();

class BrowserWindowClass extends EventEmitter {
  readonly webContents: WebContents;
  private bounds: Bounds;
  private visible: boolean;
  private maximized = false;
  private minimized = false;
  private destroyed = false;

  constructor(options: WindowOptions = {}) {
    super();
    const { x = 0, y = 0, width = 800, height = 600, show = true } = options;
    this.bounds = { x, y, width, height };
    this.visible = show;
    const contents = new WebContents(options.webPreferences ?? {}, { width, height });
    this.webContents = provided('webContents', contents);
    contents.closeWindow = () => this.close();
    contents.once('did-finish-load', () => this.emit('ready-to-show'));
    const self = provided('BrowserWindow', this);
    windows.add(self);
    return self;
  }

  static getAllWindows(): BrowserWindowClass[] {
    return [...windows];
  }

  static fromWebContents(contents: WebContents): BrowserWindowClass | null {
    return [...windows].find((window) => window.webContents.id === contents.id) ?? null;
  }

  loadURL(url: string): Promise<void> {
    return this.webContents.loadURL(url);
  }

  close(): void {
    if (this.destroyed) return;
    if (!emitPreventable(this, 'close', {})) this.destroy();
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    for (const window of windows) if (window.webContents.id === this.webContents.id) windows.delete(window);
    this.webContents.destroy();
    this.emit('closed');
    if (windows.size === 0) allClosed.emit('all-closed');
  }

  isDestroyed = (): boolean => this.destroyed;
  show = (): void => void (this.visible = true);
  hide = (): void => void (this.visible = false);
  focus = (): void => undefined;
  restore = (): void => void (this.minimized = false);
  minimize = (): void => void (this.minimized = true);
  maximize = (): void => void (this.maximized = true);
  isVisible = (): boolean => this.visible;
  isMinimized = (): boolean => this.minimized;
  isMaximized = (): boolean => this.maximized;
  isFullScreen = (): boolean => false;
  getNormalBounds = (): Bounds => this.bounds;
  setBackgroundColor = (): void => undefined;
  setProgressBar = (): void => undefined;

  setBounds(bounds: Partial<Bounds>): void {
    this.bounds = { ...this.bounds, ...bounds };
    this.emit('resize');
  }
}

export const BrowserWindow = BrowserWindowClass;
