/**
 * What the stand-in executable runs, with Electron's own command line: maps the module `electron`, requires what `-r` names, imports
 * the app's main file and starts Chromium; `ready` comes when both are there.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import Module, { createRequire, register } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromiumSwitches, theApp } from './api/app.ts';
import { endUtilityProcesses } from './api/utility-process.ts';
import { closeOpenedPages } from './api/web-contents.ts';
import { startChromium } from './connection.ts';
import * as electron from './electron.ts';
import { runtime } from './runtime.ts';

const here = path.dirname(fileURLToPath(import.meta.url));

/** For `require` (Playwright's loader and its calls) and for `import` (the app). */
function mapElectron(): void {
  const loader = Module as unknown as { _load: (name: string, ...rest: unknown[]) => unknown };
  const load = loader._load.bind(Module);
  const whole = { ...electron };
  loader._load = (name, ...rest) => (name === 'electron' ? whole : load(name, ...rest));
  Object.assign(globalThis, { electronStandIn: whole });
  const names = Object.keys(whole).map((name) => `export const ${name} = globalThis.electronStandIn.${name};`);
  const address = `data:text/javascript,${encodeURIComponent(names.join('\n'))}`;
  const hook = `export const resolve = (name, context, next) =>
    name === 'electron' ? { url: ${JSON.stringify(address)}, shortCircuit: true } : next(name, context);`;
  register(`data:text/javascript,${encodeURIComponent(hook)}`);
}

/** Takes Electron's own words off; returns the folder of the app. */
function readCommandLine(words: string[]): { required: string[]; folder: string } {
  const required: string[] = [];
  let folder = '.';
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const [, name, value = ''] = /^--([^=]+)=?(.*)$/.exec(word) ?? [];
    if (word === '-r') required.push(words[++i] ?? '');
    else if (name === undefined) folder = word;
    else if (!/^(inspect|remote-debugging-port|no-sandbox)$/.test(name)) theApp.commandLine.appendSwitch(name, value);
  }
  return { required, folder: path.resolve(folder) };
}

async function start(): Promise<void> {
  const words = process.argv.slice(2);
  const { required, folder } = readCommandLine(words);
  process.argv = [process.argv[0] ?? '', ...words];
  Object.assign(process.versions, { electron: '45.0.0', chrome: '0.0.0.0' });
  Object.assign(process, { type: 'browser', resourcesPath: here });
  theApp.folder = folder;
  // The two worlds of a page find one another by this name, which the page's own scripts do not know.
  const secret = `const secret = ${JSON.stringify(randomUUID())};`;
  const script = (name: string): string => `${secret}\n${readFileSync(path.join(here, `${name}.js`), 'utf8')}`;
  runtime.pageScripts = { mainWorld: script('main-world'), preloadWorld: script('preload-world') };
  mapElectron();
  for (const file of required) createRequire(import.meta.url)(file);
  const program = process.env['ELECTRON_ON_CHROMIUM'] ?? '/usr/bin/chromium';
  await import(pathToFileURL(path.join(folder, theApp.description().main)).href);
  const chromium = startChromium(program, chromiumSwitches());
  let leaving = false;
  theApp.leave = async (code) => {
    leaving = true;
    endUtilityProcesses();
    await chromium.stop();
    process.exit(code);
  };
  process.on('exit', () => {
    endUtilityProcesses();
    chromium.kill();
  });
  void chromium.gone.then(() => {
    if (!leaving) process.exit(1);
  });
  await chromium.connection.browser.send('Browser.getVersion');
  runtime.connection = chromium.connection;
  closeOpenedPages();
  theApp.start();
}

start().catch((error: unknown) => {
  process.stderr.write(`${String(error instanceof Error ? error.stack : error)}\n`);
  process.exit(1);
});
