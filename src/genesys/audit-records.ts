/** Records of the audit log as changes of queues and codes. */
import type { Author } from '../apply/ports.js';
import { platformText } from './errors.js';
import { isObject, textOf } from './json.js';

/** One change that the audit log shows. */
export interface Change {
  /** The message's own id; where it has none, what it says: who did what to what, and when. */
  readonly record: string;
  /** The platform's word for what was changed, or null where the record does not say. */
  readonly entityType: string | null;
  /** The id of what was changed, or null where the record does not say. */
  readonly entity: string | null;
  /** Null where the record names nobody: then it was not us. */
  readonly author: Author | null;
  /** Null where the record has no date that could be read. */
  readonly at: number | null;
  readonly action: string;
}

/** A change of which is known when it was. */
export type DatedChange = Change & { readonly at: number };

/** What was found. */
export interface Found<Kind = Change> {
  readonly changes: readonly Kind[];
  /** Why there may be more, as part of a sentence; null: that is all. */
  readonly missing: string | null;
  /** Whether more is missing because the service failed or refused, and not because there is too much. */
  readonly hasFailed: boolean;
}

/** The changes that records tell of; what did not succeed changed nothing, and what is no object tells nothing. */
export const changesIn = (
  records: readonly unknown[],
  ownClientId: string | null,
): readonly Change[] =>
  records.flatMap((record) => {
    if (!isObject(record) || textOf(record, 'status') === 'FAILURE') return [];
    const date = textOf(record, 'eventDate') ?? '';
    const at = Date.parse(date);
    const action = platformText(textOf(record, 'action') ?? '');
    const entity = textOf(partOf(record, 'entity'), 'id');
    const entityType = textOf(record, 'entityType');
    const author = authorOf(record, ownClientId);
    const saying = [entityType, entity, action, date, author?.id];
    return [
      {
        record: platformText(textOf(record, 'id') ?? '') || JSON.stringify(saying),
        entityType,
        entity,
        author,
        at: Number.isNaN(at) ? null : at,
        action,
      },
    ];
  });

/** Without the changes of which nobody knows when they were: they can be put in no order. */
export const onlyDated = ({ changes, ...found }: Found): Found<DatedChange> => ({
  ...found,
  changes: changes.flatMap((change) => (change.at === null ? [] : [{ ...change, at: change.at }])),
});

/** What several queries found together. */
export const together = (founds: readonly Found[]): Found => ({
  changes: founds.flatMap(({ changes }) => changes),
  missing: founds.find(({ missing }) => missing !== null)?.missing ?? null,
  hasFailed: founds.some(({ hasFailed }) => hasFailed),
});

/** A person, or an OAuth client; a client's name is not told. */
const authorOf = (record: unknown, ownClientId: string | null): Author | null => {
  const user = partOf(record, 'user');
  const userId = textOf(user, 'id');
  if (userId !== null) {
    const name = platformText(textOf(user, 'name') ?? '');
    return { kind: 'user', id: userId, name: name === '' ? null : name, isOurs: false };
  }
  const clientId = textOf(partOf(record, 'client'), 'id');
  return clientId === null
    ? null
    : { kind: 'client', id: clientId, name: null, isOurs: clientId === ownClientId };
};

const partOf = (record: unknown, key: string): unknown => (isObject(record) ? record[key] : null);
