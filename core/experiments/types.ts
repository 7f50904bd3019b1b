/** What an experiment is, what it is asked for and what it tells. Plain data: hosts of any kind can send and show it. */
import type { ScoreName } from '../score-names.ts';
import type { RunManifest } from '../runs/manifest.ts';

export type Protocol = 'P1' | 'P2';

/** What a person may set; an experiment names those that it has a use for. */
export type ParameterName =
  | 'data'
  | 'sets'
  | 'digits'
  | 'methods'
  | 'seeds'
  | 'epochs'
  | 'lastEpochs'
  | 'protocols'
  | 'scores'
  | 'preset'
  | 'samples'
  | 'inception'
  | 'runs'
  | 'limit';

/** What a person asked for; the rest is the experiment's own default. */
export interface ExperimentChoices {
  /** Dataset to train on: a path or `builtin:<name>`. */
  readonly data?: string | undefined;
  /** Further datasets by the name that the table gives them: `{ svhn: 'path' }`. */
  readonly sets?: Readonly<Record<string, string>> | undefined;
  /** Labels that are held out, one after the other. */
  readonly digits?: readonly string[] | undefined;
  /** Names of objectives. */
  readonly methods?: readonly string[] | undefined;
  readonly seeds?: readonly number[] | undefined;
  readonly epochs?: number | undefined;
  /** Over how many of the last epochs figures are averaged. */
  readonly lastEpochs?: number | undefined;
  readonly protocols?: readonly Protocol[] | undefined;
  readonly scores?: readonly ScoreName[] | undefined;
  readonly preset?: string | undefined;
  /** Samples to draw for distances between sets of images. */
  readonly samples?: number | undefined;
  /** Inception-v3 as an ONNX file; see docs/reproducing.md. */
  readonly inception?: string | undefined;
  /** Where runs are looked for and made, instead of in each cell's folder: experiments that need the same training share it. */
  readonly runs?: string | undefined;
  /** Most images to train on, and most to test on: quick tries. */
  readonly limit?: number | undefined;
}

/** Every choice made. Kept in `experiment.json`; what changes a result may not change in the same folder. */
export interface ExperimentSettings {
  readonly experiment: string;
  /** Empty where the experiment has only `sets`. */
  readonly data: string;
  readonly sets: Readonly<Record<string, string>>;
  readonly digits: readonly string[];
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  /** Null: the preset's own. */
  readonly epochs: number | null;
  readonly lastEpochs: number;
  readonly protocols: readonly Protocol[];
  /** Null: every score that the method's networks give. */
  readonly scores: readonly ScoreName[] | null;
  /** Null: what fits the data. */
  readonly preset: string | null;
  readonly samples: number;
  readonly inception: string | null;
  readonly runs: string | null;
  readonly limit: number | null;
}

/** One independent piece of work: one training and what is measured of it. */
export interface Cell {
  /** Name of its folder: `joint-P1-4-seed1`. */
  readonly id: string;
  readonly method: string;
  /** What varies beside method and seed: the held-out digit, or the dataset's name. */
  readonly subject: string;
  readonly protocol: Protocol | null;
  readonly seed: number;
}

/** A picture or chart of a result: files beside `results.json`. */
export interface Figure {
  readonly title: string;
  /** What it shows, for people who do not see it and for the caption. */
  readonly caption: string;
  /** Path relative to the experiment's folder, with forward slashes: SVG or PNG. */
  readonly file: string;
  /** The same as numbers; null for photographs. */
  readonly csv: string | null;
}

/** How a cell was made: enough to do it again. */
export interface CellFacts {
  readonly epochs: number;
  readonly steps: number;
  readonly trainImages: number;
  readonly testImages: number;
  /** Time of the optimiser's steps, all parts of an interrupted training together. */
  readonly trainingSeconds: number;
  readonly measuringSeconds: number;
  readonly device: string;
  readonly weights: 'average' | 'last';
  /** ISO 8601, UTC. */
  readonly finished: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly preset: string | null;
  readonly nets: RunManifest['nets'];
  readonly options: RunManifest['objective']['options'];
  readonly training: RunManifest['training'];
}

export interface CellResult {
  readonly cell: Cell;
  /** Numbers by name; those of one score begin with its name: `energy/aupr`. */
  readonly values: Readonly<Record<string, number>>;
  /** Numbers by name at the end of each of the last epochs. */
  readonly series: Readonly<Record<string, readonly number[]>>;
  readonly figures: readonly Figure[];
  readonly facts: CellFacts;
}

/** Mean over seeds; `deviation` (n - 1) is null for a single one. Figures of the paper have no count. */
export interface TableValue {
  readonly mean: number;
  readonly deviation: number | null;
  readonly count: number | null;
}

export interface TableRow {
  /** Under each of `heads`. */
  readonly heads: readonly string[];
  /** `reference`: measured or known of the test set itself, such as its base rate; no method's. */
  readonly source: 'paper' | 'reference' | 'here';
  /** Under each of `columns`; null: not given or not done. */
  readonly values: readonly (TableValue | null)[];
}

export interface ResultTable {
  readonly id: string;
  readonly title: string;
  /** Protocol, estimator, what is averaged: everything without which the figures cannot be read. */
  readonly caption: string;
  readonly heads: readonly string[];
  readonly columns: readonly string[];
  /** Whether higher or lower is better. */
  readonly better: 'higher' | 'lower';
  /** Columns where no row is better than another. */
  readonly unranked?: readonly string[];
  /** Digits behind the point. */
  readonly digits: number;
  readonly rows: readonly TableRow[];
}

/** `results.json`: everything that the Markdown and HTML pages show. */
export interface ExperimentReport {
  readonly formatVersion: 1;
  readonly settings: ExperimentSettings;
  readonly title: string;
  /** Which of the paper's tables and figures this stands beside. */
  readonly paper: string;
  readonly state: 'unfinished' | 'finished';
  readonly cells: { readonly done: number; readonly total: number };
  readonly tables: readonly ResultTable[];
  readonly figures: readonly Figure[];
  readonly results: readonly CellResult[];
  /** Remarks on how to read the figures; also which cells failed, and why. */
  readonly notes: readonly string[];
}

export type CellStage = 'preparing' | 'training' | 'measuring';

export type ExperimentEvent =
  | { readonly kind: 'planned'; readonly settings: ExperimentSettings; readonly cells: readonly PlannedCell[] }
  | { readonly kind: 'cell-started'; readonly cell: Cell; readonly index: number; readonly total: number }
  | {
      readonly kind: 'progress';
      readonly cell: Cell;
      readonly stage: CellStage;
      readonly done: number;
      readonly total: number;
      /** Steps, images. */
      readonly unit: string;
      /** Seconds to the end of the cell and of the experiment; null until there is something to go by. */
      readonly cellSecondsLeft: number | null;
      readonly secondsLeft: number | null;
    }
  | { readonly kind: 'problem'; readonly cell: Cell; readonly message: string }
  | { readonly kind: 'cell-finished'; readonly cell: Cell; readonly result: CellResult }
  | { readonly kind: 'cell-failed'; readonly cell: Cell; readonly code: string; readonly message: string }
  | { readonly kind: 'report'; readonly report: ExperimentReport };

export interface PlannedCell {
  readonly cell: Cell;
  readonly done: boolean;
}

export interface ExperimentJob extends ExperimentChoices {
  readonly experiment: string;
  /** The experiment's folder: new, or one to go on with. */
  readonly out: string;
  readonly device?: string | undefined;
  readonly threads?: number | undefined;
  readonly cacheDir?: string | undefined;
  /** Aborting it stops at the next step; the same job goes on from there. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: ExperimentEvent) => void) | undefined;
}

export interface ExperimentResult {
  /** `failed`: every cell was tried and at least one failed; see the report's notes. */
  readonly state: 'finished' | 'stopped' | 'failed';
  readonly dir: string;
  readonly report: ExperimentReport;
}

/** What a cell's work may use. */
export interface CellContext {
  readonly settings: ExperimentSettings;
  /** The cell's own folder. */
  readonly dir: string;
  /** The experiment's folder, for what cells share. */
  readonly root: string;
  readonly device: string | undefined;
  readonly threads: number | undefined;
  readonly cacheDir: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** `secondsLeft` of the stage, where it is known better than from `done`. */
  readonly progress: (stage: CellStage, done: number, total: number, unit: string, secondsLeft?: number | null) => void;
  readonly problem: (message: string) => void;
}

export interface ReportParts {
  readonly tables: readonly ResultTable[];
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
}

/** One experiment; a file of `catalogue/` exports one as `experiment`. */
export interface Experiment {
  readonly name: string;
  readonly title: string;
  /** One sentence for people. */
  readonly summary: string;
  /** `Table 4`, … */
  readonly paper: string;
  readonly parameters: readonly ParameterName[];
  readonly defaults: ExperimentDefaults;
  /** Names of the further datasets that it knows, with what they are. */
  readonly sets: Readonly<Record<string, string>>;
  /** Throws a CoreError where the settings do not make sense together. */
  readonly check?: (settings: ExperimentSettings) => void;
  readonly cells: (settings: ExperimentSettings) => readonly Cell[];
  /** Null: stopped by the signal before it was done; what was reached is in the cell's folder. */
  readonly run: (cell: Cell, context: CellContext) => Promise<Omit<CellResult, 'cell'> | null>;
  readonly report: (results: readonly CellResult[], settings: ExperimentSettings, root: string) => Promise<ReportParts>;
}

export type ExperimentDefaults = Omit<
  ExperimentSettings,
  'experiment' | 'data' | 'sets' | 'inception' | 'runs' | 'limit'
> & {
  /** Null: the person must name one; empty: only `sets` are used. */
  readonly data: string | null;
};

/** What lists and forms show of an experiment. */
export type ExperimentInfo = Pick<
  Experiment,
  'name' | 'title' | 'summary' | 'paper' | 'parameters' | 'defaults' | 'sets'
>;
