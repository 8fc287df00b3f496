/** `explain` for people: first what would happen to the queue, then why, value by value. */
import type {
  ExplainedCode,
  ExplainedHold,
  ExplainedPolicy,
  Explanation,
  Origin,
  Overridden,
} from '../plan/explain-queue.js';
import type { DiagnosticJson } from '../domain/change.js';
import { isTimed } from '../domain/state.js';
import type { LiveAfterCallWork } from '../domain/state.js';
import { formatDuration } from '../domain/duration.js';
import { columnLines } from './columns.js';
import type { ColumnRow } from './columns.js';
import { fill, joinBlocks, wrapProse } from './layout.js';
import type { TextOptions } from './layout.js';
import { painter } from './paint.js';
import type { Paint } from './paint.js';
import { heldBecause } from './plan-words.js';
import { rowText } from './requirement-words.js';
import { findingBlocks } from './text-diagnostics.js';
import { visible } from './visible.js';
import { count, instant, nameTokens } from './words.js';

const INDENT = '  ';

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
  const changes = [afterCallWork, ...wrapupCodes.codes].flatMap(({ change }) =>
    change === null ? [] : [change],
  );
  if (changes.length === 0)
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
    codes.filter(({ change }) => change?.action === action && isMeant(change.held)).length;
  return [
    ...(work.change !== null && isMeant(work.change.held) ? ['after-call work'] : []),
    ...(['add', 'update', 'remove'] as const).flatMap((action) =>
      of(action) === 0 ? [] : [`${MARKS[action]}${count(of(action), 'code')}`],
    ),
  ].join(', ');
};

const isInForce = (standing: ExplainedPolicy['standing']): boolean =>
  standing === 'counts' || standing === 'reports';

const title = (text: string, { color }: TextOptions): string => painter(color)('heading', text);

const policyLines = ({ policies }: Explanation, options: TextOptions): string[] =>
  policies.length === 0
    ? []
    : [
        title('Policies', options),
        ...columnLines(
          [
            ...policies.filter(({ standing }) => isInForce(standing)),
            ...policies.filter(({ standing }) => !isInForce(standing)),
          ].map((policy) => ({
            cells: [visible(policy.policy), `priority ${policy.priority}`],
            rest: policyText(policy),
          })),
          { width: options.width, indent: INDENT },
        ),
      ];

const policyText = (policy: ExplainedPolicy): string => {
  const { standing, entries, because, at, suspended } = policy;
  const by = entries.map(({ text, line }) => `${text} (line ${line})`).join('; ');
  const modes = [
    policy.combine === 'replace' ? 'combine: replace' : null,
    policy.enforcement === 'report' ? 'report only' : null,
    suspended === null
      ? null
      : `suspended by ${suspended.by} until ${instant(suspended.until)}: ${suspended.reason}`,
  ].filter((mode) => mode !== null);
  const place = `${policy.file}:${policy.line}`;
  const how = {
    counts: `by ${by}`,
    reports: `by ${by}`,
    excluded: `not: excluded by ${because?.text ?? 'an entry'} (line ${because?.line ?? ''})`,
    'not-yet': `not yet: from ${instant(at ?? '')} on; by ${by}`,
    over: `no longer: ended ${instant(at ?? '')}; by ${by}`,
    nearly: `not: ${because?.text ?? ''} (line ${because?.line ?? ''})`,
  }[standing];
  return `${place}, ${[how, ...modes].join('; ')}`;
};

const workLines = (
  { afterCallWork: { live, wanted, change, overridden } }: Explanation,
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
          cells: ['live', change === null ? workText(live) : paint('change', workText(live))],
          rest:
            change === null
              ? wanted === null
                ? ''
                : 'as wanted'
              : fateText('changes', change.held),
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

const codeLines = (
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
  const holds = codes.flatMap(({ change }) => (change === null ? [] : [change.held?.by ?? null]));
  return holds.length > 0 && holds[0] !== 'report' && holds.every((hold) => hold === holds[0]);
};

/** There, left alone, and nobody speaks of it. */
const isIdle = ({ wanted, live, change, overridden }: ExplainedCode): boolean =>
  wanted === 'unlisted' && live && change === null && overridden.length === 0;

const MARKS = { add: '+', remove: '-', update: '~' } as const;
const ROLES = { add: 'add', remove: 'remove', update: 'change' } as const;

const codeRow = (code: ExplainedCode, paint: Paint, tellsHold: boolean): ColumnRow => {
  const { change, id } = code;
  const name = `${visible(code.name)}${id === null ? ' (new)' : ''}`;
  const marked = `${change === null ? ' ' : MARKS[change.action]} ${name}`;
  return {
    cells: [change === null ? marked : paint(ROLES[change.action], marked)],
    rest: [whyText(code), ...(change?.held && tellsHold ? [fateText('', change.held)] : [])].join(
      '; ',
    ),
  };
};

const whyText = ({ wanted, from, change, live }: ExplainedCode): string => {
  if (wanted === 'listed') return placesText(from);
  if (wanted === 'reported') return `${placesText(from)}, reported alone`;
  if (wanted === 'left-over') return `left over by ${placesText(from)}, which has ended`;
  if (wanted !== 'unlisted') return `${wanted} by ${placesText(from)}`;
  if (!live) return 'not there, and not wanted';
  return change === null ? 'kept, though no policy that counts lists it' : 'no policy lists it';
};

/** What asks for more than a list, and whether the platform sees to it. */
const requirementLines = (
  { wrapupCodes: { codes }, api }: Explanation,
  options: TextOptions,
): string[] => {
  const rows = codes.flatMap(({ name, row }) =>
    row === null || (row.requiredIs === null && row.bypassIs === null)
      ? []
      : [
          {
            cells: [visible(name)],
            rest: [
              ...(row.required ? [`required (${row.requiredIs ?? ''})`] : []),
              ...(row.bypassIs === null
                ? []
                : [`${rowText({ ...row, required: false })} (${row.bypassIs})`]),
            ].join('; '),
          },
        ],
  );
  const advisory = codes.some(
    ({ row }) => row?.requiredIs === 'advisory' || row?.bypassIs === 'advisory',
  );
  return rows.length === 0
    ? []
    : [
        title('Requirement', options),
        ...columnLines(rows, { width: options.width, indent: INDENT }),
        ...(advisory && api === 'public'
          ? wrapProse(
              'advisory: the public API has no setting for it; it is checked and reported.',
              options.width,
              INDENT,
            ).map((line) => painter(options.color)('quiet', line))
          : []),
      ];
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

/** A wish that does not count, beside those that do. */
const notRow = (wish: Overridden): ColumnRow => ({
  cells: ['not', visible(wish.says)],
  rest: `${placeText(wish)}: ${overriddenText(wish)}`,
});

/** A policy that lists the code in vain, or whose row of the requirement matrix another one outdoes. */
const codeOverride = (wish: Overridden): string =>
  wish.why.kind === 'lower-priority'
    ? `its row in ${placeText(wish)} does not count: ${overriddenText(wish)}`
    : `listed in vain by ${placeText(wish)}: ${overriddenText(wish)}`;

/** Why it does not count: `by` is what it gives way to, `at` an instant. */
const WHY_NOT: Readonly<
  Record<Overridden['why']['kind'], (by: string, at: string, place: string) => string>
> = {
  reports: () => 'it only reports',
  'lower-priority': (by) => `lower priority than ${by}`,
  replaced: (by) => `replaced by ${by}`,
  forbidden: (by) => `forbidden by ${by}`,
  retired: (by) => `retired by ${by}`,
  excluded: (_by, _at, place) => `it excludes the queue (${place})`,
  'not-yet': (_by, at) => `not before ${at}`,
  over: (_by, at) => `ended ${at}`,
};

const overriddenText = ({ why: { kind, by, at } }: Overridden): string =>
  WHY_NOT[kind](
    by === null ? '' : `${by.policy} (${by.file}:${by.line})`,
    at === null ? '' : instant(at),
    by === null ? '' : `${by.file}:${by.line}`,
  );

const fateText = (does: string, held: ExplainedHold | null): string =>
  held === null ? does : `${does === '' ? 'held' : `${does}, held`} by ${held.by}`;

const placeText = ({ policy, file, line }: Origin): string => `${policy}, ${file}:${line}`;

const placesText = (places: readonly Origin[]): string => places.map(placeText).join('; ');
