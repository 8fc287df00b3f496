/**
 * When cron opens, found out the slow way: by looking at the clock on the wall every minute. It shares
 * nothing with `src/policy/schedule.ts` but the rules.
 */
const MINUTE_MS = 60_000;
/** Longer than any clock is set forward or back. */
const LONGEST_SHIFT = 180;

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the clock on the wall shows, as if it were UTC. */
const wallTime = (at: number, timeZone: string): number => {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      dateStyle: 'short',
      timeStyle: 'short',
      hourCycle: 'h23',
    });
  formats.set(timeZone, format);
  const [day = 0, month = 0, year = 0, hour = 0, minute = 0] = (
    format.format(at).match(/\d+/g) ?? []
  ).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute);
};

const known = new Map<string, readonly number[]>();

/** The wall times of every minute of a stretch; reading a zone is slow, and asked for often. */
const wallTimes = (from: number, to: number, timeZone: string): readonly number[] => {
  const key = `${from} ${to} ${timeZone}`;
  const times =
    known.get(key) ??
    Array.from({ length: (to - from) / MINUTE_MS }, (_, at) =>
      wallTime(from + at * MINUTE_MS, timeZone),
    );
  known.set(key, times);
  return times;
};

/** The numbers of one field: `*`, `1`, `1-5`, a step, and lists of them. */
const numbersOf = (field: string, low: number, high: number): ReadonlySet<number> =>
  new Set(
    field.split(',').flatMap((part) => {
      const [range = '', step = '1'] = part.split('/');
      const [first, last] = range === '*' ? [low, high] : range.split('-').map(Number);
      const numbers = [];
      for (let n = first ?? 0; n <= (last ?? first ?? 0); n += Number(step)) numbers.push(n);
      return numbers;
    }),
  );

const matches = (expression: string): ((wall: number) => boolean) => {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = expression.split(' ');
  const minutes = numbersOf(minute, 0, 59);
  const hours = numbersOf(hour, 0, 23);
  const days = numbersOf(day, 1, 31);
  const months = numbersOf(month, 1, 12);
  const weekdays = numbersOf(weekday, 0, 6);
  return (wall) => {
    const at = new Date(wall);
    const isDay = days.has(at.getUTCDate());
    const isWeekday = weekdays.has(at.getUTCDay());
    // Where both are named, either is enough.
    const fits = day === '*' || weekday === '*' ? isDay && isWeekday : isDay || isWeekday;
    return (
      fits &&
      months.has(at.getUTCMonth() + 1) &&
      hours.has(at.getUTCHours()) &&
      minutes.has(at.getUTCMinutes())
    );
  };
};

/**
 * Every opening from an instant to another, both whole minutes. A named time that is skipped comes right
 * after the gap, one that is shown twice comes once; with a star in minute or hour it comes as shown.
 */
export const openingsByMinute = (
  expression: string,
  timeZone: string,
  from: number,
  to: number,
): readonly number[] => {
  const fits = matches(expression);
  const isNamed = !/^\S*\*\S* |^\S+ \S*\*/.test(expression);
  const walls = wallTimes(from - LONGEST_SHIFT * MINUTE_MS, to, timeZone);
  const found: number[] = [];
  let latest = Math.max(...walls.slice(0, LONGEST_SHIFT));
  for (let at = LONGEST_SHIFT; at < walls.length; at += 1) {
    const wall = walls[at] ?? 0;
    let opens = !isNamed && fits(wall);
    // All that the clock has come past since it last showed something new.
    if (isNamed)
      for (let passed = latest + MINUTE_MS; passed <= wall; passed += MINUTE_MS)
        opens ||= fits(passed);
    if (opens) found.push(from + (at - LONGEST_SHIFT) * MINUTE_MS);
    latest = Math.max(latest, wall);
  }
  return found;
};
