/** The system's own dialogs for folders and files. */
import path from 'node:path';
import type { BrowserWindow, Dialog, FileFilter } from 'electron';
import type { HostFunctions } from './ipc.ts';

const pictures: FileFilter = {
  name: 'Pictures',
  extensions: ['png', 'jpg', 'jpeg', 'bmp', 'tif', 'tiff', 'webp', 'gif'],
};
const datasets: FileFilter = { name: 'Datasets', extensions: ['gz', 'bin', 'mat', 'tar', 'tgz', 'idx', 'ubyte'] };
const everything: FileFilter = { name: 'All files', extensions: ['*'] };

/** By the ending of the suggested name: what is saved under it. */
const savedNames: Readonly<Record<string, string>> = {
  csv: 'Comma-separated values',
  json: 'JSON',
  html: 'Web page',
  png: 'Picture',
  onnx: 'ONNX model',
  txt: 'Text',
};

function saveFilters(suggestedName: string): FileFilter[] {
  const ending = path.extname(suggestedName).slice(1).toLowerCase();
  const name = savedNames[ending];
  return name === undefined ? [everything] : [{ name, extensions: [ending] }, everything];
}

export function createDialogs(
  dialog: Dialog,
  window: () => BrowserWindow,
): Pick<HostFunctions, 'chooseFolder' | 'chooseFiles' | 'saveFile'> {
  return {
    async chooseFolder(title) {
      const properties = ['openDirectory' as const, 'createDirectory' as const];
      const { canceled, filePaths } = await dialog.showOpenDialog(window(), { title, message: title, properties });
      return canceled ? null : (filePaths[0] ?? null);
    },
    async chooseFiles(title, kinds) {
      const filters = kinds === 'pictures' ? [pictures, everything] : [datasets, everything];
      const properties = ['openFile' as const, 'multiSelections' as const];
      const options = { title, message: title, filters, properties };
      const { canceled, filePaths } = await dialog.showOpenDialog(window(), options);
      return canceled ? null : filePaths;
    },
    async saveFile(title, suggestedName) {
      // A name, not a place: what the page suggests must not choose the folder.
      const defaultPath = path.basename(suggestedName);
      const options = { title, defaultPath, filters: saveFilters(suggestedName) };
      const { canceled, filePath } = await dialog.showSaveDialog(window(), options);
      return canceled || filePath === '' ? null : filePath;
    },
  };
}
