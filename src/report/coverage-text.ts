/** `coverage` for people: the numbers first, then each list that is not empty. */
import { columnLines } from './columns.js';
import type { ColumnRow } from './columns.js';
import type { CoverageReport } from './coverage.js';
import { fill, joinBlocks, wrapProse } from './layout.js';
import type { TextOptions } from './layout.js';
import { painter } from './paint.js';
import { findingBlocks } from './text-diagnostics.js';
import { visible } from './visible.js';
import { count, instant, nameTokens } from './words.js';

const INDENT = '  ';
/** So many names of a list are shown; JSON has them all. */
const NAMES = 12;

/** The whole answer. No line is wider than asked unless a single name is. Ends with a newline. */
export const renderCoverageText = (report: CoverageReport, options: TextOptions): string =>
  joinBlocks([
    headingLines(report, options),
    countLines(report, options),
    ungovernedLines(report, options),
    section('Queues that policies only report', namesRows(report.reportedOnly), options),
    section('Policies that reach no queue', report.idlePolicies.map(policyRow), options),
    section('Entries that mean no queue', report.idleEntries.map(entryRow), options),
    section(
      'Retired codes, on queues that no policy corrects',
      (report.retiredCodes ?? []).map(onQueuesRow),
      options,
    ),
    section(
      'Codes on queues that no policy lists',
      (report.unlistedCodes ?? []).map(onQueuesRow),
      options,
    ),
    section('Codes that no policy lists and no visible queue has', unusedRows(report), options),
    // Warnings are for `plan` and `validate`; an error makes these answers less than whole.
    ...findingBlocks(
      report.diagnostics.filter(({ severity }) => severity === 'error'),
      options,
    ),
    lastLines(report, options),
  ]);

const headingLines = (
  { organization, region, only }: CoverageReport,
  { width, color }: TextOptions,
): string[] => [
  ...fill([`${visible(organization.name)} in ${visible(region)}`], width).map((line) =>
    painter(color)('heading', line),
  ),
  ...(only === null
    ? []
    : wrapProse(
        `Only ${[
          ...only.queues.map((pattern) => `queues named "${pattern}"`),
          ...only.divisions.map((name) => `division "${name}"`),
        ].join(', ')}.`,
        width,
      )),
];

/** A number a line, each with the list that it counts further below. */
const countLines = ({ summary }: CoverageReport, options: TextOptions): string[] => {
  const { queues, policies, codes } = summary;
  const rows: readonly (readonly [number: number | null, what: string])[] = [
    [summary.queuesUngoverned, `of ${count(queues, 'queue')} under no policy`],
    [summary.queuesReportedOnly, 'under policies that only report'],
    [summary.policiesIdle, `of ${count(policies, 'policy', 'policies')} reach no queue`],
    [summary.entriesIdle, 'entries of other policies mean no queue'],
    [summary.codesRetired, 'retired codes on queues that no policy corrects'],
    [summary.codesUnlisted, `of ${count(codes, 'code')} on queues, though no policy lists them`],
    [summary.codesUnused, 'codes that no policy lists and no visible queue has'],
  ];
  const digits = Math.max(...rows.map(([number]) => String(number ?? '?').length));
  const paint = painter(options.color);
  return columnLines(
    rows.map(([number, what]) => {
      const cell = String(number ?? '?').padStart(digits);
      return { cells: [paint(number === 0 ? 'quiet' : 'heading', cell)], rest: what };
    }),
    { width: options.width, indent: INDENT },
  );
};

const section = (
  title: string,
  rows: readonly ColumnRow[],
  { width, color }: TextOptions,
): string[] =>
  rows.length === 0
    ? []
    : [painter(color)('heading', title), ...columnLines(rows, { width, indent: INDENT })];

const ungovernedLines = ({ ungoverned }: CoverageReport, options: TextOptions): string[] =>
  section(
    'Queues under no policy',
    ungoverned.map(({ division, of, queues }) => ({
      cells: [visible(division), queues.length === of ? `all ${of}` : `${queues.length} of ${of}`],
      rest: namesOf(queues),
    })),
    options,
  );

const namesOf = (queues: readonly { readonly name: string }[]): readonly string[] =>
  nameTokens(
    queues.map(({ name }) => name),
    NAMES,
  );

const namesRows = (queues: CoverageReport['reportedOnly']): readonly ColumnRow[] =>
  queues.length === 0 ? [] : [{ cells: [], rest: namesOf(queues) }];

const WHY: Readonly<Record<CoverageReport['idlePolicies'][number]['why'], (at: string) => string>> =
  {
    'selects-nothing': () => 'no queue matches its entries',
    'all-excluded': () => 'every queue that it includes is excluded',
    'not-yet': (at) => `its period begins ${at}`,
    over: (at) => `its period ended ${at}`,
  };

const policyRow = ({
  policy,
  file,
  line,
  why,
  at,
}: CoverageReport['idlePolicies'][number]): ColumnRow => ({
  cells: [visible(policy), visible(`${file}:${line}`)],
  rest: WHY[why](instant(at ?? '')),
});

const entryRow = ({
  policy,
  file,
  line,
  list,
  text,
}: CoverageReport['idleEntries'][number]): ColumnRow => ({
  cells: [visible(policy), visible(`${file}:${line}`)],
  rest: `${list === 'exclude' ? 'exclude: ' : ''}${text}`,
});

const onQueuesRow = ({
  name,
  isVisible,
  queues,
}: NonNullable<CoverageReport['unlistedCodes']>[number]): ColumnRow => ({
  cells: [
    `${visible(name)}${isVisible ? '' : ' (not in the list of codes)'}`,
    count(queues.length, 'queue'),
  ],
  rest: namesOf(queues),
});

const unusedRows = ({ unusedCodes }: CoverageReport): readonly ColumnRow[] => {
  const groups = [
    ['not in a catalog', (unusedCodes ?? []).filter(({ catalog }) => catalog === null)],
    ['in a catalog', (unusedCodes ?? []).filter(({ catalog }) => catalog !== null)],
  ] as const;
  return groups.flatMap(([what, codes]) =>
    codes.length === 0
      ? []
      : [
          {
            cells: [what],
            rest: nameTokens(
              codes.map(({ id, name }) => (id === null ? `${name} (not created yet)` : name)),
              NAMES,
            ),
          },
        ],
  );
};

const lastLines = (report: CoverageReport, { width, color }: TextOptions): string[] => {
  const { requests, only } = report;
  const { codesUnused, codesUnlisted, codesRetired } = report.summary;
  const longest = Math.max(
    0,
    ...[
      ...report.ungoverned.map(({ queues }) => queues),
      report.reportedOnly,
      ...[...(report.unlistedCodes ?? []), ...(report.retiredCodes ?? [])].map(
        ({ queues }) => queues,
      ),
    ].map(({ length }) => length),
    (report.unusedCodes ?? []).length,
  );
  const unread = codesUnlisted === null || codesRetired === null;
  const notes = [
    ...((report.unlistedCodes ?? []).some(({ isVisible }) => !isVisible)
      ? [
          'Codes that the list does not show belong to divisions that the role of the OAuth client lacks: no policy can list them.',
        ]
      : []),
    ...(longest > NAMES + 1 ? ['Some lists are cut; `--format json` has them whole.'] : []),
    ...(unread ? ['Codes on queues were not read: leave `--lists-only` out to look there.'] : []),
    ...(!unread && codesUnused === null && only !== null
      ? ['Whether a code is on no queue shows only without `--queue` and `--division`.']
      : []),
  ];
  return [
    ...notes.flatMap((note) => wrapProse(note, width)),
    ...wrapProse(
      `${count(requests.sent, 'request')}${requests.queuesRead === 0 ? '' : `; the codes of ${count(requests.queuesRead, 'queue')} were read`}.`,
      width,
    ).map((line) => painter(color)('quiet', line)),
  ];
};
