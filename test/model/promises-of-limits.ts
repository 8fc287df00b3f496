/** What holds of the pace: the limit, and the pauses that the platform asks for (11). */
import { told } from './evidence.js';
import { holds } from './finding.js';
import type { Holds } from './finding.js';
import type { Sent, Trace } from './trace.js';

const MINUTE_MS = 60_000;

const apiRequests = ({ requests }: Trace, run: number): readonly Sent[] =>
  requests.filter((sent) => sent.run === run && sent.endpoint !== 'login');

/**
 * Whenever between arrival and answer the platform counts a request: no 60 s of a run hold more of them
 * than the limit. A request that nobody ended was killed with its run.
 */
export const limitIsKept: Holds = (trace) =>
  trace.runs.flatMap(({ index }) => {
    const spans = apiRequests(trace, index).map(({ arrived, ended }) => ({
      from: arrived.at,
      to: ended?.at ?? arrived.at,
    }));
    const limit = trace.script.limits.requestsPerMinute;
    // A window that holds the most begins with the end of some request.
    const most = spans.reduce(
      (peak, { to: start }) =>
        Math.max(
          peak,
          spans.filter(({ from, to }) => to >= start && from < start + MINUTE_MS).length,
        ),
      0,
    );
    // What has not used up the limit has not put it to the test.
    return most < limit
      ? []
      : holds(most === limit, `run ${index}: ${most} requests in a minute, over ${limit}`);
  });

/** Nothing is sent before a `Retry-After` is over, but what was under way. */
export const retryAfterIsObeyed: Holds = (trace) =>
  trace.runs.flatMap(({ index }) => {
    const own = apiRequests(trace, index);
    return own
      .filter(({ log, isAnswered }) => isAnswered && log.status === 429)
      .flatMap(({ ended, log }) => {
        const told429 = ended?.at ?? Infinity;
        const until = told429 + 1_000 * retryAfterSeconds(log.responseBody);
        return own
          .filter(({ arrived }) => arrived.at > told429)
          .flatMap((sent) =>
            holds(
              sent.arrived.at >= until,
              `${until - sent.arrived.at} ms too early: ${told(sent)}`,
            ),
          );
      });
  });

/** The seconds that a refusal names; the header says the same. */
const retryAfterSeconds = (body: unknown): number =>
  Number(
    (body as { messageParams?: { seconds?: string } } | undefined)?.messageParams?.seconds ?? 0,
  );
