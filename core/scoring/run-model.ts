/** The scoring model of a run: its checkpoint's networks exported once into the run folder and loaded from there ever after. */
import path from 'node:path';
import { withExportBackend } from '../backends/graphs.ts';
import { disposeNetworks } from '../nets/networks.ts';
import type { NetSpec } from '../nets/types.ts';
import { findObjective } from '../objectives/registry.ts';
import { stepName } from '../runs/checkpoints.ts';
import { writeFileAtomic } from '../runs/atomic.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import { chainFile, exportChain } from './chain-graph.ts';
import { evidenceFile, exportEvidence } from './evidence-graph.ts';
import { exportNetworks, openModel, readDescription, writeModel, type GraphOptions } from './graph-model.ts';
import { chooseWeights, restoreForScoring } from './restore.ts';
import type { ModelDescription, ScoringModel } from './types.ts';

export interface RunModelOptions extends GraphOptions {
  /** Default: the newest. */
  readonly checkpoint?: 'latest' | 'best' | number | undefined;
}

/** Opens a run's model. Throws what loading a checkpoint throws (`runs/no-checkpoint`, …), `scoring/weights`, `engine/export`. */
export async function openRunModel(run: RunFolder, options: RunModelOptions = {}): Promise<ScoringModel> {
  return openModel(await ensureGraphs(run, options.checkpoint ?? 'latest'), options);
}

/** Folder with the exported graphs of a checkpoint; they are made if they are not there yet. */
export async function ensureGraphs(run: RunFolder, checkpoint: 'latest' | 'best' | number): Promise<string> {
  const { manifest } = run;
  const objective = findObjective(manifest.objective.name);
  const { networks: which, sampler } = objective;
  const { step, tensors } = await run.loadCheckpoint(checkpoint);
  const chosen = chooseWeights(tensors, which);
  const folder = `${stepName(step)}-${chosen.fingerprint.slice(0, 8)}`;
  const dir = path.dirname(await run.scoresPath(path.join('graphs', folder, 'model.json')));
  const known = await readDescription(dir);
  const drawn = sampler === undefined || known?.description.chainSteps !== undefined;
  if (known?.description.fingerprint === chosen.fingerprint && drawn) return dir;
  const spec: NetSpec = manifest.nets;
  const { size, channels, resize, tiles } = manifest.preparation;
  const description: ModelDescription = {
    objective: manifest.objective.name,
    spec,
    preparation: {
      size,
      channels,
      resize,
      tiles: tiles === null ? null : { stride: tiles.stride, scale: tiles.scale },
    },
    sigma: manifest.objective.options.sigma,
    step,
    weights: chosen.weights,
    fingerprint: chosen.fingerprint,
  };
  const { graphs, fused, chain } = await withExportBackend(async () => {
    const networks = restoreForScoring(spec, which, chosen);
    try {
      const chain = await exportChain(networks, objective, manifest.objective.options);
      return { graphs: await exportNetworks(networks), fused: await exportEvidence(networks), chain };
    } finally {
      disposeNetworks(networks);
    }
  });
  if (fused !== null) await writeFileAtomic(path.join(dir, evidenceFile), fused);
  if (chain !== null) await writeFileAtomic(path.join(dir, chainFile), chain.graph);
  await writeModel(dir, { ...description, ...(chain !== null && { chainSteps: chain.steps }) }, graphs);
  return dir;
}
