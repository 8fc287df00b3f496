/** What keeps a section from being written, as far as policies and settings say it. */
import type { Hold } from '../domain/change.js';
import type { Suspension } from '../policy/model.js';
import type { SectionHold } from './model.js';

export const SECTIONS = ['afterCallWork', 'wrapupCodes'] as const;

/** Holds these sections, where there is a reason to. */
export const hold = (
  by: Hold,
  sections: readonly SectionHold['section'][],
  reason: string | null | undefined,
  until: number | null = null,
): readonly SectionHold[] =>
  reason === null || reason === undefined
    ? []
    : sections.map((section) => ({ section, by, reason, until }));

/** Holds these sections while a suspension lasts (`now` in milliseconds). */
export const holdWhileSuspended = (
  what: string,
  suspend: Suspension | null,
  sections: readonly SectionHold['section'][],
  now: number,
): readonly SectionHold[] =>
  suspend === null || now >= suspend.until
    ? []
    : hold(
        'suspend',
        sections,
        `${what} is suspended by ${suspend.by}: ${suspend.reason}`,
        suspend.until,
      );
