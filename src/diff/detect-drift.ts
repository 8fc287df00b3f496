/** Desired state × live state → drift: the differences, not yet what is done about them. */
import type { WrapupCodesChange } from '../domain/change.js';
import type { QueueId } from '../domain/ids.js';
import { isMandatory } from '../domain/state.js';
import type { LiveAfterCallWork, LiveQueueCodes, QueueCode } from '../domain/state.js';
import type { DesiredQueue, DesiredSections, DesiredState } from '../resolve/model.js';
import { diffAfterCallWork } from './after-call-work.js';
import type { AfterCallWorkDrift } from './after-call-work.js';
import { diffWrapupCodes } from './wrapup-codes.js';
import type { ComparedCodes } from './wrapup-codes.js';

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
  /**
   * What the policies in report mode would change beyond that: the full merge against the queue as it is
   * once the enforced change is made.
   */
  readonly beyond: SectionDrift;
}

const NO_DRIFT: SectionDrift = { afterCallWork: null, wrapupCodes: null };

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

/** Of codes that were read for several desired states, those that matter to this one. */
export const codesThatMatterTo = (
  desired: DesiredState,
  codes: ReadonlyMap<QueueId, LiveQueueCodes>,
): ReadonlyMap<QueueId, LiveQueueCodes> =>
  new Map(
    queuesWhoseCodesMatter(desired).flatMap((id) => {
      const read = codes.get(id);
      return read === undefined ? [] : [[id, read] as const];
    }),
  );

/**
 * Compares every governed queue with what is wanted of it. A queue whose codes are wanted and were not
 * given is a bug of the caller.
 */
export const detectDrift = (
  desired: DesiredState,
  codes: ReadonlyMap<QueueId, LiveQueueCodes>,
): readonly QueueDrift[] =>
  desired.queues.map((wanted) => {
    const read = codes.get(wanted.queue.id) ?? null;
    if (read === null && (wanted.enforced.wrapupCodes ?? wanted.full.wrapupCodes) !== null)
      throw new Error(`The codes of queue ${wanted.queue.id} were not read.`);
    const live = {
      afterCallWork: wanted.queue.afterCallWork,
      codes: read?.codes ?? [],
      tellsRows: read?.rows !== undefined,
    };
    const enforced = diffSections(wanted.enforced, live);
    return {
      desired: wanted,
      codes: read,
      enforced,
      beyond:
        wanted.full === wanted.enforced
          ? NO_DRIFT
          : withoutCreated(diffSections(wanted.full, changed(live, enforced)), enforced),
    };
  });

interface LiveSections extends ComparedCodes {
  readonly afterCallWork: LiveAfterCallWork;
}

const diffSections = (wanted: DesiredSections, live: LiveSections): SectionDrift => ({
  afterCallWork: diffAfterCallWork(wanted.afterCallWork, live.afterCallWork),
  wrapupCodes: diffWrapupCodes(wanted.wrapupCodes, live),
});

/** The queue as it is once this is done; codes that are still to be created are left out. */
const changed = (
  live: LiveSections,
  { afterCallWork, wrapupCodes }: SectionDrift,
): LiveSections => {
  return {
    ...live,
    afterCallWork:
      afterCallWork === null || afterCallWork.unsafe !== null
        ? live.afterCallWork
        : afterCallWork.change.to,
    codes: wrapupCodes === null ? live.codes : changedCodes(live.codes, wrapupCodes),
  };
};

const changedCodes = (
  live: readonly QueueCode[],
  { add, remove, update = [] }: WrapupCodesChange,
): readonly QueueCode[] => {
  const removed = new Set(remove.map(({ id }) => id));
  const rows = new Map(update.map(({ id, to }) => [id, to]));
  return [
    ...live
      .filter(({ id }) => !removed.has(id))
      .map((code) => {
        const requirement = rows.get(code.id);
        return requirement === undefined ? code : { ...code, requirement };
      }),
    ...add.flatMap(({ id, ...code }) => (id === null ? [] : [{ ...code, id }])),
  ];
};

/** A code that is created for the enforced change needs no second mention. */
const withoutCreated = (drift: SectionDrift, enforced: SectionDrift): SectionDrift => {
  if (drift.wrapupCodes === null) return drift;
  const { add, remove, update = [] } = drift.wrapupCodes;
  const created = new Set(
    (enforced.wrapupCodes?.add ?? []).flatMap(({ id, name }) => (id === null ? [name] : [])),
  );
  const rest = add.filter(({ id, name }) => id !== null || !created.has(name));
  const isEmpty = rest.length + remove.length + update.length === 0;
  return { ...drift, wrapupCodes: isEmpty ? null : { ...drift.wrapupCodes, add: rest } };
};

/** Queues whose additions rest on an absence in a list of several pages: they are read a second time. */
export const queuesToConfirm = (drifts: readonly QueueDrift[]): readonly QueueId[] =>
  drifts
    .filter(
      ({ codes, beyond, enforced }) =>
        codes !== null &&
        codes.pages > 1 &&
        [beyond, enforced].some((drift) => (drift.wrapupCodes?.add.length ?? 0) > 0),
    )
    .map(({ desired }) => desired.queue.id);
