/** Loaded before a utility process's own file: `process.parentPort` as Electron has it, and no sign of Node's channel. */
import { EventEmitter } from 'node:events';

class ParentPort extends EventEmitter {
  private readonly sendToParent = process.send?.bind(process);

  postMessage(message: unknown): void {
    this.sendToParent?.(message, undefined, undefined, () => undefined);
  }
}

const parentPort = new ParentPort();
// What comes before somebody listens waits in Node's own queue, as it does in Electron's.
const listen = (name: string | symbol): void => {
  if (name !== 'message') return;
  parentPort.off('newListener', listen);
  process.on('message', (data) => parentPort.emit('message', { data, ports: [] }));
};
parentPort.on('newListener', listen);
process.on('disconnect', () => process.exit(0));
Object.assign(process, { parentPort, send: undefined });
