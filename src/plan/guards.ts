/**
 * Guards: does the plan do more than anybody would do on purpose?
 *
 * They look at the whole run before the first write, and count only what could be an accident: codes
 * lost and prompts changed. Additions and other rows of the requirement matrix are not counted, except against the number of codes a queue may have.
 *
 * | measure              | counts                                        | of                          |
 * |----------------------|-----------------------------------------------|-----------------------------|
 * | queuesChanged        | queues that lose a code or change prompt      | all governed queues         |
 * | codesRemoved         | codes taken off queues                        | codes read on governed ones |
 * | codesRemovedPerQueue | the largest share that one queue loses        | the codes of that queue     |
 * | codesPerQueue        | codes of a queue that the plan raises         | –                           |
 *
 * | actual                                         | verdict |
 * |------------------------------------------------|---------|
 * | up to an allowance that is in force            | allowed, where it would be refused otherwise |
 * | up to `floor`                                  | the percentage is not looked at, the count is |
 * | over `count`, or over `percent` of the whole   | refuse  |
 */
import { codesAfter, keptCodes } from '../domain/change.js';
import type { GuardVerdict, QueueChange } from '../domain/change.js';
import type { GuardAllowance, GuardMeasure } from '../policy/model.js';
import type { Guards } from '../policy/settings.js';

export interface GuardInput {
  readonly changes: readonly QueueChange[];
  readonly queuesGoverned: number;
  /** Codes that were read on governed queues. */
  readonly codesRead: number;
  readonly guards: Guards;
  readonly allowances: readonly GuardAllowance[];
  readonly now: number;
}

interface Weight {
  readonly queue: string;
  readonly count: number;
  readonly of: number;
}

/** One verdict for each measure. */
export const judgeGuards = (input: GuardInput): readonly GuardVerdict[] => {
  const { changes, guards } = input;
  const removed = changes.flatMap((change) =>
    weigh(change, change.wrapupCodes?.remove.length ?? 0),
  );
  const touched = changes.flatMap((change) => weigh(change, losesOrChangesPrompt(change) ? 1 : 0));
  const raised = changes.flatMap((change) =>
    weigh(change, change.wrapupCodes === undefined ? 0 : codesAfter(change.wrapupCodes)).filter(
      () => raises(change),
    ),
  );
  const sum = (weights: readonly Weight[]): number =>
    weights.reduce((total, { count }) => total + count, 0);

  const overall = (
    measure: 'queuesChanged' | 'codesRemoved',
    weights: readonly Weight[],
    of: number,
  ): GuardVerdict => {
    const { percent, count, floor } = guards[measure];
    const actual = sum(weights);
    const isMuch = actual * 100 > percent * of;
    const refuse = actual > count || (actual > floor && isMuch);
    // Told where it is what lets the plan pass.
    const least = isMuch && !refuse ? `, at least ${floor}` : '';
    return verdict(input, measure, actual, of, `${percent} % or ${count}${least}`, refuse, weights);
  };

  const { percent, floor } = guards.codesRemovedPerQueue;
  const tooMany = removed.filter(({ count, of }) => count > floor && count * 100 > percent * of);
  const heaviest = heaviestFirst(tooMany.length > 0 ? tooMany : removed)[0];
  const fullest = heaviestFirst(raised)[0];
  return [
    overall('queuesChanged', touched, input.queuesGoverned),
    overall('codesRemoved', removed, input.codesRead),
    verdict(
      input,
      'codesRemovedPerQueue',
      heaviest?.count ?? 0,
      heaviest?.of ?? null,
      `${percent} %`,
      tooMany.length > 0,
      tooMany,
    ),
    verdict(
      input,
      'codesPerQueue',
      fullest?.count ?? 0,
      null,
      String(guards.codesPerQueue),
      (fullest?.count ?? 0) > guards.codesPerQueue,
      raised.filter(({ count }) => count > guards.codesPerQueue),
    ),
  ];
};

const weigh = (change: QueueChange, count: number): readonly Weight[] =>
  count === 0
    ? []
    : [
        {
          queue: change.name,
          count,
          of: codesBefore(change),
        },
      ];

const codesBefore = ({ wrapupCodes }: QueueChange): number =>
  wrapupCodes === undefined ? 0 : keptCodes(wrapupCodes) + wrapupCodes.remove.length;

const losesOrChangesPrompt = ({ afterCallWork, wrapupCodes }: QueueChange): boolean =>
  (wrapupCodes?.remove.length ?? 0) > 0 ||
  (afterCallWork !== undefined && afterCallWork.from.prompt !== afterCallWork.to.prompt);

const raises = ({ wrapupCodes }: QueueChange): boolean =>
  wrapupCodes !== undefined && wrapupCodes.add.length > wrapupCodes.remove.length;

const heaviestFirst = (weights: readonly Weight[]): readonly Weight[] =>
  [...weights].sort((a, b) => b.count - a.count || (a.queue < b.queue ? -1 : 1));

const verdict = (
  { allowances, now }: GuardInput,
  measure: GuardMeasure,
  actual: number,
  of: number | null,
  limit: string,
  refuse: boolean,
  weights: readonly Weight[],
): GuardVerdict => {
  const granted = Math.max(
    -1,
    ...allowances.filter(({ until }) => now < until).map(({ allows }) => allows[measure] ?? -1),
  );
  const allowed = refuse && actual <= granted;
  return {
    measure,
    actual,
    of,
    limit: allowed ? `${granted} by allowance` : limit,
    verdict: allowed ? 'allowed' : refuse ? 'refuse' : 'pass',
    worst: heaviestFirst(weights)
      .slice(0, 5)
      .map(({ queue, count }) => ({ queue, count })),
  };
};

/** A sentence for each guard that refuses, with the ways out. */
export const refusals = (verdicts: readonly GuardVerdict[]): readonly GuardVerdict[] =>
  verdicts.filter(({ verdict: result }) => result === 'refuse');
