/** What the rows of a report say about changes, for people. */
import type { HeldChange, QueueChange } from '../domain/change.js';
import { formatDuration } from '../domain/duration.js';
import type { LiveAfterCallWork } from '../domain/state.js';
import { quoteFew } from '../domain/text.js';
import type { ForecastHold } from '../plan/forecast.js';

/** A hold, and when it ends. */
export const heldBy = ({
  by,
  reason,
  until,
}: Pick<HeldChange, 'by' | 'reason' | 'until'> | ForecastHold): string =>
  `held by ${by}${until === null ? '' : ` until ${isoForPeople(until)}`}: ${reason}`;

/**
 * The content of a change that was not made.
 *
 * @example 'left out: after-call work OPTIONAL → MANDATORY; add "Resolved"; remove "Test"'
 */
export const leftOut = ({
  afterCallWork,
  wrapupCodes,
}: Pick<QueueChange, 'afterCallWork' | 'wrapupCodes'>): string => {
  const { add = [], remove = [] } = wrapupCodes ?? {};
  const parts = [
    afterCallWork === undefined
      ? []
      : `after-call work ${describeWork(afterCallWork.from)} → ${describeWork(afterCallWork.to)}`,
    add.length === 0 ? [] : `add ${quoteFew(add.map(({ name }) => name))}`,
    remove.length === 0 ? [] : `remove ${quoteFew(remove.map(({ name }) => name))}`,
  ];
  return `left out: ${parts.flat().join('; ')}`;
};

/** @example 'MANDATORY_TIMEOUT 45s' */
export const describeWork = ({ prompt, timeoutMs }: LiveAfterCallWork): string =>
  timeoutMs === null
    ? (prompt ?? 'not set')
    : `${prompt ?? 'not set'} ${formatDuration(timeoutMs)}`;

const isoForPeople = (at: number | string): string =>
  new Date(at).toISOString().replace('.000Z', 'Z');
