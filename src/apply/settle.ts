/** Reads that may lag a write by a while: look until it is seen, or until it should have been. */
import type { Clock } from '../domain/clock.js';

/** How long to wait before the second look; later looks wait twice as long each, up to two seconds. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 2_000;

/**
 * Reads until `seen` says yes, or until `settleForMs` have passed; returns the last value read. One
 * request where the first look is enough.
 */
export const readUntil = async <Value>(
  read: () => Promise<Value>,
  seen: (value: Value) => boolean,
  { clock, settleForMs }: { readonly clock: Clock; readonly settleForMs: number },
): Promise<{ readonly value: Value; readonly seen: boolean }> => {
  const deadline = clock.now() + settleForMs;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    const askedAt = clock.now();
    const value = await read();
    if (seen(value)) return { value, seen: true };
    // A slow answer shows what was there when it was asked for, not when it came.
    if (askedAt >= deadline) return { value, seen: false };
    await clock.sleep(Math.max(0, Math.min(wait, deadline - clock.now())));
  }
};
