import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assemble, code, codeList, details, prose, table } from '../../src/report/markdown.js';
import { visible } from '../../src/report/visible.js';
import { hostileName } from '../support/texts.js';

/** Everything that could act in Markdown, HTML or on GitHub; what is left may stand anywhere in a line. */
const ACTIVE = /[<>&|`*_~[\]\\@#!$^{}\n\r]|:\S|www\.|^(?:[-+=]|\d+[.)])/i;

const decode = (html: string): string =>
  html.replace(/&#(\d+);/g, (_, point: string) => String.fromCodePoint(Number(point)));

describe('code', () => {
  it.each([
    ['Billing EN', '<code>Billing EN</code>'],
    ['a|b', '<code>a&#124;b</code>'],
    ['<!-- x -->', '<code>&#60;&#33;-- x --&#62;</code>'],
    ['`@octocat`', '<code>&#96;&#64;octocat&#96;</code>'],
    ['Sale – 50 %, no', '<code>Sale – 50 %, no</code>'],
  ])('%s: %s', (name, expected) => {
    expect(code(name)).toBe(expected);
  });

  it('is literal whatever the name, and reads as the name', () => {
    fc.assert(
      fc.property(hostileName(), (name) => {
        const inner = /^<code>(.*)<\/code>$/su.exec(code(name))?.[1] ?? 'no code';
        expect(inner.replace(/&#\d+;/g, 'x')).not.toMatch(ACTIVE);
        expect(decode(inner)).toBe(visible(name));
      }),
    );
  });
});

describe('prose', () => {
  it.each([
    ['give one a higher `priority`', 'give one a higher <code>priority</code>'],
    ['see policies/a.yaml: 1.5 s', 'see policies/a.yaml: 1.5 s'],
    ['by @octocat in #12', 'by <span>&#64;</span>octocat in <span>&#35;</span>12'],
    ['www.example.com', 'www&#46;example.com'],
    ['https://example.com', 'https&#58;//example.com'],
    ['- 1', '&#45; 1'],
    ['10. x', '10&#46; x'],
    ['an odd ` one', 'an odd &#96; one'],
  ])('%s: %s', (text, expected) => {
    expect(prose(text)).toBe(expected);
  });

  it('is literal whatever the text', () => {
    fc.assert(
      fc.property(hostileName(), (text) => {
        const rest = prose(text).replace(/<\/?code>|<span>&#(?:64|35);<\/span>|&#\d+;/g, 'x');
        expect(rest).not.toMatch(ACTIVE);
      }),
    );
  });

  it('mentions nobody: no sign stands in one run of text with what follows it', () => {
    fc.assert(
      fc.property(hostileName(), (text) => {
        const runs = decode(prose(text).replace(/<code>.*?<\/code>/gsu, '')).split(/<\/?span>/);
        for (const run of runs) expect(run).not.toMatch(/[@#]./su);
      }),
    );
  });
});

describe('codeList', () => {
  it('counts what it leaves out', () => {
    expect(codeList(['a', 'b', 'c'], 2)).toBe('<code>a</code>, <code>b</code> and 1 more');
    expect(codeList(['a', 'b'])).toBe('<code>a</code>, <code>b</code>');
  });
});

describe('table', () => {
  it('puts numbers to the right', () => {
    expect(
      table(
        ['what', 'how many'],
        [
          ['queues', '3'],
          ['codes', '12'],
        ],
      ),
    ).toBe('| what | how many |\n| --- | ---: |\n| queues | 3 |\n| codes | 12 |');
  });

  it('keeps its columns whatever the cells', () => {
    fc.assert(
      fc.property(hostileName(), hostileName(), (a, b) => {
        for (const line of table(['a', 'b'], [[code(a), prose(b)]]).split('\n'))
          expect(line.split('|')).toHaveLength(4);
      }),
    );
  });
});

describe('details', () => {
  it('leaves the blank lines that make its body Markdown', () => {
    expect(details('<b>s</b>', '- b')).toBe(
      '<details><summary><b>s</b></summary>\n\n- b\n\n</details>',
    );
  });
});

describe('assemble', () => {
  it('joins what has something to say', () => {
    expect(assemble(['a', '', 'b'])).toBe('a\n\nb\n');
  });

  it('leaves out the end and says so where there is no room', () => {
    const text = assemble(['a'.repeat(60), 'b'.repeat(60), 'c'.repeat(90)], 200);
    expect(text).toMatch(/^a{60}\n\nb{60}\n\n_What does not fit/);
  });

  it('is never longer than the limit', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300)), fc.integer({ min: 100, max: 600 }), (lengths, limit) => {
        expect(
          assemble(
            lengths.map((length) => 'x'.repeat(length)),
            limit,
          ).length,
        ).toBeLessThanOrEqual(limit);
      }),
    );
  });
});
