/** Loaded before a utility process's own file: `process.parentPort` as Electron has it, and no sign of Node's channel. */
import { EventEmitter } from 'node:events';

class ParentPort extends EventEmitter {
  private readonly sendToParent = process.send?.bind(process);

  postMessage(message: unknown): void {
    this.sendToParent?.(message, undefined, undefined, () => undefined);
  }
}

const parentPort = new ParentPort();
process.on('message', (data) => parentPort.emit('message', { data, ports: [] }));
process.on('disconnect', () => process.exit(0));
Object.assign(process, { parentPort, send: undefined });
