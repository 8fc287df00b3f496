/** What becomes of the differences of a queue, and everything that holds it. */
import type { Hold } from '../domain/change.js';
import type { DesiredQueue } from '../resolve/model.js';
import { iso } from './explain-wishes.js';
import type { ExplainedHold, Explanation } from './explanation.js';
import type { ForecastHold } from './forecast.js';
import type { QueueSplit, Sections } from './split.js';

/** Changes with what holds them; what is written comes first. */
export interface Fate {
  readonly sections: Sections;
  readonly held: ExplainedHold | null;
}

/** Every change of a queue; `forecast` holds whatever nothing else does. */
export const fatesOf = (
  { change, held }: QueueSplit,
  forecast: ForecastHold | null,
): readonly Fate[] => [
  { sections: change, held: forecast === null ? null : explainHold(forecast) },
  ...held.map((entry) => ({ sections: entry, held: explainHold(entry) })),
];

const explainHold = ({
  by,
  reason,
  until,
}: {
  readonly by: Hold;
  readonly reason: string;
  readonly until: number | null;
}): ExplainedHold => ({ by, reason, until: until === null ? null : iso(until) });

/** Everything that holds it, whether or not there is something to hold; sections that one thing holds together. */
export const holdsOf = (
  desired: DesiredQueue | null,
  { held }: QueueSplit,
  forecast: ForecastHold | null,
): Explanation['holds'] => {
  const all = [
    ...(desired?.holds ?? []),
    // What only the live state, or a policy in report mode, tells.
    ...held.flatMap(({ afterCallWork, wrapupCodes, by, reason, until }) => [
      ...(afterCallWork === null ? [] : [{ by, reason, until, section: 'afterCallWork' }]),
      ...(wrapupCodes === null ? [] : [{ by, reason, until, section: 'wrapupCodes' }]),
    ]),
    ...(forecast === null
      ? []
      : (['afterCallWork', 'wrapupCodes'] as const).map((section) => ({ ...forecast, section }))),
  ];
  const groups = new Map<string, { readonly hold: ExplainedHold; readonly sections: string[] }>();
  for (const { section, ...hold } of all) {
    const explained = explainHold(hold);
    const key = JSON.stringify(explained);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { hold: explained, sections: [section] });
    else if (!group.sections.includes(section)) group.sections.push(section);
  }
  return [...groups.values()].map(({ hold, sections }) => ({ ...hold, sections }));
};
