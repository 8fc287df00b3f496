/** Which commit the policies come from. Recorded in plans; nothing depends on it. */

/** A state of a work tree. */
export interface Source {
  /** The full commit id, or null outside a repository, before the first commit, or without git. */
  readonly commit: string | null;
  /** Whether any of the paths asked about differs from that commit, files that git does not know included. */
  readonly dirty: boolean;
}

const UNKNOWN: Source = { commit: null, dirty: false };

/**
 * Reads the commit of the work tree that `folder` lies in, and whether `paths` (relative to `folder`)
 * were changed since. Never throws and never writes: git takes no lock for this.
 *
 * @example await readSource('/home/me/policies', ['wrapkeeper.yaml', 'policies'])
 */
export const readSource = async (folder: string, paths: readonly string[]): Promise<Source> => {
  // Loaded only here: most commands never ask git anything.
  const { simpleGit, GitError } = await import('simple-git');
  const ask = async (...args: string[]): Promise<string | null> => {
    try {
      return await simpleGit(folder).raw(['--no-optional-locks', ...args]);
    } catch (error) {
      if (error instanceof GitError) return null;
      throw error;
    }
  };
  if ((await ask('rev-parse', '--is-inside-work-tree'))?.trim() !== 'true') return UNKNOWN;
  const [commit, changes] = await Promise.all([
    ask('rev-parse', '--verify', '--quiet', 'HEAD'),
    ask('status', '--porcelain', '--untracked-files=all', '--', ...paths),
  ]);
  return { commit: commit?.trim() || null, dirty: (changes ?? '').trim() !== '' };
};
