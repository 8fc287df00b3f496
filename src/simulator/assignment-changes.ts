/** Changes to which codes are on a queue: add, remove, replace all. */
import type { Models } from 'purecloud-platform-client-v2';
import { wrapupCode } from './code-changes.js';
import { PlatformError } from './errors.js';
import { withQueue, type Change, type CodeFlags, type QueueRecord } from './org.js';
import { queueAudit, queueRecord } from './queue-changes.js';

/** What a code on a queue has where nobody set its flags. */
export const DEFAULT_FLAGS: CodeFlags = {
  isRequired: false,
  allowSelfAssignment: false,
  allowSupervisorAssignment: false,
  allowAgentAssignment: false,
  allowTransfer: false,
  allowWrapup: false,
  allowPostCallWork: false,
};

/** How assignments answer where nobody documents what the platform does. */
export interface AssignmentRules {
  /** A code that is on the queue already. */
  readonly onPresent: 'ok' | 'refuse' | 'conflict';
  /** A code that is not on the queue. */
  readonly onAbsent: 'ok' | 'not-found';
  /** Whether putting a code on a queue, or taking it off, moves the queue's `dateModified`. */
  readonly movesDateModified: boolean;
  /** The most codes a queue can have, or null. */
  readonly maxCodes: number | null;
}

/** Puts codes on a queue, all of them or none. */
export const addCodes =
  (queueId: string, ids: readonly string[], rules: AssignmentRules): Change<Models.WrapupCode[]> =>
  (state, stamp) => {
    const record = queueRecord(state, queueId);
    const codes = ids.map((id) => wrapupCode(state, id));
    const fresh = codes.filter((code) => !record.codes.has(code.id ?? ''));
    if (fresh.length < codes.length && rules.onPresent !== 'ok') {
      throw rules.onPresent === 'conflict'
        ? new PlatformError('request.conflict')
        : new PlatformError('bad.request', { reason: 'a code is on the queue already' });
    }
    if (fresh.length === 0) return { state, audits: [], result: codes };
    const added = fresh.map((code) => [code.id ?? '', DEFAULT_FLAGS] as const);
    const next = new Map([...record.codes, ...added]);
    refuseOver(next.size, rules.maxCodes);
    return {
      state: withQueue(state, queueId, assigned(record, next, rules, stamp.at)),
      audits: [assignmentAudit('WrapupCodeAdd', record, fresh)],
      result: codes,
    };
  };

/** Takes one code off a queue. */
export const removeCode =
  (queueId: string, codeId: string, rules: AssignmentRules): Change<null> =>
  (state, stamp) => {
    const record = queueRecord(state, queueId);
    if (!record.codes.has(codeId)) {
      if (rules.onAbsent === 'not-found') {
        throw new PlatformError('resource.not.found', { entity: 'wrap-up code on this queue' });
      }
      return { state, audits: [], result: null };
    }
    const next = new Map(record.codes);
    next.delete(codeId);
    return {
      state: withQueue(state, queueId, assigned(record, next, rules, stamp.at)),
      audits: [assignmentAudit('WrapupCodeRemove', record, [wrapupCode(state, codeId)])],
      result: null,
    };
  };

/** Replaces all codes of a queue with their flags, in one step (`wrapupcodes-put`). */
export const replaceCodes =
  (
    queueId: string,
    rows: ReadonlyMap<string, CodeFlags>,
    rules: AssignmentRules,
  ): Change<ReadonlyMap<string, CodeFlags>> =>
  (state, stamp) => {
    const record = queueRecord(state, queueId);
    if (!record.enabled) throw new PlatformError('request.conflict');
    refuseOver(rows.size, rules.maxCodes);
    const added = [...rows.keys()].filter((id) => !record.codes.has(id));
    const removed = [...record.codes.keys()].filter((id) => !rows.has(id));
    const codes = (ids: readonly string[]): Models.WrapupCode[] =>
      ids.map((id) => wrapupCode(state, id));
    return {
      state: withQueue(state, queueId, assigned(record, rows, rules, stamp.at)),
      audits: [
        ...(added.length > 0 ? [assignmentAudit('WrapupCodeAdd', record, codes(added))] : []),
        ...(removed.length > 0
          ? [assignmentAudit('WrapupCodeRemove', record, codes(removed))]
          : []),
      ],
      result: rows,
    };
  };

const refuseOver = (count: number, max: number | null): void => {
  if (max !== null && count > max) {
    throw new PlatformError('bad.request', { reason: `a queue can have ${max} wrap-up codes` });
  }
};

const assigned = (
  record: QueueRecord,
  codes: ReadonlyMap<string, CodeFlags>,
  rules: AssignmentRules,
  at: string,
): QueueRecord => ({
  ...record,
  codes,
  document: rules.movesDateModified ? { ...record.document, dateModified: at } : record.document,
});

const assignmentAudit = (
  action: 'WrapupCodeAdd' | 'WrapupCodeRemove',
  { document }: QueueRecord,
  codes: readonly Models.WrapupCode[],
) => ({
  ...queueAudit(action, document),
  entityChanges: codes.map(({ id, name }) => ({
    entityId: id ?? '',
    entityName: name,
    entityType: 'WrapupCode',
    oldValues: action === 'WrapupCodeRemove' ? [name] : [],
    newValues: action === 'WrapupCodeAdd' ? [name] : [],
  })),
});
