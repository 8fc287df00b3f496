/** One command of git, as a process that nothing of the surroundings leads astray. */
import { coverCredentials } from './last-words.js';

/** The environment of a process, as Node gives it. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface GitCall {
  readonly folder: string;
  readonly args: readonly string[];
  /** All of it: nothing is inherited. */
  readonly env: Environment;
  readonly input?: string;
  /** Ends the process. */
  readonly signal?: AbortSignal;
}

/** A command of git that ended with an error, or could not be run. The message is all that it printed, credentials apart. */
export class GitFailure extends Error {
  override readonly name = 'GitFailure';
}

/**
 * What simple-git refuses, since a stranger's text could run a program by it. Here these come from the
 * configuration and the environment of the person whose repository it is, and git itself would follow
 * them there. Its rules look for words anywhere in a key, the address within included, so that a host
 * called `alias` or `pager` needs the two that bear these names.
 */
const UNSAFE = {
  allowUnsafeAlias: true,
  allowUnsafeAskPass: true,
  allowUnsafeConfigEnvCount: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeCredentialHelper: true,
  allowUnsafeExec: true,
  allowUnsafeGitProxy: true,
  allowUnsafeInclude: true,
  allowUnsafePack: true,
  allowUnsafePager: true,
  allowUnsafeProtocolOverride: true,
  allowUnsafeSshCommand: true,
  allowUnsafeTemplateDir: true,
  allowUnsafeUrlRewrite: true,
} as const;

/**
 * Runs a command and gives what it printed, as text.
 *
 * @throws GitFailure
 */
export const runGit = (call: GitCall): Promise<string> =>
  failingAsOurs(async () => (await prepare(call))().raw([...call.args]));

/**
 * The bytes of an object, as they are.
 *
 * @throws GitFailure
 */
export const readBlob = (call: Omit<GitCall, 'args'>, id: string): Promise<Buffer> =>
  failingAsOurs(async () => (await (await prepare(call))().binaryCatFile(['blob', id])) as Buffer);

/**
 * The bytes of several objects by their ids, from one process.
 *
 * @throws GitFailure, also where one of them is not there
 */
export const readBlobs = async (
  call: Omit<GitCall, 'args' | 'input'>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Buffer>> => {
  if (ids.length === 0) return new Map();
  const input = ids.map((id) => `${id}\n`).join('');
  const printed = await failingAsOurs(
    async () => (await (await prepare({ ...call, input }))().binaryCatFile(['--batch'])) as Buffer,
  );
  const blobs = new Map<string, Buffer>();
  let at = 0;
  for (const id of ids) {
    const end = printed.indexOf('\n', at);
    const [, type, size] = printed.toString('latin1', at, Math.max(at, end)).split(' ');
    if (type !== 'blob') throw new GitFailure(`the object ${id} is missing, or is no file`);
    blobs.set(id, printed.subarray(end + 1, end + 1 + Number(size)));
    at = end + 1 + Number(size) + 1;
  }
  return blobs;
};

const prepare = async ({ folder, env, input, signal }: Omit<GitCall, 'args'>) => {
  // Loaded only here: most commands never ask git anything.
  const { simpleGit } = await import('simple-git');
  const defined = Object.entries(env).filter((entry) => entry[1] !== undefined);
  const git = simpleGit({
    baseDir: folder,
    unsafe: UNSAFE,
    allowEnvironment: defined.map(([name]) => name),
    // By itself it takes a command for a success that was killed, or that failed without a word.
    errors: (error, { exitCode }) =>
      error ?? (exitCode === 0 ? undefined : Buffer.from(`git ended with ${exitCode}`)),
    ...(input === undefined ? {} : { input: () => input }),
    ...(signal === undefined ? {} : { abort: signal }),
  }).env(Object.fromEntries(defined));
  // Wrapped: it is itself something that can be awaited.
  return () => git;
};

const failingAsOurs = async <Result>(does: () => Promise<Result>): Promise<Result> => {
  const { GitError } = await import('simple-git');
  try {
    return await does();
  } catch (error) {
    // The library's error carries the words as they came; they may hold the credentials of an address.
    if (error instanceof GitError) throw new GitFailure(coverCredentials(error.message));
    throw error;
  }
};
