/**
 * The policies of another commit of the repository that a folder lies in. The work tree, the index and the
 * references are not touched: git is asked for objects, and what they hold lies in a folder of its own for as long
 * as somebody reads it.
 */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import type { Clock } from '../domain/clock.js';
import { AppError } from '../domain/errors.js';
import { findInvisible, quote } from '../domain/text.js';
import { environmentToRead } from './carried-config.js';
import { checkOut } from './check-out.js';
import type { CommitReader } from './check-out.js';
import { lastWords } from './last-words.js';
import { GitFailure, readBlobs } from './run-git.js';
import type { Environment } from './run-git.js';
import { runWithinLimit, withinLimit } from './time-limit.js';

export interface BaseRequest {
  /** Where the paths of the policies begin. Absolute. */
  readonly root: string;
  /** The settings file where it is another than the root's own. Absolute. */
  readonly config: string | undefined;
  /** A commit, a branch or a tag. */
  readonly ref: string;
  readonly env: Environment;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A base, as long as it is read. */
export interface BaseFiles {
  /** The full id of the commit. */
  readonly commit: string;
  /** Whether the work tree's own commit lacks some of its history; null where a clone is too shallow to tell. */
  readonly diverged: boolean | null;
  /** Where the files of the root lie; null where the commit has no such folder, or no file in it. */
  readonly root: string | null;
  /** Why the files are too many or too large to be read, in a sentence; else null. */
  readonly unusable: string | null;
  /** As {@link BaseRequest.config}: the file of that commit, or the same one where it lies outside of the repository. */
  readonly config: string | undefined;
}

/** Reading objects takes a moment; a clone without them may have to fetch them first. */
const TIME_LIMIT_MS = 120_000;
const LONGEST_REF = 250;

/**
 * Reads the files of a commit, lets somebody look at them, and clears them away. They are bounded as those of
 * a followed branch are ({@link checkOut}), and no link leads out of the folder.
 *
 * @throws AppError `cli.usage` where git would take the reference for something else, `plan.base-unknown`,
 * `plan.base-unreadable`, or `cli.interrupted`
 */
export const withBaseFiles = async <Result>(
  request: BaseRequest,
  look: (files: BaseFiles) => Promise<Result>,
): Promise<Result> => {
  mustBeReference(request.ref);
  const here = openRepository(request);
  const commit = await findCommit(here, request);
  const home = await mkdtemp(join(tmpdir(), 'wrapkeeper-base-'));
  try {
    return await look(await takeOut(here, commit, request, join(home, 'files')));
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  }
};

/** What git would take for an option, a search or a range is no reference here. */
const mustBeReference = (ref: string): void => {
  const isPlain =
    /^[^-:^\s][^\s]*$/u.test(ref) &&
    !ref.includes('..') &&
    !/[\\?*[]/.test(ref) &&
    ref.length <= LONGEST_REF &&
    findInvisible(ref) === null;
  if (isPlain) return;
  throw new AppError('cli.usage', `--base ${quote(ref)} is no commit, branch or tag.`, {
    remedy: 'Name one: --base main, --base v1.4, or the id of a commit.',
  });
};

const openRepository = ({ root, env, clock, signal }: BaseRequest): CommitReader => {
  const call = { folder: root, env: environmentToRead(env) };
  const by = { clock, timeLimitMs: TIME_LIMIT_MS, signal };
  return {
    run: (args, input) =>
      runWithinLimit({ ...call, args, ...(input === undefined ? {} : { input }) }, by),
    blobs: (ids) => withinLimit((aborts) => readBlobs({ ...call, signal: aborts }, ids), by),
  };
};

/** Null where git cannot tell. */
const ask = async (here: CommitReader, ...args: readonly string[]): Promise<string | null> => {
  try {
    return (await here.run(args)).replace(/\n$/, '');
  } catch (error) {
    if (error instanceof GitFailure) return null;
    throw error;
  }
};

/** A branch that was never checked out here is known by the name that it has on the remote. */
const findCommit = async (here: CommitReader, { ref, root }: BaseRequest): Promise<string> => {
  for (const name of [ref, `refs/remotes/origin/${ref}`]) {
    const found = await ask(
      here,
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `${name}^{commit}`,
    );
    if (found !== null && /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(found)) return found;
  }
  throw await unknown(here, ref, root);
};

const unknown = async (here: CommitReader, ref: string, root: string): Promise<AppError> => {
  let isShallow: boolean;
  try {
    isShallow = (await here.run(['rev-parse', '--is-shallow-repository'])).trim() === 'true';
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    return new AppError(
      'plan.base-unknown',
      `${quote(root)} lies in no repository that git can read: ${lastWords(error.message)}`,
      { remedy: 'Use --base in a clone of the repository of the policies.', cause: error },
    );
  }
  return new AppError(
    'plan.base-unknown',
    isShallow
      ? `--base ${quote(ref)} names no commit that is here: this clone is shallow, and has a part of the history alone.`
      : `--base ${quote(ref)} names no commit of this repository.`,
    {
      remedy: isShallow
        ? `Fetch it: \`git fetch --depth=1 origin ${ref}\`, and name FETCH_HEAD; with actions/checkout, set \`fetch-depth: 0\`.`
        : `Check the name. A branch of the remote has to be fetched: \`git fetch origin ${ref}\`.`,
    },
  );
};

const takeOut = async (
  here: CommitReader,
  commit: string,
  { root, config }: BaseRequest,
  into: string,
): Promise<BaseFiles> => {
  try {
    // Not trimmed: names may begin and end with blanks.
    const prefix = (await here.run(['rev-parse', '--show-prefix'])).replace(/\/?\n$/, '');
    const top = (await here.run(['rev-parse', '--show-toplevel'])).replace(/\n$/, '');
    const diverged = await hasDiverged(here, commit);
    const found = { commit, diverged, unusable: null, config };
    const inRoot = config === undefined ? null : await inside(root, config);
    const inTop = config === undefined ? null : await inside(top, config);
    // Settings that lie above the folder, though in the repository, are those of the commit too.
    if (inRoot === null && inTop !== null) {
      await checkOut(here, commit, into, [inTop]);
      return { ...found, root: join(into, prefix), config: join(into, inTop) };
    }
    const tree = prefix === '' ? commit : await treeOf(here, commit, prefix);
    if (tree === null) return { ...found, root: null };
    const { files } = await checkOut(here, tree, into, inRoot === null ? [] : [inRoot]);
    return {
      ...found,
      root: files === 0 ? null : into,
      ...(inRoot !== null && { config: join(into, inRoot) }),
    };
  } catch (error) {
    if (error instanceof AppError && error.code === 'source.unusable')
      return { commit, diverged: null, unusable: error.message, root: null, config };
    if (!(error instanceof GitFailure)) throw error;
    throw new AppError(
      'plan.base-unreadable',
      `git cannot read the policies at ${commit.slice(0, 12)}: ${lastWords(error.message)}`,
      { cause: error },
    );
  }
};

/** The tree of a folder in a commit, or null where it has none of this name. */
const treeOf = async (
  here: CommitReader,
  commit: string,
  folder: string,
): Promise<string | null> => {
  const listing = await here.run(['ls-tree', '-z', '-d', '--full-tree', commit, '--', folder]);
  return /^040000 tree ([0-9a-f]+)\t/.exec(listing)?.[1] ?? null;
};

/** Whether the base has commits that ours lacks. */
const hasDiverged = async (here: CommitReader, commit: string): Promise<boolean | null> => {
  const head = await ask(here, 'rev-parse', '--verify', '--quiet', 'HEAD^{commit}');
  if (head === null || (await ask(here, 'rev-parse', '--is-shallow-repository')) !== 'false')
    return null;
  const missing = await ask(here, 'rev-list', '--max-count=1', commit, `^${head}`);
  return missing === null ? null : missing !== '';
};

/** The path from a folder to a file in it, with forward slashes; null where it lies elsewhere. */
const inside = async (folder: string, file: string): Promise<string | null> => {
  const path = relative(
    await realpath(folder).catch(() => folder),
    await realpath(file).catch(() => file),
  );
  return path.startsWith('..') || path === '' ? null : path.split(sep).join('/');
};
