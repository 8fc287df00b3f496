/** When a change window opens: a cron expression in a time zone. */

/** Minutes, hours, days of the month, months, days of the week. */
const CRON_BOUNDS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;

/** Whether a text is a cron expression of five fields, each within its bounds. */
export const isSchedule = (text: string): boolean =>
  text
    .trim()
    .split(/\s+/)
    .every((field, index) => {
      const [least, most] = CRON_BOUNDS[index] ?? [0, 0];
      const numbers = field.match(/\d+/g) ?? [];
      return (
        /^[\dA-Za-z*?#,/-]+$/.test(field) &&
        numbers.every((number) => Number(number) <= most) &&
        (field.includes('/') || numbers.every((number) => Number(number) >= least))
      );
    });

/** Whether a text names an IANA time zone that this machine knows. */
export const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};
