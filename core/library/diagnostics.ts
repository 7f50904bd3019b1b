/** A text for reports of faults: what runs where, how much there is of what, the last errors. No pictures, no names of files or people. */
import os from 'node:os';
import { listDevices } from '../backends/devices.ts';
import { versions } from '../version.ts';
import type { LibraryFolders } from './folders.ts';
import type { Log } from './log.ts';
import type { RunShelf } from './runs.ts';
import type { AppSettings } from './settings.ts';

const endings = 'png|jpe?g|bmp|tiff?|webp|gif|csv|jsonl?|html|gz|bin|mat|safetensors|onnx|txt|zip';
/** The rest of a path whose names have spaces, and names without a path. */
const fileEnd = new RegExp(`<path>[^:;"'|\\n]*?\\.(?:${endings})\\b`, 'gi');
const fileName = new RegExp(`[^\\s"'<>:;,()]+\\.(?:${endings})\\b`, 'gi');

/** Paths and addresses become `<path>`, the person's and the computer's name `<name>`. */
export function withoutNames(text: string): string {
  const names = [os.userInfo().username, os.hostname(), os.homedir()].filter((name) => name.length > 2);
  let clean = text
    // Windows and POSIX paths with at least one folder, and everything behind them up to a quote or the end of a sentence.
    .replace(/(?:[A-Za-z]:\\|\\\\)[^"'<>|\n:]+/g, '<path>')
    .replace(/(?:file:\/\/)?(?:\/[^\s"'<>:;,()]+){2,}/g, '<path>')
    .replace(fileEnd, '<path>')
    .replace(fileName, '<file>')
    .replace(/[\w.+-]+@[\w-]+\.[\w.]+/g, '<address>')
    .replace(/"[^"]*"/g, '"…"');
  for (const name of names) clean = clean.replaceAll(name, '<name>');
  return clean;
}

export async function diagnosticReport(parts: {
  folders: LibraryFolders;
  runs: RunShelf;
  log: Log;
  settings: AppSettings;
}): Promise<string> {
  const lines: string[] = ['Triangle Studio, diagnostic report', ''];
  for (const [name, value] of Object.entries(versions())) lines.push(`${name}: ${value}`);
  lines.push(`memory: ${(os.totalmem() / 1e9).toFixed(1)} GB, free ${(os.freemem() / 1e9).toFixed(1)} GB`);
  lines.push(
    `processor: ${os.cpus()[0]?.model.trim() ?? 'unknown'}, ${os.availableParallelism()} threads`,
    '',
    'Devices',
  );
  for (const device of await listDevices()) {
    lines.push(`${device.name}: ${device.available ? device.description : `no (${withoutNames(device.why ?? '')})`}`);
  }
  lines.push('', 'Settings', JSON.stringify(parts.settings), '', 'Runs');
  const runs = await parts.runs.list();
  const states = new Map<string, number>();
  for (const { state } of runs) states.set(state, (states.get(state) ?? 0) + 1);
  lines.push([...states].map(([state, count]) => `${count} ${state}`).join(', ') || 'none');
  for (const { nets, objective, device, state, message } of runs.slice(0, 5)) {
    const shape = `${nets.size}x${nets.size}x${nets.channels} width ${nets.width} latent ${nets.latent}`;
    lines.push(
      `${objective} ${shape} on ${device.name}: ${state}${message === null ? '' : ` (${withoutNames(message)})`}`,
    );
  }
  lines.push('', 'Last errors');
  const errors = (await parts.log.lines(500)).filter((line) => line.includes(' error ')).slice(-10);
  lines.push(...(errors.length === 0 ? ['none'] : errors.map((line) => withoutNames(line).slice(0, 600))));
  return `${lines.join('\n')}\n`;
}
