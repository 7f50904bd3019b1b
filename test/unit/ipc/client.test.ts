import { describe, expect, it, vi } from 'vitest';
import { CallError, createClient } from '../../../ipc/client.ts';
import { channelNames, contract, eventNames, type CallMessage, type ServerMessage } from '../../../ipc/contract.ts';
import { laneOf } from '../../../ipc/lanes.ts';

function setup() {
  const sent: CallMessage[] = [];
  let tell: (message: ServerMessage) => void = () => undefined;
  let close: (reason: string) => void = () => undefined;
  const client = createClient({
    send: (message) => sent.push(message),
    onMessage: (callback) => (tell = callback),
    onClose: (callback) => (close = callback),
  });
  return { client, sent, tell: (message: ServerMessage) => tell(message), close: (reason: string) => close(reason) };
}

describe('the client', () => {
  it('matches answers that come in another order', async () => {
    const { client, sent, tell } = setup();
    const first = client.call('runs.list', {});
    const second = client.call('jobs.list', {});
    tell({ id: sent[1]?.id ?? 0, ok: true, value: ['second'] });
    tell({ id: sent[0]?.id ?? 0, ok: true, value: ['first'] });
    expect(await first).toEqual(['first']);
    expect(await second).toEqual(['second']);
  });

  it('rejects with code and sentence', async () => {
    const { client, sent, tell } = setup();
    const call = client.call('runs.list', {});
    tell({ id: sent[0]?.id ?? 0, ok: false, code: 'library/unknown-run', message: 'Gone.' });
    const error: unknown = await call.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(CallError);
    expect(error).toMatchObject({ code: 'library/unknown-run', message: 'Gone.' });
  });

  it('rejects what is under way when the host goes', async () => {
    const { client, close } = setup();
    const call = client.call('runs.list', {});
    close('The connection is lost.');
    await expect(call).rejects.toMatchObject({ code: 'host/closed', message: 'The connection is lost.' });
  });

  it('tells events to those who listen, until they stop', () => {
    const { client, tell } = setup();
    const listener = vi.fn();
    const stop = client.on('training.checkpoint', listener);
    tell({ event: 'training.checkpoint', payload: { run: 'a', step: 3 } });
    stop();
    tell({ event: 'training.checkpoint', payload: { run: 'a', step: 4 } });
    expect(listener.mock.calls).toEqual([[{ run: 'a', step: 3 }]]);
  });
});

describe('the contract', () => {
  it('names each channel by its page', () => {
    for (const name of channelNames)
      expect(name).toMatch(/^(jobs|datasets|training|experiments|runs|trash|scoring|gallery|settings|app)\.[a-zA-Z]+$/);
    expect(new Set(channelNames).size).toBe(channelNames.length);
    expect(eventNames.length).toBeGreaterThan(10);
  });

  it('refuses unknown fields in every request', () => {
    for (const name of channelNames) {
      expect(contract[name].request.safeParse({ 'not a field': 1 }).success, name).toBe(false);
    }
  });

  it('refuses ids and lists that are none', () => {
    const { request } = contract['scoring.results'];
    const good = { session: 'abc', sort: 'name', offset: 0, limit: 100 };
    expect(request.safeParse(good).success).toBe(true);
    for (const bad of [{ session: '../x' }, { limit: 1e9 }, { offset: -1 }, { sort: 'size' }, { session: 'A' }]) {
      expect(request.safeParse({ ...good, ...bad }).success).toBe(false);
    }
  });

  it('sends what changes the queue to the process that trains', () => {
    expect(channelNames.filter((name) => laneOf(name) === 'training').sort()).toEqual([
      'experiments.list',
      'experiments.resume',
      'experiments.start',
      'experiments.stop',
      'runs.reproduce',
      'training.keepAsIs',
      'training.pause',
      'training.queue',
      'training.remove',
      'training.reorder',
      'training.resume',
      'training.start',
      'training.stop',
    ]);
  });
});
