/** Results as JSON, format 1.0: keys in the order of their types, in every exit path. */
import type { DiagnosticJson } from '../domain/change.js';
import { PLAN_FORMAT } from '../domain/change.js';
import { byPlace, diagnosticJson, hasErrors } from '../domain/diagnostics.js';
import type { Diagnostic, SourceSpan } from '../domain/diagnostics.js';
import type { AppError } from '../domain/errors.js';
import type { Sources } from './text-diagnostics.js';

/** Steers a terminal, hides in a text, or is a command to a GitHub runner; legal in JSON only inside strings. */
const UNPRINTABLE = /[\u007f-\u009f]|(?!\n)\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}|#(?=#\[)/gu;

/**
 * A result as the text that goes to stdout. Keys keep the order in which they were made; what cannot be
 * printed is escaped, which changes the text and not the value.
 */
export const renderJson = (value: unknown): string =>
  `${JSON.stringify(value, null, 2).replace(UNPRINTABLE, escapeUnits)}\n`;

const escapeUnits = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

/** What a failed command prints in place of its result. */
export interface ErrorReport {
  readonly kind: 'Error';
  readonly formatVersion: typeof PLAN_FORMAT;
  readonly exitCode: number;
  readonly diagnostics: readonly DiagnosticJson[];
  readonly correlationId: string | null;
}

export const errorReport = (error: AppError): ErrorReport => ({
  kind: 'Error',
  formatVersion: PLAN_FORMAT,
  exitCode: error.exitCode,
  diagnostics: error.diagnostics.toSorted(byPlace).map(diagnosticJson),
  correlationId: error.correlationId,
});

/** A diagnostic with all that is known of its place, for editors and other tools. */
export interface PlacedDiagnosticJson extends DiagnosticJson {
  /** The end of the place, exclusive, like line and column counted from 1. */
  readonly endLine: number | null;
  readonly endColumn: number | null;
  /** The line that it speaks of, as it stands in the file. */
  readonly snippet: string | null;
  readonly related: readonly (SourceSpan & { readonly message: string })[];
}

/** What `validate` finds. */
export interface ValidationReport {
  readonly kind: 'Validation';
  readonly formatVersion: typeof PLAN_FORMAT;
  /** Whether there is no error; warnings do not count. */
  readonly valid: boolean;
  /** How many files and documents were read. */
  readonly files: number;
  readonly documents: number;
  readonly diagnostics: readonly PlacedDiagnosticJson[];
}

/** What was read, and what was found in it. */
export interface Validation {
  readonly files: number;
  readonly documents: number;
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: Sources;
}

export const validationReport = ({
  files,
  documents,
  diagnostics,
  sources,
}: Validation): ValidationReport => ({
  kind: 'Validation',
  formatVersion: PLAN_FORMAT,
  valid: !hasErrors(diagnostics),
  files,
  documents,
  diagnostics: diagnostics.toSorted(byPlace).map((diagnostic) => ({
    ...diagnosticJson(diagnostic),
    endLine: diagnostic.span?.endLine ?? null,
    endColumn: diagnostic.span?.endColumn ?? null,
    snippet: diagnostic.span === null ? null : lineOf(sources, diagnostic.span),
    related: diagnostic.related.map(({ message, span }) => ({ message, ...span })),
  })),
});

const lineOf = (sources: Sources, { file, line }: SourceSpan): string | null =>
  sources.get(file)?.split(/\r?\n/)[line - 1] ?? null;
