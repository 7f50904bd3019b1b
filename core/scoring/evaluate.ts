/** A run's scores judged by labels: the metrics of every score, by protocol, each with its base rate and estimator. */
import { openSource } from '../datasets/open.ts';
import { prepareMask } from '../datasets/preparation.ts';
import { checkLabels, isAnomalous } from '../datasets/split.ts';
import type { DatasetItem, DatasetProblem, ImageSource } from '../datasets/types.ts';
import { CoreError } from '../errors.ts';
import { aupr } from '../evaluation/aupr.ts';
import { auroc } from '../evaluation/auroc.ts';
import { f1max } from '../evaluation/f1max.ts';
import { fpr95 } from '../evaluation/fpr95.ts';
import { scoreNames, type ScoreName } from '../score-names.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import { defaultScore } from './default-score.ts';
import { ensureCalibration, openRunData } from './held-out.ts';
import { PixelRanking } from './pixel-ranking.ts';
import { openRunModel, type RunModelOptions } from './run-model.ts';
import { scoreImages, type ScoreProgress } from './stream.ts';
import { assembleTiles } from './tiles.ts';
import type { PictureMaps, ScoringModel } from './types.ts';

/**
 * `P2`: the official test split, or without one every labelled picture that was not trained on. `P1`: all pictures of both splits that
 * were not trained on, for runs that were trained on 80 % of all normal ones (the loaders of Zenati et al. 2018).
 */
export type Protocol = 'P1' | 'P2';

export interface EvaluationJob extends RunModelOptions {
  readonly run: RunFolder;
  /** Dataset to evaluate on; by default the run's own. */
  readonly data?: string | undefined;
  /** Labels that count as anomalous, beside what the layout itself says; by default those excluded from training. */
  readonly anomalyLabels?: readonly string[] | undefined;
  /** Default: the one that the run was trained for. */
  readonly protocol?: Protocol | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((stage: 'calibrating' | 'scoring', progress: ScoreProgress) => void) | undefined;
  readonly onSkipped?: ((problem: DatasetProblem) => void) | undefined;
}

const mapKinds = ['residual', 'place', 'energy'] as const;

export interface ScoreMetrics {
  readonly image_AUROC: number;
  /** Average precision. */
  readonly image_AUPR: number;
  /** By linear interpolation, as some papers have it; higher. */
  readonly image_AUPR_trapezoid: number;
  readonly image_F1Max: number;
  /** False-positive rate at 95 % recall. */
  readonly image_FPR95: number;
}

export interface Evaluation {
  readonly protocol: Protocol;
  readonly images: number;
  readonly anomalous: number;
  readonly skipped: number;
  /** Share of anomalous images: the AUPR of a score that knows nothing. */
  readonly base_rate: number;
  readonly estimator: 'average-precision';
  readonly default_score: ScoreName;
  readonly scores: Readonly<Partial<Record<ScoreName, ScoreMetrics>>>;
  /** AUROC of the default score by kind of anomaly against all normal images. */
  readonly kinds: Readonly<Record<string, { readonly images: number; readonly image_AUROC: number }>>;
  /** Of the residual, place and energy maps, over the pictures that have masks and the normal ones; null without masks. */
  readonly pixel_AUROC: Readonly<Record<(typeof mapKinds)[number], number | null>> | null;
  readonly step: number;
  readonly weights: 'average' | 'last';
}

/** Throws `scoring/labels` when there is nothing labelled, `evaluation/one-class` when one kind is missing. */
export async function evaluateRun(job: EvaluationJob): Promise<Evaluation> {
  const { run, signal } = job;
  const protocol = job.protocol ?? run.manifest.split.protocol ?? 'P2';
  const model = await openRunModel(run, job);
  try {
    const calibration = await ensureCalibration(run, model, {
      signal,
      onProgress: (progress) => job.onProgress?.('calibrating', progress),
    });
    const { source, indices, labels } = await openTestSet(job, protocol);
    try {
      const masks = indices.some((index) => source.items[index]?.hasMask === true);
      const options = { model, list: source, indices, normals: calibration, maps: masks, signal };
      const onProgress = (progress: ScoreProgress): void => job.onProgress?.('scoring', progress);
      const tally = new Tally(source, model, masks);
      for await (const result of scoreImages({ ...options, onProgress })) {
        if (result.kind === 'skipped') {
          tally.skipped++;
          job.onSkipped?.(result.problem);
          continue;
        }
        await tally.add(result.index, labels.get(result.index) ?? 0, result.scores, result.maps);
      }
      return tally.evaluation(protocol);
    } finally {
      await source.close();
    }
  } finally {
    await model.dispose();
  }
}

interface TestSet {
  readonly source: ImageSource;
  readonly indices: readonly number[];
  /** 1 where anomalous, by index. */
  readonly labels: ReadonlyMap<number, 0 | 1>;
}

/** Which pictures are tested on. Nothing that was trained on is ever among them. */
async function openTestSet(job: EvaluationJob, protocol: Protocol): Promise<TestSet> {
  const { manifest } = job.run;
  const own = job.data === undefined || (await sameData(job.data, manifest.dataset));
  const anomalyLabels = job.anomalyLabels ?? manifest.dataset.excludeLabels;
  const opened = own ? await openRunData(manifest, { signal: job.signal }) : null;
  const source = opened?.source ?? (await openSource(job.data ?? manifest.dataset.source));
  try {
    checkLabels(source.items, anomalyLabels);
    const hasTest = source.items.some(({ split }) => split === 'test');
    const wanted = ({ name, split }: DatasetItem): boolean => {
      if (opened !== null && (opened.trained.has(name) || !opened.usable.has(name))) return false;
      return protocol === 'P1' || !hasTest || split === 'test';
    };
    if (protocol === 'P1') checkP1(manifest.split);
    const labels = new Map<number, 0 | 1>();
    source.items.forEach((item, index) => {
      const anomalous = isAnomalous(item, anomalyLabels);
      if (anomalous !== null && wanted(item)) labels.set(index, anomalous ? 1 : 0);
    });
    if (labels.size === 0) {
      const text = `No picture of ${source.description} is known to be normal or anomalous.`;
      throw new CoreError('scoring/labels', `${text} Name the anomalous label with --anomaly-label.`);
    }
    return { source, indices: [...labels.keys()], labels };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** Whether a path holds the run's own data, also under another name. */
async function sameData(data: string, dataset: RunFolder['manifest']['dataset']): Promise<boolean> {
  if (data === dataset.source) return true;
  const [given, own] = await Promise.allSettled([openSource(data), openSource(dataset.source)]);
  const same =
    given.status === 'fulfilled' && own.status === 'fulfilled' && given.value.fingerprint === own.value.fingerprint;
  for (const opened of [given, own]) if (opened.status === 'fulfilled') await opened.value.close();
  return same;
}

/** Protocol P1 needs a run whose training split was P1's: else its test images were trained on, or too few were trained on. */
function checkP1(split: RunFolder['manifest']['split']): void {
  if (split.protocol === 'P1') return;
  const text = 'This run was trained on the official training split, so protocol P1 cannot be measured with it.';
  throw new CoreError('scoring/protocol', `${text} Train one with --protocol P1, or evaluate with --protocol P2.`);
}

/** Scores and labels as they come in, then the metrics. */
class Tally {
  readonly #source: ImageSource;
  readonly #model: ScoringModel;
  readonly #columns = new Map<ScoreName, number[]>();
  readonly #labels: (0 | 1)[] = [];
  readonly #kinds: (string | null)[] = [];
  readonly #pixels: Readonly<Record<(typeof mapKinds)[number], PixelRanking>> | null;
  skipped = 0;

  constructor(source: ImageSource, model: ScoringModel, masks: boolean) {
    this.#source = source;
    this.#model = model;
    const ranking = (): PixelRanking => new PixelRanking();
    this.#pixels = masks ? { residual: ranking(), place: ranking(), energy: ranking() } : null;
  }

  async add(
    index: number,
    label: 0 | 1,
    scores: Partial<Record<ScoreName, number>>,
    maps: PictureMaps | null,
  ): Promise<void> {
    for (const [name, value] of Object.entries(scores) as [ScoreName, number][]) {
      const column = this.#columns.get(name);
      if (column === undefined) this.#columns.set(name, [value]);
      else column.push(value);
    }
    this.#labels.push(label);
    this.#kinds.push(label === 1 ? (this.#source.items[index]?.label ?? null) : null);
    if (maps === null || this.#pixels === null) return;
    const mask = label === 1 ? await this.#mask(index, maps) : null;
    // An anomalous picture without a drawn defect says nothing about pixels.
    if (label === 1 && mask === null) return;
    for (const kind of mapKinds) {
      const map = maps[kind];
      if (map !== null) this.#pixels[kind].add(map, mask);
    }
  }

  evaluation(protocol: Protocol): Evaluation {
    const { objective, step, weights } = this.#model.description;
    const labels = this.#labels;
    const scores: Partial<Record<ScoreName, ScoreMetrics>> = {};
    for (const name of scoreNames) {
      const values = this.#columns.get(name);
      if (values === undefined) continue;
      scores[name] = {
        image_AUROC: auroc(values, labels),
        image_AUPR: aupr(values, labels),
        image_AUPR_trapezoid: aupr(values, labels, 'trapezoid'),
        image_F1Max: f1max(values, labels).f1,
        image_FPR95: fpr95(values, labels),
      };
    }
    const anomalous = labels.filter((label) => label === 1).length;
    const pixels = this.#pixels;
    return {
      protocol,
      images: labels.length,
      anomalous,
      skipped: this.skipped,
      base_rate: anomalous / labels.length,
      estimator: 'average-precision',
      default_score: defaultScore(objective),
      scores,
      kinds: this.#kindsOf(this.#columns.get(defaultScore(objective)) ?? []),
      pixel_AUROC:
        pixels === null
          ? null
          : { residual: pixels.residual.auroc(), place: pixels.place.auroc(), energy: pixels.energy.auroc() },
      step,
      weights,
    };
  }

  #kindsOf(values: readonly number[]): Evaluation['kinds'] {
    const names = [...new Set(this.#kinds)].filter((kind) => kind !== null).sort();
    const entries = names.map((kind) => {
      const chosen = this.#labels.flatMap((label, i) => (label === 0 || this.#kinds[i] === kind ? [i] : []));
      const chosenLabels = chosen.map((i) => this.#labels[i] ?? 0);
      const area = auroc(
        chosen.map((i) => values[i] ?? Number.NaN),
        chosenLabels,
      );
      return [kind, { images: chosenLabels.filter((label) => label === 1).length, image_AUROC: area }] as const;
    });
    return Object.fromEntries(entries);
  }

  /** The mask in the geometry of the maps; null without one, when it is empty, or when it is of another shape than its picture. */
  async #mask(index: number, maps: PictureMaps): Promise<Uint8Array | null> {
    const mask = await this.#source.readMask(index);
    if (mask === null) return null;
    const { preparation, spec } = this.#model.description;
    const { tiles, scaledWidth, scaledHeight, positions } = prepareMask(mask, preparation);
    if (scaledWidth !== maps.width || scaledHeight !== maps.height) return null;
    const layout = { width: scaledWidth, height: scaledHeight, origins: positions };
    const whole = assembleTiles(tiles, layout, spec.size, 1);
    return whole.includes(255) ? whole : null;
  }
}
