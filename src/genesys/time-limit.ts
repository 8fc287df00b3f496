/** Questions whose answer may take so long, and no longer. */
import type { ChangePeriod } from '../apply/ports.js';
import { TOO_LATE, whyNot } from './audit-log.js';
import { inScope } from './scope.js';

/**
 * Runs the work until it is done, time is up, or it is told to stop; all that it sends is cut then. As for a
 * socket, time is real time here. Never throws: whatever goes wrong is an answer, made by `unknown`.
 */
export const withTimeLimit = async <Answer>(
  { withinMs, signal: stop }: Pick<ChangePeriod, 'withinMs' | 'signal'>,
  connection: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Answer>,
  unknown: (why: string) => Answer,
): Promise<Answer> => {
  const stops = connection === undefined ? [stop] : [stop, connection];
  if (withinMs <= 0 || stops.some(({ aborted }) => aborted)) return unknown(TOO_LATE);
  const limit = new AbortController();
  const end = (): void => limit.abort();
  const timer = setTimeout(end, withinMs);
  for (const one of stops) one.addEventListener('abort', end);
  try {
    const { signal } = limit;
    return await inScope({ signal }, () => work(signal));
  } catch (error) {
    return unknown(whyNot(error));
  } finally {
    clearTimeout(timer);
    for (const one of stops) one.removeEventListener('abort', end);
  }
};
