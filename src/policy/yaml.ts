/** Text becomes YAML documents whose every node knows its place. Nothing is judged here but the YAML itself. */
import { Composer, Lexer, Parser, Schema, isScalar } from 'yaml';
import type { CST, Document, ParsedNode, YAMLParseError } from 'yaml';
import { problem, warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { MAX_FILE_BYTES, spansIn } from './source.js';
import type { SourceFile, SpanOf } from './source.js';
import { syntaxErrors } from './syntax.js';
import { explainSyntax } from './yaml-errors.js';

/** One document of a file, free of syntax errors. */
export interface YamlDocument {
  readonly text: string;
  readonly root: ParsedNode;
  readonly spanOf: SpanOf;
}

export interface YamlFile {
  readonly documents: readonly YamlDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

/** How deep lists and maps may lie in one another. The language itself needs seven levels. */
const MAX_DEPTH = 64;

/** Keys that stand twice are found when the nodes are walked, in linear time and with both places. */
const OPTIONS = {
  schema: new Schema({ schema: 'core' }),
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
} as const;

/** Reads all documents of a file. It never throws, and costs little on texts made to cost much. */
export const readYaml = (file: SourceFile): YamlFile => {
  const text = file.text.startsWith('\uFEFF') ? file.text.slice(1) : file.text;
  const spanOf = spansIn({ path: file.path, text });
  const refusal = refuse(text, spanOf);
  if (refusal !== null) return { documents: [], diagnostics: [refusal] };
  const tokens = tokenise(text);
  if (typeof tokens === 'number')
    return { documents: [], diagnostics: [tooDeep(spanOf(tokens, tokens + 1))] };

  const composer = new Composer(OPTIONS);
  const parsed = withoutStacks(() => [...composer.compose(tokens)]);
  const read = parsed.map((document) => readDocument(document, text, spanOf));
  const stray =
    read.length === 0 ? syntaxErrors(composer.streamInfo().errors, null, text, spanOf) : [];
  const documents = read.flatMap(({ document }) => document ?? []);
  const diagnostics = [
    ...directives(tokens, spanOf),
    ...stray,
    ...read.flatMap((result) => result.diagnostics),
  ];
  if (read.length === 0 && diagnostics.length === 0)
    diagnostics.push(empty('The file is empty.', spanOf(0, 0)));
  return { documents, diagnostics };
};

const refuse = (text: string, spanOf: SpanOf): Diagnostic | null => {
  const bytes =
    text.length > MAX_FILE_BYTES / 3 ? new TextEncoder().encode(text).length : text.length;
  if (bytes > MAX_FILE_BYTES) return tooLarge(bytes, spanOf(0, 0));
  const carriageReturn = text.search(/\r(?!\n)/);
  if (carriageReturn === -1) return null;
  return problem({
    code: 'yaml.syntax',
    message: 'A lone carriage return (U+000D) stands here; lines end in LF or CRLF.',
    remedy: 'Save the file with Unix (LF) or Windows (CRLF) line ends.',
    span: spanOf(carriageReturn, carriageReturn + 1),
  });
};

/** A file over the limit, by its size in bytes. */
export const tooLarge = (bytes: number, span: Diagnostic['span']): Diagnostic =>
  problem({
    code: 'file.too-large',
    message: `The file has ${bytes.toLocaleString('en-US')} bytes; the limit is ${MAX_FILE_BYTES.toLocaleString('en-US')} (1 MiB).`,
    remedy: 'Split it: several files, or several documents, are read as one policy set.',
    span,
  });

/**
 * All tokens, or the offset at which they nest too deep: to compose deeper ones would exhaust the
 * stack, which nobody can catch where it happens in a regular expression.
 */
const tokenise = (text: string): CST.Token[] | number => {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > MAX_DEPTH) return parser.offset;
  }
  tokens.push(...parser.end());
  return tokens;
};

/** The parser makes an Error of every fault, a million in the worst of files: five times as fast without stacks. */
const withoutStacks = <Result>(work: () => Result): Result => {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = limit;
  }
};

const tooDeep = (span: Diagnostic['span']): Diagnostic =>
  problem({
    code: 'yaml.syntax',
    message: `Lists and maps lie more than ${MAX_DEPTH} levels deep in one another.`,
    remedy: 'Check for brackets or dashes that are repeated by mistake.',
    span,
  });

const empty = (message: string, span: Diagnostic['span']): Diagnostic =>
  warning({ code: 'yaml.empty', message, remedy: 'Delete it, or write a policy into it.', span });

/** `%YAML 1.1` would change what `yes` means, and `%TAG` what tags do. */
const directives = (tokens: readonly CST.Token[], spanOf: SpanOf): readonly Diagnostic[] =>
  tokens.flatMap((token) =>
    token.type === 'directive' && !/^%YAML\s+1\.2\s*$/.test(token.source)
      ? problem({
          code: 'yaml.syntax',
          message:
            'A line that begins with `%` is a directive; policies are YAML 1.2 and use none.',
          remedy: 'Delete the line.',
          span: spanOf(token.offset, token.offset + token.source.length),
        })
      : [],
  );

const readDocument = (
  parsed: Document.Parsed,
  text: string,
  spanOf: SpanOf,
): { readonly document: YamlDocument | null; readonly diagnostics: readonly Diagnostic[] } => {
  const root = parsed.contents;
  if (parsed.errors.length > 0) {
    const lineOf = (error: YAMLParseError): number => spanOf(error.pos[0], error.pos[0]).line;
    const aliases = new Set(
      parsed.errors.filter((error) => error.code === 'BAD_ALIAS').map(lineOf),
    );
    const errors = parsed.errors.filter(
      (error) =>
        error.code !== 'BAD_ALIAS' &&
        !(error.code === 'UNEXPECTED_TOKEN' && aliases.has(lineOf(error))),
    );
    // Aliases without a name (`* Sandbox`) are told with all others when the nodes are walked.
    const readable = root !== null && errors.every((error) => explainSyntax(error).local);
    return {
      document: readable ? { text, root, spanOf } : null,
      diagnostics: syntaxErrors(readable ? errors : parsed.errors, root, text, spanOf),
    };
  }
  if (root === null || (isScalar(root) && root.value === null && root.source === '')) {
    const [start, end] = parsed.range;
    const marker = Math.max(text.lastIndexOf('---', Math.max(start, root?.range[0] ?? start)), 0);
    return {
      document: null,
      diagnostics: [empty('The document is empty.', spanOf(marker, Math.min(marker + 3, end)))],
    };
  }
  return { document: { text, root, spanOf }, diagnostics: [] };
};
