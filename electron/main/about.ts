/** Text of the about box: versions of what is at work, and the device that computes. */
import type { AnswerOf } from '../../ipc/contract.ts';

type AppState = AnswerOf<'app.state'>;

/** `state` is null while the core does not answer. */
export function aboutText(state: AppState | null, shell: Readonly<Record<string, string>>): string {
  const named = Object.entries({ ...shell, ...state?.versions }).filter(([name]) => name !== 'triangle');
  const device = state?.device ?? null;
  const computes =
    device === null
      ? 'Device: not known yet'
      : `Device: ${device.name}${device.adapter === null ? '' : ` (${device.adapter})`}`;
  const purpose =
    'Trains a joint variational auto-encoder and latent energy-based model on your own images, scores anomalies by energy, browses samples. Offline.';
  return [purpose, '', computes, ...named.map(([name, version]) => `${name} ${version}`), '', 'MIT licence'].join('\n');
}
