/** Which entries of a commit are written out, of those that `git ls-tree -r -z` lists. */

/** A file or a symbolic link. */
export interface CommitFile {
  readonly path: string;
  readonly id: string;
  readonly kind: 'file' | 'link';
}

const ENTRY = /^(100644|100755|120000) blob ([0-9a-f]+)\t(.+)$/s;
const YAML_FILE = /\.ya?ml$/i;
/** Git's own folder, as the one or the other file system may understand it. */
const GIT_FOLDER = /^(?:\.git|git~\d+)$/i;

/**
 * The YAML files and those that are named, and every link, since it may lead to them. Submodules are none of a
 * commit's files. What git itself refuses to check out is left out: names that lead elsewhere, and git's own folder.
 *
 * @example selectFiles('100644 blob 5f2c…\tpolicies/billing.yaml\0', []) // [{ path: 'policies/billing.yaml', … }]
 */
export const selectFiles = (listing: string, named: readonly string[]): readonly CommitFile[] =>
  listing.split('\0').flatMap((entry): CommitFile[] => {
    const [, mode, id, path] = ENTRY.exec(entry) ?? [];
    if (id === undefined || path === undefined || !path.split('/').every(isPlain)) return [];
    if (mode === '120000') return [{ path, id, kind: 'link' }];
    return isYaml(path) || named.includes(path) ? [{ path, id, kind: 'file' }] : [];
  });

/** Whether a reader of policies looks into a file of this name. */
export const isYaml = (path: string): boolean => YAML_FILE.test(path);

const isPlain = (name: string): boolean =>
  name !== '' &&
  name !== '.' &&
  name !== '..' &&
  !/[\\\0]/.test(name) &&
  // Some file systems drop characters that cannot be seen, dots and blanks at the end, and what follows a colon.
  !GIT_FOLDER.test((name.split(':', 1)[0] ?? '').replace(/\p{Cf}/gu, '').replace(/[. ]+$/, ''));
