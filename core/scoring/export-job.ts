/** `triangle export`: graphs and a `model.json` that says how to call them, for programs that know nothing of us. */
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ModelNetwork } from '../nets/types.ts';
import { findObjective } from '../objectives/registry.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import { readCalibration, type Calibration } from './calibration.ts';
import { defaultScore } from './default-score.ts';
import { formulasOf } from './formulas.ts';
import { givenScores, isCalibrated } from './given-scores.ts';
import { graphFiles, readDescription, writeModel, type Graphs } from './graph-model.ts';
import { storedBank } from './neighbours.ts';
import { ensureGraphs } from './run-model.ts';
import { thresholdFromNormals } from './threshold.ts';
import type { ModelDescription } from './types.ts';
import { CoreError } from '../errors.ts';

export interface ExportJob {
  readonly run: RunFolder;
  /** Folder for the files; made if need be. */
  readonly out: string;
  readonly checkpoint?: 'latest' | 'best' | number | undefined;
}

export interface ExportResult {
  readonly dir: string;
  readonly files: readonly string[];
  readonly step: number;
  /** False when the run has not been calibrated: `model.json` then holds no statistics and thresholds. */
  readonly calibrated: boolean;
}

/** False-alarm rates for which thresholds are written. */
const rates = [0.05, 0.01, 0.001];

export async function exportRun(job: ExportJob): Promise<ExportResult> {
  const cached = await ensureGraphs(job.run, job.checkpoint ?? 'latest');
  const found = await readDescription(cached);
  if (found === null) throw new CoreError('scoring/model', `${cached} was removed while it was read. Try again.`);
  const { description, networks } = found;
  const graphs: Graphs = {};
  for (const name of networks) graphs[name] = await readFile(path.join(cached, graphFiles[name]));
  const calibration = await readCalibration(await job.run.scoresPath('held-out.json'), { description });
  await mkdir(job.out, { recursive: true });
  await writeModel(job.out, description, graphs, {
    run: { id: job.run.manifest.id, name: job.run.manifest.name, programVersion: job.run.manifest.programVersion },
    graphs: interfaces(description, networks),
    images:
      'float32, NHWC, a pixel byte b becomes b / 127.5 - 1; grey by ITU-R BT.601 luma (0.299 R + 0.587 G + 0.114 B)',
    scores: scoresOf(description, calibration),
    calibration: calibration === null ? null : calibrationOf(calibration),
    howToCall: [
      'Prepare the picture as "preparation" says (see docs/scores.md), scale its bytes to [-1, 1].',
      ...(networks.includes('inference') ? ['inference.onnx: images -> mean, logVariance. z = mean.'] : []),
      ...(networks.includes('generator')
        ? [
            `generator.onnx: latents ${networks.includes('inference') ? '= mean -> images, the reconstruction' : '-> images'}.`,
          ]
        : []),
      ...(networks.includes('critic') ? ['critic.onnx: images -> f and features; -f is the energy.'] : []),
      ...(networks.includes('energy')
        ? [
            'energy.onnx: images, latents = mean -> f and features; once with the picture, once with its reconstruction.',
          ]
        : []),
      'Compute the scores of each model input by their formulas, medians as the middle value (the mean of the middle two). With tiles the score of a picture is the mean of its "tilesAveraged" highest tiles, but for place and combined, which are of the whole picture. Higher is more anomalous.',
    ],
  });
  const files = [...networks.map((name) => graphFiles[name]), 'model.json'].sort();
  return { dir: job.out, files, step: description.step, calibrated: calibration !== null };
}

/** Names and shapes of inputs and outputs; -1 is the free batch. */
function interfaces({ spec }: ModelDescription, networks: readonly ModelNetwork[]): Record<string, unknown> {
  const images = [-1, spec.size, spec.size, spec.channels];
  const latents = [-1, spec.latent];
  const all: Record<ModelNetwork, unknown> = {
    inference: { file: graphFiles.inference, inputs: { images }, outputs: { mean: latents, logVariance: latents } },
    generator: { file: graphFiles.generator, inputs: { latents }, outputs: { images } },
    energy: { file: graphFiles.energy, inputs: { images, latents }, outputs: { f: [-1], features: [-1, null] } },
    critic: { file: graphFiles.critic, inputs: { images }, outputs: { f: [-1], features: [-1, null] } },
  };
  return Object.fromEntries(networks.map((name) => [name, all[name]]));
}

/** Those that can be computed from what is written: before a calibration none that compares with held-out normals. */
function scoresOf(description: ModelDescription, calibration: Calibration | null): Record<string, unknown> {
  const { objective } = description;
  const names = givenScores(findObjective(objective)).filter((name) => calibration !== null || !isCalibrated(name));
  return {
    default: defaultScore(objective),
    formulas: formulasOf(description, names),
    ...(calibration === null ? {} : { tilesAveraged: calibration.tilesAveraged }),
  };
}

/** Statistics of each score and thresholds at a few false-alarm rates; the raw scores stay in the run. */
function calibrationOf(calibration: Calibration): Record<string, unknown> {
  const { count, onTraining, scores, statistics, places, neighbours, featureNeighbours, maps } = calibration;
  const thresholds = Object.entries(scores).map(([name, values]) => [
    name,
    Object.fromEntries(
      rates.map((rate) => {
        const { value, weak } = thresholdFromNormals(values, rate, onTraining);
        return [String(rate), { value, promised: !weak }];
      }),
    ),
  ]);
  return {
    images: count,
    onTrainingImages: onTraining,
    statistics,
    places,
    neighbours: neighbours && storedBank(neighbours),
    featureNeighbours: featureNeighbours && storedBank(featureNeighbours),
    maps,
    thresholdsByFalseAlarmRate: Object.fromEntries(thresholds),
  };
}
