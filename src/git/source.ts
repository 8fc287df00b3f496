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
  const ask = (...args: string[]): Promise<string | null> => askGit(folder, args);
  if ((await ask('rev-parse', '--is-inside-work-tree'))?.trim() !== 'true') return UNKNOWN;
  const [commit, changes] = await Promise.all([
    ask('rev-parse', '--verify', '--quiet', 'HEAD'),
    ask('status', '--porcelain', '--untracked-files=all', '--', ...paths),
  ]);
  return { commit: commit?.trim() || null, dirty: (changes ?? '').trim() !== '' };
};

/** No name is longer; whoever writes a novel there is cut off. */
const LONGEST_AUTHOR = 300;

/**
 * Who wrote a commit, as `Name <address>`, or null where that cannot be known. Never throws and never writes.
 *
 * @example await commitAuthorOf('/home/me/policies', '5f2c…') // 'Jo Doe <jo@example.org>'
 */
export const commitAuthorOf = async (folder: string, commit: string): Promise<string | null> => {
  // A commit's own name, and nothing that git would take for an option or a range.
  if (!/^[0-9a-f]{7,64}$/.test(commit)) return null;
  const author = await askGit(folder, [
    'log',
    '--max-count=1',
    '--no-show-signature',
    '--encoding=UTF-8',
    '--format=%an <%ae>',
    commit,
    '--',
  ]);
  return author === null ? null : authorOf(author);
};

/** An author as git prints one (`%an <%ae>`), cut off where it is no name any more; null where it names nobody. */
export const authorOf = (printed: string): string | null => {
  const author = printed.trim().slice(0, LONGEST_AUTHOR);
  return author === '' || author === '<>' ? null : author;
};

/** The branch that is checked out, or null where none is, or git cannot tell. */
export const checkedOutBranch = async (folder: string): Promise<string | null> =>
  (await askGit(folder, ['symbolic-ref', '--quiet', '--short', 'HEAD']))?.trim() || null;

/** What git prints, or null where it cannot tell. The command must read alone. */
export const askGit = async (folder: string, args: readonly string[]): Promise<string | null> => {
  // Loaded only here: most commands never ask git anything.
  const { simpleGit, GitError } = await import('simple-git');
  try {
    return await simpleGit(folder).raw(['--no-optional-locks', ...args]);
  } catch (error) {
    if (error instanceof GitError) return null;
    throw error;
  }
};
