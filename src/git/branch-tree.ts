/** The files of a commit, as git lists them (`git ls-tree`, `git mktree`). */

/** A folder of plain files, and whatever else lies there. */
export interface BranchTree {
  /** The object ids of the files by name. */
  readonly files: ReadonlyMap<string, string>;
  /** The lines of the entries that are none of ours: they are kept, and never looked into. */
  readonly others: readonly string[];
}

/** Files and nothing else: no folder, no link, no program, no submodule, and a name that leads nowhere. */
const PLAIN_FILE = /^100644 blob ([0-9a-f]+)\t([A-Za-z0-9_][A-Za-z0-9._-]*)$/;
/** Names that git itself makes no tree of. Only somebody who wants to break out writes one. */
const NO_NAME = /\t"?(?:.*\/.*|\.|\.\.|\.git)"?$/i;

/** Reads what `git ls-tree` prints without `-z`: names that are not plain are in quotes there, and stay as they are. */
export const parseTree = (listing: string): BranchTree => {
  const files = new Map<string, string>();
  const others: string[] = [];
  for (const line of listing.split('\n')) {
    const [, id, name] = PLAIN_FILE.exec(line) ?? [];
    if (id !== undefined && name !== undefined) files.set(name, id);
    else if (line !== '' && !NO_NAME.test(line)) others.push(line);
  }
  return { files, others };
};

/** What `git mktree` reads. A file takes the place of anything else of its name. */
export const writeTree = ({ files, others }: BranchTree): string =>
  [
    ...others.filter((line) => !files.has(line.slice(line.indexOf('\t') + 1))),
    ...Array.from(files, ([name, id]) => `100644 blob ${id}\t${name}`),
  ]
    .map((line) => `${line}\n`)
    .join('');

/** Whether a file of this name can lie on a branch. */
export const isPlainName = (name: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name);
