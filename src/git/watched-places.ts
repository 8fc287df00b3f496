/**
 * Where changes of settings and policies show: which folders to watch, and which of their entries count. It follows
 * links as the reader of policies does, inside the root alone.
 */
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';

export interface WatchedPlaces {
  /** Folders, in each of which every YAML file, folder and link counts. */
  readonly folders: ReadonlySet<string>;
  /** Folders in which only the paths count that are named below. */
  readonly parents: ReadonlySet<string>;
  readonly paths: ReadonlySet<string>;
}

const YAML_FILE = /\.ya?ml$/i;
const NEVER = new Set(['.git', '.wrapkeeper']);

/**
 * Looks for them as they are now. What does not exist yet will show in the nearest folder that does.
 *
 * @param named files and folders, relative to the root
 */
export const findPlaces = async (
  root: string,
  named: readonly string[],
): Promise<WatchedPlaces> => {
  const top = (await realpath(root).catch(() => null)) ?? resolve(root);
  const folders = new Set<string>();
  const parents = new Set<string>();
  const paths = new Set<string>();

  /** From the path up to the root; without a root, up to the first folder that exists. */
  const markWay = async (path: string): Promise<void> => {
    for (let at = path; ; at = dirname(at)) {
      paths.add(at);
      const above = dirname(at);
      if (above === at) return;
      const found = await stat(above).catch(() => null);
      if (found?.isDirectory() === true) {
        parents.add(above);
        if (above === top || !isInside(top, above)) return;
      }
    }
  };

  const enter = async (path: string): Promise<void> => {
    if (
      !isInside(top, path) ||
      relative(top, path)
        .split(sep)
        .some((name) => NEVER.has(name))
    )
      return;
    if (path !== top) await markWay(path);
    const real = await realpath(path).catch(() => null);
    // A link that leads nowhere may lead somewhere once its target is made; that is seen with the next change.
    if (real === null || !isInside(top, real)) return;
    if (real !== path && real !== top) await markWay(real);
    if ((await stat(real).catch(() => null))?.isDirectory() === true) await visit(real);
  };

  const visit = async (folder: string): Promise<void> => {
    if (folders.has(folder)) return;
    folders.add(folder);
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory()) await visit(join(folder, entry.name));
      else if (entry.isSymbolicLink()) await enter(join(folder, entry.name));
    }
  };

  for (const path of named) await enter(resolve(top, path));
  if (paths.size === 0 || (await stat(top).catch(() => null)) === null) await markWay(top);
  return { folders, parents, paths };
};

/** Whether an event at this path may change what the reader reads. What is gone counts where it may have been a folder. */
export const isOfInterest = async (path: string, places: WatchedPlaces): Promise<boolean> => {
  if (places.paths.has(path) || places.folders.has(path)) return true;
  const name = basename(path);
  if (!places.folders.has(dirname(path)) || name.startsWith('.')) return false;
  if (YAML_FILE.test(name)) return true;
  const found = await lstat(path).catch(() => null);
  return found === null ? !name.includes('.') : !found.isFile();
};

/** Whether an entry need not even be looked at. */
export const isIgnored = (path: string, isFile: boolean, places: WatchedPlaces): boolean => {
  if (places.folders.has(path) || places.parents.has(path) || places.paths.has(path)) return false;
  const name = basename(path);
  if (!places.folders.has(dirname(path)) || name.startsWith('.')) return true;
  return isFile && !YAML_FILE.test(name);
};

const isInside = (root: string, path: string): boolean =>
  path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
