/** Colours as the page has them now, for canvases, which know no custom properties. Read `theme.version` to draw anew on a change. */
import { app } from './app.svelte.ts';

class Theme {
  #system = $state(0);
  readonly version = $derived(`${this.#system} ${app.settings?.appearance ?? 'system'}`);

  constructor() {
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => (this.#system += 1));
  }

  /** `--series-1` -> "rgb(29, 95, 209)". */
  colour(property: string): string {
    const probe = document.createElement('span');
    probe.style.color = `var(${property})`;
    document.body.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }
}

export const theme = new Theme();
