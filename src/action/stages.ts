/** What each command comes to: one or two commands of the command line, and what they left behind. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { ApplyReport, Plan } from '../domain/change.js';
import { planKeyOf } from '../cli/plan-store.js';
import { AppError } from '../domain/errors.js';
import { mergedOnto } from '../git/changed-lines.js';
import type { ErrorReport } from '../report/json.js';
import type { ValidationReport } from '../report/validation.js';
import { runCommand } from './command.js';
import type { Ran } from './command.js';
import type { Base, Course } from './course.js';
import { ending, failedEnding, reasonOfCommand } from './ending.js';
import type { Ending } from './ending.js';
import type { GitHub } from './github/api.js';
import type { Inputs } from './inputs.js';
import type { Repository } from './repository.js';
import { findReview, NO_BASE, notReviewed } from './review.js';
import type { World } from './world.js';

/** Everything that a stage works with. */
export interface Run {
  readonly world: World;
  readonly inputs: Inputs;
  readonly repository: Repository;
  /** Opens GitHub; throws `AppError` where there is no token. */
  readonly gitHub: () => GitHub;
}

/** Does what was decided. Failures of commands are in the ending; what GitHub refuses is thrown. */
export const follow = async (run: Run, course: Course): Promise<Ending> => {
  if (course.command === 'validate') return validate(run, course.note);
  if (course.command === 'plan') return plan(run, await resolveBase(run, course.base));
  return apply(run, course);
};

const validate = async ({ world, repository }: Run, note: string | null): Promise<Ending> => {
  const ran = await runCommand(world, repository, ['validate']);
  return { ...endingOf('validate', ran), notes: note === null ? [] : [note] };
};

const plan = async (run: Run, base: ResolvedBase | null): Promise<Ending> => {
  const path = await placeForPlan(run);
  const compared = base === null ? [] : ['--base', base.ref];
  const ran = await runCommand(run.world, run.repository, ['plan', '--out', path, ...compared]);
  const ended = endingOf('plan', ran);
  return ended.plan === null
    ? ended
    : { ...ended, plan: withName(ended.plan, base), planPath: path };
};

const apply = async (run: Run, course: Course & { command: 'apply' }): Promise<Ending> => {
  const { inputs, repository } = run;
  const { planFile, acceptDigest, requireReviewedPlan } = inputs;
  if (planFile !== null) {
    if (requireReviewedPlan === true) throw savedAndReviewed();
    return applySaved(run, resolve(repository.folder, planFile));
  }
  if (acceptDigest !== null) return applyAccepted(run, acceptDigest);
  const review = await findReview(run.gitHub, {
    ...course,
    required: requireReviewedPlan,
    organization: repository.workspace.settings.organizationId,
    key: planKeyOf(run.world.env),
  });
  if (review.kind === 'not-required') return applyFresh(run);
  const base = await resolveBase(run, course.base);
  return review.kind === 'missing' || base === null
    ? refuse(await plan(run, base), notReviewed(review.kind === 'missing' ? review.why : NO_BASE))
    : applyReviewed(run, review.digest, base);
};

/** A plan that an earlier step or run has saved, and nothing else. */
const applySaved = async (
  { world, repository, inputs: { acceptDigest } }: Pick<Run, 'world' | 'repository' | 'inputs'>,
  path: string,
): Promise<Ending> => {
  const accepted = acceptDigest === null ? [] : ['--accept', acceptDigest];
  const ran = await runCommand(world, repository, ['apply', path, ...accepted]);
  return withPlan(endingOf('apply', ran), path);
};

/** All that is to be done now, as it is found while it is applied. */
const applyFresh = async (run: Run): Promise<Ending> => {
  const path = await placeForPlan(run);
  const args = ['apply', '--auto-approve', '--out', path];
  return withPlan(endingOf('apply', await runCommand(run.world, run.repository, args)), path);
};

/** The plan with this digest; where it is another by now, that one is shown and not applied. */
const applyAccepted = async (run: Run, digest: string): Promise<Ending> => {
  const planned = await plan(run, null);
  if (planned.plan === null || planned.planPath === null) return asApply(planned);
  if (planned.plan.digest !== digest)
    return refuse(planned, changed(`${digest} was accepted`, planned.plan.digest));
  return applySaved(run, planned.planPath);
};

/** The rows that were reviewed, as the apply itself finds them. Where they are others by now, these are shown. */
const applyReviewed = async (run: Run, digest: string, base: ResolvedBase): Promise<Ending> => {
  const path = await placeForPlan(run);
  const args = ['apply', '--out', path, '--base', base.ref, '--reviewed', digest];
  const ended = await withPlan(
    endingOf('apply', await runCommand(run.world, run.repository, args)),
    path,
  );
  if (ended.failure === 'plan-changed') {
    const planned = await plan(run, base);
    const now = planned.plan?.base?.digest ?? 'no digest';
    return refuse(
      planned,
      changed(`${digest} was reviewed for what the pull request changes`, now),
    );
  }
  // Whoever accepts it accepts the plan that a run by hand makes: that one is shown.
  if (ended.failure === 'refused-by-guard') {
    const { plan: whole, planPath } = await plan(run, null);
    return whole === null ? ended : { ...ended, plan: whole, planPath };
  }
  return { ...ended, plan: ended.plan === null ? null : withName(ended.plan, base) };
};

const changed = (expected: string, now: string): AppError =>
  new AppError(
    'action.plan-changed',
    `The plan is not what it was: ${expected}, and it is ${now} now. Nothing was written.`,
  );

/** What was planned is shown; that it is not applied is told. */
const refuse = (planned: Ending, why: AppError): Ending =>
  planned.plan === null ? asApply(planned) : failedEnding('apply', why, planned);

const asApply = (planned: Ending): Ending => ({ ...planned, command: 'apply' });

/** What git is told, and what people call it. */
interface ResolvedBase {
  readonly ref: string;
  readonly name: string;
}

const resolveBase = async (
  { world, repository }: Run,
  base: Base | null,
): Promise<ResolvedBase | null> => {
  if (base === null || base.kind === 'ref') return base;
  const onto = await mergedOnto(repository.root, base.head, world.env);
  return { ref: onto ?? base.base, name: base.name };
};

/** The plan for people: its file names the commit alone. */
const withName = (planned: Plan, base: ResolvedBase | null): Plan =>
  planned.base === undefined || base === null
    ? planned
    : { ...planned, base: { ...planned.base, ref: base.name } };

/**
 * Where a plan is saved: a place of its own for each, since a job may plan several organizations. What lay at a
 * place that somebody chose is gone, so that nobody takes it for this one.
 */
const placeForPlan = async ({ world, inputs, repository }: Run): Promise<string> => {
  const { planFile, command } = inputs;
  const path =
    planFile === null || command === 'apply'
      ? join(world.env['RUNNER_TEMP'] || tmpdir(), `wrapkeeper-plan-${world.newId()}.json`)
      : resolve(repository.folder, planFile);
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  return path;
};

/** What a command printed, as an ending. */
const endingOf = (command: Ending['command'], { exit, printed }: Ran): Ending => {
  const result = printed as Plan | ApplyReport | ValidationReport | ErrorReport;
  const report = result.kind === 'ApplyReport' ? result : null;
  const findings =
    result.kind === 'Validation' || result.kind === 'Error' ? result.diagnostics : [];
  return ending({
    command,
    exit,
    failure: reasonOfCommand(exit, report, report?.diagnostics ?? findings),
    plan: result.kind === 'Plan' ? result : null,
    report,
    findings,
  });
};

/** An apply prints a report; the plan stands in its file, if one was made. */
const withPlan = async (ended: Ending, path: string): Promise<Ending> => {
  try {
    const saved = JSON.parse(await readFile(path, 'utf8')) as Plan;
    return saved.kind === 'Plan' ? { ...ended, plan: saved, planPath: path } : ended;
  } catch {
    return ended;
  }
};

const savedAndReviewed = (): AppError =>
  new AppError(
    'action.input',
    'The inputs `plan-file` and `require-reviewed-plan: true` exclude each other: a review is of a plan that is made anew.',
    { remedy: 'Leave one of them out.' },
  );
