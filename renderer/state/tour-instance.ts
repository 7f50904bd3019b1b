/** The window's one tour. */
import { host } from '../lib/host.ts';
import { app } from './app.svelte.ts';
import { TourState } from './tour.svelte.ts';
import { training } from './training.svelte.ts';

export const tour = new TourState({
  client: host.client,
  go: (page, params) => app.go(page, params),
  status: (run) => training.status(run),
});
