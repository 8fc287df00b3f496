/**
 * When changes may be made.
 *
 * | of the windows that hold for a queue | a change is           |
 * |--------------------------------------|-----------------------|
 * | a deny window is open                | held                  |
 * | there are allow windows, none open   | held                  |
 * | otherwise                            | free to be made       |
 *
 * A window stays open for its duration in elapsed time: where clocks change meanwhile, it closes at
 * another hour than on other days.
 */
import type { QueueId } from '../domain/ids.js';
import { formatDuration } from '../domain/duration.js';
import { quote } from '../domain/text.js';
import { openings } from '../policy/schedule.js';
import type { Schedule } from '../policy/schedule.js';
import type { SelectedWindow } from '../resolve/model.js';

export interface WindowHold {
  readonly reason: string;
  /** When changes may be made next, in milliseconds; null where that is never, or not within sight. */
  readonly until: number | null;
}

/** The windows of a pass, to be asked at any instant (milliseconds). */
export interface ChangeWindows {
  /** What holds a change of this queue, or null where it may be made. */
  holdOfQueue(queue: QueueId, now: number): WindowHold | null;
  /**
   * What holds the catalog, which belongs to no queue: the open allow window of any queue frees it, and
   * only deny windows for all queues hold it.
   */
  holdOfCatalog(now: number): WindowHold | null;
}

/** How far ahead the next chance is looked for: a window of the 29th of February is in sight, */
const HORIZON_MS = 5 * 366 * 24 * 60 * 60 * 1000;
/** and in how many steps: a week that is closed minute by minute takes one for each. */
const MOST_STEPS = 11_000;

/** Compiles every window once; queues under the same windows share what is found out about them. */
export const compileWindows = (selected: readonly SelectedWindow[]): ChangeWindows => {
  const windows = selected.map((window) => new Window(window));
  const calendars = new Map<string, Calendar>();
  const calendarOf = (
    allows: (window: SelectedWindow) => boolean,
    confines: (window: SelectedWindow) => boolean,
    denies: (window: SelectedWindow) => boolean,
  ): Calendar => {
    const parts: CalendarParts = {
      allow: windows.filter(({ about }) => about.kind === 'allow' && allows(about)),
      isConfined: selected.some((window) => window.kind === 'allow' && confines(window)),
      deny: windows.filter(({ about }) => about.kind === 'deny' && denies(about)),
    };
    const numbers = [parts.allow, parts.deny].map((list) =>
      list.map((one) => windows.indexOf(one)),
    );
    const key = `${numbers.join('/')}/${parts.isConfined}`;
    const calendar = calendars.get(key) ?? new Calendar(parts);
    calendars.set(key, calendar);
    return calendar;
  };
  // A window that may hold for more queues than it seems to takes away from these, and gives nothing.
  const catalog = calendarOf(
    ({ queues }) => queues === 'all' || queues.size > 0,
    () => true,
    ({ queues, inDoubt }) => queues === 'all' || inDoubt,
  );
  return {
    holdOfQueue: (queue, now) => {
      const surely = ({ queues }: SelectedWindow): boolean => queues === 'all' || queues.has(queue);
      const perhaps = (window: SelectedWindow): boolean => window.inDoubt || surely(window);
      return calendarOf(surely, perhaps, perhaps).holdAt(now);
    },
    holdOfCatalog: (now) => catalog.holdAt(now),
  };
};

/** Whether a window is open, from an instant (included) to another (not included). */
interface Stretch {
  readonly isOpen: boolean;
  readonly from: number;
  readonly to: number;
}

/** A window, and the stretch of time that was asked about last: most questions fall into it. */
class Window {
  readonly about: SelectedWindow;
  readonly #opens: Schedule;
  #known: Stretch = { isOpen: false, from: 0, to: 0 };

  constructor(about: SelectedWindow) {
    this.about = about;
    this.#opens = openings(about.schedule, about.timeZone);
  }

  stretchAt(at: number): Stretch {
    if (at < this.#known.from || at >= this.#known.to) this.#known = this.#findOut(at);
    return this.#known;
  }

  #findOut(at: number): Stretch {
    // All openings last equally long: of those before, the last one ends last.
    const from = this.#opens.lastAt(at);
    const to = (from ?? -Infinity) + this.about.durationMs;
    return from !== null && at < to
      ? { isOpen: true, from, to }
      : { isOpen: false, from: at, to: this.#opens.nextAfter(at) ?? Infinity };
  }
}

interface CalendarParts {
  readonly allow: readonly Window[];
  /** Whether outside of the allow windows is closed. */
  readonly isConfined: boolean;
  readonly deny: readonly Window[];
}

/** The windows that hold for the same queues. */
class Calendar {
  readonly #parts: CalendarParts;
  /** From an instant to another there is no chance, and at `until` (null: unknown) there is the next. */
  #closed: { readonly from: number; readonly to: number; readonly until: number | null } | null =
    null;

  constructor(parts: CalendarParts) {
    this.#parts = parts;
  }

  holdAt(now: number): WindowHold | null {
    const { allow, isConfined, deny } = this.#parts;
    const denied = deny.find((window) => window.stretchAt(now).isOpen);
    if (
      denied === undefined &&
      (!isConfined || allow.some((window) => window.stretchAt(now).isOpen))
    )
      return null;
    const reason = denied === undefined ? 'no change window is open' : denialBy(denied.about);
    const until = this.#chance(now);
    return { reason: until === null ? `${reason}; ${NO_CHANCE}` : reason, until };
  }

  #chance(now: number): number | null {
    if (this.#closed === null || now < this.#closed.from || now >= this.#closed.to) {
      const { at, isOpen } = this.#search(now);
      this.#closed = { from: now, to: at, until: isOpen ? at : null };
    }
    return this.#closed.until;
  }

  /** Goes from one change of the windows to the next, until all are as they should be. */
  #search(now: number): { readonly at: number; readonly isOpen: boolean } {
    const { allow, isConfined, deny } = this.#parts;
    let at = now;
    for (let step = 0; step < MOST_STEPS && at - now <= HORIZON_MS; step += 1) {
      const denied = deny.map((window) => window.stretchAt(at)).filter(({ isOpen }) => isOpen);
      const allowed = allow.map((window) => window.stretchAt(at));
      if (denied.length > 0) at = Math.max(...denied.map(({ to }) => to));
      else if (!isConfined || allowed.some(({ isOpen }) => isOpen)) return { at, isOpen: true };
      else at = Math.min(Infinity, ...allowed.map(({ to }) => to));
    }
    return { at, isOpen: false };
  }
}

const NO_CHANCE = 'no time is in sight at which `changeWindows` let it through';

const denialBy = ({ schedule, durationMs, timeZone }: SelectedWindow): string =>
  `the deny window ${quote(schedule)} (${formatDuration(durationMs)}, ${timeZone}) is open`;
