/** What lists show of a run, read from its folder once and again only when one of its files has changed. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { inOrder } from '../datasets/ordered.ts';
import { CoreError } from '../errors.ts';
import { abilities, lacksOf, type Ability } from '../objectives/capabilities.ts';
import { objectives } from '../objectives/registry.ts';
import type { MetricsRecord } from '../runs/metrics-log.ts';
import { RunFolder } from '../runs/run-folder.ts';
import { idOf } from './folders.ts';

/** Everything but what a person calls the run. */
export type RunFacts = Awaited<ReturnType<typeof factsOf>>;

/** What the facts come from; a folder's time changes with the names in it. */
const sources = ['run.json', 'metrics.jsonl', 'validation.jsonl', 'checkpoints', 'samples'];
/** File systems keep times as coarsely as this: what changed more recently may change again without a sign of it. */
const settledMs = 2000;
/** Folders that are looked at together: a disk, above all one of the network, answers several questions at once. */
const together = 16;

export class RunCards {
  #known = new Map<string, { readonly stamp: string; readonly facts: RunFacts }>();

  /** Facts of the folders that are runs, in their order; others are left out. */
  async readAll(dirs: readonly string[]): Promise<RunFacts[]> {
    const all: RunFacts[] = [];
    const read = async (index: number): Promise<RunFacts | null> => {
      try {
        return await this.read(dirs[index] ?? '');
      } catch (error) {
        if (error instanceof CoreError) return null;
        throw error;
      }
    };
    for await (const facts of inOrder(read, { count: dirs.length, concurrency: together, signal: undefined })) {
      if (facts !== null) all.push(facts);
    }
    const there = new Set(dirs);
    for (const dir of this.#known.keys()) if (!there.has(dir)) this.#known.delete(dir);
    return all;
  }

  /** Throws what opening a run throws. */
  async read(dir: string): Promise<RunFacts> {
    const { stamp, newest } = await stampOf(dir);
    const known = this.#known.get(dir);
    if (known?.stamp === stamp) return known.facts;
    const facts = await factsOf(await RunFolder.open(dir));
    if (Date.now() - newest > settledMs) this.#known.set(dir, { stamp, facts });
    else this.#known.delete(dir);
    return facts;
  }
}

async function stampOf(dir: string): Promise<{ stamp: string; newest: number }> {
  const found = await Promise.all(sources.map((name) => stat(path.join(dir, name)).catch(() => null)));
  return {
    stamp: found.map((entry) => (entry === null ? '-' : `${entry.mtimeMs} ${entry.size} ${entry.ino}`)).join(),
    newest: Math.max(...found.map((entry) => entry?.mtimeMs ?? 0)),
  };
}

/** Steps of the kept grids, ascending. */
export async function gridSteps(run: RunFolder, kind: 'samples' | 'reconstructions'): Promise<number[]> {
  const names = await readdir(path.join(run.dir, kind)).catch(() => []);
  return names
    .flatMap((name) => {
      const match = /^step-(\d+)\.png$/.exec(name);
      return match === null ? [] : [Number(match[1])];
    })
    .sort((a, b) => a - b);
}

function finiteValues(record: MetricsRecord | null): Record<string, number | null> {
  return Object.fromEntries(
    Object.entries(record ?? {}).map(([name, value]) => [name, Number.isFinite(value) ? value : null]),
  );
}

/** A run of a newer version is listed all the same, and says why nothing can be done with it here. */
function lacksOfNamed(name: string): Record<Ability, string | null> {
  const objective = objectives.find((candidate) => candidate.name === name);
  if (objective !== undefined) return lacksOf(objective);
  const reason = `This program does not know the objective ${name}. Use the version that trained the run.`;
  return Object.fromEntries(abilities.map((ability) => [ability, reason])) as Record<Ability, string>;
}

async function factsOf(run: RunFolder) {
  const { manifest } = run;
  const id = idOf(run.dir);
  const { dataset, nets, training } = manifest;
  const [best, grids, validation, last, checkpoints] = await Promise.all([
    run.best(),
    gridSteps(run, 'samples'),
    run.lastValidation(),
    run.lastMetrics(),
    run.listCheckpoints(),
  ]);
  const metrics = finiteValues(last);
  const grid = grids.at(-1);
  const { source } = dataset;
  return {
    id,
    name: manifest.name,
    created: manifest.created,
    state: manifest.state,
    message: manifest.message,
    objective: manifest.objective.name,
    dataset: {
      id: idOf(source),
      name: source.startsWith('builtin:') ? source.slice('builtin:'.length) : path.basename(source),
      source,
      images: dataset.counts.train,
      excludeLabels: [...dataset.excludeLabels],
    },
    nets: { size: nets.size, channels: nets.channels, width: nets.width, latent: nets.latent },
    seed: training.seed,
    step: Math.max(manifest.step, metrics['step'] ?? 0),
    steps: training.steps,
    device: manifest.device,
    metrics: { ...finiteValues(validation), ...metrics },
    best: best === null ? null : { step: best.step, metric: best.metric.name, value: best.metric.value },
    image: grid === undefined ? null : `/image/run/${id}/samples/${grid}`,
    usable: checkpoints.length > 0,
    lacks: lacksOfNamed(manifest.objective.name),
    folder: run.dir,
  };
}
