/** The window's one queue. */
import { host } from '../lib/host.ts';
import { TrainingQueue } from './training-queue.svelte.ts';

export const training = new TrainingQueue(host.client);
