/** The core's two processes as utility processes of Electron, kept alive by the supervisor that every host shares. */
import path from 'node:path';
import { utilityProcess } from 'electron';
import type { FromHost } from '../../ipc/child-messages.ts';
import type { AppEvent, Channel, Envelope } from '../../ipc/contract.ts';
import type { FromCore } from '../../ipc/messages.ts';
import { coreArguments, createSupervisor, type CoreChild, type Lane } from '../../ipc/supervisor.ts';
import { childWanted } from './children.ts';
import type { Picture } from './content.ts';
import { createScorers } from './scorers.ts';

export interface Core {
  /** Never rejects. */
  readonly call: (channel: Channel, request: unknown) => Promise<Envelope>;
  /** Never rejects. */
  readonly picture: (path: string) => Promise<Picture>;
  /** Saves what trains and ends both processes. */
  readonly stop: () => Promise<void>;
}

export interface CoreOptions {
  /** Path of the bundled core-process.mjs. */
  readonly program: string;
  readonly onEvent: (event: AppEvent) => void;
}

function forkUtility(program: string, lane: Lane): CoreChild {
  const child = utilityProcess.fork(program, coreArguments(lane), {
    serviceName: `Triangle Studio (${lane})`,
    stdio: 'inherit',
  });
  const programs = path.dirname(program);
  let over = false;
  const tell = (message: FromHost): void => {
    if (!over) child.postMessage(message);
  };
  const scorers = createScorers(programs, tell);
  child.on('exit', () => {
    over = true;
    scorers.endAll();
  });
  return {
    send: (message) => {
      if (!over) child.postMessage(message);
    },
    onMessage: (callback) =>
      void child.on('message', (message: unknown) => {
        if (!scorers.wanted(message) && !childWanted(message, programs, tell)) callback(message as FromCore);
      }),
    onExit: (callback) => void child.on('exit', (code) => callback(code)),
    kill: () => void child.kill(),
  };
}

const missing = new TextEncoder().encode('There is no such picture');

export function startCore({ program, onEvent }: CoreOptions): Core {
  const supervisor = createSupervisor({ spawn: (lane) => forkUtility(program, lane), onEvent });
  let lastId = 0;
  return {
    async call(channel, request) {
      const answer = await supervisor.call({ id: ++lastId, channel, request });
      return answer.ok ? { ok: true, value: answer.value } : { ok: false, code: answer.code, message: answer.message };
    },
    async picture(path) {
      const answer = await supervisor.resource(path);
      if (answer.ok) return { status: 200, type: answer.value.contentType, body: answer.value.bytes };
      // What has died comes back: the page may ask again.
      return { status: answer.code.startsWith('core/') ? 503 : 404, type: 'text/plain', body: missing };
    },
    stop: () => supervisor.close(),
  };
}
