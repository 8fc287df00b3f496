/** Findings for people: where, what, the place itself, and what to do. */
import type { DiagnosticJson } from '../domain/change.js';
import { byPlace, diagnosticJson } from '../domain/diagnostics.js';
import type { Diagnostic, SourceSpan } from '../domain/diagnostics.js';
import type { AppError } from '../domain/errors.js';
import { countFindings, mergeFindings, placeText } from './findings.js';
import { fill, joinBlocks, wrapProse } from './layout.js';
import type { TextOptions } from './layout.js';
import { painter } from './paint.js';
import { renderSnippet } from './snippet.js';
import { visible } from './visible.js';
import { nameTokens } from './words.js';

/** Texts of the files that diagnostics point into, by path as in `SourceSpan.file`. */
export type Sources = ReadonlyMap<string, string>;

/**
 * Diagnostics file by file, each with its snippet, and a line that counts them; an empty text when
 * there are none. Ends with a newline.
 */
export const renderDiagnosticsText = (
  diagnostics: readonly Diagnostic[],
  sources: Sources,
  options: TextOptions,
): string =>
  diagnostics.length === 0
    ? ''
    : joinBlocks([
        ...diagnostics
          .toSorted(byPlace)
          .map((diagnostic) => diagnosticLines(diagnostic, sources, options)),
        [countFindings(diagnostics.map(diagnosticJson))],
      ]);

/** A failure: its diagnostics, and the platform's id of the request where no message says it yet. */
export const renderErrorText = (
  error: AppError,
  sources: Sources,
  options: TextOptions,
): string => {
  const { diagnostics, correlationId } = error;
  const told =
    correlationId === null || diagnostics.some(({ message }) => message.includes(correlationId));
  const blocks = diagnostics
    .toSorted(byPlace)
    .map((diagnostic) => diagnosticLines(diagnostic, sources, options));
  return joinBlocks([
    ...blocks.slice(0, -1),
    [
      ...(blocks.at(-1) ?? []),
      ...(told ? [] : [`${INDENT}correlation id ${visible(correlationId)}`]),
    ],
    diagnostics.length < 2 ? [] : [countFindings(diagnostics.map(diagnosticJson))],
  ]);
};

/** Findings without their sources, as a plan or a report carries them; equal ones on several queues are told once. */
export const findingBlocks = (
  findings: readonly DiagnosticJson[],
  options: TextOptions,
): string[][] =>
  mergeFindings(findings).map(({ finding, queues }) => [
    headerLine(finding, options),
    ...messageLines(finding.message, options),
    ...queueLines(queues, options),
    ...helpLines(finding.remedy, options),
  ]);

const INDENT = '  ';

const diagnosticLines = (
  diagnostic: Diagnostic,
  sources: Sources,
  options: TextOptions,
): string[] => {
  const { span, queue } = diagnostic;
  return [
    headerLine(diagnosticJson(diagnostic), options),
    ...messageLines(diagnostic.message, options),
    ...queueLines(queue === null ? [] : [queue], options),
    ...(span === null ? [] : snippetLines(span, sources, options)),
    ...diagnostic.related.flatMap((place) => [
      ...wrapProse(
        place.message,
        options.width,
        `${INDENT}${visible(placeText(place.span))}: `,
        INDENT + INDENT,
      ),
      ...snippetLines(place.span, sources, options),
    ]),
    ...helpLines(diagnostic.remedy, options),
  ];
};

const headerLine = (finding: DiagnosticJson, { color }: TextOptions): string => {
  const paint = painter(color);
  const place = finding.file === null ? '' : `${paint('heading', visible(placeText(finding)))} `;
  return `${place}${paint(finding.severity, finding.severity)} ${finding.code}`;
};

const messageLines = (message: string, { width }: TextOptions): string[] =>
  wrapProse(message, width, INDENT);

const MOST_QUEUES = 10;

const queueLines = (queues: readonly string[], { width }: TextOptions): string[] =>
  fill(
    nameTokens(queues, MOST_QUEUES),
    width,
    `${INDENT}${queues.length === 1 ? 'queue' : 'queues'}: `,
    INDENT + INDENT,
  );

const snippetLines = (span: SourceSpan, sources: Sources, options: TextOptions): string[] => {
  const source = sources.get(span.file);
  return source === undefined ? [] : renderSnippet(source, span, options);
};

const helpLines = (remedy: string | null, { width }: TextOptions): string[] =>
  remedy === null ? [] : wrapProse(remedy, width, `${INDENT}help: `, INDENT + INDENT);
