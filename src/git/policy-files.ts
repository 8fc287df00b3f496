/** Finds and reads the files that a person wrote: policies, and settings. What cannot be read is told, never thrown. */
import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { problem } from '../domain/diagnostics.js';
import type { Diagnostic, SourceSpan } from '../domain/diagnostics.js';
import { MAX_FILE_BYTES } from '../policy/source.js';
import type { SourceFile } from '../policy/source.js';
import { tooLarge } from '../policy/yaml.js';

export interface PolicyFiles {
  /** Sorted by path. */
  readonly files: readonly SourceFile[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The settings file where none is named. */
export const SETTINGS_FILE = 'wrapkeeper.yaml';

const YAML_FILE = /\.ya?ml$/i;

/**
 * Reads every `*.yaml` and `*.yml` below the folders (relative to `root`), hidden ones apart. A link
 * is followed inside the root alone, and each file is read once, whatever links lead to it.
 */
export const readPolicyFiles = async (
  root: string,
  folders: readonly string[],
): Promise<PolicyFiles> => {
  const finder = await findFiles(root, folders);
  const read = finder.paths.map((path) => readSource(root, path));
  const files = read.filter((result) => 'text' in result);
  const diagnostics = [...finder.diagnostics, ...read.filter((result) => 'code' in result)];
  if (files.length === 0 && diagnostics.length === 0) diagnostics.push(noPolicies(folders));
  return { files, diagnostics };
};

/**
 * Reads the settings: the file that was named, or `wrapkeeper.yaml`, whose absence is no error (null).
 */
export const readSettingsFile = async (
  root: string,
  path?: string,
): Promise<{ readonly file: SourceFile | null; readonly diagnostics: readonly Diagnostic[] }> => {
  if (
    path === undefined &&
    (await lstat(resolve(root, SETTINGS_FILE)).catch(errorCode)) === 'ENOENT'
  ) {
    return { file: null, diagnostics: [] };
  }
  const result = readSource(root, displayPath(root, resolve(root, path ?? SETTINGS_FILE)));
  return 'text' in result
    ? { file: result, diagnostics: [] }
    : { file: null, diagnostics: [result] };
};

const findFiles = async (
  root: string,
  folders: readonly string[],
): Promise<{ readonly paths: readonly string[]; readonly diagnostics: readonly Diagnostic[] }> => {
  const realRoot = await realpath(root).catch(() => resolve(root));
  const seen = new Set<string>();
  const paths: string[] = [];
  const links: string[] = [];
  const diagnostics: Diagnostic[] = [];

  /** A folder that was named, or a link: wherever it leads, it has to stay inside the root. */
  const enter = async (path: string, ifMissing?: string): Promise<void> => {
    const real = await realpath(resolve(root, path)).catch(() => null);
    if (real !== null && !isInside(realRoot, real)) {
      diagnostics.push(outside(path));
      return;
    }
    const found = await stat(resolve(root, path)).catch(errorCode);
    if (typeof found === 'string') diagnostics.push(unreadable(path, found, ifMissing));
    else await visit(path, real ?? path, found);
  };

  const visit = async (path: string, real: string, entry: Dirent | Stats): Promise<void> => {
    if (seen.has(real)) return;
    seen.add(real);
    if (entry.isDirectory()) await visitFolder(path, real);
    else if (entry.isFile()) paths.push(path);
    else diagnostics.push(unreadable(path, NO_FILE));
  };

  const visitFolder = async (path: string, real: string): Promise<void> => {
    const entries = await readdir(real, { withFileTypes: true }).catch(errorCode);
    if (typeof entries === 'string') {
      diagnostics.push(unreadable(path, entries));
      return;
    }
    for (const entry of entries) {
      const child = path === '.' ? entry.name : `${path}/${entry.name}`;
      if (entry.name.startsWith('.')) continue;
      if (entry.isSymbolicLink()) links.push(child);
      else if (entry.isDirectory() || YAML_FILE.test(entry.name)) {
        await visit(child, join(real, entry.name), entry);
      }
    }
  };

  for (const folder of folders) await enter(displayPath(root, resolve(root, folder)), NO_FOLDER);
  // Links come last: what they lead to is by then known by its own path, and read once.
  while (links.length > 0) {
    for (const link of links.splice(0).sort()) {
      const target = await stat(resolve(root, link)).catch(errorCode);
      if (YAML_FILE.test(link) || (typeof target !== 'string' && target.isDirectory()))
        await enter(link);
    }
  }
  return { paths: paths.sort(), diagnostics };
};

/** Not asynchronous: files are many and small, and to wait for each takes four times as long as to read it. */
const readSource = (root: string, path: string): SourceFile | Diagnostic => {
  const span = fileSpan(path);
  try {
    const found = statSync(resolve(root, path));
    if (!found.isFile()) return unreadable(path, NO_FILE);
    if (found.size > MAX_FILE_BYTES) return tooLarge(found.size, span);
    const bytes = readFileSync(resolve(root, path));
    const text = decode(bytes);
    return text === null ? notUtf8(bytes, span) : { path, text };
  } catch (error) {
    return unreadable(path, errorCode(error));
  }
};

/** Text, or null where the bytes are no UTF-8. A NUL is no text either: it tells UTF-16. */
const decode = (bytes: Buffer): string | null =>
  isUtf8(bytes) && !bytes.includes(0) ? bytes.toString('utf8').replace(/^\uFEFF/, '') : null;

const notUtf8 = (bytes: Buffer, span: SourceSpan): Diagnostic => {
  const utf16 =
    bytes.includes(0) ||
    (bytes[0] === 0xff && bytes[1] === 0xfe) ||
    (bytes[0] === 0xfe && bytes[1] === 0xff);
  return problem({
    code: 'file.not-utf8',
    message: `The file is not UTF-8 text${utf16 ? '; it looks like UTF-16' : ''}.`,
    remedy: 'Save it as UTF-8.',
    span,
  });
};

/** What opening a folder as a file fails with; pipes and sockets are told in the same words. */
const NO_FILE = 'EISDIR';

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file or folder',
  EACCES: 'The permissions do not allow to read it',
  EPERM: 'The permissions do not allow to read it',
  ELOOP: 'The link leads back to itself',
  [NO_FILE]: 'This is no ordinary file',
  ENOTDIR: 'This is no folder',
};

/** What a newcomer has to do, and who stands in the wrong folder. */
const NO_FOLDER =
  'Go to the folder of the policies (or name it with -C), begin one with `wrapkeeper init`, or name another in `policies` of the settings.';

const unreadable = (path: string, code: string, ifMissing?: string): Diagnostic =>
  problem({
    code: 'file.unreadable',
    message: `${WHY[code] ?? `It cannot be read (${code})`}: \`${path}\`.`,
    remedy: (code === 'ENOENT' ? ifMissing : undefined) ?? 'Check the name and the permissions.',
    span: fileSpan(path),
  });

const outside = (path: string): Diagnostic =>
  problem({
    code: 'file.outside',
    message: `\`${path}\` leads out of the repository.`,
    remedy: 'Put the file itself into the folder.',
    span: fileSpan(path),
  });

const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'unknown error';

const isInside = (root: string, path: string): boolean =>
  path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);

/** Relative to the root with forward slashes; a file elsewhere keeps its own path. */
const displayPath = (root: string, path: string): string => {
  const inside = relative(root, path);
  return (inside === '' ? '.' : inside).split(sep).join('/');
};

const fileSpan = (file: string): SourceSpan => ({
  file,
  line: 1,
  column: 1,
  endLine: 1,
  endColumn: 1,
});

const noPolicies = (folders: readonly string[]): Diagnostic =>
  problem({
    code: 'file.no-policies',
    message: `No *.yaml or *.yml stands in ${folders.map((folder) => `\`${folder}\``).join(', ')}.`,
    remedy:
      'Write a policy, create one with `wrapkeeper init`, or name the folder in `policies` of the settings.',
  });
