/**
 * What is read from the platform, reduced to what the core reasons about. The raw documents stay at
 * the edge: only the writer needs them.
 */
import type { CodeId, DivisionId, OrganizationId, QueueId } from './ids.js';
import type { Requirement } from './requirement.js';

/** The platform's five values of `acwSettings.wrapupPrompt`, in the order its own UI lists them. */
export const WRAPUP_PROMPTS = [
  'OPTIONAL',
  'MANDATORY',
  'MANDATORY_TIMEOUT',
  'MANDATORY_FORCED_TIMEOUT',
  'AGENT_REQUESTED',
] as const;

export type WrapupPrompt = (typeof WRAPUP_PROMPTS)[number];

/** The bounds of a timer that the platform accepts, in milliseconds (its contract: 1 second to 60 minutes). */
export const TIMEOUT_MS = { min: 1_000, max: 3_600_000 } as const;

/** Whether a prompt runs on a timer; only then does the platform look at `timeoutMs`. */
export const isTimed = (prompt: string | null): boolean =>
  prompt === 'MANDATORY_TIMEOUT' ||
  prompt === 'MANDATORY_FORCED_TIMEOUT' ||
  prompt === 'AGENT_REQUESTED';

/** Whether agents must wrap up, so that a queue with this prompt needs a code to choose. */
export const isMandatory = (prompt: string | null): boolean =>
  prompt !== null && prompt.startsWith('MANDATORY');

/** Whether the platform accepts this timer in a write. Live queues may hold others. */
export const isLegalTimeout = (timeoutMs: number | null): timeoutMs is number =>
  timeoutMs !== null &&
  Number.isInteger(timeoutMs) &&
  timeoutMs >= TIMEOUT_MS.min &&
  timeoutMs <= TIMEOUT_MS.max;

/** After-call work as a plan says it: a prompt of the platform's five, and a timer in milliseconds or none. */
export interface AfterCallWork {
  readonly prompt: WrapupPrompt;
  readonly timeoutMs: number | null;
}

/**
 * After-call work as it was read. The prompt is whatever the platform said, a value we do not know
 * included, or null where the queue has none.
 */
export interface LiveAfterCallWork {
  readonly prompt: string | null;
  readonly timeoutMs: number | null;
}

export interface Organization {
  readonly id: OrganizationId;
  readonly name: string;
}

export interface Division {
  readonly id: DivisionId;
  readonly name: string;
}

/** A code of the organization's catalog. */
export interface LiveCode {
  readonly id: CodeId;
  readonly name: string;
}

/** A code on a queue. */
export interface QueueCode extends LiveCode {
  /**
   * Its row of the requirement matrix, where the API tells one (`wrapupcodes-put`); null where a flag of
   * the row is neither true nor false.
   */
  readonly requirement?: Requirement | null;
}

/** The codes of a queue as `wrapupcodes-put` lists them: a write sends the whole list back. */
export interface CodeRows {
  /** As they were read, fields that nobody knows included: opaque to the core. */
  readonly raw: readonly unknown[];
  /** Why the list cannot be sent back as it was, or null. */
  readonly unsafe: string | null;
}

/** What policies manage of a queue, as it was read; null where nobody had to know. */
export interface QueueSnapshot {
  readonly afterCallWork: LiveAfterCallWork | null;
  readonly wrapupCodes: readonly QueueCode[] | null;
}

/** A queue as the list of queues shows it. */
export interface LiveQueue {
  readonly id: QueueId;
  readonly name: string;
  readonly division: Division;
  readonly afterCallWork: LiveAfterCallWork;
  /** False only behind a gateway that knows disabled queues (`wrapupcodes-put`); the public API has no such field. */
  readonly enabled: boolean;
  /**
   * The JSON path of a number that would not survive a read-modify-write (more digits than a double
   * holds), or null. Such a queue is never written.
   */
  readonly unsafeNumber: string | null;
}

/** The codes of one queue, complete. */
export interface LiveQueueCodes {
  readonly codes: readonly QueueCode[];
  /** When the first page was asked for, in milliseconds of the clock. */
  readonly readAt: number;
  /** How many pages it took: an absence in a list of several pages wants a second look. */
  readonly pages: number;
  /** Where the API tells rows of the requirement matrix (`wrapupcodes-put`), and there alone. */
  readonly rows?: CodeRows;
}

/** How many interactions go on in a queue, or why nobody can tell (part of a sentence). */
export type Interacting =
  | { readonly kind: 'counted'; readonly count: number }
  | {
      readonly kind: 'unread';
      readonly reason: string;
      /** The platform's id of the request that failed, where there was one. */
      readonly correlationId: string | null;
    };

/** The lists that every pass begins with. */
export interface Inventory {
  readonly organization: Organization;
  readonly queues: readonly LiveQueue[];
  /** When the first page of queues was asked for, in milliseconds of the clock. */
  readonly queuesReadAt: number;
  /** The organization's catalog of codes. */
  readonly codes: readonly LiveCode[];
  /** Every division that the queues belong to, and all others where they had to be asked for. */
  readonly divisions: readonly Division[];
}
