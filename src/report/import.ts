/** What `import` has written, what it has left out, and why. */
import type { DiagnosticJson, Plan, RequestCounts } from '../domain/change.js';
import { PLAN_FORMAT } from '../domain/change.js';
import type { Organization } from '../domain/state.js';
import type { ImportedPart } from '../plan/import-queue.js';
import { groupBy } from '../domain/group-by.js';
import { fill, joinBlocks, widthOf, wrapProse } from './layout.js';
import type { TextOptions } from './layout.js';
import { painter } from './paint.js';
import { findingBlocks } from './text-diagnostics.js';
import { visible } from './visible.js';
import { count, nameTokens } from './words.js';

interface QueueOf {
  readonly id: string;
  readonly name: string;
  readonly division: string;
}

/** The result of an import. */
export interface ImportReport {
  readonly kind: 'Import';
  readonly formatVersion: typeof PLAN_FORMAT;
  readonly organization: Organization;
  readonly region: string;
  readonly api: Plan['api'];
  /** The files that were written, sorted by path. */
  readonly files: readonly {
    readonly path: string;
    readonly policies: number;
    readonly queues: number;
    /** Policies that are nearly like a larger one of their file: their queues may have drifted. */
    readonly nearlyLike: number;
  }[];
  /** Parts of queues that no file manages, and why: part of a sentence. `queue`: nothing of it is. */
  readonly leftOut: readonly (QueueOf & {
    readonly part: ImportedPart;
    readonly reason: string;
  })[];
  /** Queues that other policies govern already. */
  readonly governed: readonly (QueueOf & { readonly policies: readonly string[] })[];
  readonly summary: {
    readonly queuesSelected: number;
    readonly queuesImported: number;
    readonly policies: number;
  };
  readonly requests: RequestCounts;
  readonly diagnostics: readonly DiagnosticJson[];
}

/** Everything that an import report says, its fixed parts filled in. */
export const importReport = (
  report: Omit<ImportReport, 'kind' | 'formatVersion' | 'summary'> & {
    readonly queuesSelected: number;
  },
): ImportReport => {
  const { organization, region, api, files, leftOut, governed, requests, diagnostics } = report;
  return {
    kind: 'Import',
    formatVersion: PLAN_FORMAT,
    organization,
    region,
    api,
    files,
    leftOut,
    governed,
    summary: {
      queuesSelected: report.queuesSelected,
      queuesImported: files.reduce((sum, { queues }) => sum + queues, 0),
      policies: files.reduce((sum, { policies }) => sum + policies, 0),
    },
    requests,
    diagnostics,
  };
};

const MOST_QUEUES = 10;
const MOST_POLICIES = 3;
const INDENT = '  ';

/** The import for people: files, gaps, what is governed already, and the next step. */
export const renderImportText = (
  report: ImportReport,
  options: TextOptions & {
    /** Where the schema that the files name is missing: its path; else null. */
    readonly missingSchema: string | null;
  },
): string => {
  const { organization, region, diagnostics } = report;
  return joinBlocks([
    [painter(options.color)('heading', `${visible(organization.name)} in ${visible(region)}`)],
    fileLines(report, options),
    nearlyLines(report, options),
    ...gapBlocks(report, options),
    governedLines(report, options),
    ...findingBlocks(diagnostics, options),
    [...wrapProse(conclusion(report), options.width), ...nextSteps(report, options)],
  ]);
};

const fileLines = ({ files }: ImportReport, { color }: TextOptions): string[] => {
  const paint = painter(color);
  const widest = Math.max(...files.map(({ path }) => widthOf(visible(path))));
  return files.map(({ path, policies, queues }) => {
    const pad = ' '.repeat(widest - widthOf(visible(path)));
    return `${paint('add', `+ ${visible(path)}`)}${pad}  ${count(queues, 'queue')} in ${count(policies, 'policy', 'policies')}`;
  });
};

/** What may have drifted long before the first policy. */
const nearlyLines = ({ files }: ImportReport, { width, color }: TextOptions): string[] => {
  const nearly = files.reduce((sum, { nearlyLike }) => sum + nearlyLike, 0);
  return nearly === 0
    ? []
    : wrapProse(
        `${count(nearly, 'policy', 'policies')} ${nearly === 1 ? 'is' : 'are'} nearly like a larger one, and may have drifted from it: look for \`# Like\` in the files.`,
        width,
        painter(color)('change', '~ '),
        INDENT,
      );
};

const LEFT_ALONE: Readonly<Record<ImportedPart, (queues: string, one: boolean) => string>> = {
  queue: (queues, one) => `${queues} ${one ? 'is' : 'are'} left alone`,
  afterCallWork: (queues) => `The after-call work of ${queues} is left alone`,
  timeout: (queues) => `The timer of ${queues} is left alone`,
  wrapupCodes: (queues) => `The wrap-up codes of ${queues} are left alone`,
};

/** One block a reason: what is not managed, why, and on which queues. */
const gapBlocks = ({ leftOut }: ImportReport, { width, color }: TextOptions): string[][] =>
  groupBy(leftOut, ({ part, reason }) => [part, reason]).map((group) => {
    const { part, reason } = group[0];
    const names = group.map(({ name }) => name);
    return [
      ...wrapProse(
        `${LEFT_ALONE[part](count(names.length, 'queue'), names.length === 1)}: ${reason}.`,
        width,
        painter(color)('change', '! '),
        INDENT,
      ),
      ...fill(nameTokens(names, MOST_QUEUES), width, INDENT + INDENT),
    ];
  });

const governedLines = ({ governed }: ImportReport, { width }: TextOptions): string[] => {
  if (governed.length === 0) return [];
  const policies = [...new Set(governed.flatMap((queue) => queue.policies))].sort();
  return fill(
    [
      ...`${count(governed.length, 'queue')} ${governed.length === 1 ? 'is' : 'are'} governed already, by`.split(
        ' ',
      ),
      ...nameTokens(policies, MOST_POLICIES),
    ],
    width,
    '= ',
    INDENT,
  );
};

const conclusion = ({ files, governed, summary }: ImportReport): string => {
  const { queuesSelected, queuesImported } = summary;
  if (queuesSelected === 0) return 'Nothing to import: the organization has no queue.';
  if (files.length === 0)
    return governed.length === queuesSelected
      ? 'Nothing to import: policies govern all of them.'
      : 'Nothing to import.';
  return `Imported ${queuesImported} of ${count(queuesSelected, 'queue')} into ${count(files.length, 'file')}, with \`enforcement: report\`: nothing is written by them yet.`;
};

const nextSteps = (
  { files }: ImportReport,
  { width, missingSchema }: TextOptions & { readonly missingSchema: string | null },
): string[] =>
  files.length === 0
    ? []
    : [
        ...wrapProse(
          'Next: `wrapkeeper plan`, which finds nothing to change in them. Commit the files; then change `enforcement` to `enforce`, one document after the other.',
          width,
        ),
        ...(missingSchema === null
          ? []
          : wrapProse(
              `Editors complete and check them by ${missingSchema}, which \`wrapkeeper init\` writes.`,
              width,
            )),
      ];
