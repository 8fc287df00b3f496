/** Tells a plan where people look for it: in the comment on the pull request, in the issue about drift. */
import { planKeyOf } from '../cli/plan-store.js';
import { gitHubRun } from '../cli/run-facts.js';
import { AppError } from '../domain/errors.js';
import type { Course } from './course.js';
import { failedEnding } from './ending.js';
import type { Ending } from './ending.js';
import { wasPerhapsDone } from './github/refusal.js';
import { findComment, writeComment } from './github/comments.js';
import { closeIssue, findIssue, writeIssue } from './github/issues.js';
import { whoAmI } from './github/own.js';
import { renderComment, renderIssue } from './pages.js';
import type { Run } from './stages.js';

/** The same ending, or how it failed to be told. */
export const tell = async (run: Run, course: Course, ended: Ending): Promise<Ending> => {
  // A run that was cancelled has seen nothing that would be worth another's words.
  if (course.command !== 'plan' || run.world.signal.aborted) return ended;
  const commented =
    course.pullRequest === null ? ended : await comment(run, course.pullRequest, ended);
  return course.tellsDrift ? drift(run, commented) : commented;
};

/** A comment that shows what is no more is worse than none: also a failed plan is told. */
const comment = async (
  run: Run,
  { number, head }: { readonly number: number; readonly head: string },
  ended: Ending,
): Promise<Ending> => {
  const organization =
    ended.plan?.organization.id ?? run.repository.workspace.settings.organizationId;
  // Settings that cannot be read; the annotations tell it.
  if (organization === null) return ended;
  const key = planKeyOf(run.world.env);
  const body = renderComment(ended, { organization, head, run: gitHubRun(run.world.env), key });
  try {
    await persistently(async () => {
      const gitHub = run.gitHub();
      const about = { pullRequest: number, organization, key };
      const before = await findComment(gitHub, await whoAmI(gitHub), about);
      await writeComment(gitHub, number, before, body);
    });
    return ended;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (run.inputs.comment === 'always' && ended.failure === null)
      return failedEnding('plan', error, ended);
    return {
      ...ended,
      notes: [...ended.notes, `The pull request has no comment: ${error.message}`],
    };
  }
};

/** Nobody looks at a scheduled run that succeeds: an issue that cannot be written fails it. */
const drift = async (run: Run, ended: Ending): Promise<Ending> => {
  const { plan } = ended;
  if (plan === null) return ended;
  const issue = renderIssue(plan, { run: gitHubRun(run.world.env) });
  try {
    await persistently(async () => {
      const gitHub = run.gitHub();
      const before = await findIssue(gitHub, await whoAmI(gitHub), plan.organization.id);
      if (!issue.isWell) await writeIssue(gitHub, before, issue);
      else if (before !== null) await closeIssue(gitHub, before, issue.body);
    });
    return ended;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return failedEnding('plan', error, ended);
  }
};

const ATTEMPTS = 3;

/** What was perhaps written is looked for before it is written again. */
const persistently = async (does: () => Promise<void>): Promise<void> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await does();
    } catch (error) {
      if (attempt === ATTEMPTS || !wasPerhapsDone(error)) throw error;
    }
  }
};
