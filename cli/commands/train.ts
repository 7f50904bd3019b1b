/** `triangle train`: a dataset to a run folder. */
import { UsageError } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { formatSeconds } from '../progress.ts';
import { table } from '../table.ts';
import { trainReporter } from '../train-reporter.ts';

export const command = defineCommand({
  name: 'train',
  summary: 'Train a model on normal images; writes a run folder',
  options: {
    data: {
      kind: 'text',
      summary: 'Folder of images, dataset file, builtin:digits or builtin:tiles',
      placeholder: 'PATH',
    },
    out: { kind: 'text', summary: 'Run folder to write', placeholder: 'DIR', required: true },
    resume: { kind: 'flag', summary: 'Go on with the run in --out; exactly as if it had not stopped' },
    'exclude-label': {
      kind: 'text',
      summary: 'Label that counts as anomalous and is not trained on',
      placeholder: 'LABEL',
      multiple: true,
    },
    protocol: {
      kind: 'choice',
      summary: "P2: the dataset's own split (default); P1: 80 % of all normal images",
      choices: ['P1', 'P2'],
    },
    preset: {
      kind: 'choice',
      summary: 'Settings to start from; by default what fits the data',
      choices: ['quick', 'mnist', 'cifar10', 'photo32', 'photo64', 'texture-tiles'],
    },
    objective: {
      kind: 'text',
      summary:
        "joint (the paper's), joint-plus, vae, bigan, meg, …; by default the preset's, else joint: see docs/methods.md",
      placeholder: 'NAME',
    },
    set: {
      kind: 'text',
      multiple: true,
      summary: 'An option that only this objective has: --set penalty=10',
      placeholder: 'NAME=X',
    },
    epochs: { kind: 'number', summary: 'Passes over the images', placeholder: 'N', min: 1, integer: true },
    steps: { kind: 'number', summary: 'Optimiser steps, instead of --epochs', placeholder: 'N', min: 1, integer: true },
    batch: { kind: 'number', summary: 'Images a step', placeholder: 'N', min: 2, max: 4096, integer: true },
    size: {
      kind: 'number',
      summary: 'Side of the images in pixels',
      placeholder: 'N',
      min: 8,
      max: 512,
      integer: true,
    },
    channels: { kind: 'choice', summary: '1 grey, 3 colour; by default what the images have', choices: ['1', '3'] },
    width: {
      kind: 'number',
      summary: 'Channels of the first layer',
      placeholder: 'N',
      min: 1,
      max: 512,
      integer: true,
    },
    latent: {
      kind: 'number',
      summary: 'Length of the latent vector',
      placeholder: 'N',
      min: 1,
      max: 4096,
      integer: true,
    },
    tiles: {
      kind: 'choice',
      summary: 'Cut large pictures into tiles instead of shrinking them',
      choices: ['yes', 'no'],
    },
    sigma: {
      kind: 'number',
      summary: "Decoder's standard deviation, in pixel units of [-1, 1]",
      placeholder: 'X',
      min: 0.001,
      max: 100,
    },
    'adversarial-weight': {
      kind: 'number',
      summary: 'Weight of the energy terms; the paper has 1',
      placeholder: 'X',
      min: 0,
      max: 100,
    },
    mismatch: {
      kind: 'number',
      summary: 'Weight of mismatched pairs among negatives; the paper has 0',
      placeholder: 'X',
      min: 0,
      max: 100,
    },
    'checkpoint-steps': {
      kind: 'number',
      summary: 'Also save every so many steps, beside once a minute',
      placeholder: 'N',
      min: 1,
      integer: true,
    },
    seed: { kind: 'number', summary: 'Seed of everything random', placeholder: 'N', min: 0, integer: true },
    device: {
      kind: 'text',
      summary: 'auto (default), onnx-cpu, onnx-webgpu, …: see triangle devices',
      placeholder: 'NAME',
    },
    threads: { kind: 'number', summary: 'Threads of the computing', placeholder: 'N', min: 1, integer: true },
    name: { kind: 'text', summary: 'Name of the run', placeholder: 'TEXT' },
  },
  examples: [
    { line: 'triangle train --data photos/ --out runs/photos', does: 'settings that fit the pictures' },
    {
      line: 'triangle train --data mnist/ --exclude-label 4 --preset mnist --out runs/no4',
      does: 'MNIST without the fours',
    },
    { line: 'triangle train --out runs/no4 --resume --epochs 20', does: 'go on, up to 20 epochs in all' },
  ],
  async run({ values, output, signal }) {
    if (values.data === undefined && !values.resume) {
      throw new UsageError('--data is missing. Give a folder of images, builtin:digits or builtin:tiles.');
    }
    const { trainRun } = await import('../../core/index.ts');
    const result = await trainRun({
      data: values.data,
      out: values.out,
      name: values.name,
      resume: values.resume,
      excludeLabels: values['exclude-label'],
      protocol: values.protocol,
      preset: values.preset,
      objective: values.objective,
      options: {
        ...(values.sigma !== undefined && { sigma: values.sigma }),
        ...(values['adversarial-weight'] !== undefined && { adversarialWeight: values['adversarial-weight'] }),
        ...(values.mismatch !== undefined && { mismatch: values.mismatch }),
        ...(values.set.length > 0 && { method: settingsOf(values.set) }),
      },
      epochs: values.epochs,
      steps: values.steps,
      batch: values.batch,
      size: values.size,
      channels: values.channels === undefined ? undefined : values.channels === '1' ? 1 : 3,
      width: values.width,
      latent: values.latent,
      tiles: values.tiles === undefined ? undefined : values.tiles === 'yes',
      seed: values.seed,
      device: values.device,
      threads: values.threads,
      output: values['checkpoint-steps'] === undefined ? undefined : { checkpointSteps: values['checkpoint-steps'] },
      signal,
      onEvent: trainReporter(output),
    });
    output.finish();
    output.record({ result });
    output.text(
      table([
        ['run', result.run],
        ['state', `${result.state} at step ${result.step} after ${formatSeconds(result.seconds)}`],
        ['speed', `${(result.metrics?.['imagesPerSecond'] ?? 0).toFixed(0)} images a second on ${result.device}`],
      ]),
    );
    if (result.state === 'stopped') output.text(`Go on with: triangle train --out ${values.out} --resume`);
    return 0;
  },
});

/** `NAME=X` as numbers by name. */
function settingsOf(texts: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    texts.map((text) => {
      const [name = '', value = ''] = text.split('=');
      if (name === '' || value === '' || !Number.isFinite(Number(value))) {
        throw new UsageError(`--set got "${text}". Write a name and a number: --set penalty=10.`);
      }
      return [name, Number(value)];
    }),
  );
}
