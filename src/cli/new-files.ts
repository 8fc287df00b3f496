/** Files that are written where there are none: nothing is ever overwritten. */
import { lstat, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from '../journal/folder.js';

/** A file to write. */
export interface NewFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/** Whether anything stands there, a broken link included. */
export const isThere = async (path: string): Promise<boolean> => {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    const why = errnoOf(error);
    if (why === 'ENOENT' || why === 'ENOTDIR') return false;
    throw error;
  }
};

/** A file that could not be written, and why, in the words of the system. */
export interface Unwritten {
  readonly path: string;
  readonly why: string;
}

/**
 * Writes all files, or none: what was written before one fails is taken away again. A file that is there
 * already, or comes to be there meanwhile, fails with `EEXIST`.
 *
 * @returns what failed, or null
 */
export const writeNewFiles = async (files: readonly NewFile[]): Promise<Unwritten | null> => {
  const written: string[] = [];
  for (const { path, text } of files) {
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text, { flag: 'wx' });
      written.push(path);
    } catch (error) {
      const why = errnoOf(error);
      await Promise.all(written.map((ours) => rm(ours, { force: true })));
      if (why === null) throw error;
      // A file of which only the beginning was written is ours, too.
      if (why !== 'EEXIST' && why !== 'EISDIR')
        await rm(path, { force: true }).catch(() => undefined);
      return { path, why };
    }
  }
  return null;
};
