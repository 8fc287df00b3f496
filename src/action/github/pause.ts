/**
 * How long to wait before GitHub is asked once more.
 *
 * | answer                                            | wait                                          |
 * |---------------------------------------------------|-----------------------------------------------|
 * | 403 or 429 with `Retry-After`                      | as it says                                    |
 * | 403 or 429 with `X-RateLimit-Remaining: 0`         | until `X-RateLimit-Reset`                     |
 * | 429, or 403 that speaks of a secondary rate limit  | a minute, as GitHub asks for                  |
 * | 500, 502, 503, 504, or no answer                   | 1, 2, 4, 8 seconds; never for a POST          |
 * | anything else                                      | never                                         |
 */

import type { Answer } from './refusal.js';

const SECOND_MS = 1_000;
const SECONDARY_LIMIT_MS = 60_000;

/** Milliseconds, or null where asking again would not help. `answer` is a text where none came. Pure. */
export const pauseAfter = (
  answer: Answer | string,
  {
    method,
    attempt,
    now,
  }: { readonly method: string; readonly attempt: number; readonly now: number },
): number | null => {
  const backOffMs = method === 'POST' ? null : SECOND_MS * 2 ** (attempt - 1);
  if (typeof answer === 'string') return backOffMs;
  const { status, headers, body } = answer;
  if (status === 500 || status === 502 || status === 503 || status === 504) {
    const told = secondsIn(headers['retry-after']);
    return backOffMs === null || told === null ? backOffMs : told * SECOND_MS;
  }
  if (status !== 403 && status !== 429) return null;
  const told = secondsIn(headers['retry-after']);
  if (told !== null) return told * SECOND_MS;
  const reset = secondsIn(headers['x-ratelimit-reset']);
  if (headers['x-ratelimit-remaining'] === '0' && reset !== null)
    return Math.max(SECOND_MS, reset * SECOND_MS - now);
  const isLimit = status === 429 || /secondary rate limit/i.test(JSON.stringify(body));
  return isLimit ? SECONDARY_LIMIT_MS : null;
};

const secondsIn = (header: string | undefined): number | null =>
  /^\d{1,12}$/.test(header ?? '') ? Number(header) : null;
