/**
 * How a repository speaks with its remote: what its configuration and the environment say about addresses,
 * transports and credentials, and nothing else of them, so that another repository can speak the same way.
 */
import { dirname } from 'node:path';
import { AppError } from '../domain/errors.js';
import { quote } from '../domain/text.js';
import { lastWords } from './last-words.js';
import { GitFailure, runGit } from './run-git.js';
import type { Environment } from './run-git.js';

/** The ways of a repository to its remote. */
export interface RemoteAccess {
  /** The top of the work tree: what is relative in addresses and commands is relative to it. */
  readonly folder: string;
  /** `sha1` or `sha256`. */
  readonly objectFormat: string;
  /** Settings in the order in which they count; a key may come several times. */
  readonly config: readonly (readonly [key: string, value: string])[];
  /** The environment for git, without what leads it to a repository or a configuration. */
  readonly env: Environment;
}

const CARRIED =
  /^(?:http\.|credential\.|url\.|ssh\.variant$|core\.(?:sshcommand|askpass|gitproxy)$|protocol\.(?!version$))/;
const OF_THE_REMOTE = new Set([
  'url',
  'pushurl',
  'proxy',
  'proxyauthmethod',
  'uploadpack',
  'receivepack',
  'vcs',
  'serveroption',
]);

/** Of git's own variables, those about transports and credentials … */
const TRANSPORT =
  /^GIT_(?:SSH|SSH_COMMAND|SSH_VARIANT|ASKPASS|SSL_\w+|PROXY_\w+|HTTP_\w+|ALLOW_PROTOCOL|EXEC_PATH)$/;
/** … and those that say where configuration lies. They count where it is read, and are then spent. */
const CONFIGURATION = /^GIT_CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM|PARAMETERS|COUNT|KEY_\d+|VALUE_\d+)$/;
/** Nobody is asked, and no text is edited. */
const INTERACTIVE = /^(?:EDITOR|VISUAL|PAGER|PREFIX)$/;

/**
 * Reads them from the repository that `folder` lies in, as git resolves them there, conditional includes too.
 *
 * @throws AppError `journal.branch-unusable` where there is no work tree, or no remote of this name
 */
export const readRemoteAccess = async (
  folder: string,
  remote: string,
  ambient: Environment,
): Promise<RemoteAccess> => {
  const env = pick(ambient, (name) => !name.startsWith('GIT_') || TRANSPORT.test(name));
  const ask = (...args: string[]): Promise<string> =>
    runGit({ folder, args, env: { ...env, ...pick(ambient, (name) => CONFIGURATION.test(name)) } });
  try {
    const where = await ask('rev-parse', '--show-object-format', '--show-toplevel');
    const [objectFormat = '', ...top] = where.trimEnd().split('\n');
    const config = entriesOf(await ask('config', '--list', '-z')).filter(
      ([key]) => CARRIED.test(key) || isOf(remote, key),
    );
    if (!config.some(([key]) => key === `remote.${remote}.url`)) throw noRemote(folder, remote);
    return { folder: top.join('\n'), objectFormat, config, env };
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    throw new AppError(
      'journal.branch-unusable',
      `A branch can keep the journal in a clone of a repository alone, and ${quote(folder)} is none that git can use: ${lastWords(error.message)}`,
      { cause: error },
    );
  }
};

/** Beside the ways to remotes, what signatures are held against, and whose repositories are trusted. */
const PERSONAL = /^(?:gpg\.|safe\.directory$)/;

/**
 * Reads what the person's own configuration and environment say, outside of any repository.
 *
 * @param folder one that lies in no repository as far as git sees: it does not look above it
 * @throws GitFailure
 */
export const readPersonalAccess = async (
  folder: string,
  ambient: Environment,
): Promise<Pick<RemoteAccess, 'config' | 'env'>> => {
  const env = {
    ...pick(ambient, (name) => !name.startsWith('GIT_') || TRANSPORT.test(name)),
    GIT_CEILING_DIRECTORIES: dirname(folder),
  };
  const configuration = pick(ambient, (name) => CONFIGURATION.test(name));
  const list = await runGit({
    folder,
    args: ['config', '--list', '-z'],
    env: { ...env, ...configuration },
  });
  return {
    config: entriesOf(list).filter(([key]) => CARRIED.test(key) || PERSONAL.test(key)),
    env,
  };
};

/**
 * The environment for a git that reads in a person's own repository, and nothing but that: no variable leads it
 * to another one, and it asks nobody.
 */
export const environmentToRead = (ambient: Environment): Environment => ({
  ...pick(
    ambient,
    (name) => !name.startsWith('GIT_') || TRANSPORT.test(name) || CONFIGURATION.test(name),
  ),
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
});

/** A key without a value, such as `http.sslVerify` alone, means true. */
const entriesOf = (list: string): (readonly [key: string, value: string])[] =>
  list
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry): readonly [string, string] => {
      const end = entry.indexOf('\n');
      return end === -1 ? [entry, 'true'] : [entry.slice(0, end), entry.slice(end + 1)];
    });

const isOf = (remote: string, key: string): boolean => {
  const section = `remote.${remote}.`;
  return key.startsWith(section) && OF_THE_REMOTE.has(key.slice(section.length));
};

const pick = (env: Environment, counts: (name: string) => boolean): Environment => ({
  ...Object.fromEntries(
    Object.entries(env).filter(([name]) => !INTERACTIVE.test(name) && counts(name)),
  ),
  // Whatever git says is looked at, and shown in the language of all other messages.
  LC_ALL: 'C',
});

const noRemote = (folder: string, remote: string): AppError =>
  new AppError(
    'journal.branch-unusable',
    `The repository in ${quote(folder)} has no remote ${quote(remote)}: there is nothing that the branch of the journal could be pushed to.`,
    { remedy: `Add one: \`git remote add ${remote} URL\`.` },
  );
