/** The folder in which a machine that keeps its disk keeps what must survive a run. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../domain/errors.js';
import { quote } from '../domain/text.js';

/**
 * Makes sure that the folder is there and can be written. Nothing in it belongs into git, and git is told so.
 *
 * @throws AppError `journal.unwritable`
 */
export const openFolder = async (folder: string): Promise<void> => {
  await inFolder(folder, async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(join(folder, '.gitignore'), '*\n');
  });
};

/** Writes a file so that at every moment the old content is there, or the new one, and survives a power cut. */
export const replaceFile = async (path: string, text: string, mode: number): Promise<void> => {
  // Nobody else's file, and no link that waits there, is written through.
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(draft, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
};

/** Does something with the folder; what the disk refuses is an AppError. */
export const inFolder = async <Result>(
  folder: string,
  does: () => Promise<Result>,
): Promise<Result> => {
  try {
    return await does();
  } catch (error) {
    const code = errnoOf(error);
    if (code === null) throw error;
    throw new AppError(
      'journal.unwritable',
      `The journal folder ${quote(folder)} cannot be used: ${WORDS[code] ?? code}.`,
      { cause: error },
    );
  }
};

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'a file may not become any larger',
  ENOTDIR: 'a part of the path is no folder',
  EEXIST: 'it is no folder',
};

/** The code of a failure of the file system, or null for anything else. */
export const errnoOf = (error: unknown): string | null =>
  error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : null;
