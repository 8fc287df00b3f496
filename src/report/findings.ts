/** Findings as a plan or a report carries them: flat, and without the texts that they speak of. */
import type { DiagnosticJson } from '../domain/change.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { groupBy } from '../domain/group-by.js';
import { count } from './words.js';

/** A finding, and the queues that it was made on. */
export interface MergedFinding {
  readonly finding: DiagnosticJson;
  readonly queues: readonly string[];
}

/** Findings that differ in nothing but the queue, told once. */
export const mergeFindings = (findings: readonly DiagnosticJson[]): readonly MergedFinding[] =>
  groupBy(findings, (finding) => ({ ...finding, queue: null })).map((group) => ({
    finding: group[0],
    queues: group.map(({ queue }) => queue).filter((queue) => queue !== null),
  }));

/** A diagnostic in plain lines, for tools that show its place themselves. */
export const plainLines = ({ message, queue, remedy }: Diagnostic): readonly string[] => [
  message,
  ...(queue === null ? [] : [`queue: ${queue}`]),
  ...(remedy === null ? [] : [`help: ${remedy}`]),
];

/** @example 'policies/billing.yaml:14:9' */
export const placeText = (place: {
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
}): string => [place.file, place.line, place.column].filter((part) => part !== null).join(':');

/** @example '3 errors, 1 warning in 2 files' */
export const countFindings = (
  findings: readonly Pick<DiagnosticJson, 'severity' | 'file'>[],
): string => {
  const of = (severity: DiagnosticJson['severity']): number =>
    findings.filter((one) => one.severity === severity).length;
  const numbers = [
    of('error') > 0 && count(of('error'), 'error'),
    of('warning') > 0 && count(of('warning'), 'warning'),
  ];
  const files = new Set(findings.map(({ file }) => file).filter((file) => file !== null)).size;
  return `${numbers.filter((number) => number !== false).join(', ')}${files === 0 ? '' : ` in ${count(files, 'file')}`}`;
};
