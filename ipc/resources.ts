/** References to pictures, resolved in the core process. Only these shapes exist: no part of a reference ever becomes a file name. */
import { CoreError, shrinkEncoded, sessionPictureKinds, type Library, type SessionPictureKind } from '../core/index.ts';
import type { Resource } from './messages.ts';

const id = '([a-z0-9][a-z0-9-]{0,63})';
const number = '(\\d{1,10})';

interface Route {
  readonly pattern: RegExp;
  readonly make: (library: Library, parts: readonly string[], query: Query) => Promise<Resource>;
}

interface Query {
  readonly size?: number;
  readonly temperature: number;
}

const route = (pattern: string, make: Route['make']): Route => ({ pattern: new RegExp(`^${pattern}$`), make });

const routes: readonly Route[] = [
  route(`/image/dataset/${id}/${number}`, ({ datasets }, [dataset = '', index], { size }) =>
    datasets.picture(dataset, Number(index), 'picture', size),
  ),
  route(`/image/dataset/${id}/${number}/mask`, ({ datasets }, [dataset = '', index], { size }) =>
    datasets.picture(dataset, Number(index), 'mask', size),
  ),
  route(`/image/run/${id}/(samples|reconstructions)/${number}`, async ({ runs }, [run = '', kind, step], { size }) =>
    shrinkEncoded(await runs.grid(run, kind === 'samples' ? 'samples' : 'reconstructions', Number(step)), size),
  ),
  route(`/image/run-data/${id}/${number}`, ({ nearest }, [run = '', index], { size }) =>
    nearest.picture(run, Number(index), size),
  ),
  route(
    `/image/score/${id}/${number}/(${sessionPictureKinds.join('|')})`,
    ({ pictures }, [session = '', row, kind], { size }) =>
      pictures.picture(session, Number(row), kind as SessionPictureKind, size),
  ),
  route(`/image/gallery/${id}`, ({ galleries }, [gallery = ''], { size }) => galleries.grid(gallery, size)),
  route(`/image/gallery/${id}/${number}`, ({ galleries }, [gallery = '', position], { size }) =>
    galleries.picture(gallery, Number(position), size),
  ),
  route(`/image/experiment/${id}/${number}`, ({ experiments }, [experiment = '', index]) =>
    experiments.figure(experiment, Number(index)),
  ),
  route(`/image/latent/${id}/${number}/${number}`, ({ galleries }, [run = '', seed, index], { size, temperature }) =>
    galleries.sample(run, Number(seed), Number(index), temperature, size),
  ),
];

function queryOf(parameters: URLSearchParams): Query | null {
  const size = parameters.get('size');
  const temperature = Number(parameters.get('temperature') ?? '1');
  if (!(temperature >= 0 && temperature <= 5)) return null;
  if (size === null) return { temperature };
  const pixels = Number(size);
  return Number.isInteger(pixels) && pixels >= 16 && pixels <= 1024 ? { size: pixels, temperature } : null;
}

/**
 * The bytes of a reference such as `/image/run/<id>/samples/42?size=96`. Throws `resource/path` for anything that is none, and what the
 * core throws for one that does not exist.
 */
export async function resolveResource(library: Library, reference: string): Promise<Resource> {
  const [path = '', search = '', ...rest] = reference.split('?');
  const query = rest.length === 0 && reference.length <= 500 ? queryOf(new URLSearchParams(search)) : null;
  if (query !== null) {
    for (const { pattern, make } of routes) {
      const match = pattern.exec(path);
      if (match !== null) return make(library, match.slice(1), query);
    }
  }
  throw new CoreError('resource/path', 'There is no such picture.');
}
