/** Syntax errors with their places: the first of each heap, and where the person has to look. */
import { isNode, visit } from 'yaml';
import type { ParsedNode, YAMLParseError } from 'yaml';
import { problem } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import type { SpanOf } from './source.js';
import { explainSyntax } from './yaml-errors.js';

/** An error often drags others after it, on its own line and the next: they are not told. */
export const syntaxErrors = (
  errors: readonly YAMLParseError[],
  root: ParsedNode | null,
  text: string,
  spanOf: SpanOf,
): readonly Diagnostic[] => {
  const found: Diagnostic[] = [];
  let lastLine = -1;
  for (const error of errors.slice().sort((a, b) => a.pos[0] - b.pos[0])) {
    const { code, message, remedy, at } = explainSyntax(error);
    const line = spanOf(error.pos[0], error.pos[0]).line;
    if (lastLine !== -1 && line - lastLine <= 1) {
      lastLine = line;
      continue;
    }
    lastLine = line;
    const here = error.code === 'TAB_AS_INDENT' ? error.pos[0] : skipBlanks(text, error.pos[0]);
    const start = (at === 'opening' ? opening(root, text, error.pos[0]) : null) ?? here;
    found.push(
      problem({
        code,
        message,
        remedy,
        span: spanOf(start, Math.max(start + 1, Math.min(error.pos[1], endOfLine(text, start)))),
      }),
    );
  }
  return found;
};

const skipBlanks = (text: string, offset: number): number => {
  const length = /^\s*/.exec(text.slice(offset))?.[0].length ?? 0;
  return offset + length < text.length ? offset + length : Math.min(offset, text.length);
};

const endOfLine = (text: string, offset: number): number => {
  const end = text.indexOf('\n', offset);
  return end === -1 ? text.length : end;
};

/** Where the innermost node begins that reaches up to the offset: the one that was not closed. */
const opening = (root: ParsedNode | null, text: string, offset: number): number | null => {
  let start: number | null = null;
  visit(root, (_key, node) => {
    if (!isNode(node) || !node.range) return;
    const [from, to] = node.range;
    if (from < offset && to >= offset - 1 && /["'[{]/.test(text.charAt(from))) start = from;
  });
  return start;
};
