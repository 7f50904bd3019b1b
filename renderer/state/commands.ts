/** What the native menu asks of the window. */
import type { AppCommand } from '../../ipc/bridge.ts';
import { call, host } from '../lib/host.ts';
import { app } from './app.svelte.ts';
import { notices } from './notices.svelte.ts';

async function follow(command: AppCommand): Promise<void> {
  if (command.command === 'go') app.go(command.page);
  else if (command.command === 'open-run') app.go('runs', { run: command.run });
  else {
    const { card } = await call('datasets.open', { path: command.path });
    app.go('datasets', { dataset: card.id });
  }
}

/** Does nothing in a browser, which has no menu of ours. */
export function startCommands(): void {
  host.onCommand((command) => {
    follow(command).catch((error: unknown) => notices.error(error));
  });
}
