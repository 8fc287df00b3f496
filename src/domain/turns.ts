/** Whose turn it is: which events of a sink may be tried now, and when to look again. Pure. */
import { lineOf } from './backlog.js';
import type { PendingEvent } from './backlog.js';
import type { SinkState } from './outbox.js';

/**
 * The events that may be tried now, at most so many.
 *
 * | the sink is …        | may be tried |
 * |----------------------|--------------|
 * | disabled, or resting | nothing |
 * | failing (`failures`) | one event, and only if nothing is under way: the one that was tried least often, so that one event that a receiver breaks on does not keep all others from it |
 * | else                 | all that are ready |
 *
 * | an event is ready unless …                                                      |
 * |---------------------------------------------------------------------------------|
 * | an earlier one of its subject waits, or any one of its subject is under way      |
 * | its `nextAt` is to come                                                          |
 * | it is of a run, and another event of that run has not been tried for a first time |
 *
 * @param inFlight the seqs of the events that are under way
 */
export const nextDue = (
  sink: SinkState,
  now: number,
  inFlight: ReadonlySet<number>,
  limit = Infinity,
): readonly PendingEvent[] => {
  if (sink.disabled !== null || isResting(sink, now)) return [];
  if (sink.failures > 0) return inFlight.size > 0 || limit < 1 ? [] : probe(sink, now);
  const due: PendingEvent[] = [];
  for (const event of idleHeads(sink, inFlight)) {
    if (due.length >= limit) break;
    if ((event.nextAt ?? now) <= now) due.push(event);
  }
  return due;
};

/**
 * When it next makes sense to ask {@link nextDue}, in milliseconds since the epoch; null where only something
 * that happens can change its answer: a new event, the end of an attempt, somebody who asks.
 */
export const wakeAt = (
  sink: SinkState,
  now: number,
  inFlight: ReadonlySet<number> = new Set(),
): number | null => {
  if (sink.disabled !== null || (sink.failures > 0 && inFlight.size > 0)) return null;
  let at = Infinity;
  for (const event of idleHeads(sink, inFlight)) at = Math.min(at, event.nextAt ?? now);
  return at === Infinity ? null : Math.max(now, at, sink.restUntil ?? now);
};

const isResting = ({ restUntil }: SinkState, now: number): boolean =>
  restUntil !== null && now < restUntil;

const probe = (sink: SinkState, now: number): readonly PendingEvent[] => {
  let least: PendingEvent | null = null;
  for (const event of idleHeads(sink, new Set())) {
    if ((event.nextAt ?? now) > now) continue;
    if (least === null || event.attempts < least.attempts) least = event;
    if (least.attempts === 0) break;
  }
  return least === null ? [] : [least];
};

/** The first of every subject of which nothing is under way, without runs that wait for the rest of theirs. */
function* idleHeads(
  { pending }: SinkState,
  inFlight: ReadonlySet<number>,
): Generator<PendingEvent, void> {
  const busy = new Set(
    Array.from(inFlight, (seq) => pending.get(seq))
      .filter((event) => event !== undefined)
      .map(lineOf),
  );
  for (const event of pending.heads()) {
    if (busy.has(lineOf(event))) continue;
    if (event.subject === null && pending.untried(event.run) > 0) continue;
    yield event;
  }
}
