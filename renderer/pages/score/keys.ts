/** Single-key commands of the picture views, and when they are not meant. */
import type { PictureLabel } from '../../../ipc/contract.ts';

export type PictureCommand =
  | { readonly kind: 'move'; readonly by: number }
  | { readonly kind: 'label'; readonly label: PictureLabel }
  | { readonly kind: 'close' | 'select' | 'overlay' };

/** Null where the key belongs to a control, or to the system. */
export function commandOf(event: KeyboardEvent): PictureCommand | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || keepsKeys(event.target)) return null;
  switch (event.key) {
    case 'ArrowRight':
    case 'ArrowDown':
      return { kind: 'move', by: 1 };
    case 'ArrowLeft':
    case 'ArrowUp':
      return { kind: 'move', by: -1 };
    case 'PageDown':
      return { kind: 'move', by: 10 };
    case 'PageUp':
      return { kind: 'move', by: -10 };
    case 'Home':
      return { kind: 'move', by: -Infinity };
    case 'End':
      return { kind: 'move', by: Infinity };
    case 'n':
    case 'N':
      return { kind: 'label', label: 'normal' };
    case 'a':
    case 'A':
      return { kind: 'label', label: 'anomalous' };
    case 'u':
    case 'U':
      return { kind: 'label', label: null };
    case 'h':
    case 'H':
      return { kind: 'overlay' };
    case 'Escape':
      return { kind: 'close' };
    case ' ':
      return isButton(event.target) ? null : { kind: 'select' };
    default:
      return null;
  }
}

/** Fields, sliders, tabs, menus and dialogs use these keys themselves. */
export function keepsKeys(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('input, select, textarea, dialog, [role=menu], [role=tablist], [contenteditable]') !== null
  );
}

const isButton = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('button, a, summary') !== null;
