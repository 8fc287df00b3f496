/** The words of a list of the journal, for every format. */
import type { AuditRun, Delivery } from '../domain/audit.js';
import { auditSentence } from '../domain/audit-sentence.js';
import type { External, JournalEntry, PullRequest, RunStarted } from '../domain/journal.js';
import { piece } from '../domain/text.js';
import { bookkeepingSentence } from './audit-bookkeeping.js';
import { count, instant } from './words.js';

/** What a record tells, as one sentence. */
export const sentenceOf = (record: JournalEntry): string => {
  switch (record.kind) {
    case 'run.started':
      return startedSentence(record);
    case 'queue.outcome':
    case 'queue.settled':
    case 'code.outcome':
    case 'code.settled':
    case 'drift.detected':
    case 'run.completed':
    case 'run.refused':
      return auditSentence(record);
    case 'external':
      return toldSentence(record);
    case 'queue.intent':
    case 'code.intent':
    case 'in-sync':
    case 'plan.spent':
    case 'lease':
    case 'sink.added':
    case 'sink.removed':
    case 'delivery':
    case 'redelivery':
    case 'repaired':
    default:
      return bookkeepingSentence(record);
  }
};

/**
 * What another system told. Its words stand in quotation marks, behind the warning that they are its own.
 *
 * @example 'Another system says, and it was not checked: "Billing" (5c3f…) is as it should be since …; in its words: "…".'
 */
const toldSentence = ({ event }: External): string => {
  const { queue_id: id, queue_name: name, compliance_met: met, timestamp, audit_log: log } = event;
  const queue = name === null ? `the queue ${piece(id)}` : `${quoted(name)} (${piece(id)})`;
  return `Another system says, and it was not checked: ${queue} was ${met ? '' : 'not '}as it should be at ${instant(timestamp)}; in its words: ${quoted(log)}.`;
};

/** Nothing that is quoted can end the quotation. */
const quoted = (text: string): string => `"${piece(text).replaceAll('"', "'")}"`;

/**
 * Who began a run, and by what right. What was lifted for it comes last, and is never left out.
 *
 * @example 'apply was started by octocat (push), with the policies of commit 4f6c0b1 by Jane; pull request 42 …'
 */
const startedSentence = (run: RunStarted): string => {
  const { command, actor, trigger, source, pullRequest, plan, overrides, allowances, host } = run;
  const by = actor === null ? '' : ` by ${piece(actor)}`;
  const on = host === null ? '' : ` on ${piece(host)}`;
  const parts = [
    `${piece(command)} was started${by} (${piece(trigger)})${on}${sourceWords(source)}`,
    pullRequest === null ? '' : pullRequestWords(pullRequest),
    plan.undoes === null ? '' : `it undoes the run ${piece(plan.undoes)}`,
    plan.saved === null ? '' : 'it applies a saved plan',
    ...allowances.map(
      ({ name, reason, measures, until }) =>
        `the allowance ${piece(name)} lets ${measureWords(measures)} pass until ${instant(until)}: ${piece(reason)}`,
    ),
    overrides.accept === null ? '' : `guards were lifted for the plan ${piece(overrides.accept)}`,
    overrides.ignoreWindows === null
      ? ''
      : `change windows were ignored: ${piece(overrides.ignoreWindows)}`,
  ];
  return `${parts.filter((part) => part !== '').join('; ')}.`;
};

const sourceWords = ({ commit, author, dirty }: RunStarted['source']): string => {
  if (commit === null) return ', with policies that are in no commit';
  const by = author === null ? '' : ` by ${piece(author)}`;
  return `, with the policies of commit ${shortCommit(commit)}${by}${dirty ? ', which were changed after it' : ''}`;
};

const pullRequestWords = (pull: PullRequest): string => {
  const { number, title, author, mergedBy, approvedBy } = pull;
  const people = [
    author === null ? '' : `by ${piece(author)}`,
    approvedBy.length === 0 ? '' : `approved by ${approvedBy.map(piece).join(', ')}`,
    mergedBy === null ? '' : `merged by ${piece(mergedBy)}`,
  ].filter((words) => words !== '');
  const what = title === null ? '' : ` "${piece(title)}"`;
  return `pull request ${number}${what}${people.length === 0 ? '' : ` (${people.join(', ')})`}`;
};

const measureWords = (measures: Readonly<Record<string, number>>): string =>
  Object.entries(measures)
    .map(([name, number]) => `${piece(name)} ${number}`)
    .join(', ');

/** Enough of a commit to find it by. */
const shortCommit = (commit: string): string => piece(commit).slice(0, 7);

/** When, who, what of a run: the pieces of its heading, in order. */
export const runWords = ({ id, started, outcome }: AuditRun): readonly string[] => {
  const ended = outcome ?? 'no end is recorded';
  if (started === null) return [`Run ${piece(id)}`, 'its beginning is not in the journal', ended];
  const { at, trigger, actor, source, pullRequest } = started;
  return [
    `Run ${piece(id)}`,
    instant(at),
    actor === null ? piece(trigger) : `${piece(trigger)} by ${piece(actor)}`,
    ...(source.commit === null ? [] : [`commit ${shortCommit(source.commit)}`]),
    ...(pullRequest === null ? [] : [`pull request ${pullRequest.number}`]),
    piece(ended),
  ];
};

/** @example 'waits for reporting after 3 attempts (503 Service Unavailable), next at 2026-11-23 10:00 UTC' */
export const deliveryWords = ({ sink, state, attempts, nextAt, why }: Delivery): string => {
  const name = piece(sink);
  const because = why === null ? '' : ` (${piece(why)})`;
  const tried = attempts === 0 ? '' : ` after ${count(attempts, 'attempt')}`;
  if (state === 'delivered') return `delivered to ${name}${attempts > 1 ? tried : ''}`;
  if (state === 'given-up') return `given up for ${name}${tried}${because}`;
  if (state === 'disabled')
    return `kept for ${name}, which gets nothing until somebody asks${because}`;
  return `waits for ${name}${tried}${because}${nextAt === null ? '' : `, next at ${instant(nextAt)}`}`;
};
