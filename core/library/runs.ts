/** The collection of runs: those in the library's own folder and those that were shown to it. Names and tags live beside them. */
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { CoreError } from '../errors.ts';
import { findObjective } from '../objectives/registry.ts';
import { systemCode } from '../runs/atomic.ts';
import { encodeSafetensors } from '../runs/safetensors.ts';
import { RunFolder } from '../runs/run-folder.ts';
import { defaultScore } from '../scoring/default-score.ts';
import { givenScores } from '../scoring/given-scores.ts';
import { summaryOf } from '../scoring/report/summaries.ts';
import { folderName, idOf, randomId, type LibraryFolders } from './folders.ts';
import { JsonStore } from './json-store.ts';
import { gridSteps, RunCards, type RunFacts } from './run-cards.ts';
import { settingsOf } from './run-settings.ts';
import { seriesOf, type SeriesQuery } from './series.ts';
import { exists, type Trash } from './trash.ts';

const listSchema = z.object({
  /** Run folders outside the library. */
  external: z.array(z.string()),
  names: z.record(z.string(), z.string()),
  tags: z.record(z.string(), z.array(z.string())),
  /** Run -> the run that it reproduces. */
  reproduces: z.record(z.string(), z.string()),
});
type RunList = z.output<typeof listSchema>;

export class RunShelf {
  readonly #folders: LibraryFolders;
  readonly #store: JsonStore<RunList>;
  readonly #trash: Trash;
  readonly #cards = new RunCards();

  constructor(folders: LibraryFolders, trash: Trash) {
    this.#folders = folders;
    this.#trash = trash;
    const file = path.join(folders.library, 'runs.json');
    this.#store = new JsonStore(file, listSchema, { external: [], names: {}, tags: {}, reproduces: {} });
  }

  /** Every run folder that can be read, by id. */
  async folders(): Promise<Map<string, string>> {
    let names: string[] = [];
    try {
      names = await readdir(this.#folders.runs);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
    const { external } = await this.#store.read();
    const dirs = [...names.map((name) => path.join(this.#folders.runs, name)), ...external];
    return new Map(dirs.map((dir) => [idOf(dir), dir]));
  }

  /** Newest first; folders that are no runs (yet) are left out. */
  async list() {
    const list = await this.#store.read();
    const facts = await this.#cards.readAll([...(await this.folders()).values()]);
    const cards = facts.map((each) => cardOf(each, list));
    return cards.sort((a, b) => (a.created < b.created ? 1 : -1));
  }

  async dirOf(id: string): Promise<string> {
    const dir = (await this.folders()).get(id);
    if (dir !== undefined && (await exists(path.join(dir, 'run.json')))) return dir;
    throw new CoreError('library/unknown-run', 'This run is not in the collection any more. Choose another.');
  }

  /** Opened for reading. Throws `library/unknown-run`. */
  async open(id: string): Promise<RunFolder> {
    return RunFolder.open(await this.dirOf(id));
  }

  async card(id: string) {
    return cardOf(await this.#cards.read(await this.dirOf(id)), await this.#store.read());
  }

  /** What a person calls a run. */
  async nameOf(id: string): Promise<string> {
    const { names } = await this.#store.read();
    return names[id] ?? (await this.open(id)).manifest.name;
  }

  async details(id: string) {
    const run = await this.open(id);
    const { manifest } = run;
    const objective = findObjective(manifest.objective.name);
    const { calibration } = manifest;
    const counted = calibration?.['count'];
    return {
      card: await this.card(id),
      settings: settingsOf(manifest),
      checkpoints: await run.listCheckpoints(),
      samples: await gridSteps(run, 'samples'),
      reconstructions: await gridSteps(run, 'reconstructions'),
      counts: manifest.dataset.counts,
      scores: givenScores(objective).map((name) => ({
        name,
        summary: summaryOf(name),
        default: name === defaultScore(objective.name),
      })),
      calibratedOn: typeof counted === 'number' ? counted : null,
      fingerprint: manifest.dataset.fingerprint,
    };
  }

  async metrics(id: string, query: SeriesQuery) {
    const run = await this.open(id);
    const [records, validation] = await Promise.all([run.readMetrics(), run.readValidation()]);
    const last = records.at(-1)?.step ?? 0;
    return {
      records: records.length,
      lastStep: last,
      series: [...seriesOf(records, query), ...seriesOf(validation, query)],
    };
  }

  async rename(id: string, name: string): Promise<void> {
    await this.dirOf(id);
    await this.#store.change((list) => ({ ...list, names: { ...list.names, [id]: name } }));
  }

  async tag(id: string, tags: readonly string[]): Promise<void> {
    await this.dirOf(id);
    const clean = [...new Set(tags.map((tag) => tag.trim()).filter((tag) => tag !== ''))];
    await this.#store.change((list) => ({ ...list, tags: { ...list.tags, [id]: clean } }));
  }

  /** Throws `runs/not-a-run` and what reading a manifest throws. */
  async add(given: string): Promise<string> {
    const dir = path.resolve(given);
    await RunFolder.open(dir);
    if (path.dirname(dir) !== this.#folders.runs) {
      await this.#store.change((list) => ({ ...list, external: [...new Set([...list.external, dir])] }));
    }
    return idOf(dir);
  }

  /** Runs of the library move into the trash; others are taken off the list. Throws `library/run-busy` for one that trains. */
  async discard(ids: readonly string[]): Promise<{ undo: string; what: string }> {
    const paths: string[] = [];
    const external: string[] = [];
    const names: string[] = [];
    for (const id of ids) {
      const dir = await this.dirOf(id);
      names.push(await this.nameOf(id));
      if (await exists(path.join(dir, 'lock.json'))) {
        const text = `${names.at(-1) ?? 'The run'} is being trained. Stop it first, then delete it.`;
        throw new CoreError('library/run-busy', text);
      }
      if (path.dirname(dir) === this.#folders.runs) paths.push(dir);
      else external.push(dir);
    }
    const name = names.length === 1 ? `Run "${names[0] ?? ''}"` : `${names.length} runs`;
    const undo = await this.#trash.discard({ kind: 'run', name, paths, extra: external });
    await this.#store.change((list) => ({ ...list, external: list.external.filter((dir) => !external.includes(dir)) }));
    return { undo, what: `${name} deleted.` };
  }

  /** The other half of an undo: puts folders outside the library on the list again. */
  async relist(dirs: readonly string[]): Promise<void> {
    if (dirs.length === 0) return;
    await this.#store.change((list) => ({ ...list, external: [...new Set([...list.external, ...dirs])] }));
  }

  /** A folder for a new run, which does not exist yet, and the id that it will have. */
  newRun(name: string): { id: string; dir: string } {
    const stamp = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
    const dir = path.join(this.#folders.runs, `${stamp}-${folderName(name)}-${randomId().slice(0, 4)}`);
    return { id: idOf(dir), dir };
  }

  async noteReproduction(copy: string, original: string): Promise<void> {
    await this.#store.change((list) => ({ ...list, reproduces: { ...list.reproduces, [copy]: original } }));
  }

  /** Compares the weights of a run and of the one that it reproduces, at their newest common checkpoint. */
  async verify(id: string, given?: string) {
    const originalId = given ?? (await this.#store.read()).reproduces[id];
    if (originalId === undefined) {
      throw new CoreError(
        'library/no-original',
        'This run is not known to reproduce another. Choose one to compare with.',
      );
    }
    const [copy, original] = [await this.open(id), await this.open(originalId)];
    const steps = new Set(await original.listCheckpoints());
    const step = (await copy.listCheckpoints()).filter((candidate) => steps.has(candidate)).at(-1);
    if (step === undefined) {
      const explanation =
        'The two runs have no checkpoint of the same step. Let both finish with the same number of steps.';
      return { verdict: 'not-comparable' as const, step: null, explanation };
    }
    const hash = async (run: RunFolder): Promise<string> => {
      const { tensors } = await run.loadCheckpoint(step);
      return createHash('sha256').update(encodeSafetensors(tensors)).digest('hex');
    };
    const same = (await hash(copy)) === (await hash(original));
    const device = copy.manifest.device.name === original.manifest.device.name ? '' : ' They ran on different devices.';
    return {
      verdict: same ? ('identical' as const) : ('different' as const),
      step,
      explanation: same
        ? `All weights and optimiser states at step ${step} are the same, bit for bit.`
        : `The weights at step ${step} differ.${device}`,
    };
  }

  /** A kept grid, as PNG. Throws `library/no-picture`. */
  async grid(id: string, kind: 'samples' | 'reconstructions', step: number): Promise<Uint8Array> {
    const name = `step-${String(step).padStart(8, '0')}.png`;
    try {
      return await readFile(path.join(await this.dirOf(id), kind, name));
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      throw new CoreError('library/no-picture', `The run has no ${kind} of step ${step}.`, { cause: error });
    }
  }
}

/** With what a person calls it. */
function cardOf(facts: RunFacts, list: RunList) {
  return { ...facts, name: list.names[facts.id] ?? facts.name, tags: list.tags[facts.id] ?? [] };
}
