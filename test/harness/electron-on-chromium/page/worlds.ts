/**
 * Calls between two JavaScript worlds of one document, as Electron's context bridge makes them: each side runs the same code. Messages
 * are events on the document whose name is a secret; the browser copies `detail` from world to world.
 */
/** The harness is checked without the types of a page. */
declare const document: EventTarget;

interface Message {
  readonly kind: 'call' | 'return' | 'settle' | 'expose';
  readonly id: number;
  readonly ok?: boolean;
  readonly name?: string;
  readonly value: unknown;
}

const mark = '\u0000electron';

interface Marked {
  readonly [mark]: 'function' | 'promise' | 'error' | 'undefined';
  readonly id: number;
  readonly message: string;
}

interface Settle {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const messageOf = (error: unknown): unknown =>
  error instanceof Error ? { [mark]: 'error', id: 0, message: error.message } : error;

/** `here` and `there`: names of the events that reach this side and the other. */
export function createWorld(here: string, there: string, onExpose: (name: string, api: unknown) => void) {
  const functions: ((...values: unknown[]) => unknown)[] = [];
  const returns = new Map<number, Message>();
  const promises = new Map<number, Settle>();
  let lastId = 0;

  const post = (message: Message): void => {
    document.dispatchEvent(new CustomEvent(there, { detail: message }));
  };

  function toWire(value: unknown): unknown {
    if (typeof value === 'function') {
      return { [mark]: 'function', id: functions.push(value as (...values: unknown[]) => unknown) - 1, message: '' };
    }
    if (value instanceof Promise) {
      const id = ++lastId;
      value.then(
        (result) => post({ kind: 'settle', id, ok: true, value: toWire(result) }),
        (reason: unknown) => post({ kind: 'settle', id, ok: false, value: messageOf(reason) }),
      );
      return { [mark]: 'promise', id, message: '' };
    }
    if (value instanceof Error) return messageOf(value);
    if (Array.isArray(value)) return value.map(toWire);
    if (typeof value !== 'object' || value === null || !isPlain(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toWire(item)]));
  }

  function call(id: number, values: readonly unknown[]): unknown {
    const number = ++lastId;
    post({ kind: 'call', id, name: String(number), value: values.map(toWire) });
    const answer = returns.get(number);
    returns.delete(number);
    if (answer === undefined) throw new Error('The harness lost an answer between two worlds.');
    if (answer.ok !== true) throw fromWire(answer.value);
    return fromWire(answer.value);
  }

  function fromMarked(value: Marked): unknown {
    if (value[mark] === 'error') return new Error(value.message);
    if (value[mark] === 'function') return (...values: unknown[]) => call(value.id, values);
    return new Promise((resolve, reject) => promises.set(value.id, { resolve, reject }));
  }

  function fromWire(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(fromWire);
    if (typeof value !== 'object' || value === null || !isPlain(value)) return value;
    if (mark in value) return fromMarked(value as Marked);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromWire(item)]));
  }

  function answer({ id, name, value }: Message): Message {
    const number = Number(name);
    try {
      const result = functions[id]?.(...(fromWire(value) as unknown[]));
      return { kind: 'return', id: number, ok: true, value: toWire(result) };
    } catch (error) {
      return { kind: 'return', id: number, ok: false, value: messageOf(error) };
    }
  }

  document.addEventListener(here, (event: Event) => {
    const message = (event as CustomEvent<Message>).detail;
    if (message.kind === 'call') post(answer(message));
    else if (message.kind === 'return') returns.set(message.id, message);
    else if (message.kind === 'expose') onExpose(message.name ?? '', fromWire(message.value));
    else {
      const promise = promises.get(message.id);
      promises.delete(message.id);
      if (message.ok === true) promise?.resolve(fromWire(message.value));
      else promise?.reject(fromWire(message.value));
    }
  });

  return {
    expose: (name: string, api: unknown): void => post({ kind: 'expose', id: 0, name, value: toWire(api) }),
  };
}
