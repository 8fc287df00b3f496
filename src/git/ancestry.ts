/** How commits stand to each other, as far as the history is here. Reads alone. */
import type { Kin } from '../plan/superseded.js';
import { environmentToRead } from './carried-config.js';
import { GitFailure } from './run-git.js';
import type { Environment } from './run-git.js';
import { runWithinLimit } from './time-limit.js';
import type { TimeLimit } from './time-limit.js';

const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
const TIME_LIMIT_MS = 60_000;

/** A repository to look into. */
export interface Ancestry extends Pick<TimeLimit, 'clock' | 'signal'> {
  readonly folder: string;
  readonly env: Environment;
}

/**
 * Whether `other` has `own` in its history. A commit that is not here, or a history that a shallow clone cuts
 * short, makes it unknown.
 *
 * @throws AppError `cli.interrupted`
 */
export const kinOf = async (here: Ancestry, own: string, other: string): Promise<Kin> => {
  if (!COMMIT.test(own) || !COMMIT.test(other)) return 'unknown';
  const isAfter = await leadsTo(here, own, other);
  if (isAfter === null) return 'unknown';
  if (isAfter) return 'after';
  // Where a clone is shallow, a way that cannot be found may have been cut off.
  const isWhole = (await ask(here, ['rev-parse', '--is-shallow-repository'])) === 'false';
  return isWhole || (await leadsTo(here, other, own)) === true ? 'other' : 'unknown';
};

/** Whether `to` has `from` in its history; null where one of them is not here. */
const leadsTo = async (here: Ancestry, from: string, to: string): Promise<boolean | null> => {
  const args = ['rev-list', '--max-count=1', '--ancestry-path', `${from}..${to}`, '--'];
  const between = await ask(here, args);
  return between === null ? null : between !== '';
};

/** When a commit was made, in milliseconds since the epoch; null where git does not tell. */
export const committedAt = async (here: Ancestry, commit: string): Promise<number | null> => {
  if (!COMMIT.test(commit)) return null;
  const args = ['log', '--max-count=1', '--no-show-signature', '--format=%ct', commit, '--'];
  const seconds = await ask(here, args);
  return seconds !== null && /^\d{1,12}$/.test(seconds) ? Number(seconds) * 1_000 : null;
};

/** null where git cannot tell. */
const ask = async (
  { folder, env, clock, signal }: Ancestry,
  args: readonly string[],
): Promise<string | null> => {
  try {
    const call = { folder, args, env: environmentToRead(env) };
    return (await runWithinLimit(call, { clock, signal, timeLimitMs: TIME_LIMIT_MS })).trim();
  } catch (error) {
    if (error instanceof GitFailure) return null;
    throw error;
  }
};
