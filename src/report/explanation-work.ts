/** After-call work of an explanation: wanted, live, and what gave way. */
import { formatDuration } from '../domain/duration.js';
import { isTimed } from '../domain/state.js';
import type { LiveAfterCallWork } from '../domain/state.js';
import type { Explanation } from '../plan/explanation.js';
import { columnLines } from './columns.js';
import { fateText, INDENT, notRow, placesText, title } from './explanation-words.js';
import type { TextOptions } from './layout.js';
import { painter } from './paint.js';
import { visible } from './visible.js';

/** One row for what is wanted, one for what is there, one for each wish that does not count. */
export const workLines = (
  { afterCallWork: { live, wanted, changes, overridden } }: Explanation,
  options: TextOptions,
): string[] => {
  const paint = painter(options.color);
  const wants = wanted === null ? 'not managed' : workText(wanted);
  return [
    title('After-call work', options),
    ...columnLines(
      [
        { cells: ['wanted', wants], rest: wanted === null ? '' : placesText(wanted.from) },
        {
          cells: ['live', changes.length === 0 ? workText(live) : paint('change', workText(live))],
          rest:
            changes.length > 0
              ? changes
                  .map(({ action, held }, at) =>
                    fateText(`${at === 0 ? 'changes' : 'then'} to ${workText(action.to)}`, held),
                  )
                  .join('; ')
              : wanted === null
                ? ''
                : 'as wanted',
        },
        ...overridden.map((wish) => notRow(wish)),
      ],
      { width: options.width, indent: INDENT },
    ),
  ];
};

const workText = ({ prompt, timeoutMs }: LiveAfterCallWork): string => {
  if (prompt === null) return 'no prompt';
  if (timeoutMs !== null) return `${visible(prompt)}, ${formatDuration(timeoutMs)}`;
  return isTimed(prompt) ? `${visible(prompt)}, any timer` : visible(prompt);
};
