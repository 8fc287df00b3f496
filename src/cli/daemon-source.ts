/** What a daemon follows: a folder that people work in, or a branch of a remote. */
import { stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import type { PolicySource } from '../daemon/policies.js';
import { AppError } from '../domain/errors.js';
import { quote } from '../domain/text.js';
import { publicLocation } from '../git/address.js';
import { SETTINGS_FILE } from '../git/policy-files.js';
import { watchTree } from '../git/watch-tree.js';
import type { TreeWatch } from '../git/watch-tree.js';
import { digestOf } from '../plan/digest.js';
import { branchSource } from './branch-source.js';
import type { DaemonOptions } from './daemon.js';
import { folderSource, PolicyReader } from './policy-source.js';
import { findRoot } from './root.js';
import type { Session } from './session.js';

export interface OpenedSource {
  readonly source: PolicySource;
  /** Where the daemon keeps its journal and its state, and where the paths of secrets begin. */
  readonly root: string;
  /** Calls back when something may have changed. */
  readonly watch: (
    onChange: () => void,
    onError: (error: Error) => void,
  ) => Promise<{ readonly close: () => Promise<void> }>;
}

/** What a daemon keeps of its own, beside the journal. */
const STATE_FOLDER = join('.wrapkeeper', 'daemon');
const DEFAULT_BRANCH = 'main';

/**
 * | `--repo`                  | `--branch`  | what is followed                        |
 * |---------------------------|-------------|-----------------------------------------|
 * | a folder, or nothing      | is not said | the files that stand there              |
 * | a folder, or nothing      | is said     | that branch of the repository there     |
 * | anything else: an address | either      | that branch, or `main`                  |
 *
 * @throws AppError `daemon.no-repository` or `source.unusable`
 */
export const openDaemonSource = async (
  session: Session,
  { repo, branch, adopt }: Pick<DaemonOptions, 'repo' | 'branch' | 'adopt'>,
): Promise<OpenedSource> => {
  const folder = resolve(session.folder, repo ?? '.');
  const isThere = await isFolder(folder);
  if (branch === undefined && isThere && !(await isBare(folder))) {
    if (adopt !== undefined)
      throw new AppError(
        'cli.usage',
        '--adopt is for a branch that is followed, and this is a folder.',
      );
    return openFolder(session, folder);
  }
  if (repo !== undefined && !isThere && (isAbsolute(repo) || repo.startsWith('.')))
    throw new AppError('daemon.no-repository', `There is no folder ${quote(repo)}.`);
  return openBranch(session, {
    url: isThere ? folder : (repo ?? folder),
    branch: branch ?? DEFAULT_BRANCH,
    adopt: adopt ?? null,
  });
};

const openFolder = async (session: Session, folder: string): Promise<OpenedSource> => {
  const root = await findRoot(folder);
  const config = session.config === null ? undefined : resolve(session.folder, session.config);
  const reader = new PolicyReader(session, acceptedPath(root, ['folder', config ?? null]));
  const source = folderSource(root, config, reader, session.io.clock);
  let watching: TreeWatch | null = null;
  return {
    source: {
      ...source,
      look: async () => {
        const look = await source.look();
        // Settings may name other folders now.
        await watching?.rewatch();
        return look;
      },
    },
    root,
    watch: async (onChange, onError) => {
      watching = await watchTree({
        root,
        paths: () =>
          reader.paths ?? [config === undefined ? SETTINGS_FILE : relative(root, config)],
        debounceMs: QUIET_MS,
        onChange,
        onError,
      });
      return watching;
    },
  };
};

/** So long nothing may change before it is looked at: people save several files. */
const QUIET_MS = 300;

const openBranch = async (
  session: Session,
  {
    url,
    branch,
    adopt,
  }: { readonly url: string; readonly branch: string; readonly adopt: string | null },
): Promise<OpenedSource> => {
  const root = session.folder;
  const { config } = session;
  if (config !== null && (isAbsolute(config) || config.split(/[\\/]/).includes('..')))
    throw new AppError(
      'cli.usage',
      `--config names a file of the repository that is followed, and ${quote(config)} leads out of it.`,
    );
  const about = ['remote', publicLocation(url), branch, config];
  const path = acceptedPath(root, about);
  const source = await branchSource(session, {
    url,
    branch,
    adopt,
    config,
    folder: path.replace(/\.json$/, ''),
    reader: new PolicyReader(session, path),
  });
  return { source, root, watch: () => Promise.resolve({ close: () => Promise.resolve() }) };
};

/** Another repository has another memory: what was accepted of one is nothing to the other. */
const acceptedPath = (root: string, about: readonly (string | null)[]): string =>
  join(
    root,
    STATE_FOLDER,
    `accepted-${digestOf(about).slice('sha256:'.length, 'sha256:'.length + 12)}.json`,
  );

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** A repository without a work tree: what git serves. */
const isBare = async (folder: string): Promise<boolean> =>
  (await isFolder(join(folder, 'objects'))) && (await isFolder(join(folder, 'refs')));
