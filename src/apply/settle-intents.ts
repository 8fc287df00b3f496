/**
 * What became of a change that an earlier run has begun and could not tell the end of. The live state decides,
 * and the audit log where it can be asked; what neither of them shows is not claimed.
 *
 * | reading shows, the same for `settleFor` | writes in the audit log | verdict       |
 * |-----------------------------------------|-------------------------|---------------|
 * | the whole change                        | of others alone         | `unknown`     |
 * | the whole change                        | anything else           | `applied`     |
 * | a part of it                            | of others alone         | `unknown`     |
 * | a part of it                            | anything else           | `partial`     |
 * | the queue as it was                     | ours                    | `unknown`     |
 * | the queue as it was                     | anything else           | `not-applied` |
 * | something else, nothing, no queue       | any                     | `unknown`     |
 */
import { isDeepStrictEqual } from 'node:util';
import type { ChangedSections } from '../domain/change.js';
import type { Clock } from '../domain/clock.js';
import { warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { AppError } from '../domain/errors.js';
import type { QueueId } from '../domain/ids.js';
import { eventTypeOf } from '../domain/journal.js';
import type {
  CodeIntent,
  CodeSettled,
  Evidence,
  JournalRecord,
  QueueIntent,
  QueueSettled,
  Verdict,
} from '../domain/journal.js';
import { effectiveAfterCallWork, sameAfterCallWork } from '../diff/after-call-work.js';
import type { QueueSnapshot } from '../domain/state.js';
import { quote } from '../domain/text.js';
import { inParallel } from './in-parallel.js';
import type { OrgReader, RunJournal } from './ports.js';

export interface SettleInput {
  readonly journal: RunJournal;
  readonly reader: OrgReader;
  readonly clock: Clock;
  readonly settleForMs: number;
  readonly run: string;
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

type QueueIntentRecord = JournalRecord<QueueIntent>;

/** A queue that somebody keeps changing is not waited for any longer. */
const READS_UNTIL_STABLE = 5;
const AUDIT_WITHIN_MS = 5_000;
/** No write comes through later than that. */
const LATEST_MS = 3_600_000;
/** Two clocks are never the same. */
const OVERLAP_MS = 60_000;

/**
 * Settles what earlier runs have left open, and writes the verdicts down, with what they rest on.
 *
 * @returns a warning for each
 * @throws AppError `journal.*`, or `cli.interrupted` when it was stopped
 */
export const settleIntents = async (input: SettleInput): Promise<readonly Diagnostic[]> => {
  const { journal, concurrency, signal } = input;
  const settled = await inParallel(concurrency, journal.openIntents, async (intent) => {
    if (signal.aborted) return [];
    if (intent.kind === 'code.intent') return [await settleCode(intent, input)];
    return [await settleQueue(intent, input)];
  });
  const entries = settled.flat();
  await journal.append(entries.map(numberedBy(journal)));
  return entries.map(told);
};

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

const settleQueue = async (
  intent: QueueIntentRecord,
  input: SettleInput,
): Promise<QueueSettled> => {
  const { id } = intent.queue;
  const { shown, after } = await readStable(intent, input);
  const audit = await auditOf(id, Date.parse(intent.at), input);
  const verdict = verdictOf(shown, audit);
  const { v: _v, seq, at: _at, prev: _prev, liveDigest: _live, isWhole, run: of, ...rest } = intent;
  return {
    ...rest,
    kind: 'queue.settled',
    run: input.run,
    intent: seq,
    of,
    sequence: input.journal.queue(id).sequence,
    verdict,
    evidence: evidenceOf(shown, audit, input.clock.now()),
    corrects: null,
    after,
    compliant: verdict === 'applied' && shown === 'after' && isWhole,
  };
};

/** Reads the queue until two reads, `settleFor` apart, show the same. */
const readStable = async (
  { queue, change }: QueueIntentRecord,
  { reader, clock, settleForMs, signal }: SettleInput,
): Promise<{ readonly shown: Evidence['read']; readonly after: QueueSnapshot | null }> => {
  const read = async (): Promise<QueueSnapshot | null> => {
    const document = await reader.queueDocument(queue.id);
    if (document === null) return null;
    const codes = change.wrapupCodes === undefined ? null : await reader.queueCodes(queue.id);
    return {
      afterCallWork: document.queue.afterCallWork,
      wrapupCodes: codes?.codes ?? null,
    };
  };
  try {
    let last = await read();
    for (let times = 1; times < READS_UNTIL_STABLE; times += 1) {
      await clock.sleep(settleForMs, signal);
      const again = await read();
      if (isDeepStrictEqual(plain(again), plain(last)))
        return { shown: again === null ? 'gone' : compare(change, again), after: again };
      last = again;
    }
    return { shown: 'other', after: last };
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'cli.interrupted') throw error;
    return error.code === 'genesys.not-found'
      ? { shown: 'gone', after: null }
      : { shown: 'unread', after: null };
  }
};

/** Codes may come in any order. */
const plain = (snapshot: QueueSnapshot | null): unknown =>
  snapshot === null
    ? null
    : {
        ...snapshot,
        wrapupCodes: snapshot.wrapupCodes?.map((code) => JSON.stringify(code)).sort(),
      };

/** How much of a change a queue shows. */
const compare = (
  { afterCallWork, wrapupCodes }: ChangedSections,
  queue: QueueSnapshot,
): 'after' | 'before' | 'between' | 'other' => {
  const parts: ('done' | 'undone' | 'other')[] = [];
  if (afterCallWork !== undefined) {
    const live = effectiveAfterCallWork(queue.afterCallWork ?? { prompt: null, timeoutMs: null });
    parts.push(
      sameAfterCallWork(live, afterCallWork.to)
        ? 'done'
        : sameAfterCallWork(live, effectiveAfterCallWork(afterCallWork.from))
          ? 'undone'
          : 'other',
    );
  }
  if (wrapupCodes !== undefined) {
    const codes = queue.wrapupCodes ?? [];
    const has = ({ id, name }: { readonly id: string | null; readonly name: string }): boolean =>
      codes.some((code) => (id === null ? code.name === name : code.id === id));
    const { add, update = [], remove } = wrapupCodes;
    for (const code of add) parts.push(has(code) ? 'done' : 'undone');
    for (const code of remove) parts.push(has(code) ? 'undone' : 'done');
    for (const { id, to } of update) {
      const row = codes.find((code) => code.id === id)?.requirement;
      parts.push(isDeepStrictEqual(row, to) ? 'done' : 'undone');
    }
  }
  if (parts.includes('other')) return 'other';
  if (!parts.includes('undone')) return 'after';
  return parts.includes('done') ? 'between' : 'before';
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

const verdictOf = (read: Evidence['read'], audit: Evidence['audit']): Verdict => {
  switch (read) {
    case 'after':
      return audit === 'others' ? 'unknown' : 'applied';
    case 'between':
      return audit === 'others' ? 'unknown' : 'partial';
    case 'before':
      return audit === 'ours' ? 'unknown' : 'not-applied';
    case 'other':
    case 'gone':
    case 'unread':
    default:
      return 'unknown';
  }
};

const READ_WORDS: Readonly<Record<Evidence['read'], string>> = {
  after: 'reading shows the whole change',
  before: 'reading shows the queue as it was before',
  between: 'reading shows a part of the change',
  other: 'reading shows neither the change nor what was there before',
  gone: 'the queue does not exist any more',
  unread: 'it could not be read',
};

const AUDIT_WORDS: Readonly<Record<Evidence['audit'], string>> = {
  ours: 'the audit log shows writes of this OAuth client',
  others: 'the audit log shows writes of others alone',
  none: 'the audit log shows no writes (yet)',
  unavailable: 'the audit log could not be asked',
  'not-asked': 'the audit log was not asked',
};

const evidenceOf = (
  read: Evidence['read'],
  audit: Evidence['audit'],
  readAt: number,
): Evidence => ({
  read,
  readAt: new Date(readAt).toISOString(),
  audit,
  words: `${READ_WORDS[read]}, and ${AUDIT_WORDS[audit]}`,
});

/** Codes are known by their names: whether one is there, a single question tells. */
const settleCode = async (
  intent: JournalRecord<CodeIntent>,
  { reader, clock, settleForMs, run, signal }: SettleInput,
): Promise<CodeSettled> => {
  const { id, name, from } = intent.code;
  const look = async (): Promise<{ readonly read: Evidence['read']; readonly id: typeof id }> => {
    const [found] = await reader.findCodes(id === null ? { name } : { id });
    if (found === undefined) return { read: id === null ? 'before' : 'gone', id };
    if (found.name === name) return { read: 'after', id: found.id };
    return { read: found.name === from ? 'before' : 'other', id };
  };
  let found: Awaited<ReturnType<typeof look>>;
  try {
    found = await look();
    if (found.read !== 'after') {
      await clock.sleep(settleForMs, signal);
      found = await look();
    }
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'cli.interrupted') throw error;
    found = { read: 'unread', id };
  }
  const { v: _v, seq, at: _at, prev: _prev, run: of, ...rest } = intent;
  const verdicts = { after: 'applied', before: 'not-applied' } as const;
  return {
    ...rest,
    kind: 'code.settled',
    run,
    intent: seq,
    of,
    code: { ...intent.code, id: found.id },
    verdict: found.read === 'after' || found.read === 'before' ? verdicts[found.read] : 'unknown',
    evidence: evidenceOf(found.read, 'not-asked', clock.now()),
  };
};

const told = (entry: Unnumbered): Diagnostic => {
  const what = entry.kind === 'queue.settled' ? entry.queue.name : entry.code.name;
  const corrects =
    entry.kind === 'queue.settled' && entry.corrects !== null ? ', not as it was told before' : '';
  return warning({
    code: 'journal.settled',
    message: `An earlier run (${entry.of}) ended while it changed ${quote(what)}: ${entry.verdict}${corrects}; ${entry.evidence.words}.`,
    queue: entry.kind === 'queue.settled' ? what : null,
  });
};
