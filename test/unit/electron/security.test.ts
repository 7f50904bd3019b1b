import { EventEmitter } from 'node:events';
import type { App, IpcMain, Session } from 'electron';
import { describe, expect, it } from 'vitest';
import { denyPermissions, guardContents } from '../../../electron/main/guards.ts';
import { registerIpc, type HostFunctions } from '../../../electron/main/ipc.ts';
import { isListedLink, links } from '../../../electron/main/links.ts';
import { licences } from '../../../renderer/pages/settings/licences.ts';
import { isTrustedSender } from '../../../electron/main/trust.ts';
import { safeWebPreferences } from '../../../electron/main/web-preferences.ts';
import { channels } from '../../../electron/channels.ts';

const own = { url: 'app://bundle/index.html#/runs', parent: null };

describe('senders', () => {
  it('are the top frame of our own page alone', () => {
    expect(isTrustedSender(own)).toBe(true);
    expect(isTrustedSender({ url: own.url, parent: own })).toBe(false);
    expect(isTrustedSender({ url: 'data:text/html,x', parent: null })).toBe(false);
    expect(isTrustedSender({ url: 'app://bundle.evil/', parent: null })).toBe(false);
    expect(isTrustedSender({ url: '', parent: null })).toBe(false);
    expect(isTrustedSender(null)).toBe(false);
  });
});

describe('ipc', () => {
  type Handler = (event: object, ...values: unknown[]) => unknown;
  const handlers = new Map<string, Handler>();
  const done: string[] = [];
  const note =
    (name: string) =>
    (...values: unknown[]) => {
      done.push(`${name} ${JSON.stringify(values)}`);
      return Promise.resolve(null as never);
    };
  const host: HostFunctions = {
    call: note('call'),
    chooseFolder: note('chooseFolder'),
    chooseFiles: note('chooseFiles'),
    saveFile: note('saveFile'),
    reveal: (file) => void done.push(`reveal ${file}`),
    openLink: note('openLink'),
  };
  registerIpc({ handle: (name: string, handler: Handler) => handlers.set(name, handler) } as unknown as IpcMain, host);
  const send = (channel: string, senderFrame: object | null, ...values: unknown[]) =>
    Promise.resolve(handlers.get(channel)?.({ senderFrame }, ...values));

  it('has a handler for every channel that the window sends', () => {
    const { event, command, ...asked } = channels;
    expect([event, command].some((channel) => handlers.has(channel))).toBe(false);
    expect([...handlers.keys()].sort()).toEqual(Object.values(asked).sort());
  });

  it('does nothing for a forged sender, on any channel', async () => {
    const before = done.length;
    const forged = [null, { url: own.url, parent: own }, { url: 'https://evil.example/', parent: null }];
    for (const frame of forged) {
      expect(await send(channels.call, frame, 'settings.get', {})).toMatchObject({ ok: false, code: 'host/forged' });
      for (const channel of [...handlers.keys()].filter((name) => name !== channels.call)) {
        await expect(send(channel, frame, '/etc', 'pictures')).rejects.toThrow('may not call');
      }
    }
    expect(done.length).toBe(before);
  });

  it('passes on what it understands, and refuses the rest', async () => {
    await send(channels.call, own, 'settings.get', { a: 1 });
    expect(done.at(-1)).toBe('call ["settings.get",{"a":1}]');
    const before = done.length;
    const bad = { ok: false, code: 'host/bad-request' };
    expect(await send(channels.call, own, 'no.such.channel', {})).toMatchObject(bad);
    expect(await send(channels.call, own, 7)).toMatchObject(bad);
    await expect(send(channels.chooseFiles, own, 'title', 'programs')).rejects.toThrow('not understood');
    await expect(send(channels.reveal, own, { path: '/' })).rejects.toThrow('not understood');
    await expect(send(channels.reveal, own, '/a', 'too many')).rejects.toThrow('not understood');
    expect(done.length).toBe(before);
  });
});

describe('guards', () => {
  it('deny other addresses, windows and embedded pages to every page', () => {
    const app = new EventEmitter();
    guardContents(app as unknown as App);
    const state = { open: null as (() => object) | null };
    const contents = Object.assign(new EventEmitter(), {
      setWindowOpenHandler: (handler: () => object) => (state.open = handler),
    });
    app.emit('web-contents-created', {}, contents);
    const prevented = (name: string, url: string): boolean => {
      const event = { url, stopped: false, preventDefault: () => (event.stopped = true) };
      contents.emit(name, event, url);
      return event.stopped;
    };
    for (const name of ['will-navigate', 'will-redirect']) {
      expect(prevented(name, 'https://example.com/')).toBe(true);
      expect(prevented(name, 'file:///etc/passwd')).toBe(true);
      expect(prevented(name, 'app://bundle.evil/')).toBe(true);
      expect(prevented(name, 'app://bundle/index.html')).toBe(false);
    }
    expect(prevented('will-attach-webview', '')).toBe(true);
    expect(state.open?.()).toEqual({ action: 'deny' });
  });

  it('deny every permission, asked for or looked up', () => {
    const given: Record<string, (...values: never[]) => unknown> = {};
    denyPermissions({
      setPermissionRequestHandler: (handler: never) => (given['request'] = handler),
      setPermissionCheckHandler: (handler: never) => (given['check'] = handler),
    } as unknown as Session);
    const answers: boolean[] = [];
    const done = (granted: boolean) => answers.push(granted);
    given['request']?.(null as never, 'media' as never, done as never);
    expect(answers).toEqual([false]);
    expect(given['check']?.(null as never, 'media' as never)).toBe(false);
  });

  it('open exactly the pages that the About page links to', () => {
    expect([...links].sort()).toEqual(licences.map(({ page }) => page).sort());
  });

  it('let only listed https pages open', () => {
    for (const link of links) {
      expect(link).toMatch(/^https:\/\//);
      expect(isListedLink(link)).toBe(true);
    }
    const [first = ''] = links;
    const refused = [`${first}x`, first.replace('https', 'http'), first.replace('//', '//user@'), 'file:///', '', null];
    expect(refused.map(isListedLink)).toEqual(refused.map(() => false));
  });
});

describe('web preferences', () => {
  it('are safe, each of them written out', () => {
    expect(safeWebPreferences('/preload.cjs', true)).toEqual({
      preload: '/preload.cjs',
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      enableBlinkFeatures: '',
      webviewTag: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
      spellcheck: false,
      devTools: false,
      backgroundThrottling: false,
    });
  });
});
