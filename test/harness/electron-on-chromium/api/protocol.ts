/** `protocol`: the app's own scheme, answered through the DevTools protocol's request interception. */
import type { Session } from '../connection.ts';
import { isApp, toElectron } from '../addresses.ts';
import { provided } from '../provided.ts';
import { runtime, type ProtocolHandler } from '../runtime.ts';

export const protocol = provided('protocol', {
  registerSchemesAsPrivileged: (): void => undefined,
  handle(scheme: string, handler: ProtocolHandler): void {
    runtime.protocols.set(scheme, handler);
  },
});

export interface PausedRequest {
  readonly requestId: string;
  readonly frameId: string;
  readonly resourceType: string;
  readonly request: {
    readonly url: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
  };
}

async function respond({ request }: PausedRequest): Promise<Response> {
  const url = toElectron(request.url);
  const handler = runtime.protocols.get(new URL(url).protocol.slice(0, -1));
  if (handler === undefined) return new Response(null, { status: 404 });
  return handler(new Request(url, { method: request.method, headers: request.headers }));
}

/** Answers a request to the app's scheme; anything else is failed: no spec reaches the network. */
export async function serve(session: Session, paused: PausedRequest): Promise<void> {
  const { requestId } = paused;
  if (!isApp(paused.request.url)) {
    session.tell('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' });
    return;
  }
  try {
    const response = await respond(paused);
    session.tell('Fetch.fulfillRequest', {
      requestId,
      responseCode: response.status,
      responseHeaders: [...response.headers].map(([name, value]) => ({ name, value })),
      body: Buffer.from(await response.arrayBuffer()).toString('base64'),
    });
  } catch (error) {
    process.stderr.write(`protocol handler: ${String(error)}\n`);
    session.tell('Fetch.failRequest', { requestId, errorReason: 'Failed' });
  }
}
