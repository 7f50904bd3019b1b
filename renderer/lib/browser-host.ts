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

/** Files sent at a time. */
const lanes = 4;

/** Sends the files; answers the paths of single files, and of dropped folders as wholes. */
async function upload(withToken: (path: string) => URL, files: readonly File[]): Promise<string[]> {
  const roots = new Set<string>();
  const batch = crypto.randomUUID();
  const waiting = [...files];
  const send = async (file: File): Promise<void> => {
    const name = file.webkitRelativePath === '' ? file.name : file.webkitRelativePath;
    const address = withToken('upload');
    address.searchParams.set('batch', batch);
    address.searchParams.set('name', name);
    const answer = await fetch(address, { method: 'POST', body: file });
    if (!answer.ok) throw new Error(`${file.name} could not be sent: ${await answer.text()}`);
    const { path } = (await answer.json()) as { path: string };
    roots.add(dropLast(path, name.split('/').length - 1));
  };
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await send(file);
    }),
  );
  return [...roots];
}

/** `/a/folder/sub/x.png` less two names is `/a/folder`. */
export function dropLast(path: string, names: number): string {
  let rest = path;
  for (let each = 0; each < names; each++) rest = rest.replace(/[/\\][^/\\]*$/, '');
  return rest;
}

export function createBrowserHost(location: Location): Host {
  const token = takeToken(location);
  const base = new URL('.', location.href);
  /** A tab that was opened without the link has a cookie instead. */
  const withToken = (path: string): URL => {
    const url = new URL(path, base);
    if (token !== '') url.searchParams.set('token', token);
    return url;
  };
  const address = withToken('socket');
  address.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:';
  const client = createClient(createSocketTransport(address.href));
  return {
    ...client,
    kind: 'browser',
    imageUrl(image, size) {
      const url = withToken(image.slice(1));
      if (size !== undefined) url.searchParams.set('size', String(Math.round(size)));
      return url.href;
    },
    pathsOf: (files) => upload(withToken, files),
    dialogs: null,
    reveal: null,
  };
}
