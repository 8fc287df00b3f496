/**
 * Whether a branch still holds a commit, which decides between "somebody pushed" and "somebody rewrote it". The
 * question is about commits alone, so they are kept in a repository of their own, all of them and no files (where
 * the remote offers that), and grow by what is pushed. What happens to it is no loss: it can be fetched again.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { initialize, removeLeftovers } from './kept-repository.js';
import { REMOTE } from './remote-git.js';
import type { RemoteGit, RepositoryGit } from './remote-git.js';
import { GitFailure } from './run-git.js';
import { NoAnswer } from './time-limit.js';

/** What is known of the commits before a tip. */
export interface Ancestry {
  /** The tip, and what leads to it. */
  readonly commits: ReadonlySet<string>;
  /** Whether the remote is a shallow clone itself: there may be more before. */
  readonly isCut: boolean;
}

/** A pack is three files: its index and the mark that it is not all there is. */
const MAX_PACK_FILES = 90;
const HISTORY_REF = 'refs/wrapkeeper/history';

export class BranchHistory {
  readonly #path: string;
  readonly #branch: string;
  #isClean = false;

  constructor(folder: string, branch: string) {
    this.#path = join(folder, 'history');
    this.#branch = branch;
  }

  /**
   * What leads to a commit that the remote has just shown at the tip; null where it shows another one by now.
   *
   * @throws GitFailure; AppError `cli.interrupted`
   */
  async before(git: RemoteGit, tip: string): Promise<Ancestry | null> {
    const here = git.in(this.#path);
    if (!this.#isClean) await removeLeftovers(this.#path);
    this.#isClean = false;
    // Every fetch leaves a pack, and to fetch all of it now and then is cheaper than to tidy up.
    const packs = await readdir(join(this.#path, 'objects', 'pack')).catch(() => []);
    const isOld = packs.length > 0 && packs.length <= MAX_PACK_FILES;
    try {
      return await this.#read(here, tip, isOld);
    } catch (error) {
      if (!isOld || !(error instanceof GitFailure) || error instanceof NoAnswer) throw error;
      return this.#read(here, tip, false);
    }
  }

  async #read(here: RepositoryGit, tip: string, isOld: boolean): Promise<Ancestry | null> {
    if (!isOld) {
      await rm(this.#path, { recursive: true, force: true });
      await initialize(here, tip);
    }
    await here.speak([
      'fetch',
      '--quiet',
      '--filter=tree:0',
      // All of it. Unless that is said, git looks for files that a shallow remote has not sent, over and over.
      '--depth=2147483647',
      '--no-tags',
      '--no-write-fetch-head',
      '--no-recurse-submodules',
      '--update-shallow',
      REMOTE,
      `+refs/heads/${this.#branch}:${HISTORY_REF}`,
    ]);
    const commits = new Set((await here.run(['rev-list', HISTORY_REF])).trim().split('\n'));
    const ends = (await here.run(['rev-list', '--max-parents=0', HISTORY_REF])).trim().split('\n');
    this.#isClean = true;
    // Somebody pushes at this moment. Whether he also rewrites is seen when it is looked at again.
    if ((await here.run(['rev-parse', '--verify', HISTORY_REF])).trim() !== tip) return null;
    const cuts = await readFile(join(here.path, 'shallow'), 'utf8').catch(() => '');
    return { commits, isCut: ends.some((end) => cuts.includes(end)) };
  }
}
