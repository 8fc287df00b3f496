/**
 * Whether the list of a queue can be replaced (`wrapupcodes-put`).
 *
 * | the list                                                      | answer                       |
 * |---------------------------------------------------------------|------------------------------|
 * | cannot be sent back as it was read                            | unsafe, with the row at fault|
 * | has a listed code whose row is not understood                 | unsafe, with the code        |
 * | would have more rows than a PUT takes                         | unsafe, with both numbers    |
 * | otherwise                                                     | safe                         |
 */
import type { WrapupCodesChange } from '../domain/change.js';
import { warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import type { LiveQueueCodes } from '../domain/state.js';
import { quote, quoteFew } from '../domain/text.js';
import type { QueueDrift } from '../diff/detect-drift.js';
import { ROWS_PER_REQUEST } from './cost.js';

/** Why this change of the list must not be sent, or null. Where codes are written one by one nothing speaks against it. */
export const unsafeRows = (
  live: LiveQueueCodes | null,
  { add, update = [], remove }: Pick<WrapupCodesChange, 'add' | 'update' | 'remove'>,
): string | null => {
  if (live?.rows === undefined) return null;
  if (live.rows.unsafe !== null) return live.rows.unsafe;
  const strange = update.filter(({ from }) => from === null);
  if (strange.length > 0)
    return `the row of ${quoteFew(strange.map(({ name }) => name))} has a flag that is neither true nor false`;
  const rows = live.codes.length - remove.length + add.length;
  return rows > ROWS_PER_REQUEST
    ? `the queue would have ${rows} wrap-up codes, and the API takes at most ${ROWS_PER_REQUEST} of them in its one list`
    : null;
};

/** A warning for every list that is not wholly understood, in sync or not: what it hides cannot be compared. */
export const findStrangeLists = (drifts: readonly QueueDrift[]): readonly Diagnostic[] =>
  drifts.flatMap(({ codes, desired: { queue } }) => {
    const unsafe = codes?.rows?.unsafe ?? null;
    if (unsafe === null) return [];
    return [
      warning({
        code: 'plan.codes-not-understood',
        message: `${quote(queue.name)} is compared as far as its wrap-up codes are understood, and they are not written: ${unsafe}.`,
        remedy: 'Mend the list at the gateway.',
        queue: queue.name,
      }),
    ];
  });
