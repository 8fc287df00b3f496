/**
 * Who drifted the queues that are corrected: asked once for all of them, beside the corrections, which do
 * not wait for the answer.
 */
import type { Clock } from '../domain/clock.js';
import type { QueueId } from '../domain/ids.js';
import type { ChangedBy } from '../domain/journal.js';
import type { QueueChange } from '../domain/change.js';
import { toChangedBy } from './changed-by.js';
import { NOBODY } from './ledger.js';
import type { Ledger } from './ledger.js';
import type { LastChange, OrgReader, RunJournal } from './ports.js';

/** So long may the record of a correction wait for the answer, counted from the beginning of the apply. */
const WITHIN_MS = 4_000;
/** Two clocks are never the same. */
const OVERLAP_MS = 60_000;

export interface WhoDriftedInput {
  readonly reader: Pick<OrgReader, 'lastChanges'>;
  readonly journal: Pick<RunJournal, 'queue'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly signal: AbortSignal;
}

/** Tells who drifted a queue; never throws, and never keeps anybody waiting for more than a few seconds. */
export type WhoDrifted = (queue: QueueId) => Promise<ChangedBy>;

/** Begins to ask about those among these changes that drift has caused. None of them: nothing is asked. */
export const askWhoDrifted = (
  changes: readonly Pick<QueueChange, 'id' | 'cause'>[],
  { reader, journal, clock, signal }: WhoDriftedInput,
): WhoDrifted => {
  const since = new Map<QueueId, number>(
    changes.flatMap(({ id, cause }) => {
      const { inSyncAt } = journal.queue(id);
      return cause === 'drift' && inSyncAt !== null
        ? [[id, Date.parse(inSyncAt) - OVERLAP_MS] as const]
        : [];
    }),
  );
  if (since.size === 0 || signal.aborted) return () => Promise.resolve(NOBODY);
  const askedAt = clock.now();
  const answers = reader.lastChanges([...since.keys()], {
    since: Math.min(...since.values()),
    until: askedAt + OVERLAP_MS,
    withinMs: WITHIN_MS,
    signal,
  });
  return async (queue) => {
    const from = since.get(queue);
    const change = from === undefined ? undefined : (await answers).get(queue);
    return change === undefined || from === undefined || isNotTheDrift(change, from, askedAt)
      ? NOBODY
      : toChangedBy(change);
  };
};

/** A change before the queue was seen in sync was corrected long ago; and what we write now is the correction. */
const isNotTheDrift = (change: LastChange, since: number, askedAt: number): boolean =>
  change.by !== 'unknown' &&
  (change.at < since || (change.author.isOurs && change.at > askedAt - OVERLAP_MS));

/** Tells of drift that policies in report mode have found, and who caused it. */
export const tellDrift = async ({
  ledger,
  ...input
}: WhoDriftedInput & { readonly ledger: Ledger }): Promise<void> => {
  const unreported = ledger.unreported;
  const whoDrifted = askWhoDrifted(unreported, input);
  for (const held of unreported) await ledger.report(held, await whoDrifted(held.id));
};
