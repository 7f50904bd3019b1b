/** What is done to runs from more than one place: deletion with its undo, copies of a path, going on to Train. */
import { host } from '../../lib/host.ts';
import { counted } from '../../lib/format.ts';
import { app } from '../../state/app.svelte.ts';
import { notices } from '../../state/notices.svelte.ts';
import type { RunsState } from '../../state/runs.svelte.ts';

/** True when they are in the trash. */
export async function removeRuns(runs: RunsState, ids: readonly string[]): Promise<boolean> {
  try {
    const { undo, what } = await runs.remove(ids);
    const text = what === '' ? `${counted(ids.length, 'run')} deleted.` : what;
    notices.show({ text, undo: () => runs.restore(undo) });
    return true;
  } catch (error) {
    notices.error(error);
    return false;
  }
}

/** Train's form, filled with the values of a run. */
export async function duplicate(run: string): Promise<void> {
  try {
    const { dataset } = await host.client.call('runs.duplicate', { run });
    app.go('train', { dataset, from: run });
  } catch (error) {
    notices.error(error);
  }
}

export async function copyText(text: string, what: string): Promise<void> {
  const copied = await writeClipboard(text);
  if (copied) notices.show({ text: `${what} copied.` });
  else
    notices.show({
      text: 'The clipboard cannot be written to here. Select the text and copy it by hand.',
      kind: 'warning',
    });
}

/** The desktop window grants no permissions, and plain HTTP has no clipboard: a selected text field can still be copied. */
async function writeClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    field.className = 'unseen';
    // A modal dialog makes everything outside it inert.
    (document.querySelector('dialog[open]') ?? document.body).append(field);
    const before = document.activeElement;
    field.select();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way without a permission
    const copied = document.execCommand('copy');
    field.remove();
    if (before instanceof HTMLElement) before.focus();
    return copied;
  }
}

export async function reveal(path: string): Promise<void> {
  try {
    await host.capabilities.reveal?.(path);
  } catch (error) {
    notices.error(error);
  }
}
