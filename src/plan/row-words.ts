/** What the rows of a report say about changes, for people. */
import type { HeldChange, QueueChange } from '../domain/change.js';
import { quoteFew } from '../domain/text.js';
import { describeAfterCallWork } from '../diff/after-call-work.js';
import type { ForecastHold } from './forecast.js';

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
  const { add = [], update = [], remove = [] } = wrapupCodes ?? {};
  const parts = [
    afterCallWork === undefined
      ? []
      : `after-call work ${describeAfterCallWork(afterCallWork.from)} → ${describeAfterCallWork(afterCallWork.to)}`,
    add.length === 0 ? [] : `add ${quoteFew(add.map(({ name }) => name))}`,
    update.length === 0 ? [] : `change ${quoteFew(update.map(({ name }) => name))}`,
    remove.length === 0 ? [] : `remove ${quoteFew(remove.map(({ name }) => name))}`,
  ];
  return `left out: ${parts.flat().join('; ')}`;
};

const isoForPeople = (at: number | string): string =>
  new Date(at).toISOString().replace('.000Z', 'Z');
