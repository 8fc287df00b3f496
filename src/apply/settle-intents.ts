/** What became of changes that earlier runs have begun and could not tell the end of: looked up, judged, written down. */
import { warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import type { QueueId } from '../domain/ids.js';
import { eventTypeOf } from '../domain/journal.js';
import type {
  CodeIntent,
  CodeSettled,
  Evidence,
  JournalRecord,
  QueueIntent,
  QueueSettled,
} from '../domain/journal.js';
import type { QueueSnapshot } from '../domain/state.js';
import { quote } from '../domain/text.js';
import { inParallel } from './in-parallel.js';
import { compare, lookUntilStable, NO_LOOK } from './look-at-intents.js';
import type { Look, LookInput } from './look-at-intents.js';
import type { RunJournal } from './ports.js';
import { evidenceOf, verdictOf } from './verdict.js';

export interface SettleInput extends LookInput {
  readonly journal: RunJournal;
  readonly run: string;
}

const AUDIT_WITHIN_MS = 5_000;
/** No write comes through later than that. */
const LATEST_MS = 3_600_000;
/** Two clocks are never the same. */
const OVERLAP_MS = 60_000;

/**
 * Settles what earlier runs have left open, and writes the verdicts down, with what they rest on. When it is
 * stopped, what it has not settled stays open.
 *
 * @returns a warning for each
 * @throws AppError `journal.*`, or `cli.interrupted` when it was stopped
 */
export const settleIntents = async (input: SettleInput): Promise<readonly Diagnostic[]> => {
  const { journal, concurrency, signal } = input;
  const { openIntents } = journal;
  const looks = await lookUntilStable(openIntents, input);
  if (signal.aborted) return [];
  // The audit log is asked where it matters most: not about hundreds of queues that are as they were.
  const asked = new Set(
    [...looks]
      .sort(([, a], [, b]) => weight(a) - weight(b))
      .map(([seq]) => seq)
      .slice(0, MOST_ASKED),
  );
  const entries = await inParallel(concurrency, openIntents, async (intent) => {
    const look = looks.get(intent.seq) ?? NO_LOOK;
    if (intent.kind === 'code.intent') return settledCode(intent, look, input);
    const audit = asked.has(intent.seq)
      ? await auditOf(intent.queue.id, Date.parse(intent.at), input)
      : 'not-asked';
    return settledQueue(intent, look, audit, input);
  });
  await journal.append(entries.map(numberedBy(journal)));
  return entries.map(told);
};

/** About so many queues the audit log is asked. */
const MOST_ASKED = 25;

const weight = ({ shown }: Look): number => (shown === 'before' ? 1 : 0);

/**
 * Verdicts that the reads of this pass contradict: a write that came through later than anybody waited for.
 */
export const correctVerdicts = async (
  seen: ReadonlyMap<QueueId, QueueSnapshot>,
  input: SettleInput,
): Promise<readonly Diagnostic[]> => {
  const { journal, clock } = input;
  const entries: QueueSettled[] = [];
  for (const doubt of journal.doubts) {
    const after = seen.get(doubt.queue.id);
    const shown = after === undefined ? 'unread' : compare(doubt.change, after);
    const age = clock.now() - Date.parse(doubt.at);
    if (after === undefined || age > LATEST_MS || !goesFurther(doubt.evidence.read, shown))
      continue;
    const audit = await auditOf(doubt.queue.id, Date.parse(doubt.at), input);
    const verdict = verdictOf(shown, audit);
    // What others have done since contradicts nothing.
    if (verdict === 'unknown') continue;
    const { v: _v, seq, at: _at, prev: _prev, ...rest } = doubt;
    entries.push({
      ...rest,
      run: input.run,
      verdict,
      evidence: evidenceOf(shown, audit, clock.now()),
      corrects: seq,
      after,
      compliant: false,
    });
  }
  await journal.append(entries.map(numberedBy(journal)));
  return entries.map(told);
};

/** Whether a read shows more of a change than the one that was judged by. */
const goesFurther = (before: Evidence['read'], now: Evidence['read']): boolean =>
  (now === 'after' && before !== 'after') || (now === 'between' && before === 'before');

type Unnumbered = QueueSettled | CodeSettled;

const numberedBy =
  (journal: RunJournal) =>
  (entry: Unnumbered): Unnumbered =>
    entry.kind === 'queue.settled' && eventTypeOf(entry) !== null
      ? { ...entry, sequence: journal.queue(entry.queue.id).sequence + 1 }
      : entry;

const settledQueue = (
  intent: JournalRecord<QueueIntent>,
  { shown, after }: Look,
  audit: Evidence['audit'],
  { journal, run, clock }: SettleInput,
): QueueSettled => {
  const verdict = verdictOf(shown, audit);
  const { v: _v, seq, at: _at, prev: _prev, liveDigest: _live, isWhole, run: of, ...rest } = intent;
  return {
    ...rest,
    kind: 'queue.settled',
    run,
    intent: seq,
    of,
    sequence: journal.queue(intent.queue.id).sequence,
    verdict,
    evidence: evidenceOf(shown, audit, clock.now()),
    corrects: null,
    after,
    compliant: verdict === 'applied' && shown === 'after' && isWhole,
  };
};

const settledCode = (
  intent: JournalRecord<CodeIntent>,
  { shown, codeId }: Look,
  { run, clock }: SettleInput,
): CodeSettled => {
  const { v: _v, seq, at: _at, prev: _prev, run: of, ...rest } = intent;
  const verdicts = { after: 'applied', before: 'not-applied' } as const;
  return {
    ...rest,
    kind: 'code.settled',
    run,
    intent: seq,
    of,
    code: { ...intent.code, id: codeId },
    verdict: shown === 'after' || shown === 'before' ? verdicts[shown] : 'unknown',
    evidence: evidenceOf(shown, 'not-asked', clock.now()),
  };
};

const auditOf = async (
  queue: QueueId,
  since: number,
  { reader, clock, signal }: SettleInput,
): Promise<Evidence['audit']> => {
  const found = await reader.ownChanges(queue, {
    since: since - OVERLAP_MS,
    until: clock.now(),
    withinMs: AUDIT_WITHIN_MS,
    signal,
  });
  if (found.kind === 'unknown') return 'unavailable';
  if (found.ours.length > 0) return 'ours';
  return found.others.length > 0 ? 'others' : 'none';
};

const told = (entry: Unnumbered): Diagnostic => {
  const what = entry.kind === 'queue.settled' ? entry.queue.name : entry.code.name;
  const corrects =
    entry.kind === 'queue.settled' && entry.corrects !== null ? ', not as it was told before' : '';
  return warning({
    code: 'journal.settled',
    message: `An earlier run (${entry.of}) could not tell what became of ${quote(what)}: ${entry.verdict}${corrects}; ${entry.evidence.words}.`,
    queue: entry.kind === 'queue.settled' ? what : null,
  });
};
