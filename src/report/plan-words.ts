/** What a plan comes to, in sentences that text and Markdown share. */
import type { GuardVerdict, HeldChange, Plan } from '../domain/change.js';
import { count, instant, shortDigest, waiting } from './words.js';

/**
 * Why changes are left out, and until when.
 *
 * @example '(window, until 2026-11-24 02:00 UTC): no change window is open'
 */
export const heldBecause = ({
  by,
  reason,
  until,
}: Pick<HeldChange, 'by' | 'reason' | 'until'>): string =>
  `(${by}${until === null ? '' : `, until ${instant(until)}`}): ${reason}`;

/** How many codes wait for a change window: the catalog waits as a whole. */
export const waitingCodes = ({ catalog, diagnostics }: Plan): number =>
  diagnostics.some(({ code }) => code === 'catalog.closed')
    ? catalog.create.length + catalog.rename.length
    : 0;

/** Whether an apply of the plan would write anything. */
export const writes = (plan: Plan): boolean => {
  const { queues, catalog } = plan;
  return queues.length + catalog.create.length + catalog.rename.length > waitingCodes(plan);
};

/** Whether the plan found nothing at all to do, now or later. */
export const isIdle = (plan: Plan): boolean =>
  !writes(plan) && plan.held.length + waitingCodes(plan) === 0;

/** Whether `--queue` left governed queues out, over which the guards count all the same. */
export const isNarrowed = ({ guards, summary }: Plan): boolean =>
  guards.some(
    ({ measure, of }) =>
      measure === 'queuesChanged' && of !== null && of !== summary.queuesGoverned,
  );

/** The one line that says what an apply would do. */
export const planSentence = (plan: Plan): string => {
  const { summary } = plan;
  if (isIdle(plan))
    return `${summary.queuesGoverned === 0 ? 'Nothing to compare.' : 'No changes.'} ${inSyncSentence(plan)}`;
  const waits = waitingCodes(plan);
  const renamed = waits > 0 ? 0 : plan.catalog.rename.length;
  const effects = [
    summary.codesAdded > 0 && `+${count(summary.codesAdded, 'code')}`,
    (summary.codesUpdated ?? 0) > 0 && `~${count(summary.codesUpdated ?? 0, 'code')}`,
    summary.codesRemoved > 0 && `-${count(summary.codesRemoved, 'code')}`,
    summary.acwChanged > 0 && `${summary.acwChanged} after-call work`,
  ].filter((part) => part !== false);
  const todo = [
    summary.queuesChanged > 0 &&
      `${count(summary.queuesChanged, 'queue')} to change${effects.length > 0 ? ` (${effects.join(', ')})` : ''}`,
    summary.codesCreated > 0 && `${count(summary.codesCreated, 'code')} to create`,
    renamed > 0 && `${count(renamed, 'code')} to rename`,
  ].filter((part) => part !== false);
  const rest = [
    summary.queuesHeld > 0 && `${summary.queuesHeld} held`,
    waits > 0 && `${count(waits, 'code')} ${waits === 1 ? 'waits' : 'wait'}`,
    summary.queuesInSync > 0 && `${summary.queuesInSync} in sync`,
  ].filter((part) => part !== false);
  return `Plan: ${[todo.length > 0 ? todo.join(', ') : 'nothing to write', ...rest].join('; ')}.`;
};

/** That everything is as it should be. */
export const inSyncSentence = (plan: Plan): string => {
  const { queuesGoverned: number } = plan.summary;
  const kind = isNarrowed(plan) ? 'selected' : 'governed';
  if (number === 0) return 'No queue is governed by a policy.';
  return number === 1
    ? `The only ${kind} queue matches the policies.`
    : `All ${number} ${kind} queues match the policies.`;
};

const MEASURES: Readonly<Record<string, (verdict: GuardVerdict) => string>> = {
  queuesChanged: ({ actual, of }) =>
    `${actual} of ${of} governed queues would lose a code or change their prompt`,
  codesRemoved: ({ actual, of }) => `${actual} of ${of} codes would be removed`,
  codesRemovedPerQueue: ({ actual, of }) =>
    `${actual} of the ${of} codes of one queue would be removed`,
  codesPerQueue: ({ actual }) => `a queue would have ${count(actual, 'code')}`,
};

const VERDICTS: Readonly<Record<GuardVerdict['verdict'], string>> = {
  pass: 'passes',
  refuse: 'refuses',
  allowed: 'passes',
};

/**
 * What a guard found, measured against its limit.
 *
 * @example 'Guard codesRemoved refuses: 48 of 96 codes would be removed; the limit is 25 % or 200.'
 */
export const guardSentence = (verdict: GuardVerdict): string =>
  `Guard ${verdict.measure} ${VERDICTS[verdict.verdict]}: ${foundBy(verdict)}; the limit is ${verdict.limit}.`;

const foundBy = (verdict: GuardVerdict): string =>
  MEASURES[verdict.measure]?.(verdict) ??
  `${verdict.actual}${verdict.of === null ? '' : ` of ${verdict.of}`}`;

/**
 * How near the plan is to what the guards refuse, where none of them has more to say; empty where it takes nothing away.
 *
 * @example 'Guards pass: 48 of 960 codes would be removed (limit 25 % or 200).'
 */
export const guardsPassSentence = (guards: readonly GuardVerdict[]): string => {
  const found = guards.filter(({ measure, actual }) => WHOLE_RUN.has(measure) && actual > 0);
  return found.length === 0 || guardsToTell(guards).length > 0
    ? ''
    : `Guards pass: ${found.map((verdict) => `${foundBy(verdict)} (limit ${verdict.limit})`).join(', ')}.`;
};

/** The measures that count over the whole run. */
const WHOLE_RUN: ReadonlySet<string> = new Set(['queuesChanged', 'codesRemoved']);

/** Guards that have something to say, refusals first. */
export const guardsToTell = (guards: readonly GuardVerdict[]): readonly GuardVerdict[] => [
  ...guards.filter(({ verdict }) => verdict === 'refuse'),
  ...guards.filter(({ verdict }) => verdict === 'allowed'),
];

/** Why guards tell of more than what is selected, or changed by a branch; empty where they do not. */
export const guardScope = (plan: Plan): string => {
  if (guardsToTell(plan.guards).length === 0) return '';
  const { base } = plan;
  return [
    isNarrowed(plan) ? 'Guards count over all governed queues, whatever `--queue` selects.' : '',
    base === undefined || base.incomparable !== null
      ? ''
      : 'Guards count over the whole plan: what is pending without this change is in their numbers, too.',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
};

/** What refusing guards leave a person to do, the plan's whole digest at the end to be copied. */
export const refusalAdvice = (digest: string): string =>
  `An apply refuses this plan. Split the change, add a GuardAllowance to the policies, or lift the guards for exactly this plan: --accept ${digest}`;

/** @example 'About 31 requests, 7 s at the limit; digest sha256:3fa9c2b14e07…' */
export const costSentence = ({ cost, digest }: Plan): string =>
  `About ${count(cost.requests, 'request')}, ${waiting(cost.estimatedSeconds)} at the limit; digest ${shortDigest(digest)}`;

/** The queues that weigh most in a guard's eyes, where any weighs more than another. */
export const worstOf = ({ worst }: GuardVerdict): GuardVerdict['worst'] =>
  worst.some(({ count: weight }) => weight > 1) ? worst : [];
