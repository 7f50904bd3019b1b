/** The caller's side of the contract over any transport: numbered calls, answers in any order, typed events. Types only: no zod in a window. */
import type { AnswerOf, CallMessage, Channel, EventName, EventOf, RequestOf, ServerMessage } from './contract.ts';

export interface Transport {
  send(message: CallMessage): void;
  /** The callback gets every message, in order. */
  onMessage(callback: (message: ServerMessage) => void): void;
  /** Called when the other side has gone; calls in flight then fail. */
  onClose?(callback: (reason: string) => void): void;
}

/** What a call rejects with: the core's code and its sentence, which ends with the remedy. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface Client {
  /** Rejects with {@link CallError}. */
  call<C extends Channel>(channel: C, request: RequestOf<C>): Promise<AnswerOf<C>>;
  /** Returns the function that stops listening. */
  on<E extends EventName>(event: E, listener: (payload: EventOf<E>) => void): () => void;
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: CallError) => void;
}

export function createClient(transport: Transport): Client {
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  let lastId = 0;
  transport.onMessage((message) => {
    if ('event' in message) {
      for (const listener of [...(listeners.get(message.event) ?? [])]) listener(message.payload as never);
      return;
    }
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.ok) call?.resolve(message.value as never);
    else call?.reject(new CallError(message.code, message.message));
  });
  transport.onClose?.((reason) => {
    for (const call of waiting.values()) call.reject(new CallError('host/closed', reason));
    waiting.clear();
  });
  return {
    call: (channel, request) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        waiting.set(id, { resolve, reject });
        try {
          transport.send({ id, channel, request });
        } catch (error) {
          waiting.delete(id);
          const text = error instanceof Error ? error.message : String(error);
          reject(new CallError('host/closed', `The core cannot be reached (${text}). Open the window again.`));
        }
      }),
    on(event, listener) {
      const of = listeners.get(event) ?? new Set();
      listeners.set(event, of);
      of.add(listener);
      return () => void of.delete(listener);
    },
  };
}
