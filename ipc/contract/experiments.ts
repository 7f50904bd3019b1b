/** The page of the paper's experiments: what there is, what was asked for, how far it is, what came out beside the paper. */
import { z } from 'zod';
import {
  idSchema,
  imageRefSchema,
  nothing,
  pathSchema,
  scoreNameSchema,
  undoSchema,
  type ChannelSchema,
} from './common.ts';

const names = z.array(z.string().min(1).max(200)).max(200);
const protocolSchema = z.enum(['P1', 'P2']);
const count = z.int().min(1).max(1_000_000);

/** What a person chooses; what is absent is the experiment's own default. */
export const experimentChoicesSchema = z.strictObject({
  data: pathSchema.optional(),
  sets: z.record(z.string(), pathSchema).optional(),
  digits: names.optional(),
  methods: names.optional(),
  seeds: z.array(z.int().min(0)).max(100).optional(),
  epochs: count.optional(),
  lastEpochs: count.optional(),
  protocols: z.array(protocolSchema).optional(),
  scores: z.array(scoreNameSchema).optional(),
  preset: z.string().optional(),
  samples: count.optional(),
  inception: pathSchema.optional(),
  runs: pathSchema.optional(),
  limit: z.int().min(2).optional(),
});
export type ExperimentChoices = z.infer<typeof experimentChoicesSchema>;

/** An experiment that can be made. */
export const experimentKindSchema = z.object({
  name: z.string(),
  title: z.string(),
  /** What data it wants. */
  summary: z.string(),
  /** "Table 4", "Table 3, Figures 3 and 4". */
  paper: z.string(),
  parameters: z.array(z.string()),
  defaults: z.object({
    data: z.string().nullable(),
    digits: z.array(z.string()),
    methods: z.array(z.string()),
    seeds: z.array(z.number()),
    epochs: z.number().nullable(),
    lastEpochs: z.number(),
    protocols: z.array(protocolSchema),
    samples: z.number(),
    preset: z.string().nullable(),
  }),
  /** Further datasets that it compares with, by name, in words. */
  sets: z.record(z.string(), z.string()),
});
export type ExperimentKind = z.infer<typeof experimentKindSchema>;

export const experimentCardSchema = z.object({
  id: idSchema,
  experiment: z.string(),
  title: z.string(),
  paper: z.string(),
  folder: z.string(),
  /** ISO 8601. */
  created: z.string(),
  choices: experimentChoicesSchema,
  state: z.enum(['queued', 'active', 'stopped', 'finished', 'failed']),
  code: z.string().nullable(),
  message: z.string().nullable(),
  /** Trainings that are measured, of all; 0 of 0 before it has begun. */
  cells: z.object({ done: z.int(), total: z.int() }),
  current: z
    .object({
      cell: z.string(),
      stage: z.string(),
      done: z.number(),
      total: z.number(),
      unit: z.string(),
      secondsLeft: z.number().nullable(),
    })
    .nullable(),
  /** Of the whole experiment. */
  secondsLeft: z.number().nullable(),
});
export type ExperimentCard = z.infer<typeof experimentCardSchema>;

const valueSchema = z.object({ mean: z.number(), deviation: z.number().nullable(), count: z.number().nullable() });
export const experimentTableSchema = z.object({
  id: z.string(),
  title: z.string(),
  caption: z.string(),
  heads: z.array(z.string()),
  columns: z.array(z.string()),
  better: z.enum(['higher', 'lower']),
  digits: z.int(),
  /** Row of the best of ours in each column; -1 where no row is better than another. */
  best: z.array(z.int()),
  rows: z.array(
    z.object({
      heads: z.array(z.string()),
      source: z.enum(['paper', 'reference', 'here']),
      values: z.array(valueSchema.nullable()),
    }),
  ),
});
export type ExperimentTable = z.infer<typeof experimentTableSchema>;

export const experimentFigureSchema = z.object({
  title: z.string(),
  caption: z.string(),
  image: imageRefSchema,
  /** Of a histogram: the first set is what the others are compared with; shares of each set. Null for pictures. */
  bins: z
    .object({
      edges: z.array(z.number()),
      sets: z.array(z.object({ name: z.string(), shares: z.array(z.number()) })),
    })
    .nullable(),
});
export type ExperimentFigure = z.infer<typeof experimentFigureSchema>;

const experiment = { experiment: idSchema };

export const experimentChannels = {
  'experiments.catalogue': {
    request: nothing,
    answer: z.object({
      kinds: z.array(experimentKindSchema),
      methods: z.array(z.object({ name: z.string(), summary: z.string() })),
    }),
  },
  /** Newest first. */
  'experiments.list': { request: nothing, answer: z.array(experimentCardSchema) },
  /** How many trainings it would be; an error says what does not make sense together. */
  'experiments.plan': {
    request: z.strictObject({ kind: z.string(), choices: experimentChoicesSchema }),
    answer: z.object({ cells: z.int() }),
  },
  /** Puts it behind what trains now. */
  'experiments.start': {
    request: z.strictObject({ kind: z.string(), choices: experimentChoicesSchema }),
    answer: experimentCardSchema,
  },
  /** At the next step; trainings that are done stay, the one under way is gone on with. */
  'experiments.stop': { request: z.strictObject(experiment), answer: experimentCardSchema },
  'experiments.resume': { request: z.strictObject(experiment), answer: experimentCardSchema },
  /** Null before the first training is measured. */
  'experiments.report': {
    request: z.strictObject(experiment),
    answer: z
      .object({
        title: z.string(),
        paper: z.string(),
        state: z.enum(['unfinished', 'finished']),
        cells: z.object({ done: z.int(), total: z.int() }),
        tables: z.array(experimentTableSchema),
        figures: z.array(experimentFigureSchema),
        notes: z.array(z.string()),
        /** How each training was made. */
        made: z.object({ heads: z.array(z.string()), rows: z.array(z.array(z.string())) }),
        versions: z.array(z.string()),
      })
      .nullable(),
  },
  'experiments.export': {
    request: z.strictObject({ ...experiment, what: z.enum(['json', 'markdown', 'html']), path: pathSchema }),
    answer: z.object({ file: z.string() }),
  },
  'experiments.delete': { request: z.strictObject(experiment), answer: undoSchema },
} satisfies Record<string, ChannelSchema>;

export const experimentEvents = {
  /** Something about it has changed; at most four a second while it works. */
  'experiments.state': experimentCardSchema,
} satisfies Record<string, z.ZodType>;
