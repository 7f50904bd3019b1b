/** Where the window is, the settings, and what belongs to the app as a whole. */
import type { AnswerOf, RequestOf, Settings } from '../../ipc/contract.ts';
import { describe, type Described } from '../lib/errors.ts';
import { call, listen } from '../lib/host.ts';
import { parseHash, toHash, type Route } from '../lib/routes.ts';

type AppState = AnswerOf<'app.state'>;

class App {
  #route = $state.raw<Route>(parseHash(window.location.hash, 'datasets'));
  /** Null until the core has answered. */
  settings = $state.raw<Settings | null>(null);
  about = $state.raw<AppState | null>(null);
  error = $state.raw<Described | null>(null);

  readonly page = $derived(this.#route.page);
  /** Parameters of the address: `app.params.dataset`. */
  readonly params = $derived(this.#route.params);

  /** Goes to a page; `replace` leaves no trace in the history (for a changed selection within a page). */
  go(page: string, params: Readonly<Record<string, string | null | undefined>> = {}, replace = false): void {
    const hash = toHash(page, params);
    if (hash === window.location.hash) return;
    if (replace) history.replaceState(null, '', hash);
    else history.pushState(null, '', hash);
    this.#route = parseHash(hash, 'datasets');
  }

  start(): void {
    const follow = () => {
      this.#route = parseHash(window.location.hash, 'datasets');
    };
    window.addEventListener('hashchange', follow);
    window.addEventListener('popstate', follow);
    listen('settings.changed', (settings) => this.#take(settings));
    void this.load();
  }

  /** Asks for everything again: at the start, and when the core came back. */
  async load(): Promise<void> {
    try {
      const [settings, about] = await Promise.all([call('settings.get', {}), call('app.state', {})]);
      this.#take(settings);
      this.about = about;
      this.error = null;
    } catch (error) {
      this.error = describe(error);
    }
  }

  async change(settings: RequestOf<'settings.set'>): Promise<void> {
    this.#take(await call('settings.set', settings));
  }

  #take(settings: Settings): void {
    this.settings = settings;
    const { dataset } = document.documentElement;
    if (settings.appearance === 'system') delete dataset['theme'];
    else dataset['theme'] = settings.appearance;
  }
}

export const app = new App();
