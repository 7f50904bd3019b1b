/** `session.defaultSession`: permission handlers of the app decide what Chromium grants; without one Electron grants everything. */
import { provided } from '../provided.ts';
import { connection } from '../runtime.ts';

type RequestHandler = (
  contents: unknown,
  permission: string,
  done: (granted: boolean) => void,
  details: object,
) => void;
type CheckHandler = (contents: unknown, permission: string, origin: string, details: object) => boolean;

/** DevTools' name of a permission, and Electron's. */
const permissions = {
  geolocation: 'geolocation',
  notifications: 'notifications',
  camera: 'media',
  microphone: 'media',
  midi: 'midi',
  'clipboard-read': 'clipboard-read',
} as const;

let request: RequestHandler | null = null;
let check: CheckHandler | null = null;

export const session = provided('session', {
  defaultSession: provided('session.defaultSession', {
    setPermissionRequestHandler(handler: RequestHandler | null): void {
      request = handler;
    },
    setPermissionCheckHandler(handler: CheckHandler | null): void {
      check = handler;
    },
  }),
});

async function granted(contents: unknown, permission: string): Promise<boolean> {
  const details = { isMainFrame: true, requestingUrl: 'app://bundle/' };
  const allowed = check?.(contents, permission, 'app://bundle', details) ?? true;
  const answered = new Promise<boolean>((resolve) => {
    if (request === null) resolve(true);
    else request(contents, permission, resolve, details);
  });
  return allowed && (await answered);
}

/** Tells Chromium what the app's handlers say, before a window's page runs. */
export async function applyPermissions(contents: unknown): Promise<void> {
  for (const [name, permission] of Object.entries(permissions)) {
    const setting = (await granted(contents, permission)) ? 'granted' : 'denied';
    await connection().browser.send('Browser.setPermission', { permission: { name }, setting });
  }
}
