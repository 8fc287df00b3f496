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
    .map(annotation)
    .join('');

type Properties = Readonly<Record<string, string | number>>;

/**
 * A command to the runner, in one line with its line break. What people wrote is made visible before it comes
 * here: `text` and properties are escaped, and nothing else.
 *
 * @example workflowCommand('notice', { file: 'policies/billing.yaml', line: 3 }, 'Two queues change.')
 */
export const workflowCommand = (name: string, properties: Properties, text: string): string => {
  const list = Object.entries(properties)
    .map(([key, value]) => `${key}=${escapeProperty(`${value}`)}`)
    .join(',');
  return `::${name}${list === '' ? '' : ` ${list}`}::${escapeData(text)}\n`;
};

/** A text of several lines for {@link workflowCommand}: each line visible, none of them a command. */
export const visibleLines = (texts: readonly string[]): string =>
  texts
    .flatMap((text) => text.split(/\r?\n/))
    .map(visible)
    .join('\n');

const severityRank = ({ severity }: Diagnostic): number => (severity === 'error' ? 0 : 1);

const annotation = (diagnostic: Diagnostic): string => {
  const { severity, code, span, related } = diagnostic;
  const properties: Properties = { ...(span === null ? {} : placeOf(span)), title: code };
  const shown = Object.entries(properties).map(
    ([name, value]) => [name, visible(`${value}`)] as const,
  );
  const places = related.map((place) => `${placeText(place.span)}: ${place.message}`);
  return workflowCommand(
    severity,
    Object.fromEntries(shown),
    visibleLines([...plainLines(diagnostic), ...places]),
  );
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
