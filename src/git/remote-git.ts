/** git, as it is run for one remote: outside of any repository, and in bare repositories of our own. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Address } from './address.js';
import { readPersonalAccess } from './carried-config.js';
import { isolatedEnvironment } from './git-environment.js';
import { readBlobs } from './run-git.js';
import type { Environment } from './run-git.js';
import { runWithinLimit, withinLimit } from './time-limit.js';
import type { TimeLimit } from './time-limit.js';

/** What our repositories call the remote. */
export const REMOTE = 'origin';

/** Every method throws GitFailure, and AppError `cli.interrupted` where the signal stopped it. */
export interface RemoteGit {
  /** Speaks with the remote, where no repository is needed. */
  readonly ask: (args: readonly string[]) => Promise<string>;
  readonly in: (repository: string) => RepositoryGit;
}

/** git in a repository of our own. */
export interface RepositoryGit {
  readonly path: string;
  /** Runs a command that stays on this machine: it is not told where the remote is. */
  readonly run: (args: readonly string[], input?: string) => Promise<string>;
  /** Runs a command that speaks with the remote. */
  readonly speak: (args: readonly string[]) => Promise<string>;
  /** The bytes of objects that are here, by their ids. */
  readonly blobs: (ids: readonly string[]) => Promise<ReadonlyMap<string, Buffer>>;
}

/** Each is what it is, and what is missing is not fetched behind our back. */
const OBJECTS: Environment = { GIT_NO_REPLACE_OBJECTS: '1', GIT_NO_LAZY_FETCH: '1' };

/** Gives the login that stood in the address, from the environment: no argument and no file shows it. */
const HELPER =
  '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$WRAPKEEPER_GIT_USER" "$WRAPKEEPER_GIT_PASSWORD"; }; f';

/**
 * Reads how the person speaks with remotes, anew each time: over months, credentials change.
 *
 * @param folder our own; it is made where it does not exist
 * @throws GitFailure; an error of the file system
 */
export const openRemoteGit = async (
  folder: string,
  address: Address,
  ambient: Environment,
  by: TimeLimit,
): Promise<RemoteGit> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const access = await readPersonalAccess(folder, ambient);
  const globalFile = join(folder, 'gitconfig');
  await writeFile(globalFile, trusted(access.config), { mode: 0o600 });
  const local: Environment = {
    ...isolatedEnvironment(access, [], globalFile),
    ...OBJECTS,
    GIT_ALLOW_PROTOCOL: 'none',
  };
  const spoken: Environment = {
    ...isolatedEnvironment(access, remoteConfig(address), globalFile),
    ...OBJECTS,
    GIT_ALLOW_PROTOCOL: 'file:http:https:ssh',
    ...(address.login === null
      ? {}
      : {
          WRAPKEEPER_GIT_USER: address.login.user,
          WRAPKEEPER_GIT_PASSWORD: address.login.password ?? '',
        }),
  };
  return {
    ask: (args) => runWithinLimit({ folder, args, env: spoken }, by),
    in: (repository) => {
      const here = { folder, env: { ...local, GIT_DIR: repository } };
      const there = { folder, env: { ...spoken, GIT_DIR: repository } };
      return {
        path: repository,
        run: (args, input) =>
          runWithinLimit({ ...here, args, ...(input === undefined ? {} : { input }) }, by),
        speak: (args) => runWithinLimit({ ...there, args }, by),
        blobs: (ids) => withinLimit((signal) => readBlobs({ ...here, signal }, ids), by),
      };
    },
  };
};

/** As in an address, a user with a password comes before whatever helper there is; a user alone asks them. */
const remoteConfig = ({ forGit, login }: Address): readonly (readonly [string, string])[] => [
  [`remote.${REMOTE}.url`, forGit],
  // Whatever is fetched lies in a pack: loose files of a power cut would be empty.
  ['fetch.unpackLimit', '1'],
  ...(login === null
    ? []
    : login.password === null
      ? ([[`credential.${login.at}.username`, login.user]] as const)
      : ([
          [`credential.${login.at}.helper`, ''],
          [`credential.${login.at}.helper`, HELPER],
        ] as const)),
];

/** Whose repositories the person trusts: the other side of a path asks that too, and reads it in a file alone. */
const trusted = (config: readonly (readonly [string, string])[]): string =>
  config
    .filter(([key]) => key === 'safe.directory')
    .map(([, path]) => `[safe]\n\tdirectory = "${path.replace(/["\\]/g, '\\$&')}"\n`)
    .join('');
