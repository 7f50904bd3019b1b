/** A host over a WebSocket, for `triangle serve`. The token of the link stays in this tab's memory and session storage. */
import { createClient, type Transport } from '../../ipc/client.ts';
import type { CallMessage, EventOf, ServerMessage } from '../../ipc/contract.ts';
import type { Host } from '../../ipc/host.ts';

const tokenKey = 'triangle-token';
const longestWaitMilliseconds = 5000;

/** The token of the link that `triangle serve` prints, taken out of the address so that it is not copied by accident. */
function takeToken(location: Location): string {
  const address = new URL(location.href);
  const given = address.searchParams.get('token');
  if (given === null) return sessionStorage.getItem(tokenKey) ?? '';
  sessionStorage.setItem(tokenKey, given);
  address.searchParams.delete('token');
  history.replaceState(history.state, '', address);
  return given;
}

/** Connects, and connects again when the line breaks; what is sent before it is open waits. */
function createSocketTransport(address: string): Transport {
  let socket: WebSocket;
  let waiting: CallMessage[] = [];
  let attempts = 0;
  const onMessage: ((message: ServerMessage) => void)[] = [];
  const onClose: ((reason: string) => void)[] = [];
  const tell = (payload: EventOf<'core.state'>) => {
    for (const callback of onMessage) callback({ event: 'core.state', payload });
  };
  const connect = () => {
    socket = new WebSocket(address);
    socket.onopen = () => {
      if (attempts > 0) tell({ state: 'running', message: '', restarts: attempts, part: 'desk' });
      attempts = 0;
      for (const message of waiting) socket.send(JSON.stringify(message));
      waiting = [];
    };
    socket.onmessage = ({ data }) => {
      for (const callback of onMessage) callback(JSON.parse(String(data)) as ServerMessage);
    };
    socket.onclose = () => {
      attempts += 1;
      const message =
        'The connection to Triangle Studio is lost. It is tried again; see whether "triangle serve" still runs.';
      tell({ state: 'died', message, restarts: attempts, part: 'desk' });
      waiting = [];
      for (const callback of onClose) callback(message);
      setTimeout(connect, Math.min(longestWaitMilliseconds, 250 * 2 ** attempts));
    };
  };
  connect();
  return {
    send: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
      else waiting.push(message);
    },
    onMessage: (callback) => void onMessage.push(callback),
    onClose: (callback) => void onClose.push(callback),
  };
}

async function upload(base: URL, token: string, files: readonly File[]): Promise<string[]> {
  const paths: string[] = [];
  const batch = crypto.randomUUID();
  for (const file of files) {
    const address = new URL('upload', base);
    address.searchParams.set('token', token);
    address.searchParams.set('batch', batch);
    address.searchParams.set('name', file.webkitRelativePath || file.name);
    const answer = await fetch(address, { method: 'POST', body: file });
    if (!answer.ok) throw new Error(`${file.name} could not be sent (${answer.status}): ${await answer.text()}`);
    paths.push(((await answer.json()) as { path: string }).path);
  }
  return paths;
}

export function createBrowserHost(location: Location): Host {
  const token = takeToken(location);
  const base = new URL('.', location.href);
  const address = new URL('socket', base);
  address.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:';
  address.searchParams.set('token', token);
  const client = createClient(createSocketTransport(address.href));
  return {
    ...client,
    kind: 'browser',
    imageUrl(image, size) {
      const url = new URL(image.slice(1), base);
      if (size !== undefined) url.searchParams.set('size', String(Math.round(size)));
      url.searchParams.set('token', token);
      return url.href;
    },
    pathsOf: (files) => upload(base, token, files),
    dialogs: null,
    reveal: null,
  };
}
