/** Desired state × live state → drift: the differences, not yet what is done about them. */
import type { WrapupCodesChange } from '../domain/change.js';
import type { QueueId } from '../domain/ids.js';
import { isMandatory } from '../domain/state.js';
import type { LiveQueueCodes } from '../domain/state.js';
import type { DesiredQueue, DesiredSections, DesiredState } from '../resolve/model.js';
import { diffAfterCallWork } from './after-call-work.js';
import type { AfterCallWorkDrift } from './after-call-work.js';
import { diffWrapupCodes } from './wrapup-codes.js';

export interface SectionDrift {
  readonly afterCallWork: AfterCallWorkDrift | null;
  readonly wrapupCodes: WrapupCodesChange | null;
}

/** One governed queue: what is wanted, what is there, and how they differ. */
export interface QueueDrift {
  readonly desired: DesiredQueue;
  /** null where nobody had to know them. */
  readonly codes: LiveQueueCodes | null;
  /** Against the merge of the enforced policies. */
  readonly enforced: SectionDrift;
  /** Against the merge that also counts the policies in report mode. */
  readonly full: SectionDrift;
}

/**
 * The queues whose codes have to be read, one request each: those whose codes are managed, and those
 * that a change makes MANDATORY, because such a queue needs a code.
 */
export const queuesWhoseCodesMatter = (desired: DesiredState): readonly QueueId[] =>
  desired.queues
    .filter(({ queue, enforced, full }) => {
      const work = diffAfterCallWork(enforced.afterCallWork, queue.afterCallWork);
      return (
        enforced.wrapupCodes !== null ||
        full.wrapupCodes !== null ||
        (work !== null && work.unsafe === null && isMandatory(work.change.to.prompt))
      );
    })
    .map(({ queue }) => queue.id);

/**
 * Compares every governed queue with what is wanted of it. A queue whose codes are wanted and were not
 * given is a bug of the caller.
 */
export const detectDrift = (
  desired: DesiredState,
  codes: ReadonlyMap<QueueId, LiveQueueCodes>,
): readonly QueueDrift[] =>
  desired.queues.map((wanted) => {
    const live = codes.get(wanted.queue.id) ?? null;
    const enforced = diffSections(wanted, wanted.enforced, live);
    return {
      desired: wanted,
      codes: live,
      enforced,
      full: wanted.full === wanted.enforced ? enforced : diffSections(wanted, wanted.full, live),
    };
  });

const diffSections = (
  { queue }: DesiredQueue,
  wanted: DesiredSections,
  live: LiveQueueCodes | null,
): SectionDrift => {
  if (wanted.wrapupCodes !== null && live === null)
    throw new Error(`The codes of queue ${queue.id} were not read.`);
  return {
    afterCallWork: diffAfterCallWork(wanted.afterCallWork, queue.afterCallWork),
    wrapupCodes: diffWrapupCodes(wanted.wrapupCodes, live?.codes ?? []),
  };
};

/** Queues whose additions rest on an absence in a list of several pages: they are read a second time. */
export const queuesToConfirm = (drifts: readonly QueueDrift[]): readonly QueueId[] =>
  drifts
    .filter(
      ({ codes, full, enforced }) =>
        codes !== null &&
        codes.pages > 1 &&
        [full, enforced].some((drift) => (drift.wrapupCodes?.add.length ?? 0) > 0),
    )
    .map(({ desired }) => desired.queue.id);
