/** The YAML parser's errors in our own words: what stands there, and how to mend it. */
import type { ErrorCode, YAMLParseError } from 'yaml';
import type { DiagnosticCode } from '../domain/codes.js';

/** What a parser error means to the person who wrote the text. */
export interface SyntaxFinding {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly remedy: string | null;
  /** `opening`: the parser found out at the end, the person has to look where the node begins. */
  readonly at: 'here' | 'opening';
  /** Whether the rest of the document was read as it was meant. */
  readonly local: boolean;
}

interface Row {
  /** What the parser's own message says, where one code stands for several faults. */
  readonly says?: RegExp;
  readonly code?: DiagnosticCode;
  readonly message: string;
  readonly remedy?: string;
  readonly at?: 'opening';
  readonly local?: true;
}

const ALIAS: readonly Row[] = [
  {
    code: 'yaml.alias',
    message: 'YAML reads a value that begins with `*` or `&` as an alias or an anchor.',
    remedy:
      "Put a pattern that begins with a star in quotes: '* Sandbox'. Write out what an alias stands for.",
    local: true,
  },
];
const TAG: readonly Row[] = [
  { code: 'yaml.tag', message: 'YAML reads a value that begins with `!` as a tag.' },
];
const UNKNOWN: readonly Row[] = [{ message: 'This cannot be read as YAML.' }];

const ROWS: Readonly<Record<ErrorCode, readonly Row[]>> = {
  ALIAS_PROPS: ALIAS,
  BAD_ALIAS: ALIAS,
  BAD_COLLECTION_TYPE: TAG,
  BAD_DIRECTIVE: [
    {
      message: 'A line that begins with `%` is a directive; policies use none.',
      remedy: 'Delete the line.',
    },
  ],
  BAD_DQ_ESCAPE: [
    {
      message: 'In double quotes a backslash begins an escape, and this one does not exist.',
      remedy: String.raw`Use single quotes, in which a backslash is a backslash: '\*'.`,
      local: true,
    },
  ],
  BAD_INDENT: [
    {
      says: /^Flow/,
      message: 'The bracket that opens here is not closed, or the lines after it are not indented.',
      remedy: 'Close it, and indent the lines between the brackets.',
      at: 'opening',
    },
    {
      message: 'This line is indented differently from the lines that it belongs to.',
      remedy:
        'Let the entries of one map or list begin in the same column; check for a missing dash or colon.',
    },
  ],
  BAD_PROP_ORDER: TAG,
  BAD_SCALAR_START: [
    {
      message: 'A text cannot begin with this character unless it is in quotes.',
      remedy: 'Put the text in quotes.',
      local: true,
    },
  ],
  BLOCK_AS_IMPLICIT_KEY: [
    {
      says: /mapping/,
      code: 'yaml.text-as-map',
      message: 'A colon followed by a space begins a map here, where a text has begun already.',
      remedy: 'Put the whole text in quotes.',
    },
    {
      message:
        'This list item is indented differently from the others, or stands where a key is expected.',
      remedy: 'Let the items of one list begin in the same column.',
    },
  ],
  BLOCK_IN_FLOW: [
    {
      message:
        'Between brackets a comma is missing, an item begins with a dash, or a text with a colon lacks its quotes.',
      remedy: 'Separate the items with commas, use no dashes, and put texts with colons in quotes.',
    },
  ],
  DUPLICATE_KEY: [{ code: 'yaml.duplicate-key', message: 'This key stands twice in one map.' }],
  IMPOSSIBLE: UNKNOWN,
  KEY_OVER_1024_CHARS: [
    {
      message: 'A key is longer than 1,024 characters.',
      remedy: 'Check for a missing line break or quote.',
    },
  ],
  MISSING_CHAR: [
    {
      says: /^Missing closing/,
      message: 'The quoted text that begins here has no closing quote.',
      remedy: 'Close it; where it runs over several lines, indent them.',
      at: 'opening',
    },
    {
      says: /map values/,
      message: 'A key is expected here, and a key needs a colon after it.',
      remedy:
        'Write `key: value`; check the indentation, and that no dash is missing before a list item.',
    },
    {
      says: /directives-end/,
      message: 'What follows `---` or a directive is not where it is expected.',
      remedy: 'Let the document begin on the line after `---`.',
    },
    {
      says: /between flow/,
      message: 'A comma is missing between two items.',
      remedy: 'Separate the items between brackets with commas.',
    },
    {
      says: /^Comments/,
      message: 'A comment needs a space before its `#`.',
      remedy: 'Add the space, or put the text in quotes.',
    },
    ...UNKNOWN,
  ],
  MULTILINE_IMPLICIT_KEY: [
    {
      message: 'A key must stand on one line.',
      remedy: 'Check for a missing colon on the line before.',
    },
  ],
  MULTIPLE_ANCHORS: ALIAS,
  MULTIPLE_DOCS: UNKNOWN,
  MULTIPLE_TAGS: TAG,
  NON_STRING_KEY: [{ message: 'A key must be a text.' }],
  RESOURCE_EXHAUSTION: UNKNOWN,
  TAB_AS_INDENT: [
    {
      code: 'yaml.tab',
      message: 'A tab indents this line; YAML allows spaces alone.',
      remedy: 'Replace the tab with spaces.',
    },
  ],
  TAG_RESOLVE_FAILED: TAG,
  UNEXPECTED_TOKEN: [
    {
      says: /same line with key/,
      message: 'A list cannot begin on the line of its key.',
      remedy: 'Begin it on the next line, or write it in brackets.',
    },
    {
      says: /node end/,
      message: 'The value has ended, and more text follows it.',
      remedy: 'Put the whole text in quotes; a quote inside quotes is written twice.',
    },
    {
      says: /flow-(map|seq)-end/,
      message: 'A bracket is closed that was not opened.',
      remedy: 'Delete it, or put the text in quotes.',
    },
    {
      says: /header/,
      message: 'After `|` or `>` the text begins on the next line.',
      remedy: 'Put the text on the next line, indented.',
    },
    {
      message: 'This is not expected here.',
      remedy: 'Check the indentation and the brackets of the lines above.',
    },
  ],
};

/** Puts an error of the parser into words; they never repeat the text, which may hold a secret. */
export const explainSyntax = (error: YAMLParseError): SyntaxFinding => {
  const row =
    ROWS[error.code].find(({ says }) => says === undefined || says.test(error.message)) ??
    UNKNOWN[0];
  return {
    code: row?.code ?? 'yaml.syntax',
    message: row?.message ?? '',
    remedy: row?.remedy ?? null,
    at: row?.at ?? 'here',
    local: row?.local ?? false,
  };
};
