/** A run in two to four sentences, for people who never saw a manifest. */
import type { RunDetails } from '../../../ipc/contract.ts';
import { counted, formatCount } from '../../lib/format.ts';

export function sentences({ card, counts, calibratedOn, checkpoints }: RunDetails): string[] {
  const { dataset, nets } = card;
  const left = dataset.excludeLabels.length === 0 ? '' : `, without ${dataset.excludeLabels.join(', ')}`;
  const pictures = `${nets.size} × ${nets.size} pixels, ${nets.channels === 1 ? 'grey' : 'colour'}`;
  return [
    `Learnt what is normal from ${counted(counts.train, 'image')} of “${dataset.name}”${left}, at ${pictures}.`,
    progress(card, checkpoints.length),
    calibration(calibratedOn, counts.heldOut),
  ].filter((sentence) => sentence !== '');
}

function progress({ state, step, steps, usable }: RunDetails['card'], checkpoints: number): string {
  const done = `${formatCount(step)} of ${counted(steps, 'step')}`;
  switch (state) {
    case 'finished':
      return `Trained to the end: ${counted(step, 'step')}.`;
    case 'running':
      return `It trains now: ${done}.`;
    case 'new':
      return 'It has not begun.';
    case 'stopped':
      return checkpoints > 0
        ? `Stopped after ${done}; it can go on from its last checkpoint.`
        : `Stopped after ${done}, before its first checkpoint.`;
    case 'failed':
      return usable
        ? `Failed after ${done}; what it had learnt until its last checkpoint can be used.`
        : `Failed after ${done}.`;
  }
}

function calibration(calibratedOn: number | null, heldOut: number): string {
  if (calibratedOn !== null) {
    return `${counted(calibratedOn, 'normal image was', 'normal images were')} kept from training; thresholds are set by how these score.`;
  }
  return heldOut > 0
    ? `${counted(heldOut, 'normal image is', 'normal images are')} kept for thresholds, which are not set yet.`
    : '';
}
