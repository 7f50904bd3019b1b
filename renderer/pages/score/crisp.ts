/** Shows tiny pictures with hard pixels: enlarged smoothly, a picture of 28 pixels looks like a bad photograph of itself. */
import type { Attachment } from 'svelte/attachments';

const smallPixels = 96;

/** For an element around pictures; looks at each one as it comes. */
export const crisp: Attachment<HTMLElement> = (element) => {
  const look = (event: Event) => {
    if (!(event.target instanceof HTMLImageElement)) return;
    const { naturalWidth, naturalHeight, style } = event.target;
    style.imageRendering = Math.max(naturalWidth, naturalHeight) <= smallPixels ? 'pixelated' : 'auto';
  };
  // A picture's `load` does not bubble; it is caught on its way down.
  element.addEventListener('load', look, true);
  return () => element.removeEventListener('load', look, true);
};
