/** The whole bridge: a page's client over a WebSocket, the browser host, both forked core processes, a tiny training. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startHost, type BrowserHost } from '../../../cli/serve/host.ts';
import { RunFolder, scorePictures } from '../../../core/index.ts';
import { createClient, type Client } from '../../../ipc/client.ts';
import { contract, eventSchemas, type EventName, type EventOf, type ServerMessage } from '../../../ipc/contract.ts';
import { forkCore } from '../../../ipc/fork.ts';
import { bundleCore } from './core-bundle.ts';

let dir: string;
let host: BrowserHost;
let client: Client;
let socket: WebSocket;
let removeBundle: () => Promise<void>;
/** Answers and events that did not fit the contract. */
const misfits: string[] = [];

/** Every answer is checked against the contract, as the router in production does not. */
const call: Client['call'] = async (channel, request) => {
  const answer = await client.call(channel, request);
  const parsed = contract[channel].answer.safeParse(answer);
  if (!parsed.success) misfits.push(`${channel}: ${parsed.error.message}`);
  return answer;
};

function until<E extends EventName>(event: E, wanted: (payload: EventOf<E>) => boolean): Promise<EventOf<E>> {
  return new Promise((resolve) => {
    const stop = client.on(event, (payload) => {
      if (!wanted(payload)) return;
      stop();
      resolve(payload);
    });
  });
}

const ended = (run: string) =>
  until('training.state', (status) => status.run === run && ['finished', 'stopped', 'failed'].includes(status.state));

async function job(kind: string, start: () => Promise<unknown>): Promise<EventOf<'job.finished'>> {
  const end = until('job.finished', (payload) => payload.kind === kind);
  const failure = until('job.failed', (payload) => payload.kind === kind);
  await start();
  const first = await Promise.race([end, failure]);
  if ('code' in first) throw new Error(`${first.code}: ${first.message}`);
  return first;
}

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'triangle-bridge-'));
  const { program, remove } = await bundleCore();
  removeBundle = remove;
  const folders = { library: path.join(dir, 'library'), cache: path.join(dir, 'cache') };
  host = await startHost({ page: dir, port: 0, spawn: (lane) => forkCore(lane, { program, ...folders }) });
  const token = new URL(host.link).searchParams.get('token') ?? '';
  socket = new WebSocket(`ws://127.0.0.1:${host.port}/socket?token=${token}`, {
    origin: `http://127.0.0.1:${host.port}`,
  });
  client = createClient({
    send: (message) => socket.send(JSON.stringify(message)),
    onMessage: (callback) =>
      socket.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString()) as ServerMessage;
        if ('event' in message) {
          const parsed = eventSchemas[message.event].safeParse(message.payload);
          if (!parsed.success) misfits.push(`${message.event}: ${parsed.error.message}`);
        }
        callback(message);
      }),
  });
  await new Promise((resolve) => socket.on('open', resolve));
}, 60_000);

afterAll(async () => {
  socket.close();
  await host.close();
  await removeBundle();
  await rm(dir, { recursive: true, force: true });
});

async function start(name: string, steps: number): Promise<string> {
  const { dataset } = await call('app.tour', {});
  const { values } = await call('training.form', { dataset, preset: 'quick' });
  const tiny = { ...values, steps, batch: 8, width: 2, latent: 4, excludeLabels: ['4'], device: 'onnx-cpu' };
  return (await call('training.start', { dataset, preset: 'quick', values: tiny, name })).run;
}

describe('the bridge from a page to the core', () => {
  let run: string;
  let session: string;

  it('trains, with pause and resume, and tells every step', async () => {
    const steps: number[] = [];
    const stop = client.on('training.metrics', ({ rows }) => steps.push(...rows.map((row) => row['step'] ?? -1)));
    run = await start('Tiny', 60);
    const end = ended(run);
    await until('training.metrics', ({ step }) => step >= 5);
    const paused = until('training.state', ({ state }) => state === 'paused');
    await call('training.pause', { run });
    await paused;
    expect((await call('training.queue', {})).map(({ state }) => state)).toEqual(['paused']);
    // Scoring and looking go on meanwhile: another process answers.
    expect((await call('runs.list', {}))[0]).toMatchObject({ id: run, name: 'Tiny' });
    await call('training.resume', { run });
    expect(await end).toMatchObject({ state: 'finished', step: 60 });
    stop();
    expect(steps).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    const { series } = await call('runs.metrics', { run, maxPoints: 1000 });
    expect(series.find(({ name }) => name === 'gap')?.steps).toHaveLength(60);
    expect(series.some(({ name }) => name.startsWith('validation_'))).toBe(true);
  });

  it('goes on from the checkpoint when the process that trains is killed', async () => {
    const doomed = await start('Doomed', 4000);
    await until('training.metrics', (payload) => payload.run === doomed && payload.step >= 30);
    // A pause saves, so that there is something to go on from.
    const paused = until('training.state', ({ state }) => state === 'paused');
    await call('training.pause', { run: doomed });
    const { step } = await paused;
    await call('training.resume', { run: doomed });
    const died = until('core.state', ({ state, part }) => state === 'died' && part === 'training');
    const again = until(
      'training.state',
      (status) => status.run === doomed && status.state === 'running' && status.step >= step,
    );
    host.supervisor.kill('training');
    await died;
    // The window is served all the while.
    expect((await call('app.state', {})).version).toMatch(/^\d/);
    await again;
    const end = ended(doomed);
    await call('training.keepAsIs', { run: doomed });
    const kept = await end;
    expect(kept.state).toBe('finished');
    expect(kept.step).toBeGreaterThanOrEqual(step);
    expect(kept.steps).toBe(kept.step);
  });

  it('scores, pages, labels and exports what the command line would', async () => {
    const { scoreInputs } = await call('app.tour', {});
    await job('score', async () => (session = (await call('scoring.start', { run, inputs: scoreInputs })).session));
    const card = await call('scoring.session', { session });
    expect(card).toMatchObject({
      state: 'finished',
      scored: 202,
      labels: { normal: 160, anomalous: 42, unlabelled: 0 },
    });
    const page = await call('scoring.results', { session, sort: 'most-anomalous', offset: 0, limit: 50 });
    expect(page.total).toBe(202);
    const values = page.rows.map(({ score }) => score ?? NaN);
    expect(values).toEqual([...values].sort((a, b) => b - a));
    const effect = await call('scoring.threshold', {
      session,
      rule: { kind: 'value', value: values[9] ?? 0 },
      keep: true,
    });
    expect(effect.above).toBe(9);
    expect((await call('scoring.metrics', { session })).baseRate).toBeCloseTo(42 / 202);
    const all = await call('scoring.select', { session });
    await call('scoring.label', { session, items: all.items, label: null });

    const csv = path.join(dir, 'app.csv');
    await job('export', () => call('scoring.export', { session, what: 'csv', path: csv }));
    const folder = await RunFolder.open((await call('runs.get', { run })).card.folder);
    const own = path.join(dir, 'own.csv');
    await scorePictures({
      run: folder,
      inputs: scoreInputs,
      threshold: { kind: 'value', value: values[9] ?? 0 },
      out: own,
    });
    expect(await readFile(csv, 'utf8')).toBe(await readFile(own, 'utf8'));
  });

  it('shows pictures over HTTP with the token, and nothing else', async () => {
    const token = new URL(host.link).searchParams.get('token') ?? '';
    const get = (reference: string) =>
      fetch(`http://127.0.0.1:${host.port}${reference}${reference.includes('?') ? '&' : '?'}token=${token}`);
    const { images } = await call('scoring.picture', { session, index: 3 });
    const { card } = await call('runs.get', { run });
    const [samples] = await call('runs.samples', { runs: [run], seed: 3, count: 2, temperature: 1 });
    const references = [...Object.values(images), card.image, ...(samples?.images ?? [])].filter(
      (reference) => reference !== null,
    );
    expect(references.length).toBeGreaterThan(6);
    for (const reference of references) {
      const answer = await get(reference);
      expect(`${reference} ${answer.status}`).toBe(`${reference} 200`);
      expect(answer.headers.get('content-type')).toMatch(/^image\/(png|webp)$/);
    }
    for (const bad of [
      '/image/run/..%2f..%2fetc/samples/1',
      '/image/score/x/y/z',
      `/image/dataset/${run}/1`,
      '/image/dataset/a/1?size=99999',
    ]) {
      expect((await get(bad)).status).toBe(404);
    }
  });

  it('makes galleries that come out the same again, and finds what is near', async () => {
    let gallery = '';
    await job('gallery', async () => {
      const wish = { kind: 'samples', seed: 9, temperature: 0.8, count: 5 } as const;
      gallery = (await call('gallery.make', { run, wish })).gallery;
    });
    expect(await call('gallery.verify', { gallery })).toMatchObject({ identical: true, compared: 5 });
    const { rows } = await call('gallery.items', { gallery, offset: 1, limit: 2 });
    expect(rows.map(({ position, seed }) => [position, seed])).toEqual([
      [1, 9],
      [2, 9],
    ]);
    const item = rows[0]?.id ?? '';
    const near = await call('gallery.nearest', { item, count: 3 });
    expect(near).toHaveLength(3);
    expect(near[0]).toMatchObject({ space: 'latent' });
    expect(near[0]?.distance).toBeLessThanOrEqual(near[2]?.distance ?? 0);
    await call('gallery.favourite', { items: [item], favourite: true });
    const { undo } = await call('gallery.deleteItems', { items: [item] });
    expect((await call('gallery.items', { favourites: true, offset: 0, limit: 9 })).total).toBe(0);
    await call('trash.restore', { undo });
    expect((await call('gallery.items', { favourites: true, offset: 0, limit: 9 })).total).toBe(1);
  });

  it('reproduces a run bit for bit, tells runs apart, deletes and brings back', async () => {
    const { run: copy } = await call('runs.reproduce', { run });
    await ended(copy);
    expect(await call('runs.verify', { run: copy })).toMatchObject({ verdict: 'identical', step: 60 });
    expect((await call('runs.difference', { runs: [run, copy] })).filter(({ differs }) => differs)).toEqual([]);
    const before = (await call('runs.list', {})).length;
    const { undo } = await call('runs.delete', { runs: [copy] });
    expect(await call('runs.list', {})).toHaveLength(before - 1);
    await call('trash.restore', { undo });
    expect(await call('runs.list', {})).toHaveLength(before);
  });

  it('answers mistakes with a code and a remedy, and lives on', async () => {
    await expect(call('runs.get', { run: 'missing' })).rejects.toMatchObject({ code: 'library/unknown-run' });
    await expect(call('datasets.open', { path: '/no/such/folder' })).rejects.toMatchObject({ code: 'dataset/missing' });
    await expect(call('runs.get', { run: '../x' })).rejects.toMatchObject({ code: 'contract/request' });
    const { text } = await call('settings.diagnostics', {});
    expect(text).not.toContain(dir);
    expect(text).not.toContain(os.userInfo().homedir);
  });

  it('kept to the contract in every answer and event', () => {
    expect(misfits).toEqual([]);
  });
});
