/** Changes to queues themselves: create, replace, delete. */
import type { Models } from 'purecloud-platform-client-v2';
import { PlatformError } from './errors.js';
import {
  withQueue,
  type AuditDraft,
  type Change,
  type OrgState,
  type QueueDocument,
  type QueueRecord,
} from './org.js';
import { SERVER_FIELDS, withOwnRule, withoutOwnRule, writableFields } from './queue-document.js';

/** A queue of the state, or 404. */
export const queueRecord = (state: OrgState, id: string): QueueRecord => {
  const record = state.queues.get(id);
  if (record === undefined) throw new PlatformError('resource.not.found', { entity: 'queue' });
  return record;
};

const NO_ACTIVITY = { interacting: 0, waiting: 0, onQueueUsers: 0 };
const IDLE: Omit<QueueRecord, 'document'> = {
  codes: new Map(),
  enabled: true,
  staleReference: null,
  activity: NO_ACTIVITY,
};

/** Creates a queue; `sourceQueueId` copies the settings of another. */
export const createQueue =
  (body: Readonly<Record<string, unknown>>): Change<QueueDocument> =>
  (state, stamp) => {
    const { sourceQueueId, ...own } = body;
    const source =
      typeof sourceQueueId === 'string' ? queueRecord(state, sourceQueueId).document : {};
    const name = freeName(state, own['name'], null);
    const id = stamp.newId('queue');
    const document = withOwnRule({
      id,
      ...writableFields({ ...withoutOwnRule(source), ...own }),
      name,
      division: divisionOf(state, own['division']) ?? homeDivision(state),
      dateCreated: stamp.at,
      dateModified: stamp.at,
      createdBy: stamp.by,
      modifiedBy: stamp.by,
      memberCount: 0,
      userMemberCount: 0,
      joinedMemberCount: 0,
      selfUri: `/api/v2/routing/queues/${id}`,
    });
    return {
      state: withQueue(state, id, { ...IDLE, document }),
      audits: [queueAudit('Create', document)],
      result: document,
    };
  };

/** Replaces a queue: a writable field that the body leaves out falls back to its default. */
export const replaceQueue =
  (id: string, body: Readonly<Record<string, unknown>>): Change<QueueDocument> =>
  (state, stamp) => {
    const record = queueRecord(state, id);
    if (record.staleReference !== null) {
      throw new PlatformError(
        'constraint.validation',
        { reason: `${record.staleReference} refers to something that is not there any more` },
        {
          details: [{ errorCode: 'constraint.validation', fieldName: record.staleReference }],
        },
      );
    }
    const before = record.document;
    const document = withOwnRule({
      ...serverFields(before),
      ...writableFields(body),
      name: freeName(state, body['name'], id),
      division: divisionOf(state, body['division']) ?? before.division ?? homeDivision(state),
      dateModified: stamp.at,
      modifiedBy: stamp.by,
    });
    return {
      state: withQueue(state, id, { ...record, document }),
      audits: [updateAudit(before, document)],
      result: document,
    };
  };

/**
 * Sets fields of a queue; null takes one away. Nothing is checked: the vendor's own screens, and
 * older versions of them, leave values that the API refuses.
 */
export const editQueue =
  (id: string, fields: Readonly<Record<string, unknown>>): Change<null> =>
  (state, stamp) => {
    const record = queueRecord(state, id);
    const edited = Object.entries({ ...record.document, ...fields });
    const document: QueueDocument = {
      ...Object.fromEntries(edited.filter(([, value]) => value !== null)),
      dateModified: stamp.at,
      modifiedBy: stamp.by,
    };
    return {
      state: withQueue(state, id, { ...record, document }),
      audits: [updateAudit(record.document, document)],
      result: null,
    };
  };

/** Deletes a queue. */
export const deleteQueue =
  (id: string): Change<null> =>
  (state) => ({
    state: withQueue(state, id, null),
    audits: [queueAudit('Delete', queueRecord(state, id).document)],
    result: null,
  });

/** An audit draft about a queue. */
export const queueAudit = (action: AuditDraft['action'], queue: QueueDocument): AuditDraft => ({
  action,
  entityType: 'Queue',
  entity: { id: queue.id ?? '', name: queue.name ?? '' },
});

const updateAudit = (before: QueueDocument, after: QueueDocument): AuditDraft => ({
  ...queueAudit('Update', after),
  propertyChanges: propertyChanges(before, after),
});

const freeName = (state: OrgState, name: unknown, own: string | null): string => {
  if (typeof name !== 'string' || name.trim() === '') throw new PlatformError('invalid.name');
  for (const { document } of state.queues.values()) {
    if (document.name === name && document.id !== own) {
      throw new PlatformError('duplicate.name', { name });
    }
  }
  return name;
};

/** The division that a body names, or null where it names none. */
export const divisionOf = (state: OrgState, named: unknown): Models.Division | null => {
  const id = (named as Models.Division | null | undefined)?.id;
  if (id === undefined || id === null) return null;
  const division = state.divisions.get(id);
  if (division === undefined) {
    throw new PlatformError('resource.not.found', { entity: 'division' }, { status: 400 });
  }
  return divisionReference(division);
};

/** The division that things fall into where nobody names one. */
export const homeDivision = (state: OrgState): Models.Division => {
  const home = [...state.divisions.values()].find((division) => division.homeDivision === true);
  return home === undefined ? {} : divisionReference(home);
};

const divisionReference = ({ id, name, selfUri }: Models.AuthzDivision): Models.Division => ({
  id: id ?? '',
  name: name ?? '',
  selfUri: selfUri ?? '',
});

const serverFields = (document: QueueDocument): Record<string, unknown> =>
  Object.fromEntries(Object.entries(document).filter(([field]) => SERVER_FIELDS.has(field)));

const propertyChanges = (before: QueueDocument, after: QueueDocument): Models.PropertyChange[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((field) => !SERVER_FIELDS.has(field))
    .map((property) => ({
      property,
      oldValues: auditValues(before[property]),
      newValues: auditValues(after[property]),
    }))
    .filter(({ oldValues, newValues }) => oldValues[0] !== newValues[0]);

const auditValues = (value: unknown): string[] =>
  value === undefined ? [] : [typeof value === 'string' ? value : JSON.stringify(value)];
