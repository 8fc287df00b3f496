/** What follows from one attempt: whether and when the event is tried again, and what the sink is spared. Pure. */
import type { DeliveryAttempted } from '../domain/journal.js';
import type { SinkState } from '../domain/outbox.js';
import type { Answer } from './answer.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The waits after the first, second … failure; after the last of them, a day each time. */
export const WAITS_MS: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  DAY,
];

/** How long after its first attempt an event is still tried. */
export const GIVE_UP_AFTER_MS = 15 * DAY;

/** The longest `Retry-After` that is obeyed. */
const LONGEST_ASKED_MS = DAY;
/** Who keeps asking for a second try soon gets one this often at most. */
const ASKED_OFTEN_MS = 5 * MINUTE;

/** An attempt that has ended. */
export interface Ended {
  readonly answer: Answer;
  /** Counts from 1. */
  readonly attempt: number;
  /** When the event was first tried, in milliseconds since the epoch; null if this was the first. */
  readonly firstAttemptAt: number | null;
  readonly now: number;
  readonly sink: Pick<SinkState, 'failures' | 'restUntil'>;
  /** From 0 up to 1, like Math.random. */
  readonly random: () => number;
}

/** What the journal keeps of it, apart from what names the event. */
export type Consequence = Pick<
  DeliveryAttempted,
  'result' | 'status' | 'why' | 'nextAt' | 'restUntil'
>;

/**
 * | answer                  | the event                 | the sink |
 * |-------------------------|---------------------------|----------|
 * | 2xx                     | delivered                 | –        |
 * | 410                     | waits until somebody asks | disabled |
 * | 429, 503                | again, by its attempts    | rests as `Retry-After` asks, or by its failures |
 * | other 5xx, no answer    | again, by its attempts    | rests by its failures |
 * | any other (3xx: redirects are not followed) | again, by its attempts | – |
 * | the address is refused  | again, by its attempts    | –        |
 *
 * *By its attempts*, *by its failures*: {@link WAITS_MS}, and up to a tenth longer. An event is never tried
 * while its sink rests. One that fails {@link GIVE_UP_AFTER_MS} after its first attempt is given up.
 */
export const judgeAttempt = (ended: Ended): Consequence => {
  const { answer, now } = ended;
  const status = answer.kind === 'answer' ? answer.status : null;
  if (status !== null && status >= 200 && status < 300) return final('delivered', status, null);
  const why = wordsFor(answer);
  if (status === 410) return final('disabled', status, why);
  const restUntil = restAfter(ended);
  const isOver = now - (ended.firstAttemptAt ?? now) >= GIVE_UP_AFTER_MS;
  const again = Math.max(now + waitMs(ended.attempt - 1, ended.random), restUntil ?? 0);
  return {
    result: isOver ? 'given-up' : 'failed',
    status,
    why,
    nextAt: isOver ? null : iso(again),
    restUntil: restUntil === null ? null : iso(restUntil),
  };
};

const final = (
  result: 'delivered' | 'disabled',
  status: number,
  why: string | null,
): Consequence => ({ result, status, why, nextAt: null, restUntil: null });

/** Until when the sink is left alone; it rests at least as long as it was to rest already. */
const restAfter = ({ answer, now, sink, random }: Ended): number | null => {
  if (answer.kind === 'failure' && answer.reason === 'refused') return null;
  if (answer.kind === 'answer' && answer.status < 500 && answer.status !== 429) return null;
  // What ends while the sink rests had begun before: it is no further failure.
  const isResting = sink.restUntil !== null && now < sink.restUntil;
  const failures = isResting ? Math.max(0, sink.failures - 1) : sink.failures;
  const waited = askedMs(answer, failures, now) ?? waitMs(failures, random);
  return Math.max(now + waited, sink.restUntil ?? 0);
};

/** What a 429 or a 503 asks for, within reason; null where it asks for nothing that can be read. */
const askedMs = (answer: Answer, failures: number, now: number): number | null => {
  if (answer.kind === 'failure' || (answer.status !== 429 && answer.status !== 503)) return null;
  const asked = retryAfterMs(answer.retryAfter, now);
  if (asked === null) return null;
  const least = failures === 0 ? SECOND : Math.min(waitOf(failures - 1), ASKED_OFTEN_MS);
  return Math.min(Math.max(asked, least), LONGEST_ASKED_MS);
};

/** `Retry-After` in milliseconds from now: it holds whole seconds or an HTTP date. */
const retryAfterMs = (header: string | null, now: number): number | null => {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * SECOND;
  const at = /^[A-Z][a-z]+,? /.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - now);
};

const waitOf = (failures: number): number => WAITS_MS[failures] ?? DAY;

const waitMs = (failures: number, random: () => number): number =>
  Math.round(waitOf(failures) * (1 + random() / 10));

/** For people. What it was that the receiver said, if it said something. */
const wordsFor = (answer: Answer): string => {
  if (answer.kind === 'failure') return answer.text;
  const { status, excerpt } = answer;
  const what = status >= 300 && status < 400 ? ', a redirect, which is not followed' : '';
  return `the receiver answered ${status}${what}${excerpt === null ? '' : `: ${excerpt}`}`;
};

const iso = (ms: number): string => new Date(ms).toISOString();
