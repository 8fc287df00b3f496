/** What a change touches, as git tells it: for people who look at a diff. Nothing depends on it. */
import { GitFailure, runGit } from './run-git.js';
import type { Environment } from './run-git.js';

/** Lines of one file, in its newer state, that were added or changed; the line that one was removed before. */
export interface ChangedFile {
  /** From the top of the work tree, with forward slashes. */
  readonly file: string;
  readonly lines: readonly number[];
}

const COMMIT = /^[0-9a-f]{40,64}$/;

/**
 * The commit that `head` was merged onto, where a merge of it is checked out in `folder`: its first parent. Read
 * from the commit itself, which knows its parents in a shallow clone too. null where something else is checked out.
 */
export const mergedOnto = async (
  folder: string,
  head: string,
  env: Environment,
): Promise<string | null> => {
  const written = await ask(folder, env, ['cat-file', 'commit', 'HEAD']);
  const [header = ''] = (written ?? '').split('\n\n');
  const parents = [...header.matchAll(/^parent ([0-9a-f]{40,64})$/gm)].map(([, id]) => id ?? '');
  return parents.length === 2 && parents[1] === head ? (parents[0] ?? null) : null;
};

/** The lines that differ between a commit and the work tree below `folder`; empty where git cannot tell. */
export const changedLines = async (
  folder: string,
  since: string,
  env: Environment,
): Promise<readonly ChangedFile[]> => {
  if (!COMMIT.test(since)) return [];
  const options = ['--unified=0', '--no-color', '--no-ext-diff', '--no-textconv', '--no-renames'];
  const prefixes = ['--src-prefix=a/', '--dst-prefix=b/'];
  const printed = await ask(folder, env, [
    '--no-optional-locks',
    '-c',
    'core.quotePath=false',
    'diff',
    ...options,
    ...prefixes,
    since,
    '--',
    '.',
  ]);
  return parseHunks(printed ?? '');
};

/** Pure; exported for its tests. */
export const parseHunks = (diff: string): readonly ChangedFile[] => {
  const files: { file: string; lines: number[] }[] = [];
  // A line of a file can look like the header of one; a header stands before the first hunk.
  let isHeader = false;
  let current: { file: string; lines: number[] } | null = null;
  for (const line of diff.split('\n')) {
    if (line.startsWith('diff --git ')) {
      isHeader = true;
      current = null;
    }
    const path = isHeader ? /^\+\+\+ b\/(.+?)\t?$/.exec(line)?.[1] : undefined;
    if (path !== undefined) {
      current = { file: path, lines: [] };
      files.push(current);
    }
    if (line.startsWith('@@ ')) isHeader = false;
    const [, from = '', size = '1'] = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
    if (from === '' || current === null) continue;
    const first = Math.max(1, Number(from));
    const count = Math.max(1, Number(size));
    for (let at = first; at < first + count; at += 1) current.lines.push(at);
  }
  return files;
};

const ask = async (
  folder: string,
  env: Environment,
  args: readonly string[],
): Promise<string | null> => {
  try {
    return await runGit({ folder, args, env });
  } catch (error) {
    if (error instanceof GitFailure) return null;
    throw error;
  }
};
