/**
 * From records of the audit log to who changed a queue last.
 *
 * | foreign changes in that time         | ours | answer                                |
 * |--------------------------------------|------|---------------------------------------|
 * | by one person or client              | any  | `exact`: it, and its last change      |
 * | by several, or not all could be read | any  | `window`: the last of them            |
 * | none                                 | some | the same of ours                      |
 * | none                                 | none | `unknown`: the log lags, or failed    |
 */
import type { Author, LastChange } from '../apply/ports.js';
import { AppError } from '../domain/errors.js';
import { platformText } from './errors.js';
import { arrayOf, isObject, textOf } from './json.js';

/** One change that the audit log shows. */
export interface Change {
  readonly author: Author;
  readonly at: number;
  readonly action: string;
}

/** What one query found. */
export interface Found {
  readonly changes: readonly Change[];
  readonly isComplete: boolean;
}

/** The changes that an answer tells of; what did not succeed changed nothing. */
export const changesIn = (body: unknown, ownClientId: string | null): readonly Change[] =>
  arrayOf(body, 'entities').flatMap((message) => {
    const author = authorOf(message, ownClientId);
    const at = Date.parse(textOf(message, 'eventDate') ?? '');
    const didHappen = textOf(message, 'status') !== 'FAILURE';
    return author === null || Number.isNaN(at) || !didHappen
      ? []
      : [{ author, at, action: platformText(textOf(message, 'action') ?? '') }];
  });

/** A person, or an OAuth client; a client's name is not told. */
const authorOf = (message: unknown, ownClientId: string | null): Author | null => {
  const of = (key: string): unknown => (isObject(message) ? message[key] : null);
  const [user, client] = [of('user'), of('client')];
  const userId = textOf(user, 'id');
  if (userId !== null) {
    const name = platformText(textOf(user, 'name') ?? '');
    return { kind: 'user', id: userId, name: name === '' ? null : name, isOurs: false };
  }
  const clientId = textOf(client, 'id');
  return clientId === null
    ? null
    : { kind: 'client', id: clientId, name: null, isOurs: clientId === ownClientId };
};

/** What all queries together tell; `signal` says whether time was up. */
export const lastOf = (
  finds: readonly PromiseSettledResult<Found>[],
  signal: AbortSignal,
): LastChange => {
  const found = finds.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  const failure = finds.find((one) => one.status === 'rejected');
  const changes = found.flatMap((one) => one.changes).sort((a, b) => b.at - a.at);
  const foreign = changes.filter(({ author }) => !author.isOurs);
  const counted = foreign.length > 0 ? foreign : changes;
  const [last] = counted;
  if (last !== undefined) {
    const isOnlyOne = counted.every(({ author }) => author.id === last.author.id);
    const isComplete = failure === undefined && found.every((one) => one.isComplete);
    return { by: isOnlyOne && isComplete ? 'exact' : 'window', ...last };
  }
  if (failure === undefined) return { by: 'unknown', why: null };
  return { by: 'unknown', why: signal.aborted ? TOO_LATE : whyNot(failure.reason) };
};

/** Why nothing is known when time was up. */
export const TOO_LATE = 'the audit service did not answer in time';

/** Why nothing is known, for people. */
export const whyNot = (error: unknown): string =>
  error instanceof AppError && error.code === 'genesys.forbidden'
    ? 'the OAuth client lacks the permission audits:audit:view'
    : `the audit service could not be asked: ${error instanceof Error ? error.message : String(error)}`;
