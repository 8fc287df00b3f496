/** What an apply will cost, counted before it is timed. */
import { codesAfter, keptCodes, replacesList } from '../domain/change.js';
import type { CatalogChanges, QueueChange } from '../domain/change.js';
import { isMandatory } from '../domain/state.js';

/** The platform takes at most so many codes in one POST, and gives so many in one page (facts page). */
export const CODES_PER_REQUEST = 100;

/** A PUT of `wrapupcodes-put` takes at most so many rows, and it takes all of a queue. */
export const ROWS_PER_REQUEST = 50;

/** A guess for the answer time of one request, for the estimate alone. */
const ASSUMED_LATENCY_SECONDS = 0.15;

const pages = (codes: number): number => Math.max(1, Math.ceil(codes / CODES_PER_REQUEST));

/**
 * Requests that writing and verifying one queue takes: ⌈adds/100⌉ POSTs; a fresh read, a PUT and a
 * read-back for after-call work; a read before removals, one DELETE each; and a read-back of the codes.
 * Where a MANDATORY* queue could end up without a code, one look more: at its first codes before the
 * prompt needs one, at the prompt before its last code goes.
 *
 * Where the list is replaced (`wrapupcodes-put`): a fresh read, one PUT and a read-back of the codes; and
 * the same look at the prompt. The read-back comes before the prompt needs a code.
 */
export const queueCost = ({ afterCallWork, wrapupCodes }: QueueChange): number => {
  const work = afterCallWork === undefined ? 0 : 3;
  if (wrapupCodes === undefined) return work;
  const { add, remove } = wrapupCodes;
  const before = keptCodes(wrapupCodes) + remove.length;
  const after = codesAfter(wrapupCodes);
  const looksAtPrompt = after === 0 && afterCallWork === undefined ? 1 : 0;
  if (replacesList(wrapupCodes)) return work + 3 + looksAtPrompt;
  const needsACode = afterCallWork !== undefined && isMandatory(afterCallWork.to.prompt);
  return (
    work +
    Math.ceil(add.length / CODES_PER_REQUEST) +
    (before === 0 && needsACode ? pages(after) : 0) +
    (remove.length === 0 ? 0 : pages(after + remove.length) + remove.length) +
    looksAtPrompt +
    pages(after)
  );
};

/** One POST for a creation; a read and a PUT for a rename. */
const catalogCost = ({ create, rename }: CatalogChanges): number =>
  create.length + 2 * rename.length;

/** Up to so many queues are asked about one by one, more of them together. */
export const QUEUES_ASKED_ONE_BY_ONE = 3;
/** The actions that are asked for, one query each (`genesys/audits.ts`). */
const AUDITED_ACTIONS = 4;

/** Requests that asking who drifted so many queues takes, where the answers are short. */
export const auditCost = (drifted: number): number =>
  AUDITED_ACTIONS * (drifted <= QUEUES_ASKED_ONE_BY_ONE ? drifted : 1);

export interface CostInput {
  /** Requests that reading took. */
  readonly reads: number;
  readonly catalog: CatalogChanges;
  readonly changes: readonly QueueChange[];
  /** Queues whose interactions are asked for before their first write. */
  readonly asked: number;
  /** Requests to the audit service. */
  readonly audits: number;
  readonly limits: { readonly requestsPerMinute: number; readonly concurrency: number };
}

/** Requests of a complete apply from here, reads included, and about how many seconds they take. */
export const estimateCost = ({
  reads,
  catalog,
  changes,
  asked,
  audits,
  limits,
}: CostInput): { readonly requests: number; readonly estimatedSeconds: number } => {
  const requests = changes.reduce(
    (sum, change) => sum + queueCost(change),
    reads + catalogCost(catalog) + asked + audits,
  );
  const waits = requests === 0 ? 0 : Math.floor((requests - 1) / limits.requestsPerMinute) * 60;
  const answers = (requests * ASSUMED_LATENCY_SECONDS) / limits.concurrency;
  return { requests, estimatedSeconds: Math.ceil(Math.max(waits, answers)) };
};
