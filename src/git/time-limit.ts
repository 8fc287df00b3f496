/** A command of git that may wait for others, but not for ever. */
import type { Clock } from '../domain/clock.js';
import { AppError } from '../domain/errors.js';
import { GitFailure, runGit } from './run-git.js';
import type { GitCall } from './run-git.js';

export interface TimeLimit {
  readonly clock: Clock;
  readonly timeLimitMs: number;
  /** Ends the command at once. */
  readonly signal: AbortSignal | undefined;
}

/** The command did not end in time. */
export class NoAnswer extends GitFailure {}

/**
 * Runs a command for as long as the limit at most.
 *
 * @throws GitFailure, a {@link NoAnswer} where it took too long; AppError `cli.interrupted` where the signal stopped it
 */
export const runWithinLimit = (call: GitCall, by: TimeLimit): Promise<string> =>
  withinLimit((signal) => runGit({ ...call, signal }), by);

/** The same for anything that git is asked, given a signal that ends it. */
export const withinLimit = async <Result>(
  does: (signal: AbortSignal) => Promise<Result>,
  { clock, timeLimitMs, signal }: TimeLimit,
): Promise<Result> => {
  const answered = new AbortController();
  const stopped = new AbortController();
  let isLate = false;
  void clock.sleep(timeLimitMs, answered.signal).then(() => {
    isLate = !answered.signal.aborted;
    if (isLate) stopped.abort();
  });
  const stop = (): void => stopped.abort();
  // Not `AbortSignal.any`: a daemon's signal lives for months, and would keep what was made of it.
  signal?.addEventListener('abort', stop);
  try {
    if (signal?.aborted === true) throw new GitFailure('stopped before it began');
    return await does(stopped.signal);
  } catch (error) {
    if (signal?.aborted === true)
      throw new AppError('cli.interrupted', 'Stopped while git spoke with the remote.', {
        cause: error,
      });
    if (isLate) throw new NoAnswer(`no answer within ${timeLimitMs / 1000} s`, { cause: error });
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    answered.abort();
  }
};
