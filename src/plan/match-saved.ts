/**
 * A saved plan against a fresh one: what of it is still to be done, exactly as it was reviewed.
 *
 * | a planned change, in the fresh plan | the queue now              | it is    |
 * |-------------------------------------|----------------------------|----------|
 * | the same change                     | as it was                  | done     |
 * | not the same                        | already as planned         | in-sync  |
 * | the same, held                      | as it was                  | held     |
 * | not the same                        | anything else, or gone     | stale    |
 *
 * A change that stands in the fresh plan alone was reviewed by nobody: it is left for the next plan. What
 * is only expected to be held (window, busy …) is a change like every other: it is judged when it is written.
 */
import { isDeepStrictEqual } from 'node:util';
import type {
  AfterCallWorkChange,
  CatalogChanges,
  CatalogRow,
  CodeInChange,
  HeldChange,
  Plan,
  QueueChange,
  QueueRow,
  WrapupCodesChange,
} from '../domain/change.js';
import type { QueueId } from '../domain/ids.js';
import { sameRequirement } from '../domain/requirement.js';
import type { Requirement } from '../domain/requirement.js';
import type { LiveCode, QueueCode } from '../domain/state.js';
import {
  describeAfterCallWork,
  effectiveAfterCallWork,
  sameAfterCallWork,
} from '../diff/after-call-work.js';
import type { QueueDrift } from '../diff/detect-drift.js';
import { byName, changesToJudge, isForecast } from './forecast.js';
import { heldBy } from './row-words.js';
import { countChanges } from './summary.js';

export interface SavedMatch {
  /** The saved plan, with the changes that are still to be done; ids of codes that exist by now are known. */
  readonly plan: Plan;
  /** Planned changes about which there is nothing to do any more, or nothing to be done by this plan. */
  readonly rows: readonly Settled<QueueRow>[];
  readonly catalog: readonly Settled<CatalogRow>[];
}

/** A row that was settled by comparing plans: nothing was sent for it. */
type Settled<Row> = Row & { readonly outcome: 'in-sync' | 'held' | 'stale' };

export interface SavedMatchInput {
  readonly saved: Plan;
  /** What would be planned now, from the same policies. */
  readonly fresh: Plan;
  readonly drifts: readonly QueueDrift[];
  /** The organization's catalog. */
  readonly codes: readonly LiveCode[];
}

/** Pure: compares, row by row. */
export const matchSaved = ({ saved, fresh, drifts, codes }: SavedMatchInput): SavedMatch => {
  const now = new Map<QueueId, QueueChange>(
    changesToJudge(fresh).map((change) => [change.id, change]),
  );
  const driftOf = new Map<QueueId, QueueDrift>(
    drifts.map((drift) => [drift.desired.queue.id, drift]),
  );
  const expected = new Map<QueueId, HeldChange>(
    fresh.held.flatMap((change) => (isForecast(change.by) ? [[change.id, change] as const] : [])),
  );
  const changes: QueueChange[] = [];
  const held = saved.held.filter(({ by }) => !isForecast(by));
  const rows: Settled<QueueRow>[] = [];
  for (const planned of changesToJudge(saved)) {
    const current = now.get(planned.id);
    if (current !== undefined && isSameChange(planned, current)) {
      const forecast = expected.get(planned.id);
      if (forecast === undefined) changes.push(current);
      else held.push(forecast);
    } else rows.push(settle(planned, driftOf.get(planned.id), heldNow(planned, fresh)));
  }
  const catalog = matchCatalog(saved.catalog, fresh, codes);
  const left = {
    api: saved.api,
    catalog: catalog.changes,
    queues: changes,
    held: held.sort(byName),
  };
  return {
    plan: {
      ...saved,
      ...left,
      guards: fresh.guards,
      summary: { ...saved.summary, ...countChanges(left) },
      diagnostics: fresh.diagnostics,
    },
    rows,
    catalog: catalog.rows,
  };
};

/** Onto the same state, with the same effect. Names may have changed, and codes may have got their ids. */
const isSameChange = (planned: QueueChange, current: QueueChange): boolean =>
  planned.liveDigest === current.liveDigest &&
  isSameWork(planned.afterCallWork, current.afterCallWork) &&
  isDeepStrictEqual(codesOf(planned.wrapupCodes), codesOf(current.wrapupCodes));

const isSameWork = (
  planned: AfterCallWorkChange | undefined,
  current: AfterCallWorkChange | undefined,
): boolean =>
  planned === undefined || current === undefined
    ? planned === current
    : sameAfterCallWork(planned.to, current.to);

/** Removed codes by id, added ones by name: a code that was to be created may have an id by now. */
const codesOf = (change: WrapupCodesChange | undefined): unknown =>
  change === undefined
    ? null
    : {
        ...change,
        add: change.add.map(({ id: _id, ...code }) => code),
        remove: change.remove.map(({ id }) => id),
        unchanged: 0,
      };

const heldNow = (planned: QueueChange, { held }: Plan): HeldChange | undefined =>
  held.find((change) => change.id === planned.id && isSameChange(planned, change));

const settle = (
  planned: QueueChange,
  drift: QueueDrift | undefined,
  held: HeldChange | undefined,
): Settled<QueueRow> => {
  const ends = (
    outcome: Settled<QueueRow>['outcome'],
    reason: string | null,
  ): Settled<QueueRow> => ({
    id: planned.id,
    name: planned.name,
    outcome,
    steps: [],
    reason,
    latencyMs: null,
    correlationId: null,
  });
  if (drift === undefined) return ends('stale', 'it is gone, or no policy governs it any more');
  if (showsAll(planned, drift)) return ends('in-sync', null);
  if (held !== undefined) return ends('held', heldBy(held));
  return ends('stale', whatMoved(planned, drift));
};

/** Whether a queue has everything that was planned for it. */
const showsAll = ({ afterCallWork, wrapupCodes }: QueueChange, drift: QueueDrift): boolean => {
  const work = effectiveAfterCallWork(drift.desired.queue.afterCallWork);
  if (afterCallWork !== undefined && !sameAfterCallWork(work, afterCallWork.to)) return false;
  if (wrapupCodes === undefined) return true;
  if (drift.codes === null) return false;
  const { add, update = [], remove } = wrapupCodes;
  const live = new Map<string, QueueCode>();
  for (const code of drift.codes.codes) {
    live.set(code.id, code);
    live.set(`name ${code.name.normalize('NFC')}`, code);
  }
  const find = ({ id, name }: CodeInChange): QueueCode | undefined =>
    live.get(id ?? `name ${name}`);
  const has = (code: CodeInChange, row: Requirement | undefined): boolean => {
    const found = find(code);
    if (found === undefined || row === undefined) return found !== undefined;
    const { requirement = null } = found;
    return requirement !== null && sameRequirement(requirement, row);
  };
  return (
    add.every((code) => has(code, code.requirement)) &&
    update.every((code) => has(code, code.to)) &&
    remove.every((code) => find(code) === undefined)
  );
};

const whatMoved = ({ afterCallWork }: QueueChange, drift: QueueDrift): string => {
  const live = effectiveAfterCallWork(drift.desired.queue.afterCallWork);
  const from = afterCallWork === undefined ? live : effectiveAfterCallWork(afterCallWork.from);
  return sameAfterCallWork(live, from)
    ? 'its wrap-up codes are not what they were when the plan was made'
    : `after-call work is ${describeAfterCallWork(live)} now, and was ${describeAfterCallWork(from)} when the plan was made`;
};

interface CatalogMatch {
  readonly changes: CatalogChanges;
  readonly rows: readonly Settled<CatalogRow>[];
}

/** Codes that the fresh plan creates or renames too are done; the others are there, or held, or moved on. */
const matchCatalog = (
  saved: CatalogChanges,
  fresh: Plan,
  codes: readonly LiveCode[],
): CatalogMatch => {
  const isSuspended = fresh.diagnostics.some(({ code }) => code === 'catalog.suspended');
  const ends = (
    row: Pick<CatalogRow, 'id' | 'name' | 'action'>,
    isThere: boolean,
    moved: string,
  ): Settled<CatalogRow> => ({
    ...row,
    ...(isThere
      ? { outcome: 'in-sync', reason: null }
      : isSuspended
        ? { outcome: 'held', reason: 'held by suspend: the organization is suspended' }
        : { outcome: 'stale', reason: moved }),
    correlationId: null,
  });

  const rename = fresh.catalog.rename.filter((change) =>
    saved.rename.some(({ id, to }) => id === change.id && to === change.to),
  );
  const create = fresh.catalog.create.filter((change) =>
    saved.create.some((planned) => isDeepStrictEqual(planned, change)),
  );
  const others: CatalogChanges = {
    rename: saved.rename.filter(({ id }) => !rename.some((change) => change.id === id)),
    create: saved.create.filter(({ name }) => !create.some((change) => change.name === name)),
  };
  return {
    changes: { create, rename },
    rows: [
      ...others.rename.map(({ id, to }) => {
        const live = codes.find((code) => code.id === id);
        const moved =
          live === undefined ? 'the code is gone' : `the code is called "${live.name}" by now`;
        return ends({ id, name: to, action: 'rename' }, live?.name === to, moved);
      }),
      ...others.create.map(({ name }) => {
        const live = codes.find((code) => code.name.normalize('NFC') === name);
        const moved = 'the policies no longer ask for it in this form';
        return ends({ id: live?.id ?? null, name, action: 'create' }, live !== undefined, moved);
      }),
    ],
  };
};
