/** `app`: readiness after the entry module, quitting as Electron orders it, paths from `--user-data-dir`. */
import { EventEmitter } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { provided } from '../provided.ts';
import { allClosed, BrowserWindow } from './browser-window.ts';
import { emitPreventable } from './preventable.ts';
import { utilityMetrics } from './utility-process.ts';
import { created } from './web-contents.ts';

interface Package {
  readonly productName?: string;
  readonly name: string;
  readonly version: string;
  readonly main: string;
}

const switches = new Map<string, string>();
let resolveUp: (value: undefined) => void = () => undefined;
const isUp = new Promise<undefined>((resolve) => (resolveUp = resolve));

class App extends EventEmitter {
  readonly isPackaged = false;
  /** Set by start.ts: ends Chromium, then this process. */
  leave: (code: number) => Promise<void> = () => Promise.resolve();
  folder = '';
  private up = false;
  private name = '';
  private quitting = false;

  readonly commandLine = provided('app.commandLine', {
    appendSwitch: (name: string, value = ''): void => void switches.set(name, value),
    hasSwitch: (name: string): boolean => switches.has(name),
    getSwitchValue: (name: string): string => switches.get(name) ?? '',
  });

  constructor() {
    super();
    created.on('web-contents-created', (contents) => this.emit('web-contents-created', {}, contents));
    allClosed.on('all-closed', () => {
      if (this.quitting) return;
      // Electron quits by itself when nobody listens.
      if (!this.emit('window-all-closed')) this.quit();
    });
  }

  /** The program's package.json. */
  description = (): Package => JSON.parse(readFileSync(path.join(this.folder, 'package.json'), 'utf8')) as Package;
  getName = (): string => this.name || (this.description().productName ?? this.description().name);
  setName = (name: string): void => void (this.name = name);
  getVersion = (): string => this.description().version;
  getAppPath = (): string => this.folder;
  getLocale = (): string => 'en-US';
  setAppUserModelId = (): void => undefined;
  enableSandbox = (): void => undefined;
  requestSingleInstanceLock = (): boolean => true;
  isReady = (): boolean => this.up;
  whenReady = (): Promise<undefined> => isUp;
  focus = (): void => undefined;
  getAppMetrics = utilityMetrics;

  getPath(name: string): string {
    const userData = switches.get('user-data-dir') ?? path.join(tmpdir(), 'electron-on-chromium-user-data');
    // Electron makes this one.
    mkdirSync(userData, { recursive: true });
    const paths: Readonly<Record<string, string>> = {
      userData,
      home: homedir(),
      temp: tmpdir(),
      logs: `${userData}/logs`,
    };
    const found = paths[name];
    if (found === undefined) throw new Error(`The harness does not provide app.getPath('${name}').`);
    return found;
  }

  /** The entry module has been evaluated and Chromium runs. */
  start(): void {
    this.up = true;
    this.emit('ready', {}, {});
    resolveUp(undefined);
  }

  quit(): void {
    if (this.quitting) return;
    if (emitPreventable(this, 'before-quit', {})) return;
    this.quitting = true;
    for (const window of BrowserWindow.getAllWindows()) window.close();
    if (BrowserWindow.getAllWindows().length > 0) {
      this.quitting = false;
      return;
    }
    this.quitting = !emitPreventable(this, 'will-quit', {});
    if (this.quitting) this.exit(0);
  }

  exit(code = 0): void {
    this.emit('quit', {}, code);
    void this.leave(code);
  }
}

/** Without the proxy: start.ts uses what Electron has not. */
export const theApp = new App();
export const app = provided('app', theApp);

/** `name=value` as Chromium takes them; `--user-data-dir` is the app's own here. */
export const chromiumSwitches = (): string[] =>
  [...switches]
    .filter(([name]) => name !== 'user-data-dir')
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`));
