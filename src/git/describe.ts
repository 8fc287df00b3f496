/** What a person's git is, and where the repository of a folder comes from. Reads alone. */
import { publicLocation } from './address.js';
import { askGit, checkedOutBranch } from './source.js';

export interface GitDescription {
  /** Such as `2.43.0`; null where git cannot be run. */
  readonly version: string | null;
  /** Whether the folder lies in a work tree that git can use. */
  readonly isRepository: boolean;
  /** The branch that is checked out, or null. */
  readonly branch: string | null;
  /** Where `origin` is, without credentials, or null. */
  readonly origin: string | null;
}

/** Never throws: what git does not tell is null. */
export const describeGit = async (folder: string): Promise<GitDescription> => {
  const ask = async (...args: readonly string[]): Promise<string | null> =>
    (await askGit(folder, args))?.trim() || null;
  const [version, inside, branch, origin] = await Promise.all([
    ask('version'),
    ask('rev-parse', '--is-inside-work-tree'),
    checkedOutBranch(folder),
    ask('config', '--get', 'remote.origin.url'),
  ]);
  return {
    version: /\d+(?:\.\d+)+/.exec(version ?? '')?.[0] ?? null,
    isRepository: inside === 'true',
    branch,
    origin: origin === null ? null : publicLocation(origin),
  };
};
