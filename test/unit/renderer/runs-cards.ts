/** Runs as the core tells of them, for tests. */
import type { RunCard, RunDetails } from '../../../ipc/contract.ts';

export function card(id: string, change: Partial<RunCard> = {}): RunCard {
  return {
    id,
    name: id,
    created: '2026-01-01T00:00:00.000Z',
    state: 'finished',
    message: null,
    objective: 'joint',
    dataset: { id: 'digits', name: 'digits', source: 'builtin:digits', images: 100, excludeLabels: [] },
    nets: { size: 28, channels: 1, width: 16, latent: 8 },
    seed: 1,
    step: 100,
    steps: 100,
    device: { name: 'onnx-cpu', description: 'CPU', adapter: null, reason: '' },
    metrics: {},
    best: null,
    tags: [],
    image: null,
    usable: true,
    lacks: { samples: null, interpolation: null, reconstructions: null, inference: null },
    folder: `/runs/${id}`,
    ...change,
  };
}

export function details(id: string, change: Partial<RunDetails> = {}): RunDetails {
  return {
    card: card(id),
    settings: [],
    checkpoints: [100],
    samples: [],
    reconstructions: [],
    counts: { train: 90, heldOut: 10, validation: 0, skipped: 0 },
    scores: [],
    calibratedOn: null,
    fingerprint: 'abc',
    ...change,
  };
}
