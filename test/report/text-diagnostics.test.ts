import { stripVTControlCharacters } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diagnosticJson, problem } from '../../src/domain/diagnostics.js';
import { AppError } from '../../src/domain/errors.js';
import {
  findingBlocks,
  renderDiagnosticsText,
  renderErrorText,
} from '../../src/report/text-diagnostics.js';
import { widthOf } from '../../src/report/layout.js';
import { expectFile } from '../support/expected.js';
import { FINDINGS, placeOf, SOURCES } from '../support/findings.js';
import { hostileName } from '../support/texts.js';

const PLAIN = { width: 80, color: false };

describe('renderDiagnosticsText', () => {
  it.each([80, 200])('reads well in %d columns', (width) => {
    const text = renderDiagnosticsText(FINDINGS, SOURCES, { width, color: false });
    expectFile(text, `./expected/diagnostics-${width}.txt`, import.meta.url);
    for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(width);
  });

  it('is empty where there is nothing to say', () => {
    expect(renderDiagnosticsText([], SOURCES, PLAIN)).toBe('');
  });

  it('differs in colour alone when colour is asked for', () => {
    const colored = renderDiagnosticsText(FINDINGS, SOURCES, { width: 80, color: true });
    expect(colored).toContain('\u001b[31merror\u001b[39m policy.conflict');
    expect(stripVTControlCharacters(colored)).toBe(renderDiagnosticsText(FINDINGS, SOURCES, PLAIN));
  });

  it('does without a snippet where the source is not at hand', () => {
    const finding = problem({
      code: 'policy.conflict',
      message: 'm',
      span: placeOf('policies/common.yaml', 'OPTIONAL'),
    });
    expect(renderDiagnosticsText([finding], new Map(), PLAIN)).toBe(
      'policies/common.yaml:10:13 error policy.conflict\n  m\n\n1 error in 1 file\n',
    );
  });

  it('prints no control character and no runner command, whatever messages and sources hold', () => {
    fc.assert(
      fc.property(hostileName(), hostileName(), hostileName(), (file, message, source) => {
        const span = { file, line: 1, column: 1, endLine: 1, endColumn: 9 };
        const finding = problem({
          code: 'policy.conflict',
          message,
          remedy: message,
          queue: message,
          span,
          related: [{ message, span }],
        });
        const text = renderDiagnosticsText([finding], new Map([[file, source]]), {
          width: 40,
          color: false,
        });
        expect(text).not.toMatch(/(?!\n|[\u200C\u200D])[\p{Cc}\p{Cf}]/u);
        expect(text).not.toMatch(/^\s*::/m);
        expect(text).not.toContain('##[');
      }),
    );
  });
});

describe('renderErrorText', () => {
  it('ends with the correlation id', () => {
    const error = new AppError(
      'genesys.timeout',
      'GET /api/v2/routing/queues got no answer within 16 s',
      { correlationId: '3b1f' },
    );
    expect(renderErrorText(error, SOURCES, PLAIN)).toBe(`error genesys.timeout
  GET /api/v2/routing/queues got no answer within 16 s
  help: Try again; check the network if it stays so.
  correlation id 3b1f
`);
  });

  it('does not repeat a correlation id that a message says', () => {
    const error = new AppError('genesys.timeout', 'no answer (correlation id 3b1f)', {
      correlationId: '3b1f',
      remedy: null,
    });
    expect(renderErrorText(error, SOURCES, PLAIN)).toBe(
      'error genesys.timeout\n  no answer (correlation id 3b1f)\n',
    );
  });

  it('counts several diagnostics', () => {
    const error = new AppError('policy.conflict', 'm', { diagnostics: FINDINGS });
    expect(renderErrorText(error, SOURCES, PLAIN)).toBe(
      renderDiagnosticsText(FINDINGS, SOURCES, PLAIN),
    );
  });
});

describe('findingBlocks', () => {
  it('tells once what holds for several queues', () => {
    const findings = ['A', 'B, C', 'D'].map((queue) =>
      diagnosticJson(problem({ code: 'plan.unsafe', message: 'm', queue })),
    );
    expect(findingBlocks(findings, PLAIN)).toEqual([
      ['error plan.unsafe', '  m', '  queues: A, "B, C", D'],
    ]);
  });
});
