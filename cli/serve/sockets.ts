/** The contract over WebSockets: each tab calls for itself, events go to all. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { callMessageSchema, type AppEvent, type ServerMessage } from '../../ipc/contract.ts';
import type { Supervisor } from '../../ipc/supervisor.ts';

/** A call with a million indices fits; nothing that a page sends is larger. */
const mostMessageBytes = 16 * 2 ** 20;
const mostTabs = 32;
/** A tab that does not read any more (asleep, behind a dead tunnel) is let go; it connects again by itself. */
const mostWaitingBytes = 64 * 2 ** 20;

export interface Sockets {
  /** To be called when the request has been judged. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  send(event: AppEvent): void;
  close(): void;
}

export function createSockets(supervisor: () => Supervisor): Sockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: mostMessageBytes, perMessageDeflate: false });
  const tabs = new Set<WebSocket>();
  const send = (tab: WebSocket, message: ServerMessage): void => {
    if (tab.readyState !== tab.OPEN) return;
    if (tab.bufferedAmount > mostWaitingBytes) tab.terminate();
    else tab.send(JSON.stringify(message));
  };
  const hear = async (tab: WebSocket, text: string): Promise<void> => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      tab.close(1007, 'not JSON');
      return;
    }
    const call = callMessageSchema.safeParse(value);
    if (call.success) {
      const { id, channel, request } = call.data;
      send(tab, await supervisor().call({ id, channel, request }));
      return;
    }
    const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : null;
    if (typeof id === 'number') {
      send(tab, { id, ok: false, code: 'contract/channel', message: 'There is no such call.' });
    } else tab.close(1008, 'not a call');
  };
  server.on('connection', (tab) => {
    tabs.add(tab);
    tab.on('message', (data, binary) => {
      if (binary) tab.close(1003, 'text only');
      // With the default binary type a text message is one Buffer.
      else void hear(tab, (data as Buffer).toString('utf8'));
    });
    tab.on('close', () => tabs.delete(tab));
    // Too large a message, a broken frame: ws closes the connection itself.
    tab.on('error', () => undefined);
  });
  return {
    accept(request, socket, head) {
      if (tabs.size >= mostTabs) {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, (tab) => server.emit('connection', tab, request));
    },
    send(event) {
      for (const tab of tabs) send(tab, event);
    },
    close() {
      for (const tab of tabs) tab.terminate();
      server.close();
    },
  };
}
