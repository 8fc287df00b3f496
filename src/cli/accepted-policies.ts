/** The settings and policies that a daemon accepted last, in one file that a power cut cannot tear. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../domain/errors.js';
import { quote } from '../domain/text.js';
import type { Revision } from '../daemon/status.js';
import { replaceFile } from '../journal/folder.js';
import type { SourceFile } from '../policy/source.js';
import { SETTINGS_FILE } from '../git/policy-files.js';
import type { WorkspaceFiles } from './workspace.js';

const FORMAT = 1;

/** As it stands in the file. */
interface Kept {
  readonly format: typeof FORMAT;
  readonly at: string;
  readonly revision: Revision;
  readonly author: string | null;
  readonly settings: SourceFile | null;
  readonly policies: readonly SourceFile[];
}

export interface AcceptedFiles extends Pick<Kept, 'at' | 'revision' | 'author'> {
  readonly files: WorkspaceFiles;
}

/** @throws AppError `daemon.state` */
export const keepAccepted = async (
  path: string,
  { at, revision, author, files }: AcceptedFiles,
): Promise<void> => {
  const kept: Kept = {
    format: FORMAT,
    at,
    revision,
    author,
    settings: files.settings.file,
    policies: files.policies.files,
  };
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await replaceFile(path, JSON.stringify(kept), 0o600);
  } catch (error) {
    throw unusable(path, error);
  }
};

/**
 * What was kept; null: nothing yet.
 *
 * @throws AppError `daemon.state` where it cannot be read
 */
export const recallAccepted = async (path: string, root: string): Promise<AcceptedFiles | null> => {
  try {
    const kept = JSON.parse(await readFile(path, 'utf8')) as Kept;
    if (kept.format !== FORMAT) throw new Error(`it is of the format ${String(kept.format)}`);
    return {
      ...kept,
      files: {
        root,
        settingsPath: join(root, kept.settings?.path ?? SETTINGS_FILE),
        settings: { file: kept.settings, diagnostics: [] },
        policies: { files: kept.policies, diagnostics: [] },
      },
    };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw unusable(
      path,
      error,
      'Check its permissions. If it is damaged, move it away: what the repository says next is accepted, if no guard refuses it.',
    );
  }
};

const unusable = (path: string, cause: unknown, remedy?: string): AppError =>
  new AppError(
    'daemon.state',
    `${quote(path)}, where the policies accepted last are kept, cannot be used: ${cause instanceof Error ? cause.message : String(cause)}.`,
    { cause, ...(remedy !== undefined && { remedy }) },
  );
