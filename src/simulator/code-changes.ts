/** Changes to the codes of the organization: create, replace, delete. */
import type { Models } from 'purecloud-platform-client-v2';
import { PlatformError } from './errors.js';
import { withCode, type Change, type OrgState, type QueueRecord } from './org.js';
import { divisionOf, homeDivision } from './queue-changes.js';

/** A code of the organization, or 404. */
export const wrapupCode = (state: OrgState, id: string): Models.WrapupCode => {
  const code = state.codes.get(id);
  if (code === undefined) throw new PlatformError('resource.not.found', { entity: 'wrap-up code' });
  return code;
};

/** Creates a code; its name must be free in the whole organization. */
export const createCode =
  (body: Readonly<Record<string, unknown>>): Change<Models.WrapupCode> =>
  (state, stamp) => {
    const id = stamp.newId('code');
    const code: Models.WrapupCode = {
      id,
      name: freeName(state, body['name'], null),
      division: codeDivision(state, body['division']) ?? homeDivision(state),
      ...description(body),
      dateCreated: stamp.at,
      dateModified: stamp.at,
      createdBy: stamp.by,
      modifiedBy: stamp.by,
      selfUri: `/api/v2/routing/wrapupcodes/${id}`,
    };
    return { state: withCode(state, id, code), audits: [codeAudit('Create', code)], result: code };
  };

/** Replaces a code's name, description and (where the body names one) division. */
export const replaceCode =
  (id: string, body: Readonly<Record<string, unknown>>): Change<Models.WrapupCode> =>
  (state, stamp) => {
    const { description: _old, ...before } = wrapupCode(state, id);
    const code: Models.WrapupCode = {
      ...before,
      name: freeName(state, body['name'], id),
      division: codeDivision(state, body['division']) ?? before.division ?? {},
      ...description(body),
      dateModified: stamp.at,
      modifiedBy: stamp.by,
    };
    return { state: withCode(state, id, code), audits: [codeAudit('Update', code)], result: code };
  };

/** Takes a code out of the organization, and so off every queue. Interactions keep its id. */
export const deleteCode =
  (id: string): Change<null> =>
  (state) => {
    const code = wrapupCode(state, id);
    const queues = new Map(
      [...state.queues].map(([queueId, record]) => [queueId, withoutCode(record, id)]),
    );
    return {
      state: { ...withCode(state, id, null), queues },
      audits: [codeAudit('Delete', code)],
      result: null,
    };
  };

const withoutCode = (record: QueueRecord, id: string): QueueRecord =>
  record.codes.has(id)
    ? { ...record, codes: new Map([...record.codes].filter(([codeId]) => codeId !== id)) }
    : record;

const codeAudit = (action: 'Create' | 'Update' | 'Delete', code: Models.WrapupCode) => ({
  action,
  entityType: 'WrapupCode' as const,
  entity: { id: code.id ?? '', name: code.name },
});

const freeName = (state: OrgState, name: unknown, own: string | null): string => {
  if (typeof name !== 'string' || name.trim() === '') throw new PlatformError('invalid.name');
  for (const code of state.codes.values()) {
    if (code.name === name && code.id !== own) throw new PlatformError('duplicate.name', { name });
  }
  return name;
};

const codeDivision = (state: OrgState, named: unknown): Models.StarrableDivision | null =>
  (named as Models.StarrableDivision | null | undefined)?.id === '*'
    ? ALL_DIVISIONS
    : divisionOf(state, named);

/** What a code of all divisions has for a division. */
export const ALL_DIVISIONS: Models.StarrableDivision = { id: '*', name: '*' };

const description = (body: Readonly<Record<string, unknown>>): { description?: string } =>
  typeof body['description'] === 'string' ? { description: body['description'] } : {};
