/** Opens a link in the person's browser, where there is one. */
import { spawn } from 'node:child_process';

/** Never fails: the link is printed anyhow. */
export function openBrowser(link: string): void {
  const [program, ...words]: [string, ...string[]] =
    process.platform === 'win32'
      ? ['rundll32', 'url.dll,FileProtocolHandler', link]
      : process.platform === 'darwin'
        ? ['open', link]
        : ['xdg-open', link];
  const child = spawn(program, words, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
