/** Chromium cannot load a scheme of the app's own, so `app://bundle` is `https://bundle.app.invalid` there. The app never sees that. */
const suffix = '.app.invalid';

export const toChromium = (url: string): string =>
  url.replace(/^app:\/\/([^/?#]*)/, (_, host: string) => `https://${host}${suffix}`);

export const toElectron = (url: string): string =>
  url.replace(/^https:\/\/([^/?#]*)\.app\.invalid(?=[/?#]|$)/, (_, host: string) => `app://${host}`);

export const isApp = (url: string): boolean => toElectron(url).startsWith('app://');

/** A page that wants to open a window asks the app's handler with a request to this address and the window's. */
export const openQuestion = '/electron-on-chromium/open?';
