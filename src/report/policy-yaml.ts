/** Imported policies as files that people read, change and review. The same organization gives the same bytes. */
import { Document, Scalar } from 'yaml';
import { formatDuration } from '../domain/duration.js';
import { differingFlags, flagOf, requirementOf } from '../domain/requirement.js';
import type { Requirement } from '../domain/requirement.js';
import { quote, spellInvisible } from '../domain/text.js';
import { DistinctNames } from '../plan/import-names.js';
import type { ImportedDivision, ImportedPolicy, ImportedQueue } from '../plan/import-org.js';
import type { ExpressedQueue, ImportedCode } from '../plan/import-queue.js';
import { PROMPT_LABELS } from '../policy/schema.js';
import { API_VERSION } from '../policy/schema-shared.js';
import { MAX_FILE_BYTES } from '../policy/source.js';

/** A file to write. */
export interface RenderedFile {
  /** What it is called, without its folder. */
  readonly name: string;
  readonly text: string;
  readonly policies: number;
  readonly queues: number;
  /** Policies that are nearly like a larger one. */
  readonly nearlyLike: number;
}

export interface RenderOptions {
  /** For people. */
  readonly organization: string;
  /** The path of the JSON Schema, from the folder of the files. */
  readonly schema: string;
}

/** Room for people to add to a file before it is too large. */
const MOST_BYTES = MAX_FILE_BYTES / 2;

/** One file a division, or several where one would grow too large; none where nothing of it is managed. */
export const renderPolicyFiles = (
  divisions: readonly ImportedDivision[],
  options: RenderOptions,
): readonly RenderedFile[] => {
  const names = new DistinctNames(divisions.map(({ file }) => file));
  return divisions.flatMap((division) => {
    const documents = division.policies.map((policy) => ({
      queues: policy.queues.length,
      nearlyLike: policy.like === null ? 0 : 1,
      text: renderPolicy(policy),
    }));
    const files = inFiles(documents);
    return files.map((file, at): RenderedFile => {
      const first = [schemaLine(options), ...introduction(division, options)];
      const [head = '', ...rest] = file.map(({ text }) => text);
      return {
        name: `${at === 0 ? division.file : names.take(division.file)}.yaml`,
        text: [
          [...first, head].join('\n'),
          // An editor looks for the line in every document.
          ...rest.map((text) => `${schemaLine(options)}\n${text}`),
        ]
          .join('---\n')
          .concat(at === files.length - 1 ? unmanagedLines(division.unmanaged) : ''),
        policies: file.length,
        queues: file.reduce((sum, { queues }) => sum + queues, 0),
        nearlyLike: file.reduce((sum, { nearlyLike }) => sum + nearlyLike, 0),
      };
    });
  });
};

/** The line by which editors find the schema of a file. */
export const schemaLine = ({ schema }: Pick<RenderOptions, 'schema'>): string =>
  `# yaml-language-server: $schema=${schema}`;

const inFiles = <Part extends { readonly text: string }>(
  parts: readonly Part[],
): readonly (readonly Part[])[] => {
  const files: Part[][] = [];
  let bytes = Infinity;
  for (const part of parts) {
    const size = Buffer.byteLength(part.text);
    if (bytes + size > MOST_BYTES) {
      files.push([]);
      bytes = 0;
    }
    files.at(-1)?.push(part);
    bytes += size;
  }
  return files;
};

const introduction = (
  { division }: ImportedDivision,
  { organization }: RenderOptions,
): readonly string[] => [
  '#',
  `# The queues of the division ${quote(division)} as they were in ${quote(organization)} when`,
  '# `wrapkeeper import` read them. Queues with equal rules share one document; a list of names may',
  '# become a pattern such as `Billing *`. What is nearly like a larger document says so: it may have drifted.',
  '#',
  '# `enforcement: report` plans and reports, and writes nothing. Once a document says what you want,',
  '# change it to `enforce`: from then on its queues are kept like that.',
];

const renderPolicy = (policy: ImportedPolicy): string => {
  const document = new Document({
    apiVersion: API_VERSION,
    kind: 'QueuePolicy',
    metadata: { name: inQuotes(policy.name) },
    spec: {
      enforcement: 'report',
      queues: { include: policy.queues.map(selectorNode) },
      ...(policy.afterCallWork !== null && { afterCallWork: workNode(policy.afterCallWork) }),
      ...(policy.wrapupCodes !== null && { wrapupCodes: codesNode(policy.wrapupCodes) }),
    },
  });
  const gaps = policy.gaps.map(({ part, reason }) => `# No \`${part}\`: ${oneComment(reason)}.\n`);
  return gaps.join('') + likeLine(policy.like) + document.toString({ lineWidth: 0 });
};

/** @example '# Like retail-billing (30 queues), but without "Billing question".\n' */
const likeLine = (like: ImportedPolicy['like']): string => {
  if (like === null) return '';
  const { policy, queues, without, besides, work } = like;
  const but = [
    without.length > 0 && `without ${without.map(quote).join(' and ')}`,
    besides.length > 0 && `with ${besides.map(quote).join(' and ')} besides`,
    work && 'with other after-call work',
  ].filter((part) => part !== false);
  return `# Like ${policy} (${queues} queues), but ${but.join(', and ')}.\n`;
};

/** In quotes, so that no reader of YAML takes it for anything but a text. */
const inQuotes = (text: string, comment: string | null = null): Scalar<string> => {
  const scalar = new Scalar(text);
  scalar.type = text.includes("'") && !/["\\]/.test(text) ? 'QUOTE_DOUBLE' : 'QUOTE_SINGLE';
  if (comment !== null) scalar.comment = ` ${comment}`;
  return scalar;
};

const plain = <Value>(value: Value, comment: string | null): Scalar<Value> => {
  const scalar = new Scalar(value);
  if (comment !== null) scalar.comment = ` ${comment}`;
  return scalar;
};

/** Text of somebody else's within a comment: it cannot end it. */
const oneComment = (text: string): string => spellInvisible(text);

const selectorNode = ({ queue, selector, timer }: ImportedQueue): unknown => {
  const { name, division, id } = selector;
  const about = [
    name === null && `${quote(queue.name)}: a name that cannot be written as it is seen`,
    name !== null && id !== null && 'another queue of this division has the same name',
    timer !== null && `no \`timeout\`: ${timer}`,
  ].filter((part) => part !== false);
  const comment = about.length === 0 ? null : about.join('; ');
  const [last] = [id !== null && 'id', division !== null && 'division', 'name'].filter(Boolean);
  const noteAt = (key: string): string | null => (key === last ? comment : null);
  return {
    ...(name !== null && { name: inQuotes(name, noteAt('name')) }),
    ...(division !== null && { division: inQuotes(division, noteAt('division')) }),
    ...(id !== null && { id: plain(id, noteAt('id')) }),
  };
};

const workNode = ({
  prompt,
  timeoutMs,
}: NonNullable<ImportedPolicy['afterCallWork']>): unknown => ({
  prompt: plain(prompt, PROMPT_LABELS[prompt].replace(/\.$/, '')),
  ...(timeoutMs !== null && { timeout: formatDuration(timeoutMs) }),
});

const NOTHING_REQUIRED = requirementOf(() => false);

const codesNode = (codes: readonly ImportedCode[]): unknown => {
  const usual = mostFrequent(codes.map(({ requirement }) => requirement ?? NOTHING_REQUIRED));
  return {
    unlisted: plain(
      'remove',
      codes.length === 0 ? 'any code would be taken off' : 'other codes would be taken off',
    ),
    ...flagsNode(NOTHING_REQUIRED, usual),
    codes: codes.map((code) => codeNode(code, usual)),
    ...(codes.length === 0 && { allowEmpty: plain(true, 'these queues have none') }),
  };
};

const codeNode = ({ name, id, label, requirement }: ImportedCode, usual: Requirement): unknown => {
  const own = flagsNode(usual, requirement ?? NOTHING_REQUIRED);
  if (name === null)
    return { id: plain(id, `${quote(label)}: this name alone is not sure`), ...own };
  return Object.keys(own).length === 0 ? inQuotes(name) : { name: inQuotes(name), ...own };
};

/** The flags in which a row differs from what holds without saying it. */
const flagsNode = (usual: Requirement, row: Requirement): Record<string, unknown> => {
  const flags = differingFlags(usual, row);
  const bypass = flags.filter((flag) => flag !== 'required');
  return {
    ...(flags.includes('required') && { required: row.required }),
    ...(bypass.length > 0 && {
      bypass: Object.fromEntries(bypass.map((flag) => [flag, flagOf(row, flag)])),
    }),
  };
};

/** The row that most codes have; of equals the first. */
const mostFrequent = (rows: readonly Requirement[]): Requirement => {
  const counts = new Map<string, { readonly row: Requirement; count: number }>();
  for (const row of rows) {
    const key = JSON.stringify(row);
    const entry = counts.get(key) ?? { row, count: 0 };
    entry.count += 1;
    counts.set(key, entry);
  }
  const [first] = [...counts.values()].sort((a, b) => b.count - a.count);
  return first?.row ?? NOTHING_REQUIRED;
};

const unmanagedLines = (queues: readonly ExpressedQueue[]): string =>
  queues.length === 0
    ? ''
    : [
        '',
        '# Not managed by any document here:',
        ...queues.map(
          ({ queue, gaps }) =>
            `# - ${quote(queue.name)} (${queue.id}): ${gaps.map(({ reason }) => oneComment(reason)).join('; ')}`,
        ),
        '',
      ].join('\n');
