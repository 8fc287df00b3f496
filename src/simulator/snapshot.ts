/** Looking into the org from outside the API: what a test compares with. */
import type { Models } from 'purecloud-platform-client-v2';
import { codeNamed, queueNamed } from './admin.js';
import type { AuditRecord, CodeFlags, Org, QueueDocument } from './org.js';

/** Read-only views of the current state, by name. */
export interface Snapshot {
  readonly organization: Models.Organization;
  /** The queue's document; throws an Error where no queue has this name. */
  queue(name: string): QueueDocument;
  /** Names of all queues, sorted. */
  queueNames(): readonly string[];
  /** Names of the codes on a queue, sorted. */
  codesOf(queue: string): readonly string[];
  /** The flags of each code on a queue, by the code's name (`wrapupcodes-put`). */
  flagsOf(queue: string): Readonly<Record<string, CodeFlags>>;
  code(name: string): Models.WrapupCode;
  /** Names of all codes, sorted. */
  codeNames(): readonly string[];
  /** Every change since the start, oldest first. */
  audits(): readonly AuditRecord[];
  /** Counts changes; the same number means the same state. */
  version(): number;
}

/** Views of this org. */
export const snapshotOf = (org: Org): Snapshot => ({
  get organization() {
    return org.state.organization;
  },
  queue: (name) => queueNamed(org.state, name).document,
  queueNames: () =>
    [...org.state.queues.values()].map(({ document }) => document.name ?? '').sort(),
  codesOf: (queue) =>
    [...queueNamed(org.state, queue).codes.keys()]
      .map((id) => org.state.codes.get(id)?.name ?? id)
      .sort(),
  flagsOf: (queue) =>
    Object.fromEntries(
      [...queueNamed(org.state, queue).codes].map(([id, flags]) => [
        org.state.codes.get(id)?.name ?? id,
        flags,
      ]),
    ),
  code: (name) => codeNamed(org.state, name),
  codeNames: () => [...org.state.codes.values()].map(({ name }) => name).sort(),
  audits: () => org.audits,
  version: () => org.version,
});
