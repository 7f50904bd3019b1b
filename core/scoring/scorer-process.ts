/**
 * Entry of a process that scores: one of several that share out a list of pictures, each on one thread. Bundled as scorer.mjs. Talks
 * over the port that it finds, Electron's or that of a forked Node.
 */
import { decodeFile, defaultLimitPixels } from '../datasets/decoding.ts';
import { pictureError } from '../datasets/picture-problem.ts';
import { PromptReader } from '../datasets/prompt-reader.ts';
import type { DecodedImage } from '../datasets/types.ts';
import { CoreError, messageOf } from '../errors.ts';
import { openModel } from './graph-model.ts';
import type { FromScorer, ScorerError, ScorerItem, ToScorer } from './scorer-messages.ts';
import { packResults } from './scorer-packing.ts';
import { scoreHere } from './stream-here.ts';
import type { ScoreResult, ScoringModel } from './types.ts';

/** Electron's `process.parentPort`, as far as it is used. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

function connect(callback: (message: ToScorer) => void): (message: FromScorer) => void {
  const { parentPort } = process as { parentPort?: ParentPort };
  if (parentPort !== undefined) {
    parentPort.on('message', ({ data }) => callback(data as ToScorer));
    return (message) => parentPort.postMessage(message);
  }
  const send = process.send?.bind(process);
  if (send === undefined) throw new Error('This program is started by Triangle Studio, not by hand.');
  // Without its host it has nobody to work for.
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message) => callback(message as ToScorer));
  return (message) => void send(message, undefined, undefined, () => undefined);
}

function describe(error: unknown): ScorerError {
  return { code: error instanceof CoreError ? error.code : null, message: messageOf(error) };
}

const reader = new PromptReader();

function read(item: ScorerItem | undefined): Promise<DecodedImage> {
  if (item === undefined) return Promise.reject(new RangeError('No such picture'));
  if ('file' in item) return decodeFile(item.file, defaultLimitPixels, reader.read);
  if ('image' in item) return Promise.resolve(item.image);
  return Promise.reject(pictureError(item.problem.kind, item.problem.detail));
}

type Opening = Extract<ToScorer, { type: 'open' }>;

class Scorer {
  readonly #model: ScoringModel;
  readonly #opening: Opening;

  constructor(model: ScoringModel, opening: Opening) {
    this.#model = model;
    this.#opening = opening;
  }

  static async open(opening: Opening): Promise<Scorer> {
    return new Scorer(await openModel(opening.folder, { threads: 1 }), opening);
  }

  async score(id: number, items: readonly ScorerItem[]): Promise<FromScorer> {
    const { normals, batchSize } = this.#opening;
    const results: ScoreResult[] = [];
    try {
      const list = { items, read: (index: number) => read(items[index]) };
      for await (const result of scoreHere({ model: this.#model, list, normals, batchSize })) results.push(result);
      return { type: 'scored', id, results: packResults(results), error: null };
    } catch (error) {
      return { type: 'scored', id, results: packResults(results), error: describe(error) };
    }
  }
}

let scorer: Promise<Scorer> | null = null;
let last: Promise<unknown> = Promise.resolve();

const post = connect((message) => {
  if (message.type === 'open') {
    scorer = Scorer.open(message);
    scorer.then(
      () => post({ type: 'ready' }),
      (error: unknown) => post({ type: 'failed', error: describe(error) }),
    );
    return;
  }
  // One after another: each is many pictures, and there is one thread.
  last = last.then(async () => {
    const opened = await scorer?.catch(() => null);
    if (opened) post(await opened.score(message.id, message.items));
  });
});
