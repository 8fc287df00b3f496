/** What checking the chain of a journal has found. */
import type { Verification } from '../domain/audit.js';
import { PLAN_FORMAT } from '../domain/change.js';
import type { DiagnosticJson } from '../domain/change.js';
import type { JournalHead } from '../domain/journal.js';
import { joinBlocks, wrapProse } from './layout.js';
import type { TextOptions } from './layout.js';
import { painter } from './paint.js';
import { emptyWords } from './audit-text.js';
import { findingBlocks } from './text-diagnostics.js';
import { count, instant } from './words.js';

/** A verification as JSON output shows it. */
interface VerificationJson {
  readonly kind: 'AuditVerification';
  readonly formatVersion: typeof PLAN_FORMAT;
  /** Whether the chain holds, and the hash that was expected is in it. */
  readonly valid: boolean;
  readonly records: number;
  /** When the first and the last record were written; null in an empty journal. */
  readonly from: string | null;
  readonly to: string | null;
  readonly start: JournalHead;
  readonly head: JournalHead;
  readonly tornBytes: number;
  readonly broken: Verification['broken'];
  /** The record with the hash that was expected; null where none was, or there is no such record. */
  readonly expected: JournalHead | null;
  readonly diagnostics: readonly DiagnosticJson[];
}

/** The verification with what there is to say about it: errors first. */
export const verificationJson = (
  verification: Verification,
  diagnostics: readonly DiagnosticJson[],
): VerificationJson => ({
  kind: 'AuditVerification',
  formatVersion: PLAN_FORMAT,
  valid: diagnostics.every(({ severity }) => severity !== 'error'),
  records: verification.records,
  from: verification.firstAt,
  to: verification.lastAt,
  start: verification.start,
  head: verification.head,
  tornBytes: verification.tornBytes,
  broken: verification.broken,
  expected: verification.expected[0] ?? null,
  diagnostics,
});

/** Findings, what of the chain holds, and in the last line the verdict. `place` names the journal. */
export const renderVerificationText = (
  verification: Verification,
  diagnostics: readonly DiagnosticJson[],
  place: string,
  options: TextOptions,
): string => {
  const { records, head, expected } = verification;
  const [found] = expected;
  const isEmpty = records === 0 && verification.start.seq === 0;
  const paragraphs = [
    ...(isEmpty ? [] : [extentOf(verification), startOf(verification)]),
    ...(records === 0
      ? []
      : [`${verification.broken === null ? 'Head' : 'The last that holds'}: ${headWords(head)}`]),
    ...(found === undefined ? [] : [`As expected, in it: ${headWords(found)}`]),
  ];
  return joinBlocks([
    ...findingBlocks(diagnostics, options),
    paragraphs.flatMap((paragraph) => wrapProse(paragraph, options.width, '', INDENT)),
    wrapProse(verdict(verification, diagnostics, place), options.width).map((line) =>
      painter(options.color)('heading', line),
    ),
  ]);
};

const INDENT = '  ';

const extentOf = ({ records, firstAt, lastAt, broken }: Verification): string => {
  if (firstAt === null || lastAt === null)
    return broken === null ? 'No record.' : 'No record before that place.';
  return `${count(records, 'record')}${broken === null ? '' : ' before that place'}, from ${instant(firstAt)} to ${instant(lastAt)}.`;
};

const startOf = ({ start }: Verification): string =>
  start.seq === 0
    ? 'The chain begins with the first record that was ever written.'
    : `The chain begins behind record ${start.seq}: older files were taken away, as \`journal.keep\` says. Its hash: ${start.hash}`;

const headWords = ({ seq, hash }: JournalHead): string => `record ${seq}, ${hash}`;

const verdict = (
  { records, broken }: Verification,
  diagnostics: readonly DiagnosticJson[],
  place: string,
): string => {
  if (broken !== null) return `The journal ${place} is not what was written.`;
  if (diagnostics.some(({ severity }) => severity === 'error'))
    return `The chain of the journal ${place} holds, but it is not the journal that was expected.`;
  return records === 0 ? emptyWords(place) : `The journal ${place} holds.`;
};
