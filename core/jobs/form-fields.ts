/** The settings of training in the order in which a person meets them, each with one sentence. */
import { deviceNames } from '../backends/devices.ts';
import { limitsOf } from '../objectives/capabilities.ts';
import type { Objective } from '../objectives/types.ts';
import { methodOptionsHelp } from './method-options.ts';
import { paperObjective } from './plan.ts';

export type FieldValue = number | string | boolean | string[] | null;

export interface FieldRow {
  readonly key: string;
  readonly label: string;
  readonly help: string;
  readonly kind: 'integer' | 'number' | 'choice' | 'switch' | 'text' | 'labels';
  readonly group: 'main' | 'more';
  readonly min?: number | null;
  readonly max?: number | null;
  readonly step?: number | null;
  readonly scale?: 'linear' | 'log';
  readonly unit?: string | null;
  readonly choices?: { readonly value: string; readonly label: string; readonly help: string }[];
  readonly optional?: boolean;
  readonly default?: FieldValue;
}

/** Some words of a device's name, for people. */
const deviceWords: Readonly<Record<string, string>> = {
  'onnx-cpu': 'Processor',
  'onnx-webgpu': 'Graphics card (WebGPU)',
  'onnx-cuda': 'NVIDIA graphics card (CUDA)',
  'onnx-dml': 'Graphics card (DirectML)',
  'onnx-coreml': 'Apple chip (Core ML)',
  tensorflow: 'TensorFlow',
  reference: 'Reference code (very slow)',
};

export function formRows(of: {
  readonly labels: readonly string[];
  readonly objectives: readonly Objective[];
}): FieldRow[] {
  const choice = (value: string, label: string, help = '') => ({ value, label, help });
  const rate = (key: string, network: string): FieldRow => ({
    key,
    label: `Learning rate, ${network}`,
    help: `How far each step changes the ${network} network; lower it when the curves jump.`,
    kind: 'number',
    group: 'more',
    min: 1e-6,
    max: 0.1,
    step: 1.25,
    scale: 'log',
  });
  const labels: FieldRow[] =
    of.labels.length === 0
      ? []
      : [
          {
            key: 'excludeLabels',
            label: 'Anomalous classes',
            help: 'Pictures of these classes are never learnt; they show how well the model tells them apart.',
            kind: 'labels',
            group: 'main',
            choices: of.labels.map((label) => choice(label, label)),
            default: [],
          },
        ];
  return [
    ...labels,
    {
      key: 'epochs',
      label: 'Passes over the pictures',
      help: 'How often every picture is seen; more give sharper pictures and take longer.',
      kind: 'number',
      group: 'main',
      min: 0.01,
      max: 10_000,
      step: 1,
    },
    {
      key: 'size',
      label: 'Picture size',
      help: 'Side of the square that the networks see; larger shows finer detail and takes four times as long for twice the side.',
      kind: 'choice',
      group: 'main',
      choices: ['28', '32', '64', '128'].map((side) => choice(side, `${side} x ${side}`)),
    },
    {
      key: 'tiles',
      label: 'Cut into tiles',
      help: 'Large pictures are cut into overlapping squares instead of being shrunk, so that small defects survive.',
      kind: 'switch',
      group: 'main',
    },
    {
      key: 'device',
      label: 'Device',
      help: 'What computes; by itself the fastest that passes a self-test.',
      kind: 'choice',
      group: 'main',
      choices: [
        choice('auto', 'Choose by itself'),
        ...deviceNames.map((name) => choice(name, deviceWords[name] ?? name)),
      ],
      default: 'auto',
    },
    {
      key: 'objective',
      label: 'Objective',
      help: 'What is optimised: the joint model of the paper, a variant of it, or a method to compare it with.',
      kind: 'choice',
      group: 'main',
      choices: of.objectives.map((objective) => choice(objective.name, labelOf(objective), sentenceOf(objective))),
    },
    {
      key: 'method',
      label: "The objective's own options",
      help: methodOptionsHelp(of.objectives),
      kind: 'text',
      group: 'more',
      optional: true,
    },
    {
      key: 'steps',
      label: 'Steps',
      help: 'Optimiser steps; when set, the passes above do not count.',
      kind: 'integer',
      group: 'more',
      min: 1,
      max: 100_000_000,
      step: 100,
      optional: true,
    },
    {
      key: 'batch',
      label: 'Batch',
      help: 'Pictures in one step; more make steps steadier, slower, and need more memory.',
      kind: 'integer',
      group: 'more',
      min: 2,
      max: 4096,
      step: 2,
      scale: 'log',
    },
    {
      key: 'width',
      label: 'Width',
      help: 'Channels of the first layer; twice the width learns more and takes about three times as long.',
      kind: 'integer',
      group: 'more',
      min: 1,
      max: 512,
      step: 2,
      scale: 'log',
    },
    {
      key: 'latent',
      label: 'Latent size',
      help: 'Numbers that describe a picture; few force the model to generalise, many to copy.',
      kind: 'integer',
      group: 'more',
      min: 1,
      max: 4096,
      step: 2,
      scale: 'log',
    },
    {
      key: 'channels',
      label: 'Colour',
      help: 'Grey is faster; choose colour when defects differ in colour.',
      kind: 'choice',
      group: 'more',
      choices: [choice('1', 'Grey'), choice('3', 'Colour')],
    },
    {
      key: 'resize',
      label: 'Fitting',
      help: 'How a picture that is not square becomes one.',
      kind: 'choice',
      group: 'more',
      choices: [
        choice('fit', 'Fit', 'the whole picture, with a border'),
        choice('crop', 'Crop', 'the middle of the picture'),
        choice('fill', 'Stretch', 'the whole picture, out of proportion'),
      ],
    },
    {
      key: 'seed',
      label: 'Seed',
      help: 'Everything random follows from it: the same seed and settings give the same run.',
      kind: 'integer',
      group: 'more',
      min: 0,
      max: 4_294_967_295,
      step: 1,
    },
    {
      key: 'sigma',
      label: 'Sigma',
      help: 'How far pixels may stray from the reconstruction; smaller asks for sharper ones.',
      kind: 'number',
      group: 'more',
      min: 0.001,
      max: 100,
      step: 1.25,
      scale: 'log',
    },
    {
      key: 'adversarialWeight',
      label: 'Adversarial weight',
      help: 'Weight of the energy model beside the VAE; the paper has 1, smaller is steadier with small networks.',
      kind: 'number',
      group: 'more',
      min: 0,
      max: 100,
      step: 0.05,
    },
    {
      key: 'mismatch',
      label: 'Mismatched pairs',
      help: "Weight of pictures with another picture's description among the negatives; the paper has 0.",
      kind: 'number',
      group: 'more',
      min: 0,
      max: 100,
      step: 0.1,
    },
    {
      key: 'energyLoss',
      label: 'Energy loss',
      help: "The paper's linear loss, or a logistic one that flattens for what is told apart already.",
      kind: 'choice',
      group: 'more',
      choices: [choice('linear', 'Linear'), choice('logistic', 'Logistic')],
    },
    rate('rateGenerator', 'generator'),
    rate('rateInference', 'inference'),
    rate('rateEnergy', 'energy'),
    {
      key: 'decay',
      label: 'Decay',
      help: 'Factor of the learning rates after each pass.',
      kind: 'number',
      group: 'more',
      min: 0.5,
      max: 1,
      step: 0.001,
    },
    {
      key: 'clip',
      label: 'Gradient clipping',
      help: 'Longest gradient that is followed; empty: any.',
      kind: 'number',
      group: 'more',
      min: 0.001,
      max: 1e6,
      step: 1.5,
      scale: 'log',
      optional: true,
    },
    {
      key: 'averaging',
      label: 'Averaging',
      help: 'Share of the old value in the moving average of the weights, which scores and samples use; 0 keeps none.',
      kind: 'number',
      group: 'more',
      min: 0,
      max: 0.99999,
      step: 0.001,
    },
    {
      key: 'flipHorizontal',
      label: 'Mirror left to right',
      help: 'Also shows mirrored pictures; only where left and right mean nothing.',
      kind: 'switch',
      group: 'more',
    },
    {
      key: 'flipVertical',
      label: 'Mirror top to bottom',
      help: 'Also shows pictures upside down; only where up and down mean nothing.',
      kind: 'switch',
      group: 'more',
    },
    {
      key: 'shift',
      label: 'Shifts',
      help: 'Moves pictures by up to so many pixels each time, against sensitivity to position.',
      kind: 'integer',
      group: 'more',
      min: 0,
      max: 64,
      step: 1,
      unit: 'pixels',
    },
    {
      key: 'protocol',
      label: 'Split',
      help: "The dataset's own split, or 80 % of all normal pictures as some papers have it.",
      kind: 'choice',
      group: 'more',
      choices: [choice('P2', "The dataset's own"), choice('P1', '80 % of the normal ones')],
      default: 'P2',
    },
  ];
}

function labelOf({ name }: Objective): string {
  return name === paperObjective ? `${name} (the paper's own)` : name;
}

/** What an objective is, and what a person will miss. */
function sentenceOf(objective: Objective): string {
  const limits = limitsOf(objective);
  return limits.length === 0 ? objective.summary : `${objective.summary} Note: ${limits.join('; ')}.`;
}
