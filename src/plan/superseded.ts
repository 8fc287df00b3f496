/**
 * Whether a run comes too late: a newer commit of its branch was applied already, and it would take back what
 * that one did. Runs are run again, and overtaken while they wait.
 *
 * | a commit that was applied   | its history is here                 | the run                                  |
 * |-----------------------------|-------------------------------------|------------------------------------------|
 * | this one                    |                                     | goes on                                  |
 * | of another branch           |                                     | goes on                                  |
 * | comes after this one        | yes                                 | is superseded                            |
 * | before it, or beside it     | yes                                 | goes on                                  |
 * | nobody knows                | no, and this one was made since     | goes on: it cannot come before that one  |
 * | nobody knows                | no, and this one is older           | is perhaps superseded                    |
 *
 * A commit that reverts another comes after it: going back that way is no old commit.
 */
import type { AppliedCommit } from '../domain/journal.js';

/** The commit of a run. */
export interface OwnCommit {
  readonly commit: string;
  /** null where nobody knows: then it may be of any. */
  readonly branch: string | null;
  /** When it was made, in milliseconds since the epoch; null where git does not tell. */
  readonly committedAt: number | null;
}

/** How a commit stands to that of the run: `after` where it has it in its history. */
export type Kin = 'after' | 'other' | 'unknown';

/** What came after the run's commit, or may have. */
export interface Superseding {
  readonly by: AppliedCommit;
  /** False where the history that would tell is not here. */
  readonly isCertain: boolean;
}

/** Those of which somebody has to find out how they stand to the run's commit. */
export const commitsToJudge = (
  own: Pick<OwnCommit, 'commit' | 'branch'>,
  applied: readonly AppliedCommit[],
): readonly AppliedCommit[] =>
  applied.filter(
    ({ commit, branch }) =>
      commit !== own.commit && (branch === null || own.branch === null || branch === own.branch),
  );

/** The table above; pure. null where the run goes on. `kin` is asked for {@link commitsToJudge} alone. */
export const findSuperseding = (
  own: OwnCommit,
  applied: readonly AppliedCommit[],
  kin: ReadonlyMap<string, Kin>,
): Superseding | null => {
  const { committedAt } = own;
  // git counts in seconds.
  const isOlderThan = (at: string): boolean =>
    committedAt === null || committedAt < Math.floor(Date.parse(at) / 1_000) * 1_000;
  const judged = commitsToJudge(own, applied);
  const after = judged.find(({ commit }) => kin.get(commit) === 'after');
  if (after !== undefined) return { by: after, isCertain: true };
  const perhaps = judged.find(
    ({ commit, at }) => (kin.get(commit) ?? 'unknown') === 'unknown' && isOlderThan(at),
  );
  return perhaps === undefined ? null : { by: perhaps, isCertain: false };
};
