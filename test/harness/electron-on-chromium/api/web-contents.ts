/** `WebContents`: one page of Chromium with the app's guards, its preload in an isolated world, and IPC as structured clone. */
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { openQuestion, toChromium, toElectron } from '../addresses.ts';
import type { Session } from '../connection.ts';
import { provided } from '../provided.ts';
import { clone, connection, runtime } from '../runtime.ts';
import { invoke, ipcMain } from './ipc-main.ts';
import { emitPreventable } from './preventable.ts';
import { serve, type PausedRequest } from './protocol.ts';
import { applyPermissions } from './session.ts';

export interface WebPreferences {
  readonly preload?: string;
}

interface Frame {
  url: string;
  readonly parent: null;
  readonly top: Frame;
}

interface Context {
  readonly id: number;
  readonly name: string;
  readonly auxData: { readonly frameId: string };
}

interface CallFrame {
  readonly callFrameId: string;
  readonly functionName: string;
}

type OpenHandler = (details: { readonly url: string }) => { readonly action: 'allow' | 'deny' };

const worldName = 'electron-preload';
export const contentsById = new Map<number, WebContents>();
let lastId = 0;

/** In place of `app`, which imports this file. */
export const created = new EventEmitter();

export class WebContents extends EventEmitter {
  readonly id = ++lastId;
  readonly mainFrame: Frame;
  targetId = '';
  /** Set by the window: Electron closes it, not the page alone. */
  closeWindow: () => void = () => undefined;
  readonly ready: Promise<void>;
  private session: Session | null = null;
  private preloadContext: number | null = null;
  private ownNavigation = '';
  private openHandler: OpenHandler = () => ({ action: 'allow' });
  private destroyed = false;
  private readonly preferences: WebPreferences;

  constructor(preferences: WebPreferences, size: { width: number; height: number }) {
    super();
    this.preferences = preferences;
    const frame: { url: string; parent: null; top: Frame | null } = { url: '', parent: null, top: null };
    frame.top = frame as Frame;
    this.mainFrame = frame as Frame;
    contentsById.set(this.id, this);
    this.ready = this.attach(size);
    created.emit('web-contents-created', this);
  }

  private async attach(size: { width: number; height: number }): Promise<void> {
    const { browser } = connection();
    const { targetId } = await browser.send<{ targetId: string }>('Target.createTarget', {
      url: 'about:blank',
      newWindow: true,
      ...size,
    });
    this.targetId = targetId;
    const attached = { targetId, flatten: true };
    const { sessionId } = await browser.send<{ sessionId: string }>('Target.attachToTarget', attached);
    const session = connection().session(sessionId);
    this.session = session;
    this.listen(session);
    await session.send('Page.enable');
    await session.send('Runtime.enable');
    await session.send('Debugger.enable');
    await session.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] });
    await session.send('Runtime.addBinding', { name: 'electronToMain', executionContextName: worldName });
    await this.addScripts(session);
    await this.applyTheme();
    await applyPermissions(this);
  }

  private async addScripts(session: Session): Promise<void> {
    const { preload } = this.preferences;
    if (preload === undefined) return;
    const { mainWorld, preloadWorld } = runtime.pageScripts;
    const text = `const preload = (require, module, exports, process) => {${readFileSync(preload, 'utf8')}\n};`;
    await session.send('Page.addScriptToEvaluateOnNewDocument', { source: `(() => {${mainWorld}\n})();` });
    const source = `(() => {${text}\n${preloadWorld}\n})();`;
    await session.send('Page.addScriptToEvaluateOnNewDocument', { source, worldName });
  }

  private listen(session: Session): void {
    session.listen('Fetch.requestPaused', (paused: PausedRequest) => this.onRequest(session, paused));
    session.listen('Runtime.executionContextCreated', ({ context }: { context: Context }) => {
      if (context.name === worldName && context.auxData.frameId === this.targetId) this.preloadContext = context.id;
    });
    session.listen('Runtime.bindingCalled', ({ payload }: { payload: string }) => void this.onIpc(payload));
    session.listen('Page.frameNavigated', ({ frame }: { frame: { parentId?: string; url: string } }) => {
      if (frame.parentId === undefined) this.mainFrame.url = toElectron(frame.url);
    });
    session.listen('Page.loadEventFired', () => {
      if (this.mainFrame.url !== 'about:blank') this.emit('did-finish-load');
    });
    session.listen('Debugger.paused', ({ callFrames }: { callFrames: CallFrame[] }) => {
      void this.onPause(session, callFrames[0]);
    });
    session.listen('Inspector.targetCrashed', () => this.emit('render-process-gone', {}, { reason: 'crashed' }));
  }

  private onRequest(session: Session, paused: PausedRequest): void {
    const { url } = paused.request;
    const asked = url.indexOf(openQuestion);
    if (asked >= 0) {
      const wanted = toElectron(decodeURIComponent(url.slice(asked + openQuestion.length)));
      const body = Buffer.from(this.openHandler({ url: wanted }).action).toString('base64');
      session.tell('Fetch.fulfillRequest', { requestId: paused.requestId, responseCode: 200, body });
      return;
    }
    const own = url === this.ownNavigation;
    if (paused.resourceType === 'Document' && paused.frameId === this.targetId && !own) {
      const wanted = toElectron(url);
      if (emitPreventable(this, 'will-navigate', { url: wanted }, wanted)) {
        session.tell('Fetch.failRequest', { requestId: paused.requestId, errorReason: 'Aborted' });
        return;
      }
    }
    void serve(session, paused);
  }

  /** The preload asks for a file's path and waits: see `electronSync` in page/preload-world.ts. */
  private async onPause(session: Session, frame?: CallFrame): Promise<void> {
    if (frame?.functionName === 'electronSync') {
      const { callFrameId } = frame;
      const evaluate = async (expression: string) => {
        interface Evaluated {
          readonly result: { readonly objectId: string };
        }
        return (await session.send<Evaluated>('Debugger.evaluateOnCallFrame', { callFrameId, expression })).result;
      };
      const { path } = await session.send<{ path: string }>('DOM.getFileInfo', {
        objectId: (await evaluate('subject')).objectId,
      });
      await evaluate(`answer.value = ${JSON.stringify(path)}`);
    }
    session.tell('Debugger.resume');
  }

  private async onIpc(payload: string): Promise<void> {
    const message = clone.decode(payload) as { kind: string; id: number; channel: string; values: unknown[] };
    const { kind, id, channel, values } = message;
    const event = { sender: this, senderFrame: this.mainFrame, processId: 1, frameId: 1 };
    if (kind === 'send') {
      ipcMain.emit(channel, event, ...values);
      return;
    }
    try {
      this.deliver({ kind: 'answer', id, channel, values: [await invoke(channel, event, values)] });
    } catch (error) {
      this.deliver({ kind: 'failure', id, channel, error: String(error) });
    }
  }

  private deliver(message: object): void {
    if (this.session === null || this.preloadContext === null || this.destroyed) return;
    this.session.tell('Runtime.callFunctionOn', {
      functionDeclaration: '(text) => electronFromMain(text)',
      executionContextId: this.preloadContext,
      arguments: [{ value: clone.encode(message) }],
    });
  }

  send(channel: string, ...values: unknown[]): void {
    this.deliver({ kind: 'event', channel, values });
  }

  async loadURL(url: string): Promise<void> {
    await this.ready;
    if (this.session === null) return;
    this.ownNavigation = toChromium(url);
    const loaded = new Promise((resolve) => this.once('did-finish-load', resolve));
    const { errorText } = await this.session.send<{ errorText?: string }>('Page.navigate', { url: this.ownNavigation });
    if (errorText !== undefined) throw new Error(`ERR_FAILED (-2) loading '${url}' (${errorText})`);
    await loaded;
    this.ownNavigation = '';
  }

  reload(): void {
    this.ownNavigation = toChromium(this.mainFrame.url).replace(/#.*$/, '');
    this.session?.tell('Page.reload');
  }

  async executeJavaScript(expression: string): Promise<unknown> {
    await this.ready;
    interface Evaluated {
      readonly result: { readonly value?: unknown };
      readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
    }
    const options = { expression, awaitPromise: true, returnByValue: true };
    const answer = await this.session?.send<Evaluated>('Runtime.evaluate', options);
    const thrown = answer?.exceptionDetails;
    if (thrown !== undefined) throw new Error(thrown.exception?.description ?? 'the script failed');
    return answer?.result.value;
  }

  async applyTheme(): Promise<void> {
    const value = runtime.darkMode ? 'dark' : 'light';
    await this.session?.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.openHandler = handler;
  }

  getURL(): string {
    return this.mainFrame.url;
  }

  isDestroyed(): boolean {
    return this.destroyed;
  }

  close(): void {
    this.closeWindow();
  }

  /** Not Electron's: the window has gone. */
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    contentsById.delete(this.id);
    connection().browser.tell('Target.closeTarget', { targetId: this.targetId });
    this.emit('destroyed');
  }
}

export const webContents = provided('webContents', {
  fromDevToolsTargetId: (targetId: string): WebContents | undefined =>
    [...contentsById.values()].find((contents) => contents.targetId === targetId),
  getAllWebContents: (): WebContents[] => [...contentsById.values()],
});

/** What a page opens other than by `window.open` (a link with a target) is closed: the app denies it, and Electron never makes it. */
export function closeOpenedPages(): void {
  const { browser } = connection();
  interface Created {
    readonly targetInfo: { readonly targetId: string; readonly type: string; readonly openerId?: string };
  }
  browser.listen('Target.targetCreated', ({ targetInfo: { targetId, type, openerId } }: Created) => {
    if (type === 'page' && openerId !== undefined) browser.tell('Target.closeTarget', { targetId });
  });
  browser.tell('Target.setDiscoverTargets', { discover: true });
}
