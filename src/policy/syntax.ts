/** Syntax errors with their places: the first of each heap, and where the person has to look. */
import { isNode, visit } from 'yaml';
import type { ParsedNode, YAMLParseError } from 'yaml';
import { problem } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import type { SpanOf } from './source.js';
import { explainSyntax } from './yaml-errors.js';
import type { SyntaxFinding } from './yaml-errors.js';

/** An error often drags others after it, on its own line and the next: they are not told. */
export const syntaxErrors = (
  errors: readonly YAMLParseError[],
  root: ParsedNode | null,
  text: string,
  spanOf: SpanOf,
): readonly Diagnostic[] => {
  const found: Diagnostic[] = [];
  const deeperKeys = findDeeperKeys(errors, text);
  let lastLine = -1;
  for (const error of errors.slice().sort((a, b) => a.pos[0] - b.pos[0])) {
    const deeper =
      error.code === 'BLOCK_AS_IMPLICIT_KEY' ? (deeperKeys.get(error.pos[0]) ?? null) : null;
    const { code, message, remedy, at } = deeper === null ? explainSyntax(error) : DEEPER_KEY;
    const line = spanOf(error.pos[0], error.pos[0]).line;
    if (lastLine !== -1 && line - lastLine <= 1) {
      lastLine = line;
      continue;
    }
    lastLine = line;
    const here = error.code === 'TAB_AS_INDENT' ? error.pos[0] : skipBlanks(text, error.pos[0]);
    const start =
      deeper?.start ?? (at === 'opening' ? opening(root, text, error.pos[0]) : null) ?? here;
    const end = deeper?.end ?? error.pos[1];
    found.push(
      problem({
        code,
        message,
        remedy,
        span: spanOf(start, Math.max(start + 1, Math.min(end, endOfLine(text, start)))),
      }),
    );
  }
  return found;
};

/** A key that is indented too deep: YAML takes its line for more of the text above, and then meets a colon. */
const DEEPER_KEY = {
  code: 'yaml.syntax',
  message: 'This line is indented deeper than the key above it, and continues the text there.',
  remedy: 'Let the keys of one map begin in the same column; put a text with a colon in quotes.',
  at: 'here',
} as const satisfies Partial<SyntaxFinding>;

interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** The keys that began on a line above, by the offset at which they did: what looks like the key is on the last line. */
const findDeeperKeys = (
  errors: readonly YAMLParseError[],
  text: string,
): ReadonlyMap<number, Stretch> =>
  new Map(
    errors
      .filter(({ code }) => code === 'MULTILINE_IMPLICIT_KEY')
      .map(({ pos: [from, end] }) => [
        from,
        { start: skipBlanks(text, text.lastIndexOf('\n', end - 1) + 1), end },
      ]),
  );

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
