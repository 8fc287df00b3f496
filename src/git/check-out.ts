/**
 * The files of a commit in a plain folder, for whoever reads policies there. git is asked for bytes alone: no filter,
 * no attribute, no hook and no submodule has a say, and nothing outside of the folder is written or led to.
 */
import { lstat, mkdir, mkdtemp, readdir, readlink, realpath, rename, rm } from 'node:fs/promises';
import { symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, sep } from 'node:path';
import { AppError } from '../domain/errors.js';
import { quote } from '../domain/text.js';
import { MAX_FILE_BYTES } from '../policy/source.js';
import { isYaml, selectFiles } from './commit-files.js';
import type { CommitFile } from './commit-files.js';
import type { RepositoryGit } from './remote-git.js';

/** More than any repository of policies has; less than a disk. */
const MAX_FILES = 20_000;
const MAX_BYTES = 512 * 1024 * 1024;
/** So much is held in memory at a time. */
const BATCH_BYTES = 16 * 1024 * 1024;
/** No path is longer. */
const MAX_LINK_BYTES = 4096;
/** Where a link leads that must lead nowhere: whoever reads it finds nothing there, and says so. */
const NOWHERE = 'leads-out-of-the-repository';

/** A repository of which objects are read, and nothing else. */
export type CommitReader = Pick<RepositoryGit, 'run' | 'blobs'>;

export interface CheckedOut {
  /** Where the files lie: it stays as it is until another commit was checked out twice. */
  readonly folder: string;
  /** How many files and links there are. */
  readonly files: number;
}

/**
 * Writes the YAML files of a commit, the files that are named, and the links among them. `into` becomes a link to a
 * folder beside it, so that it is replaced in one step; the folder before stays once more, for whoever is reading it.
 *
 * A file above the limit of a policy is there with its size and without its text, and a link that leads out of the
 * commit leads nowhere where it bears the name of a YAML file: both are errors to who reads them, as they should be.
 *
 * @param commit or the tree of a folder in one: that folder is then all there is
 * @param named paths in the commit that count whatever their name, such as the settings
 * @throws AppError `source.unusable` where there is too much of it, or something else lies at `into`; GitFailure; an
 * error of the file system
 */
export const checkOut = async (
  here: CommitReader,
  commit: string,
  into: string,
  named: readonly string[],
): Promise<CheckedOut> => {
  const before = await whereIt(into);
  const files = selectFiles(await here.run(['ls-tree', '-r', '-z', '--full-tree', commit]), named);
  const sizes = await sizesOf(here, files);
  mustBeBounded(files, sizes);
  await mkdir(dirname(into), { recursive: true });
  const folder = await mkdtemp(`${into}.commit-`);
  try {
    for (const path of new Set(files.map((file) => dirname(file.path))))
      await mkdir(join(folder, path), { recursive: true });
    // Links come last: no file is written through one, whatever the file system takes for the same name.
    await writeFiles(here, folder, files, sizes);
    const links = files.filter(({ kind }) => kind === 'link');
    const kept = await writeLinks(here, folder, links, sizes);
    await point(into, folder);
    await removeOthers(into, [folder, ...(before === null ? [] : [before])]);
    return { folder, files: files.length - links.length + kept };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
};

/** The folder that `into` leads to now. */
const whereIt = async (into: string): Promise<string | null> => {
  const found = await lstat(into).catch(() => null);
  if (found === null) return null;
  if (found.isSymbolicLink()) return join(dirname(into), basename(await readlink(into)));
  throw new AppError(
    'source.unusable',
    `${quote(into)} is no folder that was checked out here: it is left alone.`,
    { remedy: 'Give the daemon a folder of its own.' },
  );
};

const sizesOf = async (
  here: CommitReader,
  files: readonly CommitFile[],
): Promise<ReadonlyMap<string, number>> => {
  const ids = [...new Set(files.map(({ id }) => id))];
  if (ids.length === 0) return new Map();
  const format = '--batch-check=%(objectname) %(objectsize)';
  const list = await here.run(['cat-file', format], ids.map((id) => `${id}\n`).join(''));
  return new Map(
    list
      .trim()
      .split('\n')
      .map((line): [string, number] => {
        const [id = '', size = ''] = line.split(' ');
        return [id, Number(size)];
      }),
  );
};

const isSmall = ({ id, kind }: CommitFile, sizes: ReadonlyMap<string, number>): boolean =>
  (sizes.get(id) ?? 0) <= (kind === 'link' ? MAX_LINK_BYTES : MAX_FILE_BYTES);

const mustBeBounded = (files: readonly CommitFile[], sizes: ReadonlyMap<string, number>): void => {
  const tooMuch = (has: string, limit: string): AppError =>
    new AppError('source.unusable', `The commit has ${has} of policies; the limit is ${limit}.`, {
      remedy: 'Keep policies in a repository of their own.',
    });
  if (files.length > MAX_FILES) throw tooMuch(`${files.length} files`, `${MAX_FILES}`);
  const small = files.filter((file) => isSmall(file, sizes));
  const bytes = small.reduce((sum, { id }) => sum + (sizes.get(id) ?? 0), 0);
  if (bytes > MAX_BYTES) throw tooMuch(`${bytes} bytes`, `${MAX_BYTES}`);
};

const writeFiles = async (
  here: CommitReader,
  folder: string,
  all: readonly CommitFile[],
  sizes: ReadonlyMap<string, number>,
): Promise<void> => {
  const files = all.filter(({ kind }) => kind === 'file');
  for (const batch of batchesOf(
    files.filter((file) => isSmall(file, sizes)),
    sizes,
  )) {
    const blobs = await here.blobs([...new Set(batch.map(({ id }) => id))]);
    for (const { path, id } of batch)
      await writeFile(join(folder, path), blobs.get(id) ?? '', { flag: 'wx' });
  }
  for (const file of files) {
    if (isSmall(file, sizes)) continue;
    const path = join(folder, file.path);
    await writeFile(path, '', { flag: 'wx' });
    // A hole: it takes no room on the disk.
    await truncate(path, sizes.get(file.id) ?? 0);
  }
};

function* batchesOf(
  files: readonly CommitFile[],
  sizes: ReadonlyMap<string, number>,
): Generator<readonly CommitFile[]> {
  let batch: CommitFile[] = [];
  let bytes = 0;
  for (const file of files) {
    batch.push(file);
    bytes += sizes.get(file.id) ?? 0;
    if (bytes < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

/** Writes all links, and then looks where each really leads, over whatever others. */
const writeLinks = async (
  here: CommitReader,
  folder: string,
  links: readonly CommitFile[],
  sizes: ReadonlyMap<string, number>,
): Promise<number> => {
  const blobs = await here.blobs([
    ...new Set(links.filter((link) => isSmall(link, sizes)).map(({ id }) => id)),
  ]);
  for (const { path, id } of links) {
    const target = blobs.get(id)?.toString('utf8') ?? NOWHERE;
    const isSafe = target !== '' && !target.includes('\0') && !isAbsolute(target);
    await symlink(isSafe ? target : NOWHERE, join(folder, path));
  }
  const root = await realpath(folder);
  const targets = await Promise.all(
    links.map(({ path }) => realpath(join(folder, path)).catch(() => null)),
  );
  const astray = links.filter((_, at) => !isInside(root, targets[at] ?? null));
  for (const { path } of astray) await unlink(join(folder, path));
  const told = astray.filter(({ path }) => isYaml(path));
  for (const { path } of told) await symlink(NOWHERE, join(folder, path));
  return links.length - astray.length + told.length;
};

const isInside = (root: string, path: string | null): boolean =>
  path !== null && (path === root || path.startsWith(root + sep));

/** In one step: who opens `into` finds the old folder or the new one. */
const point = async (into: string, folder: string): Promise<void> => {
  const link = `${folder}.link`;
  await symlink(basename(folder), link);
  await rename(link, into);
};

/** What earlier ones have left, those that were killed in the middle too. */
const removeOthers = async (into: string, kept: readonly string[]): Promise<void> => {
  const prefix = `${basename(into)}.commit-`;
  for (const name of await readdir(dirname(into)))
    if (name.startsWith(prefix) && /^\w{6}(?:\.link)?$/.test(name.slice(prefix.length))) {
      const path = join(dirname(into), name);
      if (!kept.includes(path)) await rm(path, { recursive: true, force: true });
    }
};
