/** The journal of the settings, opened by the one who may append to it: in a folder, or on a branch. */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Diagnostic } from '../domain/diagnostics.js';
import type { JournalHead } from '../domain/journal.js';
import { BranchLease, mustBeFree } from '../journal/branch-lease.js';
import { Journal } from '../journal/journal.js';
import { acquireLease } from '../journal/lease.js';
import type { Lease } from '../journal/lease.js';
import { NOT_SHARED } from '../journal/run-journal.js';
import type { Sharing } from '../journal/run-journal.js';
import { copyBranch } from './branch-journal.js';
import type { Io } from './io.js';
import type { Workspace } from './workspace.js';

export interface HeldJournal extends Pick<Lease, 'lost' | 'mustBeHeld'> {
  readonly journal: Journal;
  /** Where its files lie. */
  readonly folder: string;
  readonly sharing: Sharing;
  /** What was found when it was opened. */
  readonly diagnostics: readonly Diagnostic[];
  /** The last record that is safe where the journal is kept. */
  readonly kept: () => JournalHead;
  /** Pushes what was not pushed yet. @throws AppError `journal.*` */
  readonly share: () => Promise<void>;
  /** Closes it and gives the lease back, whatever happens. @throws AppError `journal.*` */
  readonly close: () => Promise<void>;
}

export type Holder = Pick<Workspace, 'root' | 'settings'>;

/**
 * Takes the lease of the journal and opens it. Of a branch its end is enough, unless somebody asks for all.
 *
 * @throws AppError `lease.held` or `journal.*`
 */
export const holdJournal = (
  workspace: Holder,
  io: Pick<Io, 'clock' | 'env'>,
  run: string,
  extent: 'all' | 'end' = 'end',
): Promise<HeldJournal> => {
  const { store } = workspace.settings.journal;
  return 'branch' in store
    ? holdBranch(workspace, io, run, store.branch, extent)
    : holdFolder(workspace, io, run, store.folder);
};

const holdFolder = async (
  { root, settings }: Holder,
  { clock }: Pick<Io, 'clock'>,
  run: string,
  place: string,
): Promise<HeldJournal> => {
  const folder = resolve(root, place);
  const lease = await acquireLease({ folder, run, clock });
  try {
    const { keepMs } = settings.journal;
    const { journal, diagnostics } = await Journal.open({ folder, keepMs, clock });
    return {
      journal,
      folder,
      diagnostics,
      sharing: NOT_SHARED,
      kept: () => journal.state.head,
      lost: lease.lost,
      mustBeHeld: lease.mustBeHeld,
      share: NOT_SHARED.publish,
      close: async () => {
        try {
          await journal.close();
        } finally {
          await lease.release();
        }
      },
    };
  } catch (error) {
    await lease.release();
    throw error;
  }
};

const holdBranch = async (
  workspace: Holder,
  io: Pick<Io, 'clock' | 'env'>,
  run: string,
  branch: string,
  extent: 'all' | 'end',
): Promise<HeldJournal> => {
  const { clock } = io;
  const copy = await copyBranch(workspace, io, branch, extent);
  try {
    const { folder } = copy;
    const { keepMs } = workspace.settings.journal;
    const { journal, diagnostics } = await Journal.open({ folder, keepMs, clock });
    mustBeFree(journal.state.lease, { branch, run, clock });
    const push = (): Promise<void> => copy.push(`Run ${run}`);
    const lease = new BranchLease({ branch, journal, run, holder: hostname(), clock, push });
    return {
      journal,
      folder,
      diagnostics,
      sharing: lease,
      kept: () => lease.kept,
      lost: lease.lost,
      mustBeHeld: lease.mustBeHeld,
      share: lease.publishRest,
      close: async () => {
        try {
          await lease.finish();
        } finally {
          await copy.remove();
        }
      },
    };
  } catch (error) {
    await copy.remove();
    throw error;
  }
};
