/** The whole way in a few minutes: built-in digits are learnt, a folder with damaged ones is scored, samples are drawn. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { aupr } from '../evaluation/aupr.ts';
import { auroc } from '../evaluation/auroc.ts';
import { makeGallery } from '../galleries/gallery-job.ts';
import { RunFolder } from '../runs/run-folder.ts';
import { scorePictures } from '../scoring/score-job.ts';
import type { ScoreProgress } from '../scoring/stream.ts';
import { writeDemoFolder } from './demo-pictures.ts';
import { trainRun } from './train-job.ts';
import type { TrainJobEvent } from './train-job.ts';

export interface DemoJob {
  /** Everything is written below it. */
  readonly dir: string;
  /** Optimiser steps; more give sharper samples. */
  readonly steps?: number | undefined;
  readonly device?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onTraining?: ((event: TrainJobEvent) => void) | undefined;
  readonly onScoring?: ((progress: ScoreProgress) => void) | undefined;
}

export interface DemoResult {
  /** Area under the ROC curve of the default score over the demo folder. */
  readonly image_AUROC: number;
  /** Average precision. */
  readonly image_AUPR: number;
  readonly base_rate: number;
  readonly seconds: number;
  readonly run: string;
  readonly pictures: string;
  readonly gallery: string;
  readonly reconstructions: string;
  readonly report: string;
  readonly scores: string;
  readonly device: string;
}

const defaultSteps = 1500;

/** Throws what training, scoring and galleries throw. */
export async function runDemo(job: DemoJob): Promise<DemoResult> {
  const start = performance.now();
  const dir = path.resolve(job.dir);
  await mkdir(dir, { recursive: true });
  const trained = await trainRun({
    data: 'builtin:digits',
    out: path.join(dir, 'run'),
    name: 'demo',
    preset: 'quick',
    steps: job.steps ?? defaultSteps,
    device: job.device,
    signal: job.signal,
    onEvent: job.onTraining,
  });
  const pictures = await writeDemoFolder(path.join(dir, 'pictures'));
  const run = await RunFolder.open(trained.run);
  try {
    const values: number[] = [];
    const labels: (0 | 1)[] = [];
    const report = path.join(dir, 'report.html');
    const scores = path.join(dir, 'scores.csv');
    await scorePictures({
      run,
      inputs: [pictures.dir],
      out: scores,
      report,
      signal: job.signal,
      onProgress: (stage, progress) => {
        if (stage === 'scoring') job.onScoring?.(progress);
      },
      onResult: (row) => {
        values.push(Number(row['pred_score']));
        labels.push(pictures.anomalous.has(path.basename(String(row['image_path']))) ? 1 : 0);
      },
    });
    const gallery = await makeGallery({ run, kind: 'samples', count: 64, seed: 1, out: path.join(dir, 'gallery.png') });
    const reconstructions = await makeGallery({
      run,
      kind: 'reconstructions',
      count: 32,
      seed: 1,
      data: pictures.dir,
      out: path.join(dir, 'reconstructions.png'),
    });
    return {
      image_AUROC: auroc(values, labels),
      image_AUPR: aupr(values, labels),
      base_rate: pictures.anomalous.size / pictures.count,
      seconds: (performance.now() - start) / 1000,
      run: trained.run,
      pictures: pictures.dir,
      gallery: gallery.file,
      reconstructions: reconstructions.file,
      report,
      scores,
      device: trained.device,
    };
  } finally {
    await run.close();
  }
}
