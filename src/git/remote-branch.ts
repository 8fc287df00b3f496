/**
 * A remote branch that is followed for months. It is asked for its tip, which is one small request; a new tip is
 * fetched without its history, and held against the commit that was accepted last.
 *
 * | the tip is now                                                          | what is said  |
 * |-------------------------------------------------------------------------|---------------|
 * | not to be had: no answer, no such repository, no login                  | `unreachable` |
 * | not there, although the remote answers                                  | `deleted`     |
 * | a commit that neither the accepted one nor the one to follow leads to   | `rewritten`   |
 * | without the good signature that is demanded                             | `unsigned`    |
 * | anything else; so is the first one that was ever seen                   | `at`          |
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../domain/clock.js';
import { AppError } from '../domain/errors.js';
import { quote } from '../domain/text.js';
import { parseAddress } from './address.js';
import type { Address } from './address.js';
import { BranchHistory } from './branch-history.js';
import type { Ancestry } from './branch-history.js';
import { checkOut } from './check-out.js';
import type { CheckedOut } from './check-out.js';
import { KeptRepository } from './kept-repository.js';
import { lastWords } from './last-words.js';
import { openRemoteGit, REMOTE } from './remote-git.js';
import type { RemoteGit } from './remote-git.js';
import { GitFailure } from './run-git.js';
import type { Environment } from './run-git.js';
import { findSignatureFault } from './signature.js';
import { authorOf } from './source.js';

/** What a look found. Every `why` is a sentence for people, without credentials. */
export type BranchLook =
  | {
      readonly kind: 'at';
      readonly commit: string;
      /** `Name <address>`, or null where the commit names nobody. */
      readonly author: string | null;
      /** ISO 8601; null where the commit names no possible time. */
      readonly committedAt: string | null;
    }
  | { readonly kind: 'unreachable'; readonly why: string }
  | { readonly kind: 'deleted'; readonly why: string }
  | { readonly kind: 'rewritten'; readonly commit: string; readonly why: string }
  | { readonly kind: 'unsigned'; readonly commit: string; readonly why: string };

export interface RemoteBranchOptions {
  /** https, ssh, `git@host:path`, `file:` or the absolute path of a repository; http for this machine alone. */
  readonly url: string;
  readonly branch: string;
  /** An absolute path for us alone, made where it does not exist, and kept over restarts. */
  readonly folder: string;
  readonly verifyCommits: 'off' | 'signed';
  /** What its owner remembers as accepted: it counts where the folder remembers nothing. */
  readonly lastAccepted?: string | null;
  readonly clock: Clock;
  readonly env: Environment;
  /** How long one command of git may take. */
  readonly timeLimitMs: number;
  /** Ends whatever is under way. */
  readonly signal?: AbortSignal | undefined;
}

/** Calls wait for each other. Each may throw AppError `cli.interrupted` when the signal comes. */
export interface RemoteBranch {
  /** The address without what it takes to log in. */
  readonly location: string;
  /** Fetches, and says what is there. Whatever the remote, the network or the disk does is a value. */
  readonly look: () => Promise<BranchLook>;
  /**
   * Writes the files of a commit that a look has shown; see {@link checkOut}. Needs no network.
   *
   * @throws AppError `source.unusable`; another look may mend it
   */
  readonly checkOut: (
    commit: string,
    into: string,
    named?: readonly string[],
  ) => Promise<CheckedOut>;
  /**
   * Remembers a commit as the one that later tips have to build on, and keeps its files here. Ends a takeover.
   *
   * @throws AppError `source.unusable`, also where the commit is not here
   */
  readonly accept: (commit: string) => Promise<void>;
  /** The commit that was accepted last, or null. */
  readonly accepted: () => Promise<string | null>;
  /**
   * Takes over a branch that was rewritten: from now on a tip that builds on this commit is followed, too. What was
   * accepted stays so until the next {@link accept}. For a person who asked for it, and for the commit shown to him:
   * should the branch be rewritten once more, he is asked again.
   *
   * @throws AppError `source.unusable` where it is no full commit id
   */
  readonly follow: (commit: string) => Promise<void>;
}

const COMMIT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
/** How often a look begins anew because somebody pushes while it looks. */
const MAX_TRIES = 3;

/**
 * Prepares to follow a branch; nothing is fetched yet.
 *
 * @throws AppError `source.unusable` where the address or the name of the branch is none, or git or the folder fails
 * @example
 * const branch = await openRemoteBranch({ url, branch: 'main', folder, verifyCommits: 'off', clock, env, timeLimitMs });
 * const look = await branch.look();
 * if (look.kind === 'at') await branch.checkOut(look.commit, join(folder, 'files'));
 */
export const openRemoteBranch = async (options: RemoteBranchOptions): Promise<RemoteBranch> => {
  const address = parseAddress(options.url);
  const branch = new OpenRemoteBranch(options, address);
  await branch.checkName();
  return branch;
};

class OpenRemoteBranch implements RemoteBranch {
  readonly #options: RemoteBranchOptions;
  readonly #address: Address;
  readonly #repository: KeptRepository;
  readonly #history: BranchHistory;
  /** The last tip that was held against others: while nothing moves, nothing is fetched. */
  #judged: (Ancestry & { readonly tip: string }) | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: RemoteBranchOptions, address: Address) {
    this.#options = options;
    this.#address = address;
    this.#repository = new KeptRepository(options.folder, options.branch);
    this.#history = new BranchHistory(options.folder, options.branch);
  }

  get location(): string {
    return this.#address.location;
  }

  async checkName(): Promise<void> {
    const git = await this.#locally(() => this.#open());
    const name = this.#options.branch;
    try {
      // A name that begins like an option is none for git either.
      await git.ask(['check-ref-format', `refs/heads/${name}`]);
      if (!name.startsWith('-')) return;
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
    }
    throw new AppError('source.unusable', `${quote(name)} cannot be the name of a branch.`);
  }

  look(): Promise<BranchLook> {
    return this.#inTurn(async () => {
      try {
        return await this.#lookOnce();
      } catch (error) {
        if (error instanceof AppError) throw error;
        // What the remote does is a value already. A repository that fails here is made anew, once.
        this.#repository.suspect();
      }
      try {
        return await this.#lookOnce();
      } catch (error) {
        if (error instanceof AppError || !isOfThisMachine(error)) throw error;
        return { kind: 'unreachable', why: `git failed on this machine: ${wordsOf(error)}` };
      }
    });
  }

  checkOut(commit: string, into: string, named: readonly string[] = []): Promise<CheckedOut> {
    return this.#inTurn(() =>
      this.#locally(async () => {
        const git = await this.#open();
        return checkOut(this.#repository.in(git), mustBeCommit(commit), into, named);
      }),
    );
  }

  accept(commit: string): Promise<void> {
    return this.#inTurn(() =>
      this.#locally(async () => {
        await this.#repository.keep(await this.#open(), mustBeCommit(commit));
        await this.#remember('accepted', commit);
        await rm(join(this.#options.folder, 'followed'), { force: true });
      }),
    );
  }

  accepted(): Promise<string | null> {
    return this.#inTurn(() => this.#locally(async () => this.#accepted(await this.#open())));
  }

  follow(commit: string): Promise<void> {
    return this.#inTurn(() =>
      this.#locally(() => this.#remember('followed', mustBeCommit(commit))),
    );
  }

  async #lookOnce(): Promise<BranchLook> {
    const git = await this.#open();
    for (let tries = 1; ; tries += 1) {
      const shown = await this.#advertised(git);
      if (typeof shown !== 'string') return shown;
      const accepted = await this.#accepted(git);
      const tip = await this.#fromRemote(() => this.#repository.bring(git, shown, accepted));
      if (typeof tip !== 'string') return tip;
      const rewritten = await this.#judge(git, tip, accepted);
      if (rewritten === 'moved' && tries < MAX_TRIES) continue;
      if (rewritten === 'moved') return this.#unreachable('it is pushed to all the time');
      return rewritten ?? (await this.#describe(git, tip));
    }
  }

  /** The tip, as the remote lists it. */
  async #advertised(git: RemoteGit): Promise<string | BranchLook> {
    const ref = `refs/heads/${this.#options.branch}`;
    const list = await this.#fromRemote(() => git.ask(['ls-remote', '--quiet', REMOTE, ref]));
    if (typeof list !== 'string') return list;
    // The remote also lists names that only end like this one.
    const line = list.split('\n').find((one) => one.endsWith(`\t${ref}`));
    const commit = line?.slice(0, line.indexOf('\t'));
    if (commit !== undefined && COMMIT_ID.test(commit)) return commit;
    const where = `${quote(this.#options.branch)} at ${quote(this.location)}`;
    return { kind: 'deleted', why: `There is no branch ${where}.` };
  }

  /** Null where it builds on what was accepted. */
  async #judge(
    git: RemoteGit,
    tip: string,
    accepted: string | null,
  ): Promise<BranchLook | 'moved' | null> {
    const followed = await this.#remembered('followed');
    if (accepted === null || accepted === tip || followed === tip) return null;
    if (this.#judged?.tip !== tip) {
      const known = await this.#fromRemote(() => this.#history.before(git, tip));
      if (known === null) return 'moved';
      if ('kind' in known) return known;
      this.#judged = { tip, ...known };
    }
    const { commits, isCut } = this.#judged;
    // A shallow clone may be given its history, and its tip stays where it is.
    if (isCut) this.#judged = null;
    if (commits.has(accepted) || (followed !== null && commits.has(followed))) return null;
    const branch = `The branch ${quote(this.#options.branch)} of ${quote(this.location)}`;
    const what = `the commit accepted last (${short(accepted)}), and stands at ${short(tip)}`;
    return {
      kind: 'rewritten',
      commit: tip,
      why: isCut
        ? `${branch} does not show ${what}: the remote is a shallow clone, and may hide it. Fetch its whole history there.`
        : `${branch} no longer holds ${what}: it was rewritten.`,
    };
  }

  async #describe(git: RemoteGit, commit: string): Promise<BranchLook> {
    const here = this.#repository.in(git);
    if (this.#options.verifyCommits === 'signed') {
      const fault = await findSignatureFault(here, commit);
      if (fault !== null)
        return { kind: 'unsigned', commit, why: `Commit ${short(commit)} is not taken: ${fault}.` };
    }
    const printed = await here.run([
      'log',
      '--max-count=1',
      '--no-show-signature',
      '--encoding=UTF-8',
      '--format=%ct %an <%ae>',
      commit,
      '--',
    ]);
    const [, seconds = '', author = ''] = /^(\d*) (.*)/.exec(printed) ?? [];
    const at = new Date(seconds === '' ? Number.NaN : Number(seconds) * 1000);
    return {
      kind: 'at',
      commit,
      author: authorOf(author),
      committedAt: Number.isNaN(at.getTime()) ? null : at.toISOString(),
    };
  }

  /** What the remote is to blame for, as a value. */
  async #fromRemote<Result>(does: () => Promise<Result>): Promise<Result | BranchLook> {
    try {
      return await does();
    } catch (error) {
      if (error instanceof GitFailure) return this.#unreachable(lastWords(error.message));
      throw error;
    }
  }

  #unreachable(words: string): BranchLook {
    const where = `The branch ${quote(this.#options.branch)} of ${quote(this.location)}`;
    return { kind: 'unreachable', why: `${where} could not be fetched: ${words}` };
  }

  async #accepted(git: RemoteGit): Promise<string | null> {
    return (
      (await this.#remembered('accepted')) ??
      (await this.#repository.kept(git)) ??
      this.#options.lastAccepted ??
      null
    );
  }

  /** Beside the repository, so that it outlives one that breaks. */
  async #remembered(what: 'accepted' | 'followed'): Promise<string | null> {
    const path = join(this.#options.folder, what);
    const text = (await readFile(path, 'utf8').catch(() => '')).trim();
    return COMMIT_ID.test(text) ? text : null;
  }

  async #remember(what: 'accepted' | 'followed', commit: string): Promise<void> {
    const path = join(this.#options.folder, what);
    await writeFile(`${path}.new`, `${commit}\n`, { mode: 0o600, flush: true });
    await rename(`${path}.new`, path);
  }

  #open(): Promise<RemoteGit> {
    const { folder, env, clock, timeLimitMs, signal } = this.#options;
    return openRemoteGit(folder, this.#address, env, { clock, timeLimitMs, signal });
  }

  /** What fails although nobody else is asked. */
  async #locally<Result>(does: () => Promise<Result>): Promise<Result> {
    try {
      return await does();
    } catch (error) {
      if (error instanceof AppError || !isOfThisMachine(error)) throw error;
      this.#repository.suspect();
      throw new AppError(
        'source.unusable',
        `What was fetched of ${quote(this.location)} cannot be used: ${wordsOf(error)}`,
        { cause: error },
      );
    }
  }

  #inTurn<Result>(does: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(does);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

const short = (commit: string): string => commit.slice(0, 12);

const mustBeCommit = (commit: string): string => {
  if (COMMIT_ID.test(commit)) return commit;
  throw new AppError('source.unusable', `${quote(commit)} is no full commit id.`);
};

/** git's failures, and those of the file system. Anything else is a bug. */
const isOfThisMachine = (error: unknown): error is Error =>
  error instanceof GitFailure || (error instanceof Error && 'syscall' in error);

const wordsOf = (error: Error): string => lastWords(error.message);
