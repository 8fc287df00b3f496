/** The Action, top to bottom: read what is asked, decide, do it, tell it. */
import { appendFile } from 'node:fs/promises';
import { asAppError, bugReport } from '../cli/failure.js';
import type { ExitCode } from '../domain/codes.js';
import { AppError } from '../domain/errors.js';
import { renderBaseText } from '../report/text-base.js';
import { renderPlanText } from '../report/text-plan.js';
import { workflowCommand } from '../report/github.js';
import { renderReportText } from '../report/text-report.js';
import { visible } from '../report/visible.js';
import { annotationsOf, limitAnnotations, renderAnnotations } from './annotations.js';
import { chooseCourse } from './course.js';
import { failedEnding } from './ending.js';
import type { Ending } from './ending.js';
import { readEvent } from './event.js';
import { openGitHub } from './github/api.js';
import type { GitHub } from './github/api.js';
import { readInputs, withoutInputs } from './inputs.js';
import type { Inputs } from './inputs.js';
import { maskCredentials, maskReferences } from './masks.js';
import { outputsOf, writeOutputs } from './outputs.js';
import { openRepository, touchedLines } from './repository.js';
import type { Repository } from './repository.js';
import { follow } from './stages.js';
import { renderSummary } from './summary.js';
import { tell } from './tell.js';
import { write } from './world.js';
import type { World } from './world.js';

/** Runs the Action to its end. Never throws, and never ends the process; 0 is success. */
export const runAction = async (outer: World): Promise<ExitCode> => {
  const { stdout } = outer;
  const env = withoutInputs(outer.env);
  const world = { ...outer, env };
  // Before anything else: what is printed later is covered.
  await write(stdout, maskCredentials(outer.env));
  let inputs: Inputs | null = null;
  let repository: Repository | null = null;
  let ended: Ending;
  try {
    inputs = readInputs(outer.env);
    const event = await readEvent(env);
    const course = chooseCourse(inputs, event);
    repository = await openRepository(world, inputs);
    await write(stdout, maskReferences(repository.workspace.settings, env));
    const run = { world, inputs, repository, gitHub: gitHubOf(world, inputs) };
    ended = await tell(run, course, await follow(run, course));
  } catch (thrown) {
    const error = asAppError(thrown);
    if (error.code === 'cli.internal') await write(world.stderr, bugReport(thrown, 'debug'));
    ended = failedEnding(inputs?.command ?? 'plan', error);
  }
  // Whatever a cancelled run was about to do, and failed to: that is why.
  if (outer.signal.aborted) ended = { ...ended, failure: 'interrupted' };
  await publish(world, repository, ended);
  return ended.exit;
};

/** Opened once, and only by who needs it: a validation asks GitHub nothing. */
const gitHubOf = (world: World, { token }: Inputs): (() => GitHub) => {
  let opened: GitHub | null = null;
  return () => {
    if (token === null)
      throw new AppError('action.github', 'There is no token for GitHub.', {
        remedy: 'Leave the input `github-token` out: its default is the token of the job.',
      });
    return (opened ??= openGitHub({ ...world, token }));
  };
};

/** The log, annotations, outputs and the summary: all of them, whatever happened. */
const publish = async (
  world: World,
  repository: Repository | null,
  ended: Ending,
): Promise<void> => {
  const { env, stdout } = world;
  await write(stdout, logOf(ended));
  const touched = repository === null ? [] : await touchedLines(repository, ended.plan, env);
  const annotations = limitAnnotations(annotationsOf(ended, touched));
  await write(stdout, renderAnnotations(annotations, repository?.prefix ?? ''));
  const summary = env['GITHUB_STEP_SUMMARY'];
  try {
    await writeOutputs(env['GITHUB_OUTPUT'], outputsOf(ended), world.newId);
    if (summary) await appendFile(summary, renderSummary(ended), 'utf8');
  } catch (error) {
    // What was done is done, and the log has it.
    const text = `The outputs or the summary could not be written: ${visible(String(error))}`;
    await write(stdout, workflowCommand('warning', { title: 'Wrapkeeper' }, text));
  }
};

const TEXT = { width: 100, color: false } as const;

const logOf = ({ command, failure, plan, report }: Ending): string => {
  if (report !== null) return renderReportText(report, TEXT);
  if (plan?.base !== undefined) return renderBaseText(plan, TEXT);
  if (plan !== null) return renderPlanText(plan, TEXT);
  return command === 'validate' && failure === null ? 'Valid.\n' : '';
};
