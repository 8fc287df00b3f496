/** `explain` for people: first what would happen to the queue, then why, value by value. */
import type { DiagnosticJson } from '../domain/change.js';
import type { ExplainedHold, Explanation } from '../plan/explanation.js';
import { codeLines, requirementLines } from './explanation-codes.js';
import { policyLines } from './explanation-policies.js';
import { INDENT, isInForce, MARKS, title } from './explanation-words.js';
import { workLines } from './explanation-work.js';
import { fill, joinBlocks, wrapProse } from './layout.js';
import type { TextOptions } from './layout.js';
import { painter } from './paint.js';
import { heldBecause } from './plan-words.js';
import { findingBlocks } from './text-diagnostics.js';
import { visible } from './visible.js';
import { count } from './words.js';

/** The whole answer. No line is wider than asked unless a single name is. Ends with a newline. */
export const renderExplanationText = (explained: Explanation, options: TextOptions): string =>
  joinBlocks([
    headingLines(explained, options),
    policyLines(explained, options),
    workLines(explained, options),
    codeLines(explained, options),
    requirementLines(explained, options),
    holdLines(explained, options),
    ...findingBlocks(explained.diagnostics.filter(isNews), options),
    elsewhereLines(explained, options),
  ]);

const headingLines = (explained: Explanation, { width, color }: TextOptions): string[] => {
  const paint = painter(color);
  const { queue, organization, region } = explained;
  return [
    ...fill([`${visible(queue.name)},`, `division ${visible(queue.division)}`], width).map((line) =>
      paint('heading', line),
    ),
    ...fill([visible(queue.id), `in ${visible(organization.name)},`, visible(region)], width).map(
      (line) => paint('quiet', line),
    ),
    ...wrapProse(verdict(explained), width),
  ];
};

/** What an apply would do to the queue now. */
const verdict = ({ policies, afterCallWork, wrapupCodes }: Explanation): string => {
  if (!policies.some(({ standing }) => isInForce(standing)))
    return `No policy ${policies.length === 0 ? 'means' : 'governs'} this queue${policies.length === 0 ? '' : ' now'}: nothing of it is managed.`;
  if ([afterCallWork, ...wrapupCodes.codes].every(({ changes }) => changes.length === 0))
    return afterCallWork.wanted === null && wrapupCodes.unlisted === null
      ? 'Nothing of it is managed.'
      : 'In sync: the queue is as the policies want it.';
  const written = effectText(afterCallWork, wrapupCodes, (held) => held === null);
  const held = effectText(afterCallWork, wrapupCodes, (hold) => hold !== null);
  return [
    written === '' ? 'An apply would change nothing now.' : `An apply would change ${written}.`,
    ...(held === '' ? [] : [`Held: ${held}.`]),
  ].join(' ');
};

/** @example 'after-call work, +2 codes, -1 code' */
const effectText = (
  work: Explanation['afterCallWork'],
  { codes }: Explanation['wrapupCodes'],
  isMeant: (held: ExplainedHold | null) => boolean,
): string => {
  const of = (action: keyof typeof MARKS): number =>
    codes
      .flatMap(({ changes }) => changes)
      .filter((change) => change.action === action && isMeant(change.held)).length;
  return [
    ...(work.changes.some(({ held }) => isMeant(held)) ? ['after-call work'] : []),
    ...(['add', 'update', 'remove'] as const).flatMap((action) =>
      of(action) === 0 ? [] : [`${MARKS[action]}${count(of(action), 'code')}`],
    ),
  ].join(', ');
};

const holdLines = ({ holds }: Explanation, options: TextOptions): string[] =>
  holds.length === 0
    ? []
    : [
        title('Held', options),
        ...holds.flatMap(({ sections, ...hold }) =>
          wrapProse(
            `${sections.map((section) => SECTION_WORDS[section] ?? section).join(' and ')} ${heldBecause(hold)}`,
            options.width,
            INDENT,
            INDENT + INDENT,
          ),
        ),
      ];

const SECTION_WORDS: Readonly<Record<string, string>> = {
  afterCallWork: 'after-call work',
  wrapupCodes: 'wrap-up codes',
};

/** What the rows of the requirement tell already is not told twice. */
const isNews = ({ code }: DiagnosticJson): boolean =>
  code !== 'policy.required-advisory' && code !== 'policy.bypass-advisory';

const elsewhereLines = ({ errorsElsewhere }: Explanation, { width }: TextOptions): string[] =>
  errorsElsewhere === 0
    ? []
    : wrapProse(
        `${count(errorsElsewhere, 'error')} about other queues or codes ${errorsElsewhere === 1 ? 'stops' : 'stop'} \`plan\` and \`apply\` all the same: see \`wrapkeeper plan\`.`,
        width,
      );
