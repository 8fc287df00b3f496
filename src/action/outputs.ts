/** What later steps of a workflow learn of a run, and the runner's file that it is written to. */
import { appendFile } from 'node:fs/promises';
import { restrictToBase } from '../plan/compare-base.js';
import type { Plan } from '../domain/change.js';
import { writes } from '../report/plan-words.js';
import type { Ending } from './ending.js';

/** Every output. `action.yml` declares the same ones; a test compares them. */
export const OUTPUTS = [
  'outcome',
  'failure-reason',
  'changes',
  'plan-path',
  'plan-digest',
  'to-add',
  'to-change',
  'to-remove',
  'held',
  'run',
  'journal-hash',
] as const;
export type OutputName = (typeof OUTPUTS)[number];

/** What the change does, where the plan was compared with a base; all of the plan otherwise. */
export const ownPart = (plan: Plan): Plan =>
  plan.base === undefined ? plan : restrictToBase(plan);

/** The value of every output; empty where there is nothing to tell. */
export const outputsOf = (ended: Ending): Readonly<Record<OutputName, string>> => {
  const { plan, planPath, report, failure } = ended;
  const own = plan === null ? null : ownPart(plan);
  const counted = (count: number | undefined): string => (count === undefined ? '' : String(count));
  return {
    outcome: outcomeOf(ended),
    'failure-reason': failure ?? '',
    changes: own === null ? '' : String(writes(own)),
    'plan-path': planPath ?? '',
    'plan-digest': digestOf(ended),
    'to-add': counted(own?.summary.codesAdded),
    'to-change': counted(own?.summary.queuesChanged),
    'to-remove': counted(own?.summary.codesRemoved),
    held: counted(own?.summary.queuesHeld),
    run: report?.run ?? '',
    'journal-hash':
      report?.journal === null || report?.journal === undefined
        ? ''
        : `${report.journal.seq}:${report.journal.hash}`,
  };
};

/** What was applied; where nothing was, because a guard refused, what can be accepted. */
const digestOf = ({ plan, report }: Ending): string =>
  report === null || report.outcome === 'refused'
    ? (plan?.digest ?? report?.planDigest ?? '')
    : report.planDigest;

/** A report has its own word; a plan is `planned` or `nothing`, policies are `valid` or `invalid`. */
const outcomeOf = ({ command, plan, report, failure }: Ending): string => {
  if (report !== null) return report.outcome;
  if (failure !== null) return failure === 'invalid' ? 'invalid' : 'error';
  if (command === 'validate' || plan === null) return 'valid';
  return plan.queues.length + plan.held.length > 0 || writes(plan) ? 'planned' : 'nothing';
};

/**
 * Appends to the file of a runner's command (GITHUB_OUTPUT). Each value stands between two lines that nobody
 * can know beforehand, whatever lines it has.
 */
export const writeOutputs = async (
  file: string | undefined,
  outputs: Readonly<Record<string, string>>,
  newId: () => string,
): Promise<void> => {
  if (file === undefined || file === '') return;
  const end = `wrapkeeper-${newId()}`;
  const text = Object.entries(outputs)
    .map(([name, value]) => `${name}<<${end}\n${value}\n${end}\n`)
    .join('');
  await appendFile(file, text, 'utf8');
};
