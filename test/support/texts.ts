/** Texts that try to be more than text, for properties of everything that is printed. */
import * as fc from 'fast-check';

/** What a name could carry to break out of a place where it is printed. */
const HOSTILE = [
  '\u001b[31m',
  '\u001b]8;;https://example.com\u0007',
  '\u009b2J',
  '\r',
  '\n',
  '\t',
  '\u2028',
  '\u202e',
  '\u200b',
  '\u2066',
  '\ufeff',
  '::error::',
  '::add-mask::x',
  '##[error]',
  '%0A',
  '|',
  '`',
  '```',
  '<!--',
  '-->',
  '</details>',
  '</code>',
  '<script>',
  '&lt;',
  '&#96;',
  '@octocat',
  '#1',
  '[a](https://example.com)',
  '![a](b)',
  'https://example.com',
  'www.example.com',
  ':tada:',
  '**',
  '_',
  '~~',
  '$x$',
  '\\',
  '"',
  ',',
  ';',
  '- ',
  '1. ',
  '# ',
  '> ',
  '---',
  ' ',
  'Billing',
  '請求',
  'e\u0301',
] as const;

/** Names pieced together from hostile parts and arbitrary characters. */
export const hostileName = (): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        fc.constantFrom(...HOSTILE),
        fc.string({ unit: 'grapheme', maxLength: 4 }),
        fc.string({ unit: 'binary', maxLength: 3 }),
      ),
      { minLength: 1, maxLength: 6 },
    )
    .map((parts) => parts.join(''));
