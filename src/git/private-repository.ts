/**
 * A repository of our own, for as long as a run: bare, in a temporary folder that others cannot enter. The
 * person's repository is read once, for the ways to its remote, and never touched.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../domain/errors.js';
import { quote } from '../domain/text.js';
import type { RemoteAccess } from './carried-config.js';
import { isolatedEnvironment } from './git-environment.js';
import { lastWords } from './last-words.js';
import { GitFailure, readBlob, runGit } from './run-git.js';
import type { Environment } from './run-git.js';
import { runWithinLimit } from './time-limit.js';
import type { TimeLimit } from './time-limit.js';

export interface PrivateRepository {
  /**
   * Runs a command that stays on this machine.
   *
   * @throws AppError `journal.branch-unusable`
   */
  readonly run: (args: readonly string[], more?: MoreForGit) => Promise<string>;
  /**
   * Runs a command that speaks with the remote, for as long as the limit at most.
   *
   * @throws GitFailure; AppError `cli.interrupted` where the signal stopped it
   */
  readonly speak: (args: readonly string[]) => Promise<string>;
  /** The bytes of an object that is here. */
  readonly readBlob: (id: string) => Promise<Buffer>;
  /** An empty file. */
  readonly nothing: string;
  readonly remove: () => Promise<void>;
}

interface MoreForGit {
  readonly input?: string;
  readonly env?: Environment;
}

/**
 * @throws AppError `journal.branch-unusable` where the disk or git does not let us make one
 */
export const makePrivateRepository = async (
  access: RemoteAccess,
  config: readonly (readonly [key: string, value: string])[],
  by: TimeLimit,
): Promise<PrivateRepository> => {
  const home = await makeFolder();
  const nothing = join(home, 'nothing');
  const env = {
    ...isolatedEnvironment(access, config, nothing),
    GIT_DIR: join(home, 'repository'),
  };
  const local = { folder: access.folder, env };
  const run: PrivateRepository['run'] = (args, more = {}) =>
    stayingHere(() =>
      runGit({
        ...local,
        args,
        env: { ...env, ...more.env },
        ...(more.input === undefined ? {} : { input: more.input }),
      }),
    );
  const repository: PrivateRepository = {
    run,
    speak: (args) => runWithinLimit({ ...local, args }, by),
    readBlob: (id) => stayingHere(() => readBlob(local, id)),
    nothing,
    remove: () => rm(home, { recursive: true, force: true, maxRetries: 3 }),
  };
  try {
    await writeFile(nothing, '');
    // Without a template there are no hooks.
    await run([
      'init',
      '--quiet',
      '--bare',
      '--template=',
      `--object-format=${access.objectFormat}`,
    ]);
    return repository;
  } catch (error) {
    await repository.remove();
    throw error;
  }
};

/** Others cannot enter it. */
const makeFolder = async (): Promise<string> => {
  try {
    return await mkdtemp(join(tmpdir(), 'wrapkeeper-branch-'));
  } catch (error) {
    throw new AppError(
      'journal.branch-unusable',
      `No folder can be made in ${quote(tmpdir())} for what is fetched of the journal's branch: ${String(error)}`,
      { remedy: 'Let TMPDIR name a folder that can be written.', cause: error },
    );
  }
};

/** What fails although nobody else is asked: the disk is full, or git is too old. */
const stayingHere = async <Result>(does: () => Promise<Result>): Promise<Result> => {
  try {
    return await does();
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    throw new AppError(
      'journal.branch-unusable',
      `git failed on this machine, with the branch of the journal: ${lastWords(error.message)}`,
      {
        remedy: 'Check that the temporary folder has room, and that git is 2.32 or later.',
        cause: error,
      },
    );
  }
};
