/** Somebody at the vendor's own screens: changes that people make while we look elsewhere, audited under their name. */
import type { Models } from 'purecloud-platform-client-v2';
import {
  addCodes,
  DEFAULT_FLAGS,
  removeCode,
  replaceCodes,
  type AssignmentRules,
} from './assignment-changes.js';
import { createCode, deleteCode, replaceCode } from './code-changes.js';
import {
  withQueue,
  type Actor,
  type CodeFlags,
  type Org,
  type OrgState,
  type QueueActivity,
  type QueueRecord,
} from './org.js';
import { createQueue, deleteQueue, editQueue, queueAudit } from './queue-changes.js';

/** An administrator. Queues, codes and divisions go by name; an unknown one throws an Error. */
export interface Admin {
  readonly user: Actor;
  addCode(queue: string, code: string): void;
  removeCode(queue: string, code: string): void;
  /** Sets some flags of a code on a queue, where the `wrapupcodes-put` contract tells them. */
  setCodeFlags(queue: string, code: string, flags: Partial<CodeFlags>): void;
  setAcw(queue: string, acw: Models.AcwSettings): void;
  /** Sets any fields of a queue, old values that the API refuses included; null takes one away. */
  editQueue(queue: string, fields: Readonly<Record<string, unknown>>): void;
  renameQueue(queue: string, name: string): void;
  createQueue(name: string, fields?: Readonly<Record<string, unknown>>): string;
  deleteQueue(queue: string): void;
  /** Changes of membership, so many audited updates: the noise that drowns broad audit queries. */
  updateMembers(queue: string, times?: number): void;
  createCode(name: string, fields?: Readonly<Record<string, unknown>>): string;
  renameCode(code: string, name: string): void;
  deleteCode(code: string): void;
  /** What goes on in a queue; not audited, as these three are no act of a person. */
  setActivity(queue: string, activity: Partial<QueueActivity>): void;
  setEnabled(queue: string, enabled: boolean): void;
  /** The field that makes every PUT of the queue fail, or null to mend it. */
  setStaleReference(queue: string, fieldName: string | null): void;
}

/** An administrator of this org. People are not held to the rules that are switched on for API clients. */
export const adminOf = (org: Org, user: Actor): Admin => {
  const rules: AssignmentRules = {
    onPresent: 'ok',
    onAbsent: 'ok',
    movesDateModified: false,
    maxCodes: null,
  };
  const codeId = (name: string): string => codeNamed(org.state, name).id ?? '';
  const queueId = (name: string): string => queueNamed(org.state, name).document.id ?? '';
  const edit = (queue: string, fields: Readonly<Record<string, unknown>>): void => {
    const { document } = queueNamed(org.state, queue);
    org.apply(user, editQueue(document.id ?? '', fields));
  };
  const alter = (queue: string, change: (record: QueueRecord) => QueueRecord): void => {
    org.apply(user, (state) => {
      const record = queueNamed(state, queue);
      return {
        state: withQueue(state, record.document.id ?? '', change(record)),
        audits: [],
        result: null,
      };
    });
  };
  return {
    user,
    addCode: (queue, code) => {
      org.apply(user, addCodes(queueId(queue), [codeId(code)], rules));
    },
    removeCode: (queue, code) => {
      org.apply(user, removeCode(queueId(queue), codeId(code), rules));
    },
    setCodeFlags: (queue, code, flags) => {
      const { document, codes } = queueNamed(org.state, queue);
      const id = codeId(code);
      const rows = new Map([...codes, [id, { ...DEFAULT_FLAGS, ...codes.get(id), ...flags }]]);
      org.apply(user, replaceCodes(document.id ?? '', rows, rules));
    },
    setAcw: (queue, acwSettings) => edit(queue, { acwSettings }),
    editQueue: edit,
    renameQueue: (queue, name) => edit(queue, { name }),
    createQueue: (name, fields = {}) => org.apply(user, createQueue({ ...fields, name })).id ?? '',
    deleteQueue: (queue) => {
      org.apply(user, deleteQueue(queueId(queue)));
    },
    updateMembers: (queue, times = 1) => {
      const { document } = queueNamed(org.state, queue);
      for (let update = 0; update < times; update += 1) {
        org.apply(user, (state) => ({
          state: { ...state },
          audits: [queueAudit('MemberUpdate', document)],
          result: null,
        }));
      }
    },
    createCode: (name, fields = {}) => org.apply(user, createCode({ ...fields, name })).id ?? '',
    renameCode: (code, name) => {
      const { id, description } = codeNamed(org.state, code);
      org.apply(user, replaceCode(id ?? '', { name, description }));
    },
    deleteCode: (code) => {
      org.apply(user, deleteCode(codeId(code)));
    },
    setActivity: (queue, activity) =>
      alter(queue, (record) => ({ ...record, activity: { ...record.activity, ...activity } })),
    setEnabled: (queue, enabled) => alter(queue, (record) => ({ ...record, enabled })),
    setStaleReference: (queue, staleReference) =>
      alter(queue, (record) => ({ ...record, staleReference })),
  };
};

/** The queue of this exact name. */
export const queueNamed = (state: OrgState, name: string): QueueRecord => {
  const record = [...state.queues.values()].find(({ document }) => document.name === name);
  if (record === undefined) throw new Error(`The simulated org has no queue named ${name}`);
  return record;
};

/** The code of this exact name. */
export const codeNamed = (state: OrgState, name: string): Models.WrapupCode => {
  const code = [...state.codes.values()].find((each) => each.name === name);
  if (code === undefined) throw new Error(`The simulated org has no wrap-up code named ${name}`);
  return code;
};
