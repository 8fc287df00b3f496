/** Which commits were applied, as the records of a journal tell: a part of its state. */
import type { AppliedCommit, JournalRecord, RunStarted } from '../domain/journal.js';

/** What is remembered of them, as JSON. */
export interface AppliedCommitsJson {
  /** The last one first. */
  readonly applied: readonly AppliedCommit[];
  /** Of the run that has begun last, until it writes or ends. */
  readonly begun: AppliedCommit | null;
}

/** So many are remembered: enough for several branches that are applied to one organization. */
const MOST = 20;

export class AppliedCommits {
  #applied: readonly AppliedCommit[];
  #begun: AppliedCommit | null;

  /** A checkpoint of an older version has none. */
  constructor({ applied, begun }: AppliedCommitsJson = { applied: [], begun: null }) {
    this.#applied = applied;
    this.#begun = begun;
  }

  /** Of each commit and branch the last run, the last one first. */
  get applied(): readonly AppliedCommit[] {
    return this.#applied;
  }

  /** A run begins. An undo applies what was there before, and not what its commit says. */
  begin({ at, run, branch, source, plan }: JournalRecord<RunStarted>): void {
    const { commit } = source;
    this.#begun =
      commit === null || plan.undoes !== null ? null : { commit, branch: branch ?? null, run, at };
  }

  /** The run is about to write, or came to its end: its commit is in force. One that a guard refused is not. */
  apply(run: string): void {
    const begun = this.#begun;
    if (begun?.run !== run) return;
    this.#begun = null;
    const others = this.#applied.filter(
      ({ commit, branch }) => commit !== begun.commit || branch !== begun.branch,
    );
    this.#applied = [begun, ...others].slice(0, MOST);
  }

  toJson(): AppliedCommitsJson {
    return { applied: this.#applied, begun: this.#begun };
  }
}
