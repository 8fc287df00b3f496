/** What is said when a branch cannot be used: by whom, and what to do. */
import { AppError } from '../domain/errors.js';
import { quote, quoteFew } from '../domain/text.js';
import { lastWords } from './last-words.js';
import type { GitFailure } from './run-git.js';

/** What `git push --porcelain` prints of a branch that was not taken, with the reason. */
const REFUSED = /^!\t.*\t\[(?:remote )?rejected\] \((.*)\)$/m;
/** Reasons that only another writer at the same moment can cause. */
const RACE =
  /fetch first|non-fast-forward|stale info|already exists|cannot lock|unable to lock|failed to update ref|incorrect old value|but expected|reference changed/i;

/** As git wants the name of a branch (`git check-ref-format`), without what leads commands astray. */
const BRANCH_NAME =
  /^(?!.*(?:\.\.|\/\/|\/\.|@\{|\.lock(?:\/|$)))(?![-/.])[^\s\p{Cc}~^:?*[\\]+(?<![/.])$/u;

/** The refusals about one branch of one remote. */
export class BranchRefusals {
  readonly #branch: string;
  readonly #remote: string;

  constructor(branch: string, remote: string) {
    this.#branch = branch;
    this.#remote = remote;
  }

  /** Whether the remote answered a push, and said no. */
  static isRefusal(words: string): boolean {
    return REFUSED.test(words);
  }

  /** @throws AppError `journal.branch-unusable` */
  mustBeNames(): void {
    for (const name of [this.#branch, this.#remote])
      if (!BRANCH_NAME.test(name))
        throw new AppError('journal.branch-unusable', `${quote(name)} cannot be a name in git.`);
  }

  moved(): AppError {
    return new AppError(
      'journal.branch-moved',
      `Another writer has pushed to ${this.#where()} since this run read it: nothing of his is overwritten, and this run writes nothing more.`,
    );
  }

  unreachable(what: 'fetched' | 'pushed', failure: GitFailure): AppError {
    return new AppError(
      'journal.branch-unreachable',
      `${this.#where()} could not be ${what}: ${lastWords(failure.message)}`,
      { cause: failure },
    );
  }

  /** The remote said no to a push, although the branch is where we left it. */
  refused(words: string): AppError {
    const reason = REFUSED.exec(words)?.[1] ?? '';
    if (RACE.test(reason)) return this.moved();
    const told = words.split('\n').filter((line) => /^remote: .*\S/.test(line));
    return new AppError(
      'journal.branch-unusable',
      `A rule of the remote forbids to push to ${this.#where()}: ${lastWords(reason)}${told.length === 0 ? '' : ` (${lastWords(told.join('\n'))})`}`,
      {
        remedy:
          'Let the rules for branches and the hooks of the remote allow ordinary pushes to this branch, or name another one in `journal.branch`.',
      },
    );
  }

  /** @param entries the names on the branch, and the lines of what is no plain file there */
  notOurs(entries: readonly string[]): AppError {
    const names = entries.map((entry) => entry.slice(entry.indexOf('\t') + 1));
    return new AppError(
      'journal.branch-unusable',
      `${this.#where()} holds something else than a journal (${quoteFew(names)}): it is left alone.`,
      { remedy: 'Name a branch in `journal.branch` that is used for nothing else; it may be new.' },
    );
  }

  tooLarge(name: string, bytes: number, limit: number): AppError {
    return new AppError(
      'journal.branch-unusable',
      `${quote(name)} on ${this.#where()} has ${bytes} bytes; the limit is ${limit}.`,
      { remedy: 'Nothing that Wrapkeeper writes is as large: find out who wrote it.' },
    );
  }

  #where(): string {
    return `the branch ${quote(this.#branch)} of ${quote(this.#remote)}`;
  }
}
