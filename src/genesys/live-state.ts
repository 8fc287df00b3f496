/** What the core reasons about, out of the platform's JSON. Missing and unknown fields are taken as they come. */
import { AppError } from '../domain/errors.js';
import { codeId, divisionId, organizationId, queueId } from '../domain/ids.js';
import type { Division, LiveCode, LiveQueue, Organization } from '../domain/state.js';
import { isObject, numberOf, textOf } from './json.js';
import type { JsonObject } from './json.js';

/** A queue. `lossyNumber` is the path of a number in it that a double does not hold, or null. */
export const liveQueue = (raw: unknown, lossyNumber: string | null): LiveQueue => {
  const queue = entity(raw, 'a queue');
  const acw = queue['acwSettings'];
  return {
    id: queueId(queue.id),
    name: textOf(queue, 'name') ?? '',
    division: divisionOf(queue['division']),
    afterCallWork: { prompt: textOf(acw, 'wrapupPrompt'), timeoutMs: numberOf(acw, 'timeoutMs') },
    enabled: queue['enabled'] !== false,
    unsafeNumber: lossyNumber,
  };
};

export const liveCode = (raw: unknown): LiveCode => {
  const code = entity(raw, 'a wrap-up code');
  return { id: codeId(code.id), name: textOf(code, 'name') ?? '' };
};

export const liveDivision = (raw: unknown): Division => divisionOf(entity(raw, 'a division'));

export const liveOrganization = (raw: unknown): Organization => {
  const organization = entity(raw, 'the organization');
  return { id: organizationId(organization.id), name: textOf(organization, 'name') ?? '' };
};

const divisionOf = (raw: unknown): Division => ({
  id: divisionId(textOf(raw, 'id') ?? ''),
  name: textOf(raw, 'name') ?? '',
});

/** Without an id nothing can be told apart, read again or written. */
const entity = (raw: unknown, what: string): JsonObject & { readonly id: string } => {
  const id = textOf(raw, 'id');
  if (!isObject(raw) || id === null || id === '') {
    throw new AppError('genesys.not-genesys', `The answer shows ${what} without an id.`);
  }
  return { ...raw, id };
};
