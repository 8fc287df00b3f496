/** Where a repository of policies begins, and where it lies in its git repository. */
import { access } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Diagnostic, SourceSpan } from '../domain/diagnostics.js';
import { SETTINGS_FILE } from '../git/policy-files.js';

/** A name that people give the settings by mistake. To overlook them would be to overlook what they forbid. */
const MISNAMED = 'wrapkeeper.yml';

/** The nearest folder upwards with settings, or the top of the git repository, or the folder itself. */
export const findRoot = async (folder: string): Promise<string> =>
  (await findUpwards(folder, [SETTINGS_FILE, MISNAMED, '.git'])) ?? folder;

/** The name of settings that are there and would not be read, or null. */
export const findMisnamed = async (root: string): Promise<string | null> =>
  (await exists(join(root, MISNAMED))) && !(await exists(join(root, SETTINGS_FILE)))
    ? MISNAMED
    : null;

/**
 * Findings with paths from the top of the git repository, where code scanning and annotations look for
 * the files; outside a repository as they are.
 */
export const fromRepository = async (
  root: string,
  diagnostics: readonly Diagnostic[],
): Promise<readonly Diagnostic[]> => {
  const top = await findRepository(root);
  const folders =
    top === null
      ? []
      : relative(top, root)
          .split(sep)
          .filter((name) => name !== '');
  if (folders.length === 0) return diagnostics;
  const move = (span: SourceSpan): SourceSpan => ({
    ...span,
    file: [...folders, span.file].join('/'),
  });
  return diagnostics.map((diagnostic) => ({
    ...diagnostic,
    span: diagnostic.span === null ? null : move(diagnostic.span),
    related: diagnostic.related.map((place) => ({ ...place, span: move(place.span) })),
  }));
};

/** The top of the git repository that a folder lies in, or null. */
export const findRepository = (folder: string): Promise<string | null> =>
  findUpwards(folder, ['.git']);

/** The nearest folder upwards, itself included, that has an entry of one of these names. */
const findUpwards = async (folder: string, names: readonly string[]): Promise<string | null> => {
  for (let at = folder; ; at = dirname(at)) {
    const found = await Promise.all(names.map((name) => exists(join(at, name))));
    if (found.includes(true)) return at;
    if (at === dirname(at)) return null;
  }
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
