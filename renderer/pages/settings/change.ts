/** Settings are changed at once, without a "save"; what cannot be kept is told. */
import type { RequestOf } from '../../../ipc/contract.ts';
import { app } from '../../state/app.svelte.ts';
import { notices } from '../../state/notices.svelte.ts';

export async function change(settings: RequestOf<'settings.set'>): Promise<void> {
  try {
    await app.change(settings);
  } catch (error) {
    notices.error(error);
  }
}
