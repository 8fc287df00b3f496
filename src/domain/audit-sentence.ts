/**
 * What a record tells, as one sentence for people: the `audit_log` of an event, a line of `audit list`. It
 * claims no more than the record knows.
 */
import type { RowOutcome, Step } from './change.js';
import type {
  ChangedBy,
  CodeOutcome,
  CodeSettled,
  DriftDetected,
  EventEntry,
  Evidence,
  Origin,
  PolicyPlace,
  QueueOutcome,
  QueueSettled,
  RunCompleted,
  RunRefused,
  Verdict,
} from './journal.js';
import type { AfterCallWork } from './state.js';
import { piece } from './text.js';

/**
 * | record                           | the sentence says |
 * |----------------------------------|-------------------|
 * | queue applied                    | what took effect, why, by which policies, and whether a read showed it |
 * | queue ended otherwise            | how and why it ended, what took effect before, and what may have |
 * | settled                          | that a run ended before it could tell, what reading and the audit log showed, what was made of it |
 * | code                             | what was done, or was not, or may have been |
 * | drift                            | what would be changed, why it differs, why it is left |
 * | run completed · refused          | how it ended, in numbers · which limits were broken |
 *
 * @example
 * auditSentence(record); // 'Billing EN: codes added: Escalated, because …; policy billing (policies/billing.yaml:12); …'
 */
export const auditSentence = (record: EventEntry): string => {
  if ('queue' in record) return `${piece(record.queue.name)}: ${auditOfQueue(record)}`;
  if (record.kind === 'code.outcome') return outcomeOfCode(record);
  if (record.kind === 'code.settled') return settledCode(record);
  if (record.kind === 'run.completed') return runCompleted(record);
  return runRefused(record);
};

/** What is told of one queue. */
export type QueueEntry = Extract<EventEntry, { readonly queue: unknown }>;

/** The same without the name of the queue: of queues that ended alike it is the same text. */
export const auditOfQueue = (record: QueueEntry): string => {
  if (record.kind === 'queue.outcome') return outcomeOfQueue(record);
  if (record.kind === 'queue.settled') return settledQueue(record);
  return driftFound(record);
};

/** Parts that say something, in order. */
const join = (separator: string, ...parts: readonly string[]): string =>
  parts.filter((part) => part !== '').join(separator);

const outcomeOfQueue = (record: QueueOutcome): string => {
  const { outcome, steps, reason } = record;
  const done = stepWords(steps.filter(({ result }) => result === 'applied'));
  const unsure = stepWords(steps.filter(({ result }) => result === 'unknown'));
  const reasonWords = reason === null ? '' : `: ${piece(reason)}`;
  const what =
    outcome === 'applied' && unsure === ''
      ? `${done === '' ? ENDED.applied : done}, ${because(record, record.changedBy)}`
      : join(
          '; ',
          `${ENDED[outcome]}${reasonWords}`,
          done === '' ? 'nothing is known to have taken effect' : `took effect: ${done}`,
          unsure === '' ? '' : `may have taken effect: ${unsure}`,
          because(record, record.changedBy),
        );
  return `${join('; ', what, policyWords(record.policies), seenWords(record))}.`;
};

const ENDED = {
  applied: 'corrected',
  'in-sync': 'found as the policies want it',
  failed: 'failed',
  stale: 'left alone, because it was changed meanwhile',
  held: 'held',
  'not-attempted': 'not attempted',
} as const satisfies Record<RowOutcome, string>;

const STEP_WORDS = [
  ['add-codes', 'codes added'],
  ['put-codes', 'codes replaced'],
  ['set-after-call-work', 'after-call work set to'],
  ['remove-code', 'codes removed'],
  ['create-code', 'code created'],
  ['rename-code', 'code renamed'],
] as const satisfies readonly (readonly [Step['action'], string])[];

/** `codes added: A, B; after-call work set to OPTIONAL`, or nothing. */
const stepWords = (steps: readonly Step[]): string =>
  join(
    '; ',
    ...STEP_WORDS.map(([action, words]) => {
      const details = steps.filter((step) => step.action === action).map(({ detail }) => detail);
      if (details.length === 0) return '';
      return `${words}${words.endsWith(' to') ? '' : ':'} ${piece(details.join(', '))}`;
    }),
  );

/**
 * | cause   | who is known       | |
 * |---------|--------------------|-|
 * | drift   | exactly            | because somebody changed it |
 * | drift   | one of several     | because it was changed, by that one or another |
 * | drift   | nobody             | because it was changed, and why nobody is known |
 * | policy  | –                  | because the policies ask for it since they changed |
 * | unknown | –                  | because it was not as the policies want it |
 */
const because = ({ cause, undoes }: Origin, by: ChangedBy | null): string => {
  if (undoes !== null) return `because the run ${piece(undoes)} is undone`;
  if (cause === 'policy') return 'because the policies are new or have changed';
  if (cause === 'unknown') return 'because it was not as the policies want it';
  if (by === null || by.by === 'unknown') {
    const why = by?.why ?? null;
    return `because it was changed, and it is not known by whom${why === null ? '' : ` (${piece(why)})`}`;
  }
  const name = piece(by.name ?? by.id);
  const who = by.kind === 'client' ? `the OAuth client ${name}` : name;
  return by.by === 'exact'
    ? `because ${who} changed it at ${piece(by.at)}`
    : `because it was changed, by ${who} at ${piece(by.at)} or by somebody else about then`;
};

/** @example 'policies base (base.yaml:21), billing (billing.yaml:14, 17)' */
const policyWords = (policies: readonly PolicyPlace[]): string => {
  if (policies.length === 0) return '';
  const lines = new Map<string, number[]>();
  for (const { name, file, line } of policies) {
    const place = `${piece(name)} (${piece(file)}:`;
    lines.set(place, [...(lines.get(place) ?? []), line]);
  }
  const places = [...lines].map(([place, at]) => `${place}${some(at.map(String))})`);
  return `${places.length === 1 ? 'policy' : 'policies'} ${some(places)}`;
};

/** A few, and how many more there are. */
const some = (items: readonly string[]): string =>
  `${items.slice(0, SOME).join(', ')}${items.length > SOME ? ` and ${items.length - SOME} more` : ''}`;

const SOME = 3;

const seenWords = ({
  compliant,
  undoes,
}: Pick<Origin, 'undoes'> & { readonly compliant: boolean }): string => {
  if (undoes !== null) return '';
  return compliant
    ? 'a read afterwards showed it as the policies want it'
    : 'no read afterwards showed all that the policies want';
};

const settledQueue = (record: QueueSettled): string =>
  `${join('; ', settledWords(record, record.evidence), policyWords(record.policies), seenWords(record), record.corrects === null ? '' : `this corrects what record ${record.corrects} says`)}.`;

const settledWords = (
  { of, verdict }: { readonly of: string; readonly verdict: Verdict },
  { read, readAt, audit }: Evidence,
): string =>
  `run ${piece(of)} could not tell what became of its change; at ${readAt} it ${READ[read]}, and the audit log ${AUDIT[audit]}: ${JUDGED[verdict]}`;

const READ = {
  after: 'was as that change wants it',
  before: 'was as it had been before',
  between: 'was neither as before nor quite as that change wants it',
  other: 'was something else',
  gone: 'was gone',
  unread: 'could not be read',
} as const satisfies Record<Evidence['read'], string>;

const AUDIT = {
  ours: 'shows a write of ours',
  others: 'shows writes of others alone',
  none: 'shows no write',
  unavailable: 'could not be asked',
  'not-asked': 'was not asked',
} as const satisfies Record<Evidence['audit'], string>;

const JUDGED = {
  applied: 'judged to have been applied',
  partial: 'judged to have been applied in part',
  'not-applied': 'judged not to have been applied',
  unknown: 'whether it took effect stays unknown',
} as const satisfies Record<Verdict, string>;

const outcomeOfCode = ({ action, code, outcome, isKnown, reason }: CodeOutcome): string => {
  const why = reason === null ? '' : `: ${piece(reason)}`;
  if (outcome === 'applied') return `${codeWords(code)} was ${DONE[action]}${toWords(code)}.`;
  if (!isKnown)
    return `Whether ${lower(codeWords(code))} was ${DONE[action]}${toWords(code)} is not known${why}.`;
  return `${codeWords(code)} was not ${DONE[action]}${toWords(code)}${why}.`;
};

const settledCode = (record: CodeSettled): string =>
  `${codeWords(record.code)}, to be ${DONE[record.action]}${toWords(record.code)}: ${settledWords(record, record.evidence)}.`;

const DONE = { create: 'created', rename: 'renamed' } as const;

const codeWords = ({ name, from }: CodeOutcome['code']): string =>
  `The wrap-up code ${piece(from ?? name)}`;

const toWords = ({ name, from }: CodeOutcome['code']): string =>
  from === null ? '' : ` to ${piece(name)}`;

const lower = (text: string): string => `${text.charAt(0).toLowerCase()}${text.slice(1)}`;

const driftFound = (record: DriftDetected): string => {
  const { afterCallWork, wrapupCodes } = record.change;
  const { add = [], update = [], remove = [] } = wrapupCodes ?? {};
  const would = join(
    '; ',
    namesWords('codes would be added', add),
    afterCallWork === undefined
      ? ''
      : `after-call work would be set to ${workWords(afterCallWork.to)}`,
    namesWords('codes would be changed', update),
    namesWords('codes would be removed', remove),
  );
  return `${join(
    '; ',
    `left as it is, because ${piece(record.reason)}`,
    would,
    because(record, record.changedBy),
    policyWords(record.policies),
  )}.`;
};

const namesWords = (words: string, codes: readonly { readonly name: string }[]): string =>
  codes.length === 0 ? '' : `${words}: ${piece(codes.map(({ name }) => name).join(', '))}`;

const workWords = ({ prompt, timeoutMs }: AfterCallWork): string =>
  timeoutMs === null ? prompt : `${prompt} (${timeoutMs / 1_000} s)`;

const runCompleted = ({ run, outcome, summary, requests }: RunCompleted): string => {
  const counts = [
    [summary.applied, 'applied'],
    [summary.inSync, 'in sync'],
    [summary.failed, 'failed'],
    [summary.stale, 'stale'],
    [summary.held, 'held'],
    [summary.notAttempted, 'not attempted'],
  ] as const;
  const queues = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return `Run ${piece(run)} ended as ${outcome}; queues: ${queues.length === 0 ? 'none' : queues.join(', ')}; ${requests.sent} requests sent, ${requests.retried} of them again, ${requests.throttled} throttled.`;
};

const runRefused = ({ run, guards }: RunRefused): string => {
  const broken = guards
    .filter(({ verdict }) => verdict === 'refuse')
    .slice(0, 4)
    .map(
      ({ measure, actual, of, limit }) =>
        `${piece(measure)} is ${actual}${of === null ? '' : ` of ${of}`}, and the limit is ${piece(limit)}`,
    );
  return `Run ${piece(run)} was refused by the guards before its first write: ${broken.join('; ')}.`;
};
