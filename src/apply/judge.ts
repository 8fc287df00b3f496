/** Whether a change may be written at this moment: asked for a plan, and anew before each queue's first write. */
import type { Clock } from '../domain/clock.js';
import type { QueueId } from '../domain/ids.js';
import type { LiveQueue } from '../domain/state.js';
import type { Settings } from '../policy/settings.js';
import {
  awaitedCodeHold,
  busyHold,
  catalogHold,
  closedHold,
  flappingHold,
} from '../plan/forecast.js';
import type { Forecast, ForecastHold } from '../plan/forecast.js';
import type { PendingChange } from '../plan/split.js';
import type { ChangeWindows } from '../plan/windows.js';
import type { OrgReader } from './ports.js';

/** A queue as the list of queues showed it. */
export type JudgedQueue = Pick<LiveQueue, 'id' | 'enabled'>;

/** Every answer is one for the moment at which it is given; null: nothing holds it. */
export interface Judge {
  catalog(): ForecastHold | null;
  /** What holds a queue, as far as nobody has to be asked. */
  closed(queue: JudgedQueue): ForecastHold | null;
  /** Whether busy queues are held at all, so that the platform is asked. */
  readonly asks: boolean;
  /** Whether too much goes on in a queue: one request, where busy queues are held at all. */
  busy(queue: JudgedQueue): Promise<ForecastHold | null>;
  /** All of that for the changes of a plan: one request for every hundred queues that are not closed anyway. */
  forecast(changes: readonly PendingChange[]): Promise<Forecast>;
}

export interface JudgeOptions {
  readonly windows: ChangeWindows;
  readonly activity: Settings['activity'];
  readonly reader: Pick<OrgReader, 'interacting'>;
  /** Why a queue is left to another writer, or null. */
  readonly flapping?: (queue: QueueId) => string | null;
  readonly clock: Clock;
}

export const createJudge = ({
  windows,
  activity,
  reader,
  flapping = () => null,
  clock,
}: JudgeOptions): Judge => {
  const closed = (queue: JudgedQueue, now: number): ForecastHold | null =>
    closedHold(queue, windows, now) ?? flappingHold(flapping(queue.id));
  const busyAmong = async (
    queues: readonly QueueId[],
  ): Promise<readonly (readonly [QueueId, ForecastHold])[]> => {
    if (activity.onBusy === 'ignore' || queues.length === 0) return [];
    const interacting = await reader.interacting(queues);
    return queues.flatMap((id) => {
      const answer = interacting.get(id);
      if (answer === undefined) throw new Error(`nothing was said about the queue ${id}`);
      const hold = busyHold(answer, activity.maxInteracting);
      return hold === null ? [] : [[id, hold] as const];
    });
  };
  return {
    asks: activity.onBusy === 'hold',
    catalog: () => catalogHold(windows, clock.now()),
    closed: (queue) => closed(queue, clock.now()),
    busy: async ({ id }) => (await busyAmong([id]))[0]?.[1] ?? null,
    forecast: async (changes) => {
      const now = clock.now();
      const catalog = catalogHold(windows, now);
      const held = changes.flatMap(({ queue, ...sections }) => {
        const hold = closed(queue, now) ?? awaitedCodeHold(sections, catalog);
        return hold === null ? [] : [[queue.id, hold] as const];
      });
      const isClosed = new Set(held.map(([id]) => id));
      const open = changes.map(({ queue }) => queue.id).filter((id) => !isClosed.has(id));
      return { queues: new Map([...held, ...(await busyAmong(open))]), catalog };
    },
  };
};
