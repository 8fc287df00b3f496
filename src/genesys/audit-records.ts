/** Records of the audit log as changes of queues. */
import type { Author } from '../apply/ports.js';
import { platformText } from './errors.js';
import { isObject, textOf } from './json.js';

/** One change that the audit log shows. */
export interface Change {
  /** The id of what was changed, or null where the record does not say. */
  readonly entity: string | null;
  /** Null where the record names nobody: then it was not us. */
  readonly author: Author | null;
  readonly at: number;
  readonly action: string;
}

/** What was found. */
export interface Found {
  readonly changes: readonly Change[];
  /** Why there may be more, as part of a sentence; null: that is all. */
  readonly missing: string | null;
}

/** The changes that records tell of; what did not succeed changed nothing. */
export const changesIn = (
  records: readonly unknown[],
  ownClientId: string | null,
): readonly Change[] =>
  records.flatMap((record) => {
    const at = Date.parse(textOf(record, 'eventDate') ?? '');
    const didHappen = textOf(record, 'status') !== 'FAILURE';
    if (Number.isNaN(at) || !didHappen) return [];
    const action = platformText(textOf(record, 'action') ?? '');
    const entity = textOf(partOf(record, 'entity'), 'id');
    return [{ entity, author: authorOf(record, ownClientId), at, action }];
  });

/** What several queries found together. */
export const together = (founds: readonly Found[]): Found => ({
  changes: founds.flatMap(({ changes }) => changes),
  missing: founds.find(({ missing }) => missing !== null)?.missing ?? null,
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
