import { CODES } from './codes.js';
import type { DiagnosticCode, ExitCode } from './codes.js';
import { problem } from './diagnostics.js';
import type { Diagnostic } from './diagnostics.js';

/**
 * A refusal or a failure of the world outside, with what a person needs to go on. A bug is an ordinary
 * Error; expected bad input is a {@link Diagnostic}.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: DiagnosticCode;
  readonly diagnostics: readonly Diagnostic[];
  /** The platform's id of the request that failed (`ININ-Correlation-Id`), where there was one. */
  readonly correlationId: string | null;
  readonly exitCode: ExitCode;

  constructor(
    code: DiagnosticCode,
    message: string,
    details: {
      readonly remedy?: string | null;
      readonly diagnostics?: readonly Diagnostic[];
      readonly correlationId?: string | null;
      readonly exitCode?: ExitCode;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.correlationId = details.correlationId ?? null;
    this.exitCode = details.exitCode ?? CODES[code].exit;
    this.diagnostics = details.diagnostics ?? [
      problem({
        code,
        message,
        remedy: details.remedy === undefined ? CODES[code].remedy : details.remedy,
      }),
    ];
  }
}

/** Invalid policies, settings or references: every finding at once. */
export const invalidInput = (diagnostics: readonly Diagnostic[]): AppError => {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  const first = errors[0];
  if (first === undefined) throw new Error('invalidInput wants at least one error');
  return new AppError(
    first.code,
    errors.length === 1 ? first.message : `${errors.length} errors, the first: ${first.message}`,
    { diagnostics },
  );
};
