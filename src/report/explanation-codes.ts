/** The wrap-up codes of an explanation, code by code, and their rows of the requirement matrix. */
import type { ExplainedCode, Explanation, Overridden } from '../plan/explanation.js';
import { ENFORCEMENTS } from '../domain/requirement.js';
import type { Enforcement, JudgedRequirement } from '../domain/requirement.js';
import { columnLines } from './columns.js';
import type { ColumnRow } from './columns.js';
import {
  fateText,
  INDENT,
  MARKS,
  notRow,
  overriddenText,
  placesText,
  placeText,
  title,
} from './explanation-words.js';
import { fill, wrapProse } from './layout.js';
import type { TextOptions } from './layout.js';
import { painter } from './paint.js';
import type { Paint } from './paint.js';
import { ENFORCEMENT_MEANS, judgedRowText } from './requirement-words.js';
import { visible } from './visible.js';
import { nameTokens } from './words.js';

/** What becomes of unlisted codes, then each code that anybody speaks of or that would change. */
export const codeLines = (
  { wrapupCodes: { unlisted, from, codes, overridden } }: Explanation,
  options: TextOptions,
): string[] => {
  const paint = painter(options.color);
  const within = { width: options.width, indent: INDENT };
  const policy =
    unlisted === null
      ? 'not managed'
      : `codes that no policy lists are ${unlisted === 'remove' ? 'removed' : 'kept'}: ${placesText(from)}`;
  const tellsHolds = !areHeldAlike(codes);
  const idle = codes.filter(isIdle).map(({ name }) => name);
  return [
    title('Wrap-up codes', options),
    ...wrapProse(policy, options.width, INDENT),
    ...columnLines(
      codes
        .filter((code) => !isIdle(code))
        .flatMap((code) => [
          codeRow(code, paint, tellsHolds),
          ...code.overridden
            .filter(({ why }) => why.kind !== 'reports')
            .map((wish): ColumnRow => ({ cells: [''], rest: codeOverride(wish) })),
        ]),
      within,
    ),
    ...fill(
      nameTokens(idle, idle.length),
      options.width,
      `${INDENT}live, listed by no policy: `,
      INDENT + INDENT,
    ),
    // That a policy does not count at all is told with the policies.
    ...columnLines(
      overridden
        .filter(({ why: { kind } }) => kind === 'replaced' || kind === 'lower-priority')
        .map(notRow),
      within,
    ),
  ];
};

/** Whether one thing holds whatever would change: the first lines and the last have told it then. */
const areHeldAlike = (codes: readonly ExplainedCode[]): boolean => {
  const holds = codes.flatMap(({ changes }) => changes.map(({ held }) => held?.by ?? null));
  return holds.length > 0 && holds[0] !== 'report' && holds.every((hold) => hold === holds[0]);
};

/** There, left alone, and nobody speaks of it. */
const isIdle = ({ wanted, live, changes, overridden }: ExplainedCode): boolean =>
  wanted === 'unlisted' && live && changes.length === 0 && overridden.length === 0;

const DONE = { add: 'added', remove: 'removed', update: 'changed' } as const;
const ROLES = { add: 'add', remove: 'remove', update: 'change' } as const;

const codeRow = (code: ExplainedCode, paint: Paint, tellsHold: boolean): ColumnRow => {
  const { changes, id } = code;
  const [first, ...others] = changes;
  const name = `${visible(code.name)}${id === null ? ' (new)' : ''}`;
  const marked = `${first === undefined ? ' ' : MARKS[first.action]} ${name}`;
  return {
    cells: [first === undefined ? marked : paint(ROLES[first.action], marked)],
    rest: [
      whyText(code),
      ...(first?.held && tellsHold ? [fateText('', first.held)] : []),
      ...others.map(({ action, held }) => fateText(`then ${DONE[action]}`, held)),
    ].join('; '),
  };
};

const whyText = ({ wanted, from, changes, live }: ExplainedCode): string => {
  if (wanted === 'listed') return placesText(from);
  if (wanted === 'reported') return `${placesText(from)}, reported alone`;
  if (wanted === 'left-over') return `left over by ${placesText(from)}, which has ended`;
  if (wanted !== 'unlisted') return `${wanted} by ${placesText(from)}`;
  if (!live) return 'not there, and not wanted';
  return changes.length === 0
    ? 'kept, though no policy that counts lists it'
    : 'no policy lists it';
};

/** A policy that lists the code in vain, or whose row of the requirement matrix another one outdoes. */
const codeOverride = (wish: Overridden): string =>
  wish.why.kind === 'lower-priority'
    ? `its row in ${placeText(wish)} does not count: ${overriddenText(wish)}`
    : `listed in vain by ${placeText(wish)}: ${overriddenText(wish)}`;

/** What asks for more than a list, and who sees to it. */
export const requirementLines = (
  { wrapupCodes: { codes } }: Explanation,
  { width, color }: TextOptions,
): string[] => {
  const rows = codes.flatMap(({ name, row }) =>
    row !== null && enforcementsOf(row).length > 0 ? [{ name, row }] : [],
  );
  const used = new Set(rows.flatMap(({ row }) => enforcementsOf(row)));
  const quiet = (line: string): string => painter(color)('quiet', line);
  return rows.length === 0
    ? []
    : [
        title('Requirement', { color }),
        ...columnLines(
          rows.map(({ name, row }) => ({ cells: [visible(name)], rest: judgedRowText(row) })),
          { width, indent: INDENT },
        ),
        ...ENFORCEMENTS.filter((each) => used.has(each)).flatMap((each) =>
          wrapProse(`${each}: ${ENFORCEMENT_MEANS[each]}`, width, INDENT).map(quiet),
        ),
      ];
};

const enforcementsOf = ({ requiredIs, bypassIs }: JudgedRequirement): readonly Enforcement[] =>
  [requiredIs, bypassIs].filter((is) => is !== null);
