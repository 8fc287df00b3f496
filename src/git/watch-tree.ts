/**
 * Watches the settings and policies of a work tree. An event only says "look again": nobody relies on which ones
 * come. Once things are quiet, everything is watched anew before that is said, so that folders that were made,
 * replaced or led elsewhere are watched from then on, and a change in between is seen by who looks.
 */
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { FSWatcher } from 'chokidar';
import { findPlaces, isIgnored, isOfInterest } from './watched-places.js';
import type { WatchedPlaces } from './watched-places.js';

export interface WatchTreeOptions {
  /** The absolute path of the work tree. */
  readonly root: string;
  /** The settings file and the policies' folders, relative to the root; asked anew each time. */
  readonly paths: () => readonly string[];
  /** So long it has to be quiet. While it never is, ten times as long is waited. */
  readonly debounceMs: number;
  /** Look again. It may be said once too often. */
  readonly onChange: () => void;
  /** Something cannot be watched, such as when the system allows no more watches: look now and then by yourself. */
  readonly onError: (error: Error) => void;
}

export interface TreeWatch {
  /** Ends it; nothing is said any more. */
  readonly close: () => Promise<void>;
  /** Watches what `paths` names now. If that is something else than before, it also says to look again. */
  readonly rewatch: () => Promise<void>;
}

/** As many quiet times at most. */
const PATIENCE = 10;

/**
 * Begins to watch; resolves when everything is watched.
 *
 * @example
 * const watch = await watchTree({ root, paths: () => ['wrapkeeper.yaml', 'policies'], debounceMs: 300, onChange, onError });
 */
export const watchTree = async (options: WatchTreeOptions): Promise<TreeWatch> => {
  const watch = new OpenTreeWatch(options);
  await watch.rewatch();
  return watch;
};

class OpenTreeWatch implements TreeWatch {
  readonly #options: WatchTreeOptions;
  #watcher: FSWatcher | null = null;
  #named: string | null = null;
  #quiet: NodeJS.Timeout | null = null;
  #latest: NodeJS.Timeout | null = null;
  #isClosed = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: WatchTreeOptions) {
    this.#options = options;
  }

  rewatch(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isClosed) return;
      const before = this.#named;
      // What is watched is what it was after the last change.
      if (before === JSON.stringify(this.#options.paths())) return;
      await this.#watchAnew();
      if (before !== null) this.#stir();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#settle();
    await this.#inTurn(async () => {
      await this.#watcher?.close();
      this.#watcher = null;
    });
  }

  /**
   * The old one ends first: the two would share the watch of a folder, also of one that was replaced. Who calls this
   * says to look again afterwards, since nothing is seen in between.
   */
  async #watchAnew(): Promise<void> {
    const { root, paths } = this.#options;
    const named = paths();
    const places = await findPlaces(root, named);
    // Loaded only here: most commands watch nothing.
    const { watch } = await import('chokidar');
    await this.#watcher?.close();
    const watcher = watch([...places.folders, ...places.parents], {
      depth: 0,
      followSymlinks: false,
      ignoreInitial: true,
      // Otherwise a file that is replaced is waited for, and this is done here.
      atomic: false,
      ignored: (path, stats) => isIgnored(path, stats?.isFile() === true, places),
    });
    this.#watcher = watcher;
    this.#named = JSON.stringify(named);
    let isTold = false;
    watcher.on('error', (error) => {
      // One folder after the other fails for the same reason.
      if (!isTold) this.#tell(error);
      isTold = true;
    });
    // What chokidar makes nothing of: a link that leads elsewhere, a folder that is replaced at once.
    watcher.on('raw', (_, path, details) => this.#heedRaw(path, details, places));
    await new Promise<void>((resolve) => {
      watcher.once('ready', resolve);
    });
    // Not before: links are told of when they are found, and not only when they change.
    watcher.on('all', (_, path) => this.#heed(path, places));
    // What was made since the places were found is not watched.
    if (!isDeepStrictEqual(await findPlaces(root, named), places)) this.#stir();
  }

  #heed(path: string, places: WatchedPlaces): void {
    void isOfInterest(path, places).then((counts) => {
      if (counts) this.#stir();
    });
  }

  #heedRaw(path: string | null, details: unknown, places: WatchedPlaces): void {
    const watched = watchedPathOf(details);
    if (watched === null) return;
    // A folder tells by its own name that it was removed, or taken elsewhere.
    const isItself = path === null || path === basename(watched);
    if (isItself && (places.folders.has(watched) || places.parents.has(watched))) this.#stir();
    else if (path !== null) this.#heed(join(watched, path), places);
  }

  #stir(): void {
    if (this.#isClosed) return;
    const { debounceMs } = this.#options;
    const fire = (): void => this.#fire();
    if (this.#quiet !== null) clearTimeout(this.#quiet);
    this.#quiet = setTimeout(fire, debounceMs);
    this.#latest ??= setTimeout(fire, PATIENCE * debounceMs);
  }

  #fire(): void {
    this.#settle();
    void this.#inTurn(async () => {
      if (this.#isClosed) return;
      await this.#watchAnew();
    })
      .catch((error: unknown) => this.#tell(error))
      .then(() => {
        // It may have been closed meanwhile.
        if (!this.#isClosed) this.#options.onChange();
      });
  }

  #tell(error: unknown): void {
    if (!this.#isClosed)
      this.#options.onError(error instanceof Error ? error : new Error(String(error)));
  }

  #settle(): void {
    if (this.#quiet !== null) clearTimeout(this.#quiet);
    if (this.#latest !== null) clearTimeout(this.#latest);
    this.#quiet = null;
    this.#latest = null;
  }

  #inTurn<Result>(does: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(does);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

const watchedPathOf = (details: unknown): string | null =>
  typeof details === 'object' &&
  details !== null &&
  'watchedPath' in details &&
  typeof details.watchedPath === 'string'
    ? details.watchedPath
    : null;
