/** A client straight onto a supervisor, without a window between: for hosts themselves and for tests. */
import { createClient, type Client } from './client.ts';
import type { AppEvent, ServerMessage } from './contract.ts';
import { createSupervisor, type Supervisor, type SupervisorOptions } from './supervisor.ts';

/** Starts the core processes; events go to the client's listeners and to `onEvent`. */
export function startLocalClient(
  options: Omit<SupervisorOptions, 'onEvent'> & { onEvent?: (event: AppEvent) => void },
): {
  readonly client: Client;
  readonly supervisor: Supervisor;
} {
  let hear: (message: ServerMessage) => void = () => undefined;
  const supervisor = createSupervisor({
    ...options,
    onEvent: (event) => {
      options.onEvent?.(event);
      hear(event);
    },
  });
  const client = createClient({
    send: (message) => void supervisor.call(message).then((answer) => hear(answer)),
    onMessage: (callback) => (hear = callback),
  });
  return { client, supervisor };
}
