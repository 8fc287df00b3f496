/** Expected bad input is a value: a diagnostic, with its place and what to do about it. */
import type { DiagnosticJson } from './change.js';
import type { DiagnosticCode } from './codes.js';

export type Severity = 'error' | 'warning';

/** A place in a file of the user's repository. Lines and columns count from 1; the end is exclusive. */
export interface SourceSpan {
  /** Relative to the repository, with forward slashes. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** One finding about what a person wrote, or about what it meets in the organization. */
export interface Diagnostic {
  /** The rule; every one has a row in `docs/errors.md`. */
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** What is wrong, with the value and the limit it was measured against. */
  readonly message: string;
  /** What to do next. */
  readonly remedy: string | null;
  readonly span: SourceSpan | null;
  /** The queue that it concerns, by name, where it concerns one. */
  readonly queue: string | null;
  /** Other places that take part: the second side of a conflict. */
  readonly related: readonly { readonly message: string; readonly span: SourceSpan }[];
}

/** What a diagnostic needs at least; the rest has defaults. */
export type DiagnosticInput = Pick<Diagnostic, 'code' | 'message'> &
  Partial<Omit<Diagnostic, 'code' | 'message' | 'severity'>>;

const make =
  (severity: Severity) =>
  (input: DiagnosticInput): Diagnostic => ({
    code: input.code,
    severity,
    message: input.message,
    remedy: input.remedy ?? null,
    span: input.span ?? null,
    queue: input.queue ?? null,
    related: input.related ?? [],
  });

/** A finding that stops the run. */
export const problem = make('error');
/** A finding that is told and does not stop anything. */
export const warning = make('warning');

/** The same finding, where it need not stop anything. */
export const asWarning = (finding: Diagnostic): Diagnostic => ({ ...finding, severity: 'warning' });

export const hasErrors = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some((diagnostic) => diagnostic.severity === 'error');

/** A diagnostic as JSON output shows it, with the keys in the order of format 1.0. */
export const diagnosticJson = (diagnostic: Diagnostic): DiagnosticJson => ({
  code: diagnostic.code,
  severity: diagnostic.severity,
  message: diagnostic.message,
  remedy: diagnostic.remedy,
  file: diagnostic.span?.file ?? null,
  line: diagnostic.span?.line ?? null,
  column: diagnostic.span?.column ?? null,
  queue: diagnostic.queue,
});

/** The same finding at the same place is told once, as it was told first. */
export const distinctFindings = (diagnostics: readonly Diagnostic[]): Diagnostic[] => {
  const first = new Map<string, Diagnostic>();
  for (const found of diagnostics) {
    const key = JSON.stringify([
      found.code,
      found.severity,
      found.message,
      found.span,
      found.related,
    ]);
    if (!first.has(key)) first.set(key, found);
  }
  return [...first.values()];
};

/** Order for people: by file, line, column, then rule and words; those without a place come last. */
export const byPlace = (a: Diagnostic, b: Diagnostic): number =>
  compareText(a.span?.file ?? '\uffff', b.span?.file ?? '\uffff') ||
  (a.span?.line ?? 0) - (b.span?.line ?? 0) ||
  (a.span?.column ?? 0) - (b.span?.column ?? 0) ||
  compareText(a.code, b.code) ||
  compareText(a.message, b.message);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
