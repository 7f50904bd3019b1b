/** The desktop application as it is: the real main process, preload and page. See the harness for what this does not cover. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listDevices } from '../../core/index.ts';
import { callFrom, prepareDesktop, startDesktop, whyNot, type Desktop, type PageWindow } from './desktop-app.ts';

describe.skipIf(whyNot !== null)(`desktop shell${whyNot === null ? '' : ` (${whyNot})`}`, () => {
  let desktop: Desktop;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'triangle-spec-'));
    await prepareDesktop();
    desktop = await startDesktop();
  });
  afterAll(async () => {
    await desktop.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('exposes exactly these functions to the page', async () => {
    const keys = await desktop.page.evaluate(() => {
      const { triangle } = globalThis as unknown as PageWindow;
      return Object.entries(triangle).map(([name, value]) => `${name}: ${typeof value}`);
    });
    expect(keys).toEqual([
      'call: function',
      'onEvent: function',
      'onCommand: function',
      'pathOf: function',
      'chooseFolder: function',
      'chooseFiles: function',
      'saveFile: function',
      'reveal: function',
      'openLink: function',
    ]);
  });

  it('has a bridge that the page cannot change, and nothing of Node', async () => {
    const found = await desktop.page.evaluate(() => {
      const window = globalThis as unknown as Record<string, unknown>;
      const attempt = (change: () => void): boolean => {
        try {
          change();
          return true;
        } catch {
          return false;
        }
      };
      return {
        replaced: attempt(() => Object.defineProperty(window, 'triangle', { value: 1 })),
        extended: attempt(() => Object.defineProperty(window['triangle'], 'more', { value: 1 })),
        types: ['require', 'process', 'module', 'Buffer', 'electron', 'ipcRenderer'].map((name) => typeof window[name]),
      };
    });
    expect(found.replaced).toBe(false);
    expect(found.extended).toBe(false);
    expect(new Set(found.types)).toEqual(new Set(['undefined']));
  });

  it('carries calls to the core and back, and errors with their codes', async () => {
    const settings = await desktop.call('settings.get', {});
    expect(settings.appearance).toBe('system');
    const { version } = await desktop.call('app.state', {});
    expect(version).toBe(await desktop.app.evaluate(({ app }) => app.getVersion()));
    expect(await callFrom(desktop.page, 'settings.get', { a: 1 })).toMatchObject({
      ok: false,
      code: 'contract/request',
    });
    expect(await callFrom(desktop.page, 'no.such', {})).toMatchObject({ ok: false, code: 'host/bad-request' });
  });

  it('tests devices in processes of their own, which the main process starts for the core', async () => {
    const { devices, auto } = await desktop.call('settings.devices', {});
    expect(auto).not.toBeNull();
    // The command line, which starts Node for them, finds the same.
    const found = (all: readonly { name: string; available: boolean; why: string | null }[]) =>
      all.map(({ name, available, why }) => ({ name, available, why }));
    expect(found(devices)).toEqual(found(await listDevices()));
  });

  it('delivers 300 events in order, typed arrays as such, without the event object', async () => {
    await desktop.page.evaluate(() => {
      const seen: string[] = [];
      Object.assign(globalThis, { seen });
      (globalThis as unknown as PageWindow).triangle.onEvent((...values: unknown[]) => {
        const { event, i, values: numbers } = values[0] as { event: string; i: number; values: Float32Array };
        if (event === 'spec') seen.push(`${i} ${values.length} ${numbers.constructor.name} ${numbers.join()}`);
      });
    });
    await desktop.app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      for (let i = 0; i < 300; i++) {
        window?.webContents.send('triangle:event', { event: 'spec', i, values: Float32Array.of(i, 0.5) });
      }
    });
    const seen = () => desktop.page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);
    await expect.poll(async () => (await seen()).length, { timeout: 20_000 }).toBe(300);
    expect(await seen()).toEqual(Array.from({ length: 300 }, (_, i) => `${i} 1 Float32Array ${i},0.5`));
  });

  it('refuses a page that is not ours, though it has the bridge', async () => {
    const answer = await desktop.app.evaluate(async ({ app, BrowserWindow }) => {
      const preload = `${app.getAppPath()}/dist/electron/preload.cjs`;
      const window = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
      await window.loadURL('data:text/html,<p>foreign</p>');
      const ask = "triangle.call('settings.get', {})";
      const reveal = "triangle.reveal('/').then(() => 'done', (error) => error.message)";
      const answers: unknown[] = [];
      for (const script of [ask, reveal]) answers.push(await window.webContents.executeJavaScript(script));
      window.destroy();
      return answers;
    });
    expect(answer[0]).toMatchObject({ ok: false, code: 'host/forged' });
    expect(answer[1]).toContain('may not call');
  });

  it('refuses addresses that lead out of the page', async () => {
    const addresses = ['/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json', '/..%5cpackage.json'];
    addresses.push(
      '/assets/..%2f..%2f..%2fpackage.json',
      '/index.html%00.js',
      '/electron/main.mjs',
      '/%252e%252e/package.json',
    );
    const answers = await desktop.page.evaluate(
      (all) => Promise.all(all.map(async (address) => (await fetch(address)).status)),
      addresses,
    );
    expect(answers).toEqual([404, 404, 403, 403, 403, 403, 404, 403]);
    expect(await desktop.page.evaluate(async () => (await fetch('/index.html')).status)).toBe(200);
  });

  it('stays where it is, opens no windows, gets no permissions', async () => {
    const address = () =>
      desktop.app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows().map(({ webContents }) => webContents.getURL()),
      );
    const before = await address();
    expect(before).toHaveLength(1);
    expect(before[0]).toMatch(/^app:\/\/bundle\/index\.html/);
    await desktop.app.evaluate(({ webContents }) => {
      const tried: string[] = [];
      Object.assign(globalThis, { tried });
      webContents.getAllWebContents()[0]?.on('will-navigate', (event) => tried.push(event.url));
    });
    await desktop.page.evaluate(() => {
      (globalThis as unknown as { location: { href: string } }).location.href = 'https://example.com/';
    });
    const tried = () => desktop.app.evaluate(() => (globalThis as unknown as { tried: string[] }).tried);
    await expect.poll(tried).toEqual(['https://example.com/']);
    const opened = await desktop.page.evaluate(
      () => (globalThis as unknown as { open: (url: string) => unknown }).open('https://example.com/') !== null,
    );
    expect(opened).toBe(false);
    const permissions = await desktop.page.evaluate(async () => {
      const { permissions: all } = (
        globalThis as unknown as {
          navigator: { permissions: { query: (what: object) => Promise<{ state: string }> } };
        }
      ).navigator;
      const names = ['geolocation', 'notifications', 'camera', 'microphone'];
      return Promise.all(names.map(async (name) => (await all.query({ name })).state));
    });
    expect(new Set(permissions)).toEqual(new Set(['denied']));
    expect(await address()).toEqual(before);
    expect(desktop.app.windows()).toHaveLength(1);
    const prevented = await desktop.app.evaluate(({ webContents }) => {
      let count = 0;
      const [contents] = webContents.getAllWebContents();
      contents?.emit('will-attach-webview', { preventDefault: () => (count += 1) }, {}, {});
      return count;
    });
    expect(prevented).toBe(1);
  });

  it('has a policy that stops eval, inline scripts and other hosts', async () => {
    const outcome = await desktop.page.evaluate(async () => {
      interface Made {
        textContent: string;
        src: string;
        onload: () => void;
        onerror: () => void;
      }
      const page = globalThis as unknown as {
        document: { createElement: (name: string) => Made; head: { append: (made: Made) => void } };
        ran?: boolean;
      };
      // Inside a timer: what the debugger evaluates is let through.
      const evaluated = await new Promise<string>((resolve) => {
        setTimeout(() => {
          try {
            resolve(String((globalThis as unknown as { eval: (text: string) => number }).eval('1 + 1')));
          } catch (error) {
            resolve((error as Error).name);
          }
        }, 0);
      });
      const script = page.document.createElement('script');
      script.textContent = 'globalThis.ran = true';
      page.document.head.append(script);
      const image = page.document.createElement('img');
      const loaded = new Promise<boolean>((resolve) => {
        image.onload = () => resolve(true);
        image.onerror = () => resolve(false);
      });
      image.src = 'https://example.com/picture.png';
      return { evaluated, inline: page.ran === true, image: await loaded };
    });
    expect(outcome).toEqual({ evaluated: 'EvalError', inline: false, image: false });
  });

  it('tells the real path of a file that a person gives', async () => {
    const file = path.join(folder, 'picture one.png');
    writeFileSync(file, 'no picture');
    await desktop.page.evaluate(() => {
      const { document } = globalThis as unknown as {
        document: { body: { insertAdjacentHTML: (...words: string[]) => void } };
      };
      document.body.insertAdjacentHTML('beforeend', '<input type="file" id="spec-file">');
    });
    await desktop.page.setInputFiles('#spec-file', file);
    const paths = await desktop.page.evaluate(() => {
      const page = globalThis as unknown as PageWindow & {
        document: { getElementById: (id: string) => { files: File[]; remove: () => void } };
      };
      const input = page.document.getElementById('spec-file');
      const found = [page.triangle.pathOf(input.files[0] as File), page.triangle.pathOf(new File(['x'], 'made.png'))];
      input.remove();
      return found;
    });
    expect(paths).toEqual([file, '']);
  });

  it('opens listed pages alone, in the system’s browser', async () => {
    await desktop.app.evaluate(({ shell }) => {
      const opened: string[] = [];
      Object.assign(globalThis, { opened });
      shell.openExternal = (url) => Promise.resolve(void opened.push(url));
    });
    const open = (url: string) =>
      desktop.page.evaluate((address) => (globalThis as unknown as PageWindow).triangle.openLink(address), url);
    expect(await open('https://onnxruntime.ai/')).toBe(true);
    expect(await open('https://onnxruntime.ai/more')).toBe(false);
    expect(await open('file:///etc/passwd')).toBe(false);
    const opened = await desktop.app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened);
    expect(opened).toEqual(['https://onnxruntime.ai/']);
  });

  it('has native dialogs and a menu that speaks to the page', async () => {
    await desktop.app.evaluate(({ dialog }, chosen) => {
      const said: string[] = [];
      Object.assign(globalThis, { said });
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] });
      dialog.showSaveDialog = () => Promise.resolve({ canceled: true, filePath: '' });
      dialog.showMessageBox = (_window: unknown, options?: { detail?: string }) => {
        said.push(options?.detail ?? '');
        return Promise.resolve({ response: 0, checkboxChecked: false });
      };
    }, folder);
    const { page } = desktop;
    const bridge = (name: 'chooseFolder' | 'saveFile') =>
      page.evaluate((key) => (globalThis as unknown as PageWindow).triangle[key]('Title', 'name.csv'), name);
    expect(await bridge('chooseFolder')).toBe(folder);
    expect(await bridge('saveFile')).toBeNull();
    const click = (id: string) =>
      desktop.app.evaluate(({ Menu }, item) => {
        const found = Menu.getApplicationMenu()?.getMenuItemById(item);
        (found?.click as (() => void) | undefined)?.();
        return found !== undefined && found !== null;
      }, id);
    for (const [id, hash] of [
      ['go-runs', '#/runs'],
      ['go-settings', '#/settings'],
    ] as const) {
      expect(await click(id)).toBe(true);
      await page.waitForFunction(
        (wanted) => (globalThis as unknown as { location: { hash: string } }).location.hash === wanted,
        hash,
      );
    }
    await click('about');
    await expect
      .poll(() => desktop.app.evaluate(() => (globalThis as unknown as { said: string[] }).said.join()))
      .toContain('Device:');
  });

  it('follows the chosen appearance', async () => {
    const dark = () =>
      desktop.page.evaluate(
        () =>
          (globalThis as unknown as { matchMedia: (query: string) => { matches: boolean } }).matchMedia(
            '(prefers-color-scheme: dark)',
          ).matches,
      );
    for (const appearance of ['dark', 'light'] as const) {
      await desktop.call('settings.set', { appearance });
      await expect.poll(dark).toBe(appearance === 'dark');
    }
  });

  it('survives the death of the core', async () => {
    const { page, app } = desktop;
    await page.evaluate(() => {
      const states: string[] = [];
      Object.assign(globalThis, { states });
      (globalThis as unknown as PageWindow).triangle.onEvent((event) => {
        if (event.event === 'core.state') states.push(event.payload.state);
      });
    });
    const pid = () =>
      app.evaluate(({ app: main }) => main.getAppMetrics().find(({ name }) => name?.includes('desk'))?.pid ?? 0);
    const first = await pid();
    expect(first).toBeGreaterThan(0);
    process.kill(first, 'SIGKILL');
    const states = () => page.evaluate(() => (globalThis as unknown as { states: string[] }).states.join(' '));
    await expect.poll(states, { timeout: 20_000 }).toBe('died starting running');
    expect(await desktop.call('settings.get', {})).toMatchObject({ appearance: 'light' });
    expect(await pid()).not.toBe(first);
  });
});
