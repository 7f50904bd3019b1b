/** Colours as the page has them now, for canvases, which know no custom properties. Read `theme.version` to draw anew on a change. */
import { app } from './app.svelte.ts';

class Theme {
  #system = $state(0);
  readonly version = $derived(`${this.#system} ${app.settings?.appearance ?? 'system'}`);

  #known = { version: '', colours: new Map<string, string>() };

  constructor() {
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => (this.#system += 1));
  }

  /** `--series-1` -> "rgb(29, 95, 209)". Kept until the theme changes: asking makes the browser lay out the page. */
  colour(property: string): string {
    if (this.#known.version !== this.version) this.#known = { version: this.version, colours: new Map() };
    const known = this.#known.colours.get(property);
    if (known !== undefined) return known;
    const probe = document.createElement('span');
    probe.style.color = `var(${property})`;
    document.body.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    this.#known.colours.set(property, color);
    return color;
  }
}

export const theme = new Theme();
