/** `ipcMain`: invoke handlers and listeners; errors reach the window as text, as Electron sends them. */
import { EventEmitter } from 'node:events';
import { provided } from '../provided.ts';
import type { Answer } from '../runtime.ts';

const handlers = new Map<string, Answer>();

class IpcMain extends EventEmitter {
  handle(channel: string, handler: Answer): void {
    if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    handlers.set(channel, handler);
  }

  removeHandler(channel: string): void {
    handlers.delete(channel);
  }
}

export const ipcMain = provided('ipcMain', new IpcMain());

/** Rejects with what becomes the error's text in the window. */
export async function invoke(channel: string, event: object, values: readonly unknown[]): Promise<unknown> {
  const handler = handlers.get(channel);
  if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
  return await handler(event, ...values);
}
