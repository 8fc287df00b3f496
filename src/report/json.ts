/** Results as JSON, format 1.0: keys in the order of their types, in every exit path. */
import type { DiagnosticJson } from '../domain/change.js';
import { PLAN_FORMAT } from '../domain/change.js';
import { EXIT } from '../domain/codes.js';
import { byPlace, diagnosticJson } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import type { AppError } from '../domain/errors.js';

/** Steers a terminal, hides in a text, or is a command to a GitHub runner; legal in JSON only inside strings. */
const UNPRINTABLE = /[\u007f-\u009f]|(?!\n)\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}|#(?=#\[)/gu;

/**
 * A result as the text that goes to stdout. Keys keep the order in which they were made; what cannot be
 * printed is escaped, which changes the text and not the value.
 */
export const renderJson = (value: unknown): string =>
  `${escaped(JSON.stringify(value, null, 2))}\n`;

/** The same in one line, without a line break at its end: a part of something longer. */
export const renderJsonLine = (value: unknown): string => escaped(JSON.stringify(value));

const escaped = (json: string): string => json.replace(UNPRINTABLE, escapeUnits);

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

/** A failure that has a result all the same, which stands beside what went wrong. */
export const failureWith = <Result extends object>(
  diagnostics: readonly Diagnostic[],
  result: Result,
): ErrorReport & Result => ({
  kind: 'Error',
  formatVersion: PLAN_FORMAT,
  exitCode: EXIT.error,
  diagnostics: diagnostics.map(diagnosticJson),
  correlationId: null,
  ...result,
});
