/**
 * A branch of the repository as a folder of files, for what must survive a run on a machine that keeps
 * nothing. It is fetched without its history, and pushed without force: git lets one writer through, and
 * tells the others.
 *
 * | a push was refused, and the tip of the remote is now    | what it means                              |
 * |---------------------------------------------------------|--------------------------------------------|
 * | a commit whose push was not answered, or this one       | it had arrived: go on from there           |
 * | the one we stood on, and the refusal speaks of a race   | another writer is at it                    |
 * | the one we stood on, and the refusal has another reason | a rule of the remote forbids it            |
 * | anything else                                           | another writer was first                   |
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../domain/clock.js';
import { AppError } from '../domain/errors.js';
import { quote } from '../domain/text.js';
import { BranchCommits, TIP_REF } from './branch-commits.js';
import type { Tip } from './branch-commits.js';
import { BranchRefusals } from './branch-refusals.js';
import { isPlainName } from './branch-tree.js';
import { readRemoteAccess } from './carried-config.js';
import { makePrivateRepository } from './private-repository.js';
import type { Environment } from './run-git.js';

/** How long one command may speak with the remote. */
const TIME_LIMIT_MS = 30_000;
const AUTHOR = { name: 'wrapkeeper', email: 'wrapkeeper@localhost' };

/** What is to become of the branch. */
export interface BranchChange {
  /** Where the changed files lie. */
  readonly folder: string;
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** The message of the commit. */
  readonly message: string;
}

/** A branch as it was when it was opened, with what we have published since. Calls wait for each other. */
export interface FileBranch {
  /** The names of its files; empty where the branch does not exist yet. */
  readonly files: readonly string[];
  /**
   * Writes files of the branch into a folder, byte by byte, in place of what lies there. Only these are
   * downloaded, where the remote offers that.
   *
   * @throws AppError `journal.branch-unreachable`, `journal.branch-unusable` or `journal.unwritable`
   */
  readonly bring: (names: readonly string[], folder: string) => Promise<void>;
  /**
   * Commits files of a folder on top of the branch and pushes; all other files stay. Does nothing where
   * nothing differs. What a publication that failed had named goes with the next one, out of its folder; it
   * finds out whether the first had arrived after all.
   *
   * @throws AppError `journal.branch-moved` where another writer was first: then nothing of this change is
   * on the branch, unless its push had gone through before his;
   * `journal.branch-unreachable` where it may be tried again; `journal.branch-unusable`
   */
  readonly publish: (change: BranchChange) => Promise<void>;
  /**
   * Asks the remote whether another writer has pushed since. What this object shows stays as it was: to see
   * his files, open the branch again.
   *
   * @throws AppError `journal.branch-unreachable`
   */
  readonly hasMoved: () => Promise<boolean>;
  /** Removes what was fetched. */
  readonly close: () => Promise<void>;
}

export interface FileBranchOptions {
  /** The absolute path of a folder in the person's work tree. */
  readonly repository: string;
  readonly branch: string;
  /** `origin` by default. */
  readonly remote?: string;
  /**
   * Whether a branch with these files is one of ours. A branch that holds something, and is none, is never
   * written to.
   */
  readonly isOurs: (names: readonly string[]) => boolean;
  /** Who commits: `wrapkeeper <wrapkeeper@localhost>` by default. */
  readonly author?: { readonly name: string; readonly email: string };
  readonly clock: Clock;
  /** How long one command may speak with the remote; half a minute by default. */
  readonly timeLimitMs?: number;
  /** Stops what is under way; what was published is. */
  readonly signal?: AbortSignal;
  /** That of this process by default. */
  readonly env?: Environment;
}

/**
 * Fetches the tip of a branch. The person's repository serves for its remote and its credentials alone, and
 * stays as it is.
 *
 * @throws AppError `journal.branch-unreachable` or `journal.branch-unusable`
 * @example
 * const branch = await openFileBranch({ repository, branch: 'wrapkeeper-journal', isOurs, clock });
 * await branch.bring(branch.files, folder);
 * await branch.publish({ folder, changed: ['journal.jsonl'], removed: [], message: 'Run 7' });
 */
export const openFileBranch = async (options: FileBranchOptions): Promise<FileBranch> => {
  const { repository, branch, remote = 'origin', clock, signal } = options;
  const refusals = new BranchRefusals(branch, remote);
  refusals.mustBeNames();
  const access = await readRemoteAccess(repository, remote, options.env ?? process.env);
  const here = await makePrivateRepository(
    access,
    // A push moves our copy of the tip, too.
    [[`remote.${remote}.fetch`, `+refs/heads/${branch}:${TIP_REF}`]],
    { clock, timeLimitMs: options.timeLimitMs ?? TIME_LIMIT_MS, signal },
  );
  try {
    const commits = new BranchCommits(here, { branch, remote }, refusals);
    const commit = await commits.fetch();
    const tip = commit === null ? NO_TIP : await commits.read(commit);
    const names = [...tip.files.keys()];
    if (names.length + tip.others.length > 0 && !options.isOurs(names))
      throw refusals.notOurs([...names, ...tip.others]);
    return new OpenBranch(tip, commits, here.remove, options, refusals);
  } catch (error) {
    await here.remove();
    throw error;
  }
};

const NO_TIP: Tip = { commit: null, tree: null, files: new Map(), others: [] };

class OpenBranch implements FileBranch {
  #tip: Tip;
  readonly #commits: BranchCommits;
  readonly #remove: () => Promise<void>;
  readonly #options: Pick<FileBranchOptions, 'author' | 'clock'>;
  readonly #refusals: BranchRefusals;
  /** Commits that were sent, and of which it is not known whether they arrived. */
  readonly #sent = new Map<string, Tip>();
  /** What the next publication has to say: also what one before it did, and may have failed to. */
  readonly #owed = new Map<string, 'changed' | 'removed'>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    tip: Tip,
    commits: BranchCommits,
    remove: () => Promise<void>,
    options: Pick<FileBranchOptions, 'author' | 'clock'>,
    refusals: BranchRefusals,
  ) {
    this.#tip = tip;
    this.#commits = commits;
    this.#remove = remove;
    this.#options = options;
    this.#refusals = refusals;
  }

  get files(): readonly string[] {
    return [...this.#tip.files.keys()].sort();
  }

  bring(names: readonly string[], folder: string): Promise<void> {
    return this.#inTurn(async () => {
      const wanted = names.map((name) => {
        const id = this.#tip.files.get(name);
        if (id === undefined) throw new Error(`${quote(name)} is no file of the branch`);
        return { name, id };
      });
      const ids = wanted.map(({ id }) => id);
      await this.#commits.download(this.#tip, ids);
      for (const { name, id } of wanted)
        await write(join(folder, name), await this.#commits.bytesOf(name, id));
    });
  }

  publish({ folder, changed, removed, message }: BranchChange): Promise<void> {
    return this.#inTurn(async () => {
      for (const name of changed) this.#owed.set(checked(name), 'changed');
      for (const name of removed) this.#owed.set(checked(name), 'removed');
      for (;;) {
        const next = await this.#commits.make({
          parent: this.#tip,
          folder,
          files: this.#owed,
          message,
          author: this.#options.author ?? AUTHOR,
          at: this.#options.clock.now(),
        });
        if (next === null) break;
        this.#sent.set(next.commit, next);
        const refusal = await this.#commits.push(next.commit);
        if (refusal === null) {
          this.#tip = next;
          break;
        }
        await this.#settle(refusal);
      }
      this.#owed.clear();
      this.#sent.clear();
    });
  }

  hasMoved(): Promise<boolean> {
    return this.#inTurn(async () => {
      const commit = await this.#commits.fetch();
      return commit !== this.#tip.commit && (commit === null || !this.#sent.has(commit));
    });
  }

  close(): Promise<void> {
    return this.#inTurn(this.#remove);
  }

  /**
   * Finds out why a push was refused: see the table above.
   *
   * @throws AppError `journal.branch-moved` or `journal.branch-unusable`
   */
  async #settle(refusal: string): Promise<void> {
    const commit = await this.#commits.fetch();
    if (commit === this.#tip.commit) throw this.#refusals.refused(refusal);
    const arrived = commit === null ? undefined : this.#sent.get(commit);
    if (arrived === undefined) throw this.#refusals.moved();
    this.#tip = arrived;
  }

  #inTurn<Result>(does: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(does);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

const checked = (name: string): string => {
  if (!isPlainName(name)) throw new Error(`${quote(name)} is no name for a file of the branch`);
  return name;
};

/** In place of what lies there: a link is not written through. */
const write = async (path: string, bytes: Buffer): Promise<void> => {
  try {
    await rm(path, { force: true });
    await writeFile(path, bytes, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw new AppError('journal.unwritable', `${quote(path)} cannot be written: ${String(error)}`, {
      cause: error,
    });
  }
};
