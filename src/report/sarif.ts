/** Diagnostics as SARIF 2.1.0, for code scanning and editors. */
import { CODES } from '../domain/codes.js';
import { byPlace } from '../domain/diagnostics.js';
import type { Diagnostic, SourceSpan } from '../domain/diagnostics.js';
import { plainLines } from './findings.js';
import { renderJson } from './json.js';

/** A SARIF log of one run; the rules are those that occur. `version` is the tool's own. */
export const renderSarif = (
  diagnostics: readonly Diagnostic[],
  { version }: { readonly version: string },
): string => {
  const sorted = diagnostics.toSorted(byPlace);
  const codes = [...new Set(sorted.map(({ code }) => code))].toSorted();
  return renderJson({
    $schema:
      'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Wrapkeeper',
            version,
            rules: codes.map((code) => ({
              id: code,
              shortDescription: { text: CODES[code].meaning },
              help: { text: CODES[code].remedy },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: sorted.map((diagnostic) => ({
          ruleId: diagnostic.code,
          ruleIndex: codes.indexOf(diagnostic.code),
          level: diagnostic.severity,
          message: messageOf(plainLines(diagnostic).join('\n')),
          ...(diagnostic.span === null ? {} : { locations: [location(diagnostic.span)] }),
          ...(diagnostic.related.length === 0
            ? {}
            : {
                relatedLocations: diagnostic.related.map(({ message, span }, id) => ({
                  id,
                  ...location(span),
                  message: messageOf(message),
                })),
              }),
        })),
      },
    ],
  });
};

/** SARIF reads `[text](target)` in a plain message as a link; a name must not become one. */
const messageOf = (text: string): { readonly text: string } => ({
  text: text.includes('](') ? text.replace(/(\\*)\[/g, '$1$1\\[') : text,
});

const location = ({ file, line, column, endLine, endColumn }: SourceSpan) => ({
  physicalLocation: {
    artifactLocation: { uri: file.split('/').map(encodeSegment).join('/'), uriBaseId: '%SRCROOT%' },
    region: { startLine: line, startColumn: column, endLine, endColumn },
  },
});

/** One part of a relative URI; `encodeURIComponent` keeps some characters that RFC 3986 reserves. */
const encodeSegment = (segment: string): string =>
  encodeURIComponent(segment.replace(/\p{Cs}/gu, '\ufffd')).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
