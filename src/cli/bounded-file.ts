/** Small files whole: what is no ordinary file, too large or no text is not read. */
import { readFile, stat } from 'node:fs/promises';
import { errnoOf } from '../journal/folder.js';

export type FileText =
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'absent' }
  /** `why` is part of a sentence, and holds nothing of the content. */
  | { readonly kind: 'unreadable'; readonly why: string };

/** Reads a text in UTF-8, a byte order mark left off. Never throws. */
export const readBounded = async (path: string, maxBytes: number): Promise<FileText> => {
  try {
    const found = await stat(path);
    // A pipe might never end, or never begin.
    if (!found.isFile()) return unreadable('it is no ordinary file');
    if (found.size > maxBytes) return tooLarge(maxBytes);
    const bytes = await readFile(path);
    // It may have grown meanwhile, and some files tell no size.
    if (bytes.length > maxBytes) return tooLarge(maxBytes);
    return textOf(bytes);
  } catch (error) {
    const code = errnoOf(error);
    return code === 'ENOENT'
      ? { kind: 'absent' }
      : unreadable(code === null ? 'it cannot be opened' : (WORDS[code] ?? code));
  }
};

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOTDIR: 'a part of the path is no folder',
};

const textOf = (bytes: Buffer): FileText => {
  try {
    return { kind: 'read', text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return unreadable('it is no text in UTF-8');
  }
};

const tooLarge = (maxBytes: number): FileText => unreadable(`it has more than ${maxBytes} bytes`);

const unreadable = (why: string): FileText => ({ kind: 'unreadable', why });
