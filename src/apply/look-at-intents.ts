/** What reading shows of changes of which nobody knows whether they were made. */
import { isDeepStrictEqual } from 'node:util';
import type { ChangedSections } from '../domain/change.js';
import type { Clock } from '../domain/clock.js';
import { AppError } from '../domain/errors.js';
import type { CodeId } from '../domain/ids.js';
import type { CodeIntent, Evidence, JournalRecord, QueueIntent } from '../domain/journal.js';
import type { QueueSnapshot } from '../domain/state.js';
import { effectiveAfterCallWork, sameAfterCallWork } from '../diff/after-call-work.js';
import { inParallel } from './in-parallel.js';
import type { OrgReader, RunJournal } from './ports.js';

/** A queue that somebody keeps changing is not waited for any longer. */
const MOST_LOOKS = 5;

type OpenIntent = RunJournal['openIntents'][number];

export interface LookInput {
  readonly reader: OrgReader;
  readonly clock: Clock;
  readonly settleForMs: number;
  /** How many are looked at at once. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

/** What reading shows of an intent. */
export interface Look {
  readonly shown: Evidence['read'];
  /** The queue; null where there is none, or for a code. */
  readonly after: QueueSnapshot | null;
  /** The id of a code, once it has one. */
  readonly codeId: CodeId | null;
}

export const NO_LOOK: Look = { shown: 'unread', after: null, codeId: null };

/** Looks at all of them together, until two looks, `settleFor` apart, show the same of each. */
export const lookUntilStable = async (
  intents: readonly OpenIntent[],
  input: LookInput,
): Promise<ReadonlyMap<number, Look>> => {
  const { clock, settleForMs, concurrency, signal } = input;
  const stable = new Map<number, Look>();
  const last = new Map<number, Look>();
  for (let times = 0; times < MOST_LOOKS && stable.size < intents.length; times += 1) {
    if (times > 0) await clock.sleep(settleForMs, signal);
    if (signal.aborted) return stable;
    const moving = intents.filter(({ seq }) => !stable.has(seq));
    await inParallel(concurrency, moving, async (intent) => {
      const look = await lookAt(intent, input.reader);
      const before = last.get(intent.seq);
      if (before !== undefined && isDeepStrictEqual(plain(look), plain(before)))
        stable.set(intent.seq, look);
      last.set(intent.seq, look);
    });
  }
  // Somebody keeps changing these.
  for (const { seq } of intents)
    if (!stable.has(seq)) stable.set(seq, { ...NO_LOOK, shown: 'other' });
  return stable;
};

const lookAt = async (intent: OpenIntent, reader: OrgReader): Promise<Look> => {
  try {
    return intent.kind === 'code.intent'
      ? await lookAtCode(intent, reader)
      : await lookAtQueue(intent, reader);
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'cli.interrupted') throw error;
    return { ...NO_LOOK, shown: error.code === 'genesys.not-found' ? 'gone' : 'unread' };
  }
};

const lookAtQueue = async (
  { queue, change }: JournalRecord<QueueIntent>,
  reader: OrgReader,
): Promise<Look> => {
  const document = await reader.queueDocument(queue.id);
  if (document === null) return { ...NO_LOOK, shown: 'gone' };
  const codes = change.wrapupCodes === undefined ? null : await reader.queueCodes(queue.id);
  const after = {
    afterCallWork: document.queue.afterCallWork,
    wrapupCodes: codes?.codes ?? null,
  };
  return { shown: compare(change, after), after, codeId: null };
};

/** Codes are known by their names: whether one is there, a single question tells. */
const lookAtCode = async (
  { code: { id, name, from } }: JournalRecord<CodeIntent>,
  reader: OrgReader,
): Promise<Look> => {
  const [found] = await reader.findCodes(id === null ? { name } : { id });
  const shown =
    found === undefined
      ? id === null
        ? 'before'
        : 'gone'
      : found.name === name
        ? 'after'
        : found.name === from
          ? 'before'
          : 'other';
  return { shown, after: null, codeId: found?.id ?? id };
};

/** Codes may come in any order. */
const plain = ({ after, ...look }: Look): unknown => ({
  ...look,
  after: after && {
    ...after,
    wrapupCodes: after.wrapupCodes?.map((code) => JSON.stringify(code)).sort(),
  },
});

/** How much of a change a queue shows. */
export const compare = (
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
