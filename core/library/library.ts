/** A person's whole collection behind one object: what every host shows and changes. */
import { mkdir } from 'node:fs/promises';
import { DatasetShelf } from './datasets.ts';
import { libraryFolders, type LibraryFolders } from './folders.ts';
import { ExperimentShelf } from './experiments.ts';
import { GalleryShelf } from './galleries.ts';
import { Log } from './log.ts';
import { Models } from './models.ts';
import { NearestFinder } from './nearest.ts';
import { RunShelf } from './runs.ts';
import { SessionPictures } from './session-pictures.ts';
import { SessionShelf } from './sessions.ts';
import { SettingsStore } from './settings.ts';
import { Sources } from './sources.ts';
import { Trash } from './trash.ts';

export interface Library {
  readonly folders: LibraryFolders;
  readonly log: Log;
  readonly settings: SettingsStore;
  readonly trash: Trash;
  readonly sources: Sources;
  readonly datasets: DatasetShelf;
  readonly runs: RunShelf;
  readonly models: Models;
  readonly sessions: SessionShelf;
  readonly pictures: SessionPictures;
  readonly galleries: GalleryShelf;
  readonly experiments: ExperimentShelf;
  readonly nearest: NearestFinder;
  /** Closes datasets and models. */
  close(): Promise<void>;
}

export interface LibraryOptions {
  readonly dir?: string | undefined;
  readonly cacheDir?: string | undefined;
}

/** Opens the library, making its folders. */
export async function openLibrary(options: LibraryOptions = {}): Promise<Library> {
  const folders = libraryFolders(options.dir, options.cacheDir);
  for (const dir of [folders.runs, folders.sessions, folders.trash, folders.logs])
    await mkdir(dir, { recursive: true });
  const settings = new SettingsStore(folders);
  const trash = new Trash(folders);
  const sources = new Sources(folders.cache);
  const models = new Models();
  models.threads = async () => (await settings.get()).threads ?? undefined;
  const runs = new RunShelf(folders, trash);
  const sessions = new SessionShelf(folders, { runs, models, trash });
  const pictures = new SessionPictures(sessions, models);
  const nearest = new NearestFinder(runs, folders.cache);
  return {
    folders,
    log: new Log(folders),
    settings,
    trash,
    sources,
    datasets: new DatasetShelf(folders, sources),
    runs,
    models,
    sessions,
    pictures,
    galleries: new GalleryShelf(folders, { runs, models, trash }),
    experiments: new ExperimentShelf(folders, trash),
    nearest,
    async close() {
      await pictures.close();
      await nearest.close();
      await sources.close();
      await models.close();
    },
  };
}
