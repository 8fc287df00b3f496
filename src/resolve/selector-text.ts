import type { QueueSelector } from '../policy/model.js';

/**
 * An entry of `include` or `exclude` as people say it.
 *
 * @example 'name "Billing *", division "Retail"'
 */
export const selectorText = ({
  id,
  name,
  division,
}: Pick<QueueSelector, 'id' | 'name' | 'division'>): string =>
  [
    id === null ? null : `id ${id}`,
    name === null ? null : `name "${name}"`,
    division === null ? null : `division "${division}"`,
  ]
    .filter((part) => part !== null)
    .join(', ');
