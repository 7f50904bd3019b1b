/** What no page may do, whatever it is: leave the app, open windows, embed, or get a permission. */
import type { App, Session, WebContents } from 'electron';
import { isOwnAddress } from './addresses.ts';

/** Guards each page at its creation, before it can load anything. */
export function guardContents(app: App): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    contents.on('will-navigate', (event) => {
      if (!isOwnAddress(event.url)) event.preventDefault();
    });
    contents.on('will-redirect', (event) => {
      if (!isOwnAddress(event.url)) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}

/** The app asks for nothing, so both are a plain no; without handlers Electron grants everything. */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, done) => done(false));
  session.setPermissionCheckHandler(() => false);
}
