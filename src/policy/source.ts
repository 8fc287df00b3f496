/** Files as the policy language takes them: text that somebody else has read. */
import { LineCounter } from 'yaml';
import type { SourceSpan } from '../domain/diagnostics.js';

export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** The largest file that is looked at: 1 MiB. Real policies are a thousandth of it. */
export const MAX_FILE_BYTES = 1_048_576;

/** Turns offsets of a text (UTF-16 units) into a place: the end is exclusive, both are cut to the text. */
export type SpanOf = (start: number, end: number) => SourceSpan;

/** Lines end in LF or CRLF; a column counts UTF-16 units, as editors do. */
export const spansIn = ({ path, text }: SourceFile): SpanOf => {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1))
    lines.addNewLine(at + 1);
  const place = (offset: number): { readonly line: number; readonly col: number } =>
    lines.linePos(Math.min(Math.max(offset, 0), text.length));
  return (start, end) => {
    const from = place(start);
    const to = place(Math.max(start, end));
    return { file: path, line: from.line, column: from.col, endLine: to.line, endColumn: to.col };
  };
};
