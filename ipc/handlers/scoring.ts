/** The scoring channels onto the core. */
import {
  chooseRows,
  countAbove,
  CoreError,
  curveOf,
  effectOf,
  exportSession,
  heldOutAscending,
  histogramOf,
  metricsOf,
  readSkipped,
  transfer,
  type LoadedSession,
} from '../../core/index.ts';
import { changed, type Context, type HandlersOf } from './context.ts';

/** Events of a running session, at most five a second; rows that are told with each. */
const everyMs = 200;
const toldRows = 50;

type Calibrated = LoadedSession & { readonly calibration: NonNullable<LoadedSession['calibration']> };

export function scoringHandlers(context: Context): HandlersOf<'scoring'> {
  const { library, jobs, emit } = context;
  const { sessions } = library;
  const tellSession = async (id: string): Promise<void> => {
    emit({ event: 'scoring.session', payload: await sessions.card(id) });
  };
  const calibrated = async (id: string): Promise<Calibrated> => {
    const session = await sessions.load(id);
    if (session.calibration !== null) return { ...session, calibration: session.calibration };
    if (session.meta.state === 'running') {
      throw new CoreError('library/not-calibrated', 'The model is still being calibrated. Wait a moment.');
    }
    const text = 'What these scores are compared with is missing or of another version of the program.';
    throw new CoreError('library/not-calibrated', `${text} Score the pictures again.`);
  };
  return {
    async 'scoring.start'(request) {
      const { id, go } = await sessions.prepare(request);
      const job = jobs.start('score', id, async ({ signal, progress }) => {
        let told = 0;
        let lastTold = 0;
        const tell = (secondsLeft: number | null): void => {
          void sessions.load(id).then((session) => {
            const from = told;
            told = session.table.count;
            const { meta, table } = session;
            const threshold = sessions.threshold(session);
            const fresh = Array.from({ length: told - from }, (_, i) =>
              sessions.row(session, from + i, meta.score, threshold),
            );
            fresh.sort((a, b) => (b.score ?? -Infinity) - (a.score ?? -Infinity));
            emit({
              event: 'scoring.progress',
              payload: {
                session: id,
                total: meta.total,
                scored: table.count,
                skipped: meta.skipped,
                anomalous: countAbove(table.ascending(meta.score), threshold.value),
                labels: table.labelCounts(),
                secondsLeft,
                rows: fresh.slice(0, toldRows),
              },
            });
          });
        };
        const end = await go({
          signal,
          onChange: () => void tellSession(id),
          onProgress: (stage, state) => {
            progress(stage === 'calibrating' ? 'Calibrating on held-out pictures' : 'Scoring', state);
            const now = Date.now();
            if (stage !== 'scoring' || (now - lastTold < everyMs && state.done < state.total)) return;
            lastTold = now;
            tell(state.secondsLeft);
          },
        }).finally(async () => {
          await tellSession(id);
          changed(context, 'sessions');
        });
        const { table } = await sessions.load(id);
        const skipped = end.skipped === 0 ? '' : `, ${end.skipped} could not be read`;
        return { message: `${table.count.toLocaleString('en')} pictures scored${skipped}.` };
      });
      changed(context, 'sessions');
      return { session: id, job };
    },
    'scoring.sessions': ({ run }) => sessions.list(run),
    'scoring.session': ({ session }) => sessions.card(session),
    async 'scoring.setScore'({ session, score }) {
      await sessions.change(session, { score });
      await tellSession(session);
      return sessions.card(session);
    },
    'scoring.results': ({ session, ...query }) => sessions.results(session, query),
    async 'scoring.select'({ session, filter }) {
      const loaded = await sessions.load(session);
      const rows = chooseRows(loaded.table, loaded.meta.score, sessions.threshold(loaded), 'most-anomalous', filter);
      return { items: [...rows] };
    },
    async 'scoring.skipped'({ session, offset, limit }) {
      const rows = await readSkipped((await sessions.load(session)).dir);
      return { total: rows.length, rows: rows.slice(offset, offset + limit) };
    },
    async 'scoring.histogram'({ session, score, bins }) {
      const { table, calibration, meta } = await calibrated(session);
      return histogramOf(table, calibration, score ?? meta.score, bins);
    },
    async 'scoring.curve'({ session, score, points }) {
      const { table, calibration, meta } = await calibrated(session);
      return curveOf(table, calibration, score ?? meta.score, points);
    },
    async 'scoring.threshold'({ session, rule, keep }) {
      const loaded = await calibrated(session);
      const threshold = sessions.threshold(loaded, rule);
      if (keep) {
        await sessions.change(session, { rule });
        await tellSession(session);
      }
      return effectOf(loaded.table, loaded.calibration, loaded.meta.score, threshold);
    },
    async 'scoring.label'({ session, items, label }) {
      const labels = await sessions.label(session, items, label);
      await tellSession(session);
      return { labels };
    },
    async 'scoring.metrics'({ session }) {
      const loaded = await sessions.load(session);
      return metricsOf(loaded.table, loaded.meta.score, sessions.threshold(loaded));
    },
    async 'scoring.picture'({ session, index }) {
      const loaded = await sessions.load(session);
      const { table, calibration } = loaded;
      if (index >= table.count) throw new CoreError('library/no-picture', `There is no picture ${index}.`);
      const facts = await library.pictures
        .withSource(loaded, index, (source, item) => ({
          path: source.pathOf(item),
          hasMask: source.items[item]?.hasMask ?? false,
        }))
        .catch(() => ({ path: null, hasMask: false }));
      const row = sessions.row(loaded, index);
      const { scores } = await sessions.card(session);
      const base = `/image/score/${session}/${index}`;
      return {
        index,
        name: row.name,
        path: facts.path,
        score: row.score,
        predicted: row.predicted,
        label: row.label,
        tiles: table.tiles(index),
        scores: scores.map(({ name, summary }) => {
          const value = table.score(index, name);
          const heldOut = calibration === null ? null : heldOutAscending(calibration, name);
          const below =
            heldOut === null || heldOut.length === 0 ? null : 1 - countAbove(heldOut, value) / heldOut.length;
          return { name, summary, value: Number.isFinite(value) ? value : null, aboveHeldOut: below };
        }),
        images: {
          original: `${base}/original`,
          prepared: `${base}/prepared`,
          heatmap: `${base}/heatmap`,
          overlay: `${base}/overlay`,
          energyMap: calibration?.maps.energy == null ? null : `${base}/energy`,
          reconstruction: `${base}/reconstruction`,
          mask: facts.hasMask ? `${base}/mask` : null,
        },
      };
    },
    async 'scoring.nearest'({ session, index, count }) {
      return library.pictures.nearest(library.nearest, session, index, count);
    },
    async 'scoring.transfer'({ session, items, folder, how }) {
      const loaded = await sessions.load(session);
      const files = [];
      for (const row of items) {
        const name = loaded.table.names[row] ?? String(row);
        const path = await library.pictures
          .withSource(loaded, row, (source, item) => source.pathOf(item))
          .catch(() => null);
        files.push({ name, path });
      }
      const result = await transfer(files, { folder, how, trash: library.trash });
      if (how === 'move') await library.pictures.refresh(session);
      return result;
    },
    async 'scoring.export'({ session, what, path, items }) {
      const loaded = await calibrated(session);
      const job = jobs.start('export', session, async ({ signal, progress }) => {
        const files = await exportSession({
          session: loaded,
          threshold: sessions.threshold(loaded),
          what,
          path,
          rows: items,
          models: library.models,
          signal,
          onProgress: (state) => progress('Exporting', state),
        });
        return { message: `Written to ${files[0] ?? path}.`, files };
      });
      return { job };
    },
    async 'scoring.rename'({ session, title }) {
      await sessions.change(session, { title });
      await tellSession(session);
      return {};
    },
    async 'scoring.delete'({ session }) {
      const undo = await sessions.discard(session);
      changed(context, 'sessions');
      changed(context, 'trash');
      return undo;
    },
  };
}
