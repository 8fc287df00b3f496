/** Writes that the platform refuses because another update of the same object is in progress (409). */
import type { Clock } from '../domain/clock.js';
import { AppError } from '../domain/errors.js';

/** How long to wait before the second attempt; later ones wait twice as long each, up to eight seconds. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;
/** Nothing is sent again later than this after the first refusal. */
const DEADLINE_MS = 30_000;

export interface ConflictedWrite<Result> {
  readonly send: () => Promise<Result>;
  /** Reads whether the effect is there: the other update may have been the same. */
  readonly isThere: () => Promise<boolean>;
  /** Makes sure that the write is still wanted as it is; throws where it is not. */
  readonly again?: (() => Promise<void>) | undefined;
}

/** A look between two attempts failed: the write itself was refused, and not taken. */
export class LookFailed extends Error {
  override readonly cause: AppError;

  constructor(cause: AppError) {
    super(cause.message);
    this.cause = cause;
  }
}

/**
 * Sends a write; where it is refused with 409, it was not taken, and after a look it is sent again, with
 * back-off and up to a deadline. Returns null where the look showed the effect.
 *
 * @throws the last refusal when the deadline is over or the signal aborts, {@link LookFailed} where a look
 *   failed, and whatever else `send` throws
 */
export const sendPastConflicts = async <Result>(
  { send, isThere, again }: ConflictedWrite<Result>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Result | null> => {
  let deadline: number | null = null;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'genesys.conflict') throw error;
      deadline ??= clock.now() + DEADLINE_MS;
      if (await looking(isThere)) return null;
      if (clock.now() + wait > deadline) throw error;
      await clock.sleep(wait, signal);
      if (signal.aborted) throw error;
      if (await looking(isThere)) return null;
      if (again !== undefined) await looking(again);
    }
  }
};

const looking = async <Result>(look: () => Promise<Result>): Promise<Result> => {
  try {
    return await look();
  } catch (error) {
    throw error instanceof AppError ? new LookFailed(error) : error;
  }
};
