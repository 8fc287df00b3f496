/** What `doctor` finds about the journal: whether it can be written, holds, is of this organization, and is free. */
import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { checksOf } from '../domain/check.js';
import type { Check } from '../domain/check.js';
import { AppError } from '../domain/errors.js';
import type { Organization } from '../domain/state.js';
import { mustBeFree } from '../journal/branch-lease.js';
import { inFolder } from '../journal/folder.js';
import { readJournalState } from '../journal/journal.js';
import { lookAtLease } from '../journal/lease.js';
import { verifyJournal } from '../journal/verify.js';
import { count, instant } from '../report/words.js';
import { copyBranch } from './branch-journal.js';
import type { Io } from './io.js';
import type { Workspace } from './workspace.js';

const { ok, warning, failure, error: errorCheck } = checksOf('journal');

/** Reads the whole journal; of a branch a copy, which is gone afterwards. */
export const checkJournal = async (
  { root, settings }: Pick<Workspace, 'root' | 'settings'>,
  io: Pick<Io, 'clock' | 'env'>,
  organization: Organization | null,
): Promise<readonly Check[]> => {
  const { store } = settings.journal;
  if ('folder' in store) {
    const folder = resolve(root, store.folder);
    const place = await guarded('folder', () => checkFolder(folder, store.folder));
    if (place.status === 'failure') return [place];
    return [
      place,
      await guarded('records', () => checkRecords(folder, store.folder, organization)),
      await guarded('lease', () => checkLease(folder, io.clock.now())),
    ];
  }
  const { branch } = store;
  return await onBranch({ root, settings }, io, branch, organization);
};

const guarded = async (name: string, check: () => Promise<Check>): Promise<Check> => {
  try {
    return await check();
  } catch (error) {
    if (error instanceof AppError) return errorCheck(name, error);
    throw error;
  }
};

const checkFolder = (folder: string, shown: string): Promise<Check> =>
  inFolder(folder, async () => {
    const there = await nearest(folder);
    await access(there, constants.W_OK | constants.X_OK);
    return there === folder
      ? ok('folder', `${shown} can be written`)
      : ok('folder', `${shown} is not there yet; the first apply makes it`);
  });

/** The folder, or the nearest above it that exists. */
const nearest = async (folder: string): Promise<string> => {
  for (let at = folder; ; at = dirname(at)) {
    const found = await stat(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (found !== null && !found.isDirectory())
      throw new AppError(
        'journal.unwritable',
        `The journal folder cannot be used: ${at} is no folder.`,
      );
    if (found !== null || at === dirname(at)) return at;
  }
};

const checkRecords = (
  folder: string,
  shown: string,
  organization: Organization | null,
): Promise<Check> =>
  inFolder(folder, async () => {
    const { records, broken, tornBytes, lastAt } = await verifyJournal(folder);
    if (broken !== null) {
      const at = broken.at.startsWith(folder) ? shown + broken.at.slice(folder.length) : broken.at;
      return failure('records', 'journal.broken', `not what was written: ${at}: ${broken.fault}`);
    }
    const { organizationId } = await readJournalState(folder);
    if (organizationId !== null && organization !== null && organizationId !== organization.id)
      return failure(
        'records',
        'journal.other-organization',
        `the journal belongs to the organization ${organizationId}, the credentials to ${organization.id}`,
      );
    if (records === 0) return ok('records', 'none yet');
    const found = `${count(records, 'record')}, the chain holds; the last of ${instant(lastAt ?? '')}`;
    return tornBytes === 0
      ? ok('records', found)
      : warning(
          'records',
          `${found}. A line at the end is cut off: a run ended while it wrote it, or is writing it now`,
          'Nothing to do: the next run takes it away, and settles what it was about.',
        );
  });

const checkLease = (folder: string, now: number): Promise<Check> =>
  inFolder(folder, async () => {
    const held = await lookAtLease(folder, now).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (held === null) return ok('lease', 'free: nobody is writing');
    const who =
      held.holder === null
        ? 'another run'
        : `the run ${held.holder.run} (process ${held.holder.pid} on ${held.holder.host})`;
    return warning(
      'lease',
      `${who} is writing; it was renewed ${Math.max(0, Math.round(held.ageMs / 1000))} s ago`,
      'Wait until it is done: one run at a time may write.',
    );
  });

const onBranch = async (
  workspace: Pick<Workspace, 'root' | 'settings'>,
  io: Pick<Io, 'clock' | 'env'>,
  branch: string,
  organization: Organization | null,
): Promise<readonly Check[]> => {
  let copy: Awaited<ReturnType<typeof copyBranch>>;
  try {
    copy = await copyBranch(workspace, io, branch, 'all');
  } catch (error) {
    if (error instanceof AppError) return [errorCheck('branch', error)];
    throw error;
  }
  try {
    const { folder } = copy;
    return [
      ok('branch', `${branch} of origin can be fetched; whether it may be pushed shows only a run`),
      await guarded('records', () => checkRecords(folder, branch, organization)),
      await guarded('lease', async () => {
        const { lease } = await readJournalState(folder);
        try {
          mustBeFree(lease, { branch, run: '', clock: io.clock });
          return ok('lease', 'free: nobody is writing');
        } catch (error) {
          if (error instanceof AppError) return errorCheck('lease', error, 'warning');
          throw error;
        }
      }),
    ];
  } finally {
    await copy.remove();
  }
};
