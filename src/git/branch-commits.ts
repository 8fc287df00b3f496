/** The commits of a branch that is kept as a folder of files: fetched, read, made and pushed. */
import { join } from 'node:path';
import { parseTree, writeTree } from './branch-tree.js';
import type { BranchTree } from './branch-tree.js';
import { BranchRefusals } from './branch-refusals.js';
import type { PrivateRepository } from './private-repository.js';
import { GitFailure } from './run-git.js';

/** A file is not taken over when it is larger: nothing that a journal writes is. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** Where the tip lies in the private repository. */
export const TIP_REF = 'refs/wrapkeeper/tip';

/** A commit, and what it holds. */
export interface Tip extends BranchTree {
  /** Null before the first. */
  readonly commit: string | null;
  readonly tree: string | null;
}

/** A commit to be made. */
export interface Draft {
  readonly parent: Tip;
  readonly folder: string;
  readonly files: ReadonlyMap<string, 'changed' | 'removed'>;
  readonly message: string;
  readonly author: { readonly name: string; readonly email: string };
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export class BranchCommits {
  readonly #here: PrivateRepository;
  readonly #branch: string;
  readonly #remote: string;
  readonly #refusals: BranchRefusals;

  constructor(
    here: PrivateRepository,
    { branch, remote }: { readonly branch: string; readonly remote: string },
    refusals: BranchRefusals,
  ) {
    this.#here = here;
    this.#branch = branch;
    this.#remote = remote;
    this.#refusals = refusals;
  }

  /** The commit at the tip of the remote, or null where there is no such branch. */
  async fetch(): Promise<string | null> {
    try {
      await this.#fetch([], [], '--depth=1');
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
      if (error.message.includes("couldn't find remote ref")) return null;
      throw this.#refusals.unreachable('fetched', error);
    }
    return (await this.#here.run(['rev-parse', '--verify', TIP_REF])).trim();
  }

  /** What a fetched commit holds. */
  async read(commit: string): Promise<Tip> {
    const tree = await this.#here.run(['rev-parse', '--verify', `${commit}^{tree}`]);
    return { commit, tree: tree.trim(), ...parseTree(await this.#here.run(['ls-tree', commit])) };
  }

  /** Gets those files of a commit that are not here yet, all at once. */
  async download({ commit }: Tip, ids: readonly string[]): Promise<void> {
    if (commit === null || ids.length === 0) return;
    const listing = await this.#here.run([
      'rev-list',
      '--objects',
      '--no-walk',
      '--missing=print',
      commit,
    ]);
    const objects = new Set(listing.split('\n'));
    const missing = new Set(ids.filter((id) => objects.has(`?${id}`)));
    if (missing.size === 0) return;
    try {
      // As git does by itself, one object at a time. It must not say that it has the commit: whoever has a
      // commit has its files, the remote would think.
      await this.#fetch(['-c', 'fetch.negotiationAlgorithm=noop'], [...missing]);
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
      throw this.#refusals.unreachable('fetched', error);
    }
  }

  /** The bytes of a file that was downloaded. */
  async bytesOf(name: string, id: string): Promise<Buffer> {
    const size = Number(await this.#here.run(['cat-file', '-s', id]));
    if (size > MAX_FILE_BYTES) throw this.#refusals.tooLarge(name, size, MAX_FILE_BYTES);
    return this.#here.readBlob(id);
  }

  /** Makes a commit on this machine; null where it would change nothing. */
  async make({
    parent,
    folder,
    files: named,
    message,
    author,
    at,
  }: Draft): Promise<(Tip & { readonly commit: string }) | null> {
    const files = new Map(parent.files);
    for (const name of named.keys()) files.delete(name);
    const changed = [...named].filter(([, what]) => what === 'changed').map(([name]) => name);
    const ids = await this.#store(changed.map((name) => join(folder, name)));
    changed.forEach((name, index) => files.set(name, ids[index] ?? ''));
    const listing = writeTree({ files, others: parent.others });
    if (listing === '' && parent.tree === null) return null;
    const tree = await this.#makeTree(listing);
    if (tree === parent.tree) return null;
    const date = `@${Math.floor(at / 1000)} +0000`;
    const commit = await this.#here.run(
      ['commit-tree', tree, ...(parent.commit === null ? [] : ['-p', parent.commit])],
      {
        input: `${message}\n`,
        env: {
          GIT_AUTHOR_NAME: author.name,
          GIT_AUTHOR_EMAIL: author.email,
          GIT_AUTHOR_DATE: date,
          GIT_COMMITTER_NAME: author.name,
          GIT_COMMITTER_EMAIL: author.email,
          GIT_COMMITTER_DATE: date,
        },
      },
    );
    return { commit: commit.trim(), tree, files, others: parent.others };
  }

  /**
   * Null where the remote took it, or git's words where it refused.
   *
   * @throws AppError `journal.branch-unreachable` where there was no answer: it may have arrived
   */
  async push(commit: string): Promise<string | null> {
    try {
      await this.#here.speak([
        'push',
        '--porcelain',
        '--no-verify',
        this.#remote,
        `${commit}:refs/heads/${this.#branch}`,
      ]);
      return null;
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
      if (BranchRefusals.isRefusal(error.message)) return error.message;
      throw this.#refusals.unreachable('pushed', error);
    }
  }

  /** Where the remote does not know filters, it sends all files of the tip, and git does not mind. */
  async #fetch(config: readonly string[], ids: readonly string[], ...options: readonly string[]) {
    await this.#here.speak([
      ...config,
      'fetch',
      '--quiet',
      '--filter=blob:none',
      '--no-tags',
      '--no-write-fetch-head',
      ...options,
      this.#remote,
      ...ids,
    ]);
  }

  /** Keeps the bytes of files as they are: no attribute and no line ending of the person's counts. */
  async #store(paths: readonly string[]): Promise<readonly string[]> {
    if (paths.length === 0) return [];
    const ids = await this.#here.run(['hash-object', '-w', '--no-filters', '--', ...paths]);
    return ids.trim().split('\n');
  }

  async #makeTree(listing: string): Promise<string> {
    // An empty input is never sent by the library, and git would wait for it.
    const tree =
      listing === ''
        ? await this.#here.run(['hash-object', '-w', '-t', 'tree', '--', this.#here.nothing])
        : await this.#here.run(['mktree', '--missing'], { input: listing });
    return tree.trim();
  }
}
