/** What was dropped, as files. A desktop host needs the folder's own entry (it has a path); a browser needs every file in it. */

/** The entries of a folder come in batches; an empty batch is the end. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return all;
    all.push(...batch);
  }
}

/** Keeps where in the dropped folder a file lay: uploads go by `webkitRelativePath`. */
function withPath(file: File, path: string): File {
  Object.defineProperty(file, 'webkitRelativePath', { value: path.replace(/^\//, '') });
  return file;
}

async function walk(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [withPath(file, entry.fullPath)];
  }
  const files: File[] = [];
  for (const inside of await entriesOf(entry as FileSystemDirectoryEntry)) files.push(...(await walk(inside)));
  return files;
}

/** `deep`: look into folders. Must be called while the drop event is handled: its list is empty afterwards. */
export async function filesOfDrop(transfer: DataTransfer, deep: boolean): Promise<File[]> {
  if (!deep) return [...transfer.files];
  const items = [...transfer.items].filter(({ kind }) => kind === 'file');
  // What a page made itself has no entry, only the file.
  const found = items.map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const files: File[] = [];
  for (const { entry, file } of found) {
    if (entry !== null) files.push(...(await walk(entry)));
    else if (file !== null) files.push(file);
  }
  return files;
}
