/**
 * Holds that pass by themselves. In a plan they are a forecast; an apply judges anew just before a queue's
 * first write, so that the digest of a plan is the same whether such a hold stands in it or not.
 *
 * | hold       | while                                                                     | asks the platform |
 * |------------|---------------------------------------------------------------------------|-------------------|
 * | `disabled` | the queue is disabled                                                     | no                |
 * | `window`   | no change window is open for it, or for a code that it is to get          | no                |
 * | `flapping` | another writer keeps changing it back (a daemon alone sees that)          | no                |
 * | `busy`     | more interactions go on in it than the settings allow, or nobody can tell | yes               |
 *
 * The first that holds counts: nobody is asked about a queue that is closed anyway.
 */
import type { CatalogChanges, Hold, Plan, QueueChange } from '../domain/change.js';
import type { QueueId } from '../domain/ids.js';
import type { Interacting, LiveQueue } from '../domain/state.js';
import { quote } from '../domain/text.js';
import type { Sections } from './split.js';
import type { ChangeWindows } from './windows.js';

const FORECASTS = ['window', 'busy', 'disabled', 'flapping'] as const satisfies readonly Hold[];

/** One such hold. `until` in milliseconds, or null. */
export interface ForecastHold {
  readonly by: (typeof FORECASTS)[number];
  readonly reason: string;
  readonly until: number | null;
  /** Of the request for want of whose answer it is held. */
  readonly correlationId?: string | null;
}

/** What is expected to be held; a queue that is not in it is expected to be written. */
export interface Forecast {
  readonly queues: ReadonlyMap<QueueId, ForecastHold>;
  readonly catalog: ForecastHold | null;
}

export const isForecast = (by: Hold): by is ForecastHold['by'] =>
  FORECASTS.some((forecast) => forecast === by);

/** Whether anything is expected to be written: what is expected to be held is not. */
export const expectsWrites = (
  queues: readonly QueueChange[],
  { create, rename }: CatalogChanges,
  forecast: Forecast,
): boolean => queues.length > 0 || (forecast.catalog === null && create.length + rename.length > 0);

/** What an apply sets out to write: the changes of a plan, and those that it only expects to be held. Sorted by name. */
export const changesToJudge = ({ queues, held }: Pick<Plan, 'queues' | 'held'>): QueueChange[] => {
  const byId = new Map<QueueId, QueueChange>(queues.map((change) => [change.id, change]));
  for (const { by, reason: _reason, until: _until, ...change } of held)
    if (isForecast(by)) byId.set(change.id, { ...byId.get(change.id), ...change });
  return [...byId.values()].sort(byName);
};

/** Whether an apply would write anything if nothing were held that may pass by itself. */
export const setsOutToWrite = (plan: Pick<Plan, 'queues' | 'held' | 'catalog'>): boolean =>
  changesToJudge(plan).length + plan.catalog.create.length + plan.catalog.rename.length > 0;

/** The order of rows in a plan. */
export const byName = (a: QueueChange, b: QueueChange): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0;

/** What holds the catalog at an instant (milliseconds). */
export const catalogHold = (windows: ChangeWindows, now: number): ForecastHold | null =>
  byWindow(windows.holdOfCatalog(now));

/** What holds a queue at an instant (milliseconds), as far as nobody has to be asked. */
export const closedHold = (
  { id, enabled }: Pick<LiveQueue, 'id' | 'enabled'>,
  windows: ChangeWindows,
  now: number,
): ForecastHold | null =>
  enabled
    ? byWindow(windows.holdOfQueue(id, now))
    : { by: 'disabled', reason: 'the queue is disabled', until: null };

/** What holds a queue that is left to another writer. */
export const flappingHold = (reason: string | null): ForecastHold | null =>
  reason === null ? null : { by: 'flapping', reason, until: null };

const byWindow = (hold: ReturnType<ChangeWindows['holdOfCatalog']>): ForecastHold | null =>
  hold === null ? null : { by: 'window', ...hold };

/** A queue waits for a code that the catalog may not create yet. */
export const awaitedCodeHold = (
  { wrapupCodes }: Pick<Sections, 'wrapupCodes'>,
  catalog: ForecastHold | null,
): ForecastHold | null => {
  const awaited = wrapupCodes?.add.find(({ id }) => id === null);
  return catalog === null || awaited === undefined ? null : awaiting(awaited.name, catalog);
};

/** The hold of the catalog, for a queue that waits for one of its codes. */
export const awaiting = (code: string, hold: ForecastHold): ForecastHold => ({
  ...hold,
  reason: `the code ${quote(code)} is yet to be created: ${hold.reason}`,
});

/** What holds a queue in which so much goes on. What could not be read may be any number. */
export const busyHold = (interacting: Interacting, maxInteracting: number): ForecastHold | null => {
  if (interacting.kind === 'unread') {
    const { reason, correlationId } = interacting;
    return {
      by: 'busy',
      reason: `how busy it is could not be read: ${reason}`,
      until: null,
      correlationId,
    };
  }
  if (interacting.count <= maxInteracting) return null;
  // Without the number, so that busy queues are told together.
  const most = maxInteracting === 0 ? 'interactions' : `more than ${maxInteracting} interactions`;
  return { by: 'busy', reason: `${most} are going on in it`, until: null };
};
