/** `triangle serve`: the application in a browser, from this machine only. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../arguments.ts';
import { defineCommand } from '../command.ts';

/** The bundled programs; this module is one of them, or lies in `cli/commands` when run from the sources. */
function distFolder(): string {
  const here = path.dirname(fileURLToPath(import.meta.url));
  return path.basename(here) === 'dist' ? here : path.resolve(here, '../../dist');
}

export const command = defineCommand({
  name: 'serve',
  summary: 'Open the application in a browser on this machine',
  options: {
    port: {
      kind: 'number',
      summary: 'Port on 127.0.0.1 (any free one)',
      placeholder: 'N',
      min: 0,
      max: 65_535,
      integer: true,
      default: 0,
    },
    open: { kind: 'flag', summary: 'Also open the link in the browser' },
    'data-dir': { kind: 'text', summary: 'Folder of runs, scores and lists', placeholder: 'DIR' },
  },
  examples: [
    { line: 'triangle serve --open', does: 'the application in your browser' },
    {
      line: 'triangle serve --port 7860',
      does: 'on a computer without a screen; from yours: ssh -L 7860:127.0.0.1:7860 <computer>',
    },
  ],
  async run({ values, output, signal }) {
    const dist = distFolder();
    const page = path.join(dist, 'renderer');
    if (!existsSync(path.join(page, 'index.html'))) {
      throw new UsageError(
        `The page is not built: ${page} is missing. Run "npm start" or "node build/renderer.mjs" once.`,
      );
    }
    const { startHost } = await import('../serve/host.ts');
    const { forkCore } = await import('../../ipc/fork.ts');
    const program = path.join(dist, 'core-process.mjs');
    const host = await startHost({
      page,
      port: values.port,
      spawn: (lane) => forkCore(lane, { program, library: values['data-dir'] }),
    }).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
        throw new UsageError(`Port ${values.port} is taken. Choose another with --port, or leave it out.`);
      }
      throw error;
    });
    output.record({ url: host.link, port: host.port });
    output.text(host.link);
    output.note('Only this computer can open it. The link holds a token: treat it like a password. Ctrl-C ends it.');
    if (values.open) (await import('../serve/open-browser.ts')).openBrowser(host.link);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    output.note('Saving what is under way.');
    await host.close();
    return 0;
  },
});
