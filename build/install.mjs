/** Installs the packages of package-lock.json when node_modules is missing or holds others. Node's own modules only. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return null;
  }
}

/**
 * Whether what npm last installed is what the lock file asks for. npm writes `node_modules/.package-lock.json` when an installation
 * is complete; packages for other platforms and optional ones that could not be installed are missing there.
 */
export function isInstalled(root) {
  const wanted = readPackages(path.join(root, 'package-lock.json'));
  const found = readPackages(path.join(root, 'node_modules/.package-lock.json'));
  if (wanted === null || found === null) return false;
  return Object.entries(wanted).every(([name, { version, optional, link }]) => {
    if (name === '' || link === true) return true;
    const there = found[name];
    return there === undefined ? optional === true : there.version === version;
  });
}

/** A line that counts seconds on a terminal, one plain line elsewhere; returns its end. */
function announce(label) {
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  const { stderr } = process;
  if (!stderr.isTTY) stderr.write(`${label}\n`);
  const timer = stderr.isTTY ? setInterval(() => stderr.write(`\r${label} ${seconds()} s`), 500) : null;
  return (result) => {
    clearInterval(timer);
    stderr.write(`${stderr.isTTY ? '\r' : ''}${label} ${result} after ${seconds()} s\n`);
  };
}

/** The command of npm: the one that runs us, or the one on the path. */
export function npm() {
  const running = process.env['npm_execpath'];
  if (running !== undefined && existsSync(running) && /\.c?js$/.test(running)) return [process.execPath, [running]];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm', []];
}

/** Resolves when the packages are there; rejects with npm's own words otherwise. */
export async function install(root) {
  if (isInstalled(root)) return;
  const end = announce('Installing packages …');
  const [command, first] = npm();
  // .npmrc says the same of install scripts; saying it here too keeps a user's own settings from undoing it.
  const words = [...first, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const output = [];
  const code = await new Promise((resolve) => {
    const child = spawn(command, words, { cwd: root, shell: command.endsWith('.cmd') });
    child.stdout.on('data', (data) => output.push(data));
    child.stderr.on('data', (data) => output.push(data));
    child.on('error', (error) => output.push(Buffer.from(String(error))));
    child.on('close', resolve);
  });
  end(code === 0 ? 'done' : 'failed');
  if (code === 0) return;
  const said = Buffer.concat(output).toString().trim();
  throw new Error(
    `${said}\nThe packages could not be installed (npm ci). Check the network and npm's registry, then try again.`,
  );
}
