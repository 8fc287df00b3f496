/**
 * From changes of one queue to who made the last of them.
 *
 * | foreign changes in that time           | ours | answer                                |
 * |----------------------------------------|------|---------------------------------------|
 * | by one person or client                | any  | `exact`: it, and its last change      |
 * | by several, or not all could be read   | any  | `window`: the last of them            |
 * | none                                   | some | the same of ours                      |
 * | by nobody whom the log names           | any  | `unknown`, and why                    |
 * | none, and not all could be read        | none | `unknown`, and why                    |
 * | none                                   | none | `unknown`: the log lags               |
 */
import type { LastChange } from '../apply/ports.js';
import type { DatedChange, Found } from './audit-records.js';

/** Who changed the queue last that these changes are of. */
export const lastOf = ({ changes, missing }: Found<DatedChange>): LastChange => {
  const foreign = changes.filter(({ author }) => author?.isOurs !== true);
  const counted = foreign.length > 0 ? foreign : changes;
  const named = counted
    .flatMap(({ author, at, action }) => (author === null ? [] : [{ author, at, action }]))
    .sort((a, b) => b.at - a.at);
  const [last] = named;
  if (last === undefined)
    return { by: 'unknown', why: counted.length > 0 ? (missing ?? NAMELESS) : missing };
  const isOnlyOne =
    named.length === counted.length && named.every(({ author }) => author.id === last.author.id);
  return { by: isOnlyOne && missing === null ? 'exact' : 'window', ...last };
};

const NAMELESS = 'the audit log does not name who it was';
