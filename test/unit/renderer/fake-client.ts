/** A client whose answers a test gives, and whose events it tells; records every call. */
import type { AnswerOf, Channel, EventName, EventOf, RequestOf } from '../../../ipc/contract.ts';
import type { Client } from '../../../ipc/client.ts';

export type Answers = { [C in Channel]?: (request: RequestOf<C>) => AnswerOf<C> | Promise<AnswerOf<C>> };

export interface FakeClient extends Client {
  readonly calls: { channel: Channel; request: unknown }[];
  readonly answers: Answers;
  tell<E extends EventName>(event: E, payload: EventOf<E>): void;
  of<C extends Channel>(channel: C): RequestOf<C>[];
}

export function fakeClient(answers: Answers): FakeClient {
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  const calls: FakeClient['calls'] = [];
  return {
    calls,
    answers,
    async call<C extends Channel>(channel: C, request: RequestOf<C>): Promise<AnswerOf<C>> {
      calls.push({ channel, request });
      const answer = answers[channel] as ((request: RequestOf<C>) => AnswerOf<C> | Promise<AnswerOf<C>>) | undefined;
      if (answer === undefined) throw new Error(`The test has no answer for ${channel}.`);
      return answer(request);
    },
    on(event, listener) {
      const of = listeners.get(event) ?? new Set();
      listeners.set(event, of);
      of.add(listener);
      return () => void of.delete(listener);
    },
    tell(event, payload) {
      for (const listener of listeners.get(event) ?? []) listener(payload as never);
    },
    of: (channel) => calls.filter((call) => call.channel === channel).map((call) => call.request) as never,
  };
}

/** Lets promises that are ready run. */
export const settle = () => new Promise<void>((resolve) => void setTimeout(resolve, 0));
