/**
 * `npm run package:check`: packs for Linux and Windows with a stand-in for Electron's binary, which needs no network, and looks at the
 * result: fuses, native libraries, whether image codec and ONNX Runtime load from beside the archive, and whether the core starts.
 * Does not cover: installers, signing, macOS, and Electron itself.
 */
import { spawn, fork } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { extractAll } from '@electron/asar';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { fuses, packageConfiguration } from './electron-builder.mjs';
import { buildAll, pack } from './package.mjs';

const work = mkdtempSync(path.join(tmpdir(), 'triangle-package-'));
const targets = [
  { name: 'linux', arch: 'x64', program: 'electron', folder: 'linux-unpacked', packed: 'triangle-studio' },
  { name: 'win', arch: 'x64', program: 'electron.exe', folder: 'win-unpacked', packed: 'Triangle Studio.exe' },
];
const onnxFolder = { linux: 'linux', win: 'win32' };

function check(condition, text) {
  if (!condition) throw new Error(text);
  console.log(`ok      ${text}`);
}

/** A folder that electron-builder takes for Electron's: a program with a wire of fuses, all off. */
function standIn({ program }) {
  const folder = path.join(work, `dist-${program}`);
  mkdirSync(path.join(folder, 'resources'), { recursive: true });
  const count = Object.keys(FuseV1Options).filter((key) => !/^\d+$/.test(key)).length;
  // Sentinel, version of the wire, its length, one byte for each fuse: as Electron's binary holds them.
  const wire = Buffer.concat([
    Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
    Buffer.from([1, count]),
    Buffer.alloc(count, FuseState.DISABLE),
  ]);
  writeFileSync(path.join(folder, program), Buffer.concat([Buffer.alloc(64), wire, Buffer.alloc(64)]), { mode: 0o755 });
  writeFileSync(path.join(folder, 'version'), 'stand-in');
  return folder;
}

/** Paths below a folder, with `/`. */
const listing = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'));

const megabytes = (files) => Math.round(files.reduce((sum, file) => sum + statSync(file).size, 0) / 1e6);

async function checkFuses(program) {
  const wire = await getCurrentFuseWire(program);
  for (const [name, wanted] of Object.entries(fuses)) {
    const key = name[0].toUpperCase() + name.slice(1);
    const state = wire[FuseV1Options[key]];
    check(state === (wanted ? FuseState.ENABLE : FuseState.DISABLE), `fuse ${key} is ${wanted ? 'on' : 'off'}`);
  }
}

/** Only the target's own libraries, and those whole: none of another system or processor. */
function checkNatives(target, resources) {
  const files = listing(resources).filter((file) => /\.(node|dll|dylib|so)(\.[\d.]+)?$/.test(file));
  const own = new RegExp(
    `/onnxruntime-node/bin/[^/]+/${onnxFolder[target.name]}/${target.arch}/|/@img/sharp(-libvips)?-${onnxFolder[target.name]}-${target.arch}/`,
  );
  const foreign = files.filter((file) => !own.test(file));
  check(
    foreign.length === 0,
    `${target.name}: no library of another system${foreign.length > 0 ? `: ${foreign.join(', ')}` : ''}`,
  );
  check(
    files.some((file) => file.endsWith('onnxruntime_binding.node')),
    `${target.name}: ONNX Runtime's library is there`,
  );
  check(
    files.every((file) => file.startsWith('app.asar.unpacked/')),
    `${target.name}: all ${files.length} lie beside the archive`,
  );
}

/** Runs Node in a folder without our node_modules above it. */
async function runNode(cwd, words) {
  const output = [];
  const child = spawn(process.execPath, words, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => output.push(data));
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`node ${words.join(' ')}\n${Buffer.concat(output)}`);
}

/** Starts a core process, asks it for its settings, and lets it end. */
async function startCore(folder) {
  const library = path.join(work, 'library');
  const words = ['--lane=desk', `--library=${library}`, `--cache=${path.join(work, 'cache')}`];
  const program = path.join(folder, 'dist/core-process.mjs');
  const child = fork(program, words, {
    cwd: folder,
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const answer = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The packed core ended with code ${code}.`)));
    child.on('message', (message) => {
      if (message.type === 'ready') child.send({ type: 'call', call: { id: 1, channel: 'app.state', request: {} } });
      if (message.type === 'answer') resolve(message.answer);
    });
  });
  child.send({ type: 'close' });
  await ended;
  return answer;
}

async function checkTarget(target) {
  const output = path.join(work, 'packages');
  const options = { [target.name]: ['dir'], [target.arch]: true };
  await pack(options, {
    directories: { output, buildResources: 'build/icons' },
    electronDist: standIn(target),
    // Both write into the program's own resources, which the stand-in has not.
    win: { ...packageConfiguration().win, signAndEditExecutable: false },
    disableAsarIntegrity: target.name === 'win',
  });
  const folder = path.join(output, target.folder);
  const resources = path.join(folder, 'resources');
  await checkFuses(path.join(folder, target.packed));
  checkNatives(target, resources);
  const files = listing(resources).map((file) => path.join(resources, file));
  console.log(`size    ${target.name}: ${megabytes(files)} MB without Electron itself`);
  return resources;
}

async function checkProgram(resources) {
  const beside = path.join(work, 'beside');
  cpSync(path.join(resources, 'app.asar.unpacked'), beside, { recursive: true });
  for (const name of ['sharp', 'onnxruntime-node']) {
    await runNode(beside, ['-e', `require(${JSON.stringify(name)})`]);
    check(true, `${name} loads from beside the archive alone`);
  }
  const whole = path.join(work, 'whole');
  extractAll(path.join(resources, 'app.asar'), whole);
  const page = readFileSync(path.join(whole, 'dist/renderer/index.html'), 'utf8');
  check(page.includes('id="app"'), 'the page is in the archive');
  for (const name of ['main.mjs', 'preload.cjs', 'tray.png'])
    check(existsSync(path.join(whole, 'dist/electron', name)), `${name} is in the archive`);
  const top = readdirSync(whole).sort().join(' ');
  check(top === 'LICENSE dist node_modules package.json', `only the program is in the archive: ${top}`);
  const answer = await startCore(whole);
  check(
    answer.ok === true,
    `the packed core answers${answer.ok ? ` (version ${answer.value.version})` : `: ${answer.message}`}`,
  );
}

try {
  await buildAll();
  const linux = await checkTarget(targets[0]);
  await checkTarget(targets[1]);
  if (process.platform === 'linux' && process.arch === 'x64') await checkProgram(linux);
  else console.log('skipped the packed core: its libraries are for Linux on x64');
  console.log("Not checked: installers, signing, macOS, and Electron's own binary.");
} catch (error) {
  console.error(`failed  ${error.stack ?? error}`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
