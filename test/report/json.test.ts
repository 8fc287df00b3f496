import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.js';
import { errorReport, renderJson } from '../../src/report/json.js';
import { expectFile } from '../support/expected.js';
import { FINDINGS } from '../support/findings.js';
import { hostileName } from '../support/texts.js';

describe('renderJson', () => {
  it('indents by two and ends with a newline', () => {
    expect(renderJson({ b: 1, a: [] })).toBe('{\n  "b": 1,\n  "a": []\n}\n');
  });

  it('escapes what a terminal or a runner would act on', () => {
    expect(renderJson('\u009b2J\u202e##[error]\u{e0041}')).toBe(
      '"\\u009b2J\\u202e\\u0023#[error]\\udb40\\udc41"\n',
    );
  });

  it('changes the text, never the value', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), hostileName()), (value) => {
        const text = renderJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(text).not.toMatch(/(?!\n)\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}|##\[/u);
      }),
    );
  });
});

describe('errorReport', () => {
  it('carries the exit code, the diagnostics in order of place, and the correlation id', () => {
    const error = new AppError('genesys.forbidden', 'no', {
      correlationId: '7f',
      diagnostics: [...FINDINGS].reverse(),
    });
    expectFile(renderJson(errorReport(error)), './expected/error.json', import.meta.url);
  });

  it('says null where there is no correlation id', () => {
    const error = new AppError('cli.usage', 'unknown option --fast');
    expect(errorReport(error)).toEqual({
      kind: 'Error',
      formatVersion: '1.0',
      exitCode: 1,
      diagnostics: [
        {
          code: 'cli.usage',
          severity: 'error',
          message: 'unknown option --fast',
          remedy: 'See `wrapkeeper --help`.',
          file: null,
          line: null,
          column: null,
          queue: null,
        },
      ],
      correlationId: null,
    });
  });
});
