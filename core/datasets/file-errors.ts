/** File-system errors in words: what was tried, what went wrong, what to do. */
import { CoreError, messageOf } from '../errors.ts';

/** The `code` of a Node file-system error, or an empty string. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return '';
}

/** Turns an error met while reading `path` into a CoreError; CoreErrors pass through. */
export function readError(path: string, error: unknown): CoreError {
  if (error instanceof CoreError) return error;
  switch (codeOf(error)) {
    case 'ENOENT':
      return new CoreError('dataset/missing', `${path} does not exist. Check the spelling of the path.`, {
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
      return new CoreError(
        'dataset/no-permission',
        `No permission to read ${path}. Change its permissions, or choose another folder.`,
        { cause: error },
      );
    case 'EMFILE':
    case 'ENFILE':
      return new CoreError(
        'dataset/too-many-files',
        `Too many files are open at once. Close other programs and try again.`,
        {
          cause: error,
        },
      );
    default:
      return new CoreError(
        'dataset/unreadable',
        `${path} cannot be read (${messageOf(error)}). Check the disk, or copy the data elsewhere and try again.`,
        { cause: error },
      );
  }
}

/** Turns an error met while writing below `folder` into a CoreError; CoreErrors pass through. */
export function writeError(folder: string, error: unknown): CoreError {
  if (error instanceof CoreError) return error;
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new CoreError(
        'dataset/disk-full',
        `The disk is full: the image cache in ${folder} could not be written. Free some space, or choose another cache folder.`,
        { cause: error },
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new CoreError(
        'dataset/cache-not-writable',
        `The image cache folder ${folder} is not writable. Choose another cache folder.`,
        { cause: error },
      );
    default:
      return new CoreError(
        'dataset/cache-failed',
        `The image cache in ${folder} could not be written (${messageOf(error)}). Choose another cache folder.`,
        { cause: error },
      );
  }
}
