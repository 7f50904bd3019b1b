/** `triangle serve` as a process, and a client of its socket that fills the library for a spec. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { createClient, type Client } from '../../../ipc/client.ts';
import type { EventName, EventOf, ServerMessage } from '../../../ipc/contract.ts';
import { triangle } from '../command-line.ts';

export interface Served {
  /** With the token. */
  readonly link: string;
  readonly client: Client;
  /** The payload of the first event that is wanted. */
  readonly until: <E extends EventName>(event: E, wanted: (payload: EventOf<E>) => boolean) => Promise<EventOf<E>>;
  /** Starts a job and waits for its end; fails as it fails. */
  readonly job: <T extends { readonly job: string }>(start: () => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

/** Starts it on a free port; `library` is made. */
export async function serve(library: string): Promise<Served> {
  let interrupt: () => void = () => undefined;
  const { finished, link } = await new Promise<{ finished: ReturnType<typeof triangle>; link: string }>(
    (resolve, reject) => {
      const running = triangle(['serve', '--data-dir', library, '--json'], (line, child) => {
        interrupt = () => void child.kill('SIGINT');
        resolve({ finished: running, link: (JSON.parse(line) as { url: string }).url });
      });
      running.then(({ stderr }) => reject(new Error(`triangle serve ended:\n${stderr}`)), reject);
    },
  );
  const { host, origin, searchParams } = new URL(link);
  const socket = new WebSocket(`ws://${host}/socket?token=${searchParams.get('token') ?? ''}`, { origin });
  const client = createClient({
    send: (message) => socket.send(JSON.stringify(message)),
    onMessage: (callback) =>
      socket.on('message', (data: Buffer) => callback(JSON.parse(data.toString()) as ServerMessage)),
  });
  await once(socket, 'open');
  const until: Served['until'] = (event, wanted) =>
    new Promise((resolve) => {
      const stop = client.on(event, (payload) => {
        if (!wanted(payload)) return;
        stop();
        resolve(payload);
      });
    });
  return {
    link,
    client,
    until,
    async job(start) {
      // A short job may end before its number is answered.
      const failures = new Map<string, string | null>();
      let tell: () => void = () => undefined;
      const end = (job: string, failure: string | null): void => {
        failures.set(job, failure);
        tell();
      };
      const stops = [
        client.on('job.finished', ({ job }) => end(job, null)),
        client.on('job.failed', ({ job, message }) => end(job, message)),
      ];
      const answer = await start();
      while (!failures.has(answer.job)) await new Promise<void>((resolve) => (tell = resolve));
      for (const stop of stops) stop();
      const failure = failures.get(answer.job) ?? null;
      if (failure !== null) throw new Error(failure);
      return answer;
    },
    async close() {
      socket.close();
      interrupt();
      await finished;
    },
  };
}
