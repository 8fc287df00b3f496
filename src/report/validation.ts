/** What `validate` says about the files of a repository. */
import { PLAN_FORMAT } from '../domain/change.js';
import type { DiagnosticJson } from '../domain/change.js';
import { byPlace, diagnosticJson, hasErrors } from '../domain/diagnostics.js';
import type { Diagnostic, SourceSpan } from '../domain/diagnostics.js';
import type { TextOptions } from './layout.js';
import { renderDiagnosticsText } from './text-diagnostics.js';
import type { Sources } from './text-diagnostics.js';
import { count } from './words.js';

/** A diagnostic with all that is known of its place, for editors and other tools. */
interface PlacedDiagnosticJson extends DiagnosticJson {
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

/** The findings, and where no error is among them, a line that says so. */
export const renderValidationText = (validation: Validation, options: TextOptions): string => {
  const { files, documents, diagnostics, sources } = validation;
  const found = renderDiagnosticsText(diagnostics, sources, options);
  return hasErrors(diagnostics)
    ? found
    : `${found}Valid: ${count(documents, 'document')} in ${count(files, 'file')}.\n`;
};
