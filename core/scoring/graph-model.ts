/** The networks as exported ONNX graphs: made from the networks' inference mode, stored with `model.json`, and run as a {@link ScoringModel}. */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { computesOnProcessor, exportGraph, GraphRunner } from '../backends/graphs.ts';
import type { DeviceName } from '../backends/types.ts';
import { CoreError } from '../errors.ts';
import type { ModelNetwork, Networks } from '../nets/types.ts';
import { cannot } from '../objectives/capabilities.ts';
import { findObjective } from '../objectives/registry.ts';
import { writeFileAtomic } from '../runs/atomic.ts';
import { chainFile } from './chain-graph.ts';
import { evidenceFile, examine, exportEvidence } from './evidence-graph.ts';
import type { ModelDescription, ScoringModel } from './types.ts';

/** Files of an exported model beside `model.json`. */
export const graphFiles = {
  inference: 'inference.onnx',
  generator: 'generator.onnx',
  energy: 'energy.onnx',
  critic: 'critic.onnx',
} as const satisfies Record<ModelNetwork, string>;

export type Graphs = Partial<Record<ModelNetwork, Uint8Array>>;

/** Traces each network in inference mode with a free batch dimension. Names of inputs and outputs are those of `model.json`. */
export async function exportNetworks(networks: Networks): Promise<Graphs> {
  const { spec, inference, generator, energy, critic } = networks;
  const images = [spec.size, spec.size, spec.channels];
  const latents = [spec.latent];
  const graphs: Graphs = {};
  if (inference !== undefined) {
    graphs.inference = await exportGraph({
      inputs: { images },
      forward: (inputs) => inference.infer(inputs['images'] as tf.Tensor4D, 'inference'),
    });
  }
  if (generator !== undefined) {
    graphs.generator = await exportGraph({
      inputs: { latents },
      forward: (inputs) => ({ images: generator.generate(inputs['latents'] as tf.Tensor2D, 'inference') }),
    });
  }
  if (energy !== undefined) {
    graphs.energy = await exportGraph({
      inputs: { images, latents },
      forward: (inputs) => energy.value(inputs['images'] as tf.Tensor4D, inputs['latents'] as tf.Tensor2D, 'inference'),
    });
  }
  if (critic !== undefined) {
    graphs.critic = await exportGraph({
      inputs: { images },
      forward: (inputs) => critic.value(inputs['images'] as tf.Tensor4D, 'inference'),
    });
  }
  return graphs;
}

/** Writes the graphs and, last, `model.json` (`description` and what else the caller adds): a folder with it is whole. */
export async function writeModel(
  dir: string,
  description: ModelDescription,
  graphs: Graphs,
  extra: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (const [name, file] of Object.entries(graphFiles) as [ModelNetwork, string][]) {
    const bytes = graphs[name];
    if (bytes !== undefined) await writeFileAtomic(path.join(dir, file), bytes);
  }
  const content = { formatVersion: 1, ...description, networks: Object.keys(graphs).sort(), ...extra };
  await writeFileAtomic(path.join(dir, 'model.json'), `${JSON.stringify(content, null, 2)}\n`);
}

const schema = z.looseObject({
  formatVersion: z.literal(1),
  objective: z.string(),
  spec: z.looseObject({
    size: z.int(),
    channels: z.union([z.literal(1), z.literal(3)]),
    width: z.int(),
    latent: z.int(),
  }),
  preparation: z.object({
    size: z.int(),
    channels: z.union([z.literal(1), z.literal(3)]),
    resize: z.enum(['fit', 'fill', 'crop']),
    tiles: z.object({ stride: z.number(), scale: z.number() }).nullable(),
  }),
  sigma: z.number().positive(),
  step: z.int(),
  weights: z.enum(['average', 'last']),
  fingerprint: z.string(),
  chainSteps: z.int().min(1).exactOptional(),
  networks: z.array(z.enum(['inference', 'generator', 'energy', 'critic'])),
});

/** The description of the model in `dir`; null when there is none or it is not whole. */
export async function readDescription(
  dir: string,
): Promise<{ description: ModelDescription; networks: readonly ModelNetwork[] } | null> {
  try {
    const { networks, ...rest } = schema.parse(JSON.parse(await readFile(path.join(dir, 'model.json'), 'utf8')));
    const { objective, spec, preparation, sigma, step, weights, fingerprint, chainSteps } = rest;
    const drawn = chainSteps === undefined ? {} : { chainSteps };
    return { description: { objective, spec, preparation, sigma, step, weights, fingerprint, ...drawn }, networks };
  } catch {
    return null;
  }
}

export interface GraphOptions {
  readonly device?: DeviceName | undefined;
  readonly threads?: number | undefined;
}

/** Loads the graphs of an exported model. Throws `scoring/model` for a folder that holds none. */
export async function openModel(dir: string, options: GraphOptions = {}): Promise<ScoringModel> {
  const found = await readDescription(dir);
  if (found === null || found.networks.length === 0) {
    throw new CoreError('scoring/model', `${dir} holds no exported model with its graphs. Export it again.`);
  }
  const { description, networks } = found;
  const [fused, chain] = [path.join(dir, evidenceFile), path.join(dir, chainFile)];
  const runners = await loadRunners(
    (name) => (networks.includes(name) ? path.join(dir, graphFiles[name]) : null),
    { fused: existsSync(fused) ? fused : null, chain: existsSync(chain) ? chain : null },
    options,
  );
  const shared = computesOnProcessor(options.device)
    ? { folder: path.resolve(dir), threads: options.threads ?? availableParallelism() }
    : null;
  return { ...modelOf(description, runners), shared };
}

/**
 * A model of networks as they are now, for validation while training: exported in memory. Needs the networks' variables on an ONNX
 * device that is tfjs's current backend.
 */
export async function modelOfNetworks(
  networks: Networks,
  description: ModelDescription,
  options: GraphOptions = {},
): Promise<ScoringModel> {
  const graphs = await exportNetworks(networks);
  const fused = await exportEvidence(networks);
  return modelOf(description, await loadRunners((name) => graphs[name] ?? null, { fused, chain: null }, options));
}

type Source = string | Uint8Array | null;

/**
 * A runner for each graph that there is. Where there is one for all that scores need, the networks' own wait until somebody asks: most
 * never do.
 */
async function loadRunners(
  sourceOf: (name: ModelNetwork) => Source,
  { fused, chain }: Readonly<Record<'fused' | 'chain', Source>>,
  options: GraphOptions,
): Promise<Runners> {
  const load = (source: string | Uint8Array): Promise<GraphRunner> => GraphRunner.load(source, settingsOf(options));
  const evidence = fused === null ? null : await load(fused);
  const runner = async (name: ModelNetwork): Promise<Runner | null> => {
    const source = sourceOf(name);
    if (source === null) return null;
    return evidence === null ? load(source) : new LateRunner(() => load(source));
  };
  const [inference, generator, energy, critic] = await Promise.all([
    runner('inference'),
    runner('generator'),
    runner('energy'),
    runner('critic'),
  ]);
  return {
    inference,
    generator,
    energy,
    critic,
    evidence,
    chain: chain === null ? null : new LateRunner(() => load(chain)),
  };
}

type Runner = Pick<GraphRunner, 'run' | 'dispose'>;

/** Loads its graph when it is first run. */
class LateRunner implements Runner {
  readonly #load: () => Promise<GraphRunner>;
  #loaded: Promise<GraphRunner> | null = null;

  constructor(load: () => Promise<GraphRunner>) {
    this.#load = load;
  }

  async run(feeds: Parameters<GraphRunner['run']>[0]): ReturnType<GraphRunner['run']> {
    this.#loaded ??= this.#load();
    return (await this.#loaded).run(feeds);
  }

  async dispose(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = null;
    await (await loaded)?.dispose();
  }
}

function settingsOf({ device, threads }: GraphOptions): { device?: DeviceName; threads?: number } {
  return { ...(device === undefined ? {} : { device }), ...(threads === undefined ? {} : { threads }) };
}

type Runners = Readonly<Record<ModelNetwork, Runner | null>> & {
  readonly evidence: GraphRunner | null;
  readonly chain: Runner | null;
};

function output(outputs: Record<string, { data: Float32Array }>, name: string): Float32Array {
  const value = outputs[name];
  if (value === undefined) {
    throw new CoreError(
      'scoring/model',
      `The exported graph has no output "${name}". Delete the run's scores/graphs folder and try again.`,
    );
  }
  return value.data;
}

function modelOf(description: ModelDescription, runners: Runners): ScoringModel {
  const { inference, generator, evidence, chain } = runners;
  const { spec, chainSteps: steps } = description;
  const { size, channels, latent } = spec;
  const ofImages = (data: Float32Array, count: number) => ({ data, shape: [count, size, size, channels] });
  const ofLatents = (data: Float32Array, count: number) => ({ data, shape: [count, latent] });
  const objective = findObjective(description.objective);
  return {
    description,
    reconstructs: inference !== null && generator !== null,
    async infer(images, count) {
      if (inference === null) throw cannot(objective, 'reconstructions');
      const outputs = await inference.run({ images: ofImages(images, count) });
      return { mean: output(outputs, 'mean'), logVariance: output(outputs, 'logVariance') };
    },
    async generate(latents, count) {
      if (generator === null) throw cannot(objective, 'samples');
      return output(await generator.run({ latents: ofLatents(latents, count) }), 'images');
    },
    energy: energyOf(runners, ofImages, ofLatents),
    ...(chain !== null &&
      steps !== undefined && {
        chain: {
          steps,
          step: async (images, noise, count) =>
            output(await chain.run({ images: ofImages(images, count), noise: ofImages(noise, count) }), 'next'),
        },
      }),
    ...(evidence !== null && {
      examine: (images, count, needs) => examine(evidence, images, [count, size, size, channels], needs),
    }),
    async dispose() {
      for (const runner of Object.values(runners)) await runner?.dispose();
    },
  };
}

type Shaped = (data: Float32Array, count: number) => { data: Float32Array; shape: number[] };

/** f and features of the joint energy network, or of a critic, which looks at the image alone. */
function energyOf({ energy, critic }: Runners, ofImages: Shaped, ofLatents: Shaped): ScoringModel['energy'] {
  const runner = energy ?? critic;
  if (runner === null) return null;
  return async (images, latents, count) => {
    const inputs = { images: ofImages(images, count) };
    const outputs = await runner.run(energy === null ? inputs : { ...inputs, latents: ofLatents(latents, count) });
    return { f: output(outputs, 'f'), features: output(outputs, 'features') };
  };
}
