/** An apply of a commit that is older than what was applied already: refused, or told to the person who is asked. */
import { CODES } from '../domain/codes.js';
import { asWarning, problem } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { AppError } from '../domain/errors.js';
import type { AppliedCommit } from '../domain/journal.js';
import { committedAt, kinOf } from '../git/ancestry.js';
import type { Ancestry } from '../git/ancestry.js';
import { commitsToJudge, findSuperseding } from '../plan/superseded.js';
import type { Kin, Superseding } from '../plan/superseded.js';
import { instant } from '../report/words.js';

/** What is about to be applied. */
export interface Applying {
  /** null outside of a repository: then nothing can be told. */
  readonly commit: string | null;
  readonly branch: string | null;
  /** What earlier runs applied. */
  readonly applied: readonly AppliedCommit[];
}

/**
 * Looks whether the commit comes too late. A person who is asked before anything is written may go back to it, and
 * is warned; nobody else may.
 *
 * @throws AppError `plan.superseded` where nobody is asked
 */
export const tellLateness = async (
  here: Ancestry,
  applying: Applying,
  { isAsked }: { readonly isAsked: boolean },
): Promise<readonly Diagnostic[]> => {
  const found = await findLateness(here, applying);
  if (found === null) return [];
  if (isAsked) return [asWarning(found)];
  const message = `${found.message} Nothing was written.`;
  throw new AppError(found.code, message, { remedy: found.remedy });
};

const findLateness = async (
  here: Ancestry,
  { commit, branch, applied }: Applying,
): Promise<Diagnostic | null> => {
  if (commit === null) return null;
  const judged = commitsToJudge({ commit, branch }, applied);
  if (judged.length === 0) return null;
  const kin = new Map<string, Kin>();
  for (const other of judged)
    if (!kin.has(other.commit)) kin.set(other.commit, await kinOf(here, commit, other.commit));
  const own = { commit, branch, committedAt: await committedAt(here, commit) };
  const found = findSuperseding(own, applied, kin);
  return found === null ? null : lateness(commit, found);
};

const short = (commit: string): string => commit.slice(0, 12);

const lateness = (own: string, { by, isCertain }: Superseding): Diagnostic => {
  const when = `at ${instant(by.at)} by the run ${by.run}`;
  return problem({
    code: 'plan.superseded',
    ...(isCertain
      ? {
          message: `The commit ${short(own)} comes too late: ${short(by.commit)}, which came after it, was applied ${when}.`,
          remedy: CODES['plan.superseded'].remedy,
        }
      : {
          message: `The commit ${short(own)} may come too late: ${short(by.commit)} was applied ${when}, and this clone has no history that tells which of them is newer.`,
          remedy:
            'Fetch the whole history (`git fetch --unshallow`; with actions/checkout, set `fetch-depth: 0`), or run the newest commit of the branch.',
        }),
  });
};
