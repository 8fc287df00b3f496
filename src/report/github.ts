import { byPlace } from '../domain/diagnostics.js';
import type { Diagnostic, SourceSpan } from '../domain/diagnostics.js';
import { placeText, plainLines } from './findings.js';
import { visible } from './visible.js';

/**
 * Diagnostics as workflow commands, which a GitHub runner shows as annotations at their lines. Errors
 * come first: a step shows ten of a kind. Empty where there is nothing to say; ends with a newline.
 *
 * @example '::error file=policies/billing.yaml,line=14,col=9,title=policy.conflict::Two policies …'
 */
export const renderGitHubAnnotations = (diagnostics: readonly Diagnostic[]): string =>
  diagnostics
    .toSorted((a, b) => severityRank(a) - severityRank(b) || byPlace(a, b))
    .map((diagnostic) => `${annotation(diagnostic)}\n`)
    .join('');

type Properties = Readonly<Record<string, string | number>>;

const severityRank = ({ severity }: Diagnostic): number => (severity === 'error' ? 0 : 1);

const annotation = (diagnostic: Diagnostic): string => {
  const { severity, code, span, related } = diagnostic;
  const properties: Properties = { ...(span === null ? {} : placeOf(span)), title: code };
  const list = Object.entries(properties)
    .map(([name, value]) => `${name}=${escapeProperty(visible(String(value)))}`)
    .join(',');
  const places = related.map((place) => `${placeText(place.span)}: ${place.message}`);
  const lines = [...plainLines(diagnostic), ...places].flatMap((text) => text.split(/\r?\n/));
  return `::${severity} ${list}::${escapeData(lines.map(visible).join('\n'))}`;
};

/** Columns of an annotation are meant within one line, and its end column is inclusive. */
const placeOf = ({ file, line, column, endLine, endColumn }: SourceSpan): Properties => ({
  file,
  line,
  col: column,
  endLine,
  ...(endLine === line ? { endColumn: Math.max(endColumn - 1, column) } : {}),
});

/** The runner's own escapes for the text of a command. */
const escapeData = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

/** The runner's own escapes for a property of a command. */
const escapeProperty = (text: string): string =>
  escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
