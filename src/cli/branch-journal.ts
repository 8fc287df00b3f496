/** A journal on a branch: fetched into a folder of its own, and pushed from there. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileBranch } from '../git/file-branch.js';
import type { FileBranch } from '../git/file-branch.js';
import { CHECKPOINT_FILE, firstNeededOf, START_FILE } from '../journal/journal.js';
import { segmentsAmong } from '../journal/segments.js';
import type { Io } from './io.js';
import type { Workspace } from './workspace.js';

const NOTES = [START_FILE, CHECKPOINT_FILE];

/** The branch, and where its files lie. */
export interface BranchCopy {
  readonly folder: string;
  /** Brings the branch to what the folder holds. */
  readonly push: (message: string) => Promise<void>;
  readonly remove: () => Promise<void>;
}

/**
 * Fetches the journal of a branch: all of it, or what a run needs to go on from its end.
 *
 * @throws AppError `journal.branch-unreachable` or `journal.branch-unusable`
 */
export const copyBranch = async (
  { root, settings }: Pick<Workspace, 'root' | 'settings'>,
  { clock, env }: Pick<Io, 'clock' | 'env'>,
  branchName: string,
  extent: 'all' | 'end',
): Promise<BranchCopy> => {
  const branch = await openFileBranch({
    repository: root,
    branch: branchName,
    isOurs: (names) => segmentsAmong(names).length > 0,
    clock,
    // A run that is stopped still says what it did; each command has a time limit of its own.
    env,
  });
  const folder = await mkdtemp(join(tmpdir(), 'wrapkeeper-journal-'));
  const remove = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true });
    await branch.close();
  };
  try {
    // What is too old is looked for from the beginning.
    const wanted = extent === 'all' || settings.journal.keepMs !== null;
    const brought = wanted ? all(branch) : await end(branch, folder);
    await branch.bring(brought, folder);
    return { folder, push: (message) => push(branch, folder, brought, message), remove };
  } catch (error) {
    await remove();
    throw error;
  }
};

const all = ({ files }: FileBranch): readonly string[] => [
  ...notes(files),
  ...segmentsAmong(files).map(({ name }) => name),
];

const notes = (files: readonly string[]): readonly string[] =>
  files.filter((name) => NOTES.includes(name));

/** From the oldest record on that somebody still waits for. */
const end = async (branch: FileBranch, folder: string): Promise<readonly string[]> => {
  if (!branch.files.includes(CHECKPOINT_FILE)) return all(branch);
  await branch.bring(notes(branch.files), folder);
  const needed = firstNeededOf(await readFile(join(folder, CHECKPOINT_FILE), 'utf8'));
  const segments = segmentsAmong(branch.files);
  const from = segments.findLastIndex(({ first }) => first <= needed);
  return segments.slice(Math.max(0, from)).map(({ name }) => name);
};

const push = async (
  branch: FileBranch,
  folder: string,
  brought: readonly string[],
  message: string,
): Promise<void> => {
  const there = await readdir(folder);
  const segments = segmentsAmong(there).map(({ name }) => name);
  await branch.publish({
    folder,
    changed: [...notes(there), ...segments],
    removed: brought.filter((name) => !there.includes(name)),
    message,
  });
};
