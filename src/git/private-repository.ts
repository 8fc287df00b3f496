/**
 * A repository of our own, for as long as a run: bare, in a temporary folder that others cannot enter. The
 * person's repository is read once, for the ways to its remote, and never touched.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../domain/clock.js';
import { AppError } from '../domain/errors.js';
import { quote } from '../domain/text.js';
import type { RemoteAccess } from './carried-config.js';
import { lastWords } from './last-words.js';
import { GitFailure, readBlob, runGit } from './run-git.js';
import type { Environment, GitCall } from './run-git.js';

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
  by: {
    readonly clock: Clock;
    readonly timeLimitMs: number;
    readonly signal: AbortSignal | undefined;
  },
): Promise<PrivateRepository> => {
  const home = await makeFolder();
  const nothing = join(home, 'nothing');
  const env = environmentOf(access, home, nothing, [
    ...access.config,
    ...config,
    // A process that tidies up would outlive the folder.
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    ['protocol.version', '2'],
  ]);
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
    speak: (args) => withinLimit({ ...local, args }, by),
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

/**
 * Settings travel in the environment: arguments are shown to everybody who lists processes. They are
 * those of the person's repository and ours, without the files that say more: what these say of
 * line endings, filters, signatures or hooks does not concern a journal.
 */
const environmentOf = (
  access: RemoteAccess,
  home: string,
  nothing: string,
  config: readonly (readonly [key: string, value: string])[],
): Environment => ({
  ...askingNobody(access),
  GIT_DIR: join(home, 'repository'),
  GIT_CONFIG_GLOBAL: nothing,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_COUNT: String(config.length),
  ...Object.fromEntries(
    config.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ),
});

/** Whatever asks a person would wait for ever where there is none. A script that answers for one may. */
const askingNobody = ({ env, config }: RemoteAccess): Environment => {
  const hasOwnSsh =
    env['GIT_SSH'] !== undefined ||
    env['GIT_SSH_COMMAND'] !== undefined ||
    config.some(([key]) => key === 'core.sshcommand');
  return {
    GCM_INTERACTIVE: 'never',
    ...(hasOwnSsh ? {} : { GIT_SSH_COMMAND: 'ssh -o BatchMode=yes' }),
    ...env,
    GIT_TERMINAL_PROMPT: '0',
  };
};

const withinLimit = async (
  call: GitCall,
  {
    clock,
    timeLimitMs,
    signal,
  }: {
    readonly clock: Clock;
    readonly timeLimitMs: number;
    readonly signal: AbortSignal | undefined;
  },
): Promise<string> => {
  const answered = new AbortController();
  const late = new AbortController();
  void clock.sleep(timeLimitMs, answered.signal).then(() => {
    if (!answered.signal.aborted) late.abort();
  });
  try {
    return await runGit({
      ...call,
      signal: AbortSignal.any(signal === undefined ? [late.signal] : [late.signal, signal]),
    });
  } catch (error) {
    if (signal?.aborted === true)
      throw new AppError('cli.interrupted', 'Stopped while git spoke with the remote.', {
        cause: error,
      });
    if (late.signal.aborted)
      throw new GitFailure(`no answer within ${timeLimitMs / 1000} s`, { cause: error });
    throw error;
  } finally {
    answered.abort();
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
