/** The journal for those who only read it: its folder, or a copy of its branch. */
import { resolve } from 'node:path';
import { warning } from '../domain/diagnostics.js';
import type { Break } from '../domain/audit.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { AppError } from '../domain/errors.js';
import { quote } from '../domain/text.js';
import { inFolder } from '../journal/folder.js';
import { copyBranch } from './branch-journal.js';
import type { Session } from './session.js';
import { loadSettings } from './workspace.js';

export interface AuditJournal {
  readonly folder: string;
  /** Where it is kept, behind the words `the journal`. */
  readonly place: string;
  /** A place in its files, as people find it. */
  readonly shown: (at: string) => string;
}

/**
 * Gives the journal that the settings name to `use`. Nothing is written to it, no lease is needed, and what was
 * fetched of a branch is gone afterwards. A journal that is not there yet is an empty one.
 *
 * @throws AppError of the settings, `journal.unwritable` or `journal.branch-*`
 */
export const withAuditJournal = async <Result>(
  session: Session,
  use: (journal: AuditJournal) => Promise<Result>,
): Promise<Result> => {
  const { root, settings } = await loadSettings(session);
  const { store } = settings.journal;
  if ('folder' in store) {
    const folder = resolve(root, store.folder);
    return await inFolder(folder, () =>
      use({ folder, place: `in ${quote(store.folder)}`, shown: shownAs(folder, store.folder) }),
    );
  }
  const copy = await copyBranch({ root, settings }, session.io, store.branch, 'all');
  try {
    const { folder } = copy;
    return await use({
      folder,
      place: `on the branch ${quote(store.branch)}`,
      shown: shownAs(folder, store.branch),
    });
  } finally {
    await copy.remove();
  }
};

const shownAs =
  (folder: string, name: string) =>
  (at: string): string =>
    at.startsWith(folder) ? name + at.slice(folder.length) : at;

/** A broken chain, as the error that it is elsewhere. */
export const brokenChain = ({ at, fault }: Break, { shown }: AuditJournal): AppError =>
  new AppError('journal.broken', `The journal is not what was written: ${shown(at)}: ${fault}.`);

/** A broken chain, where what stands before the place can be used all the same. */
export const brokenWarning = (broken: Break, journal: AuditJournal): Diagnostic => {
  const { message } = brokenChain(broken, journal);
  return warning({
    code: 'journal.broken',
    message: `${message} Only what stands before that place is listed; the last of it may be what was altered.`,
    remedy: 'See `wrapkeeper audit verify`. Keep the files as evidence.',
  });
};
