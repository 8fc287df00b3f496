import { describe, expect, it } from 'vitest';
import { CODES, EXIT } from '../../src/domain/codes.js';
import {
  byPlace,
  diagnosticJson,
  hasErrors,
  problem,
  warning,
} from '../../src/domain/diagnostics.js';
import { AppError, invalidInput } from '../../src/domain/errors.js';
import { Secret } from '../../src/domain/secret.js';
import { inspect } from 'node:util';

const span = (file: string, line: number, column = 1) => ({
  file,
  line,
  column,
  endLine: line,
  endColumn: column + 3,
});

describe('diagnostics', () => {
  it('are flat in JSON, a place or nulls', () => {
    expect(
      diagnosticJson(
        problem({ code: 'policy.conflict', message: 'Two disagree.', span: span('a.yaml', 3, 5) }),
      ),
    ).toEqual({
      code: 'policy.conflict',
      severity: 'error',
      message: 'Two disagree.',
      remedy: null,
      file: 'a.yaml',
      line: 3,
      column: 5,
      queue: null,
    });
  });

  it('are ordered by file, line, column, rule; those without a place come last', () => {
    const found = [
      warning({ code: 'policy.expired', message: 'none' }),
      problem({ code: 'policy.conflict', message: '3', span: span('b.yaml', 1) }),
      problem({ code: 'policy.conflict', message: '2', span: span('a.yaml', 9) }),
      problem({ code: 'policy.conflict', message: '1', span: span('a.yaml', 2, 7) }),
      problem({ code: 'catalog.duplicate', message: '0', span: span('a.yaml', 2, 7) }),
    ];
    expect(found.sort(byPlace).map(({ message }) => message)).toEqual(['0', '1', '2', '3', 'none']);
  });

  it('stop a run only where one is an error', () => {
    const told = warning({ code: 'policy.expired', message: 'told' });
    expect(hasErrors([told])).toBe(false);
    expect(hasErrors([told, problem({ code: 'policy.conflict', message: 'stops' })])).toBe(true);
  });
});

describe('AppError', () => {
  it('takes its exit code and its remedy from the list of codes', () => {
    const error = new AppError('genesys.forbidden', 'No permission.', { correlationId: 'abc' });
    expect(error.exitCode).toBe(EXIT.error);
    expect(error.diagnostics).toEqual([
      problem({
        code: 'genesys.forbidden',
        message: 'No permission.',
        remedy: CODES['genesys.forbidden'].remedy,
      }),
    ]);
  });

  it('carries every finding of invalid input, and ends with 6', () => {
    const findings = [
      warning({ code: 'policy.expired', message: 'told' }),
      problem({ code: 'policy.conflict', message: 'first' }),
      problem({ code: 'reference.unknown-code', message: 'second' }),
    ];
    const error = invalidInput(findings);
    expect(error.exitCode).toBe(EXIT.invalid);
    expect(error.diagnostics).toBe(findings);
    expect(error.message).toBe('2 errors, the first: first');
  });

  it('is not made of warnings', () => {
    expect(() => invalidInput([warning({ code: 'policy.expired', message: 'told' })])).toThrow(
      'at least one error',
    );
  });
});

describe('Secret', () => {
  it('appears in no text', () => {
    const secret = new Secret('hunter2');
    const texts = [String(secret), JSON.stringify({ secret }), inspect({ secret })];
    expect(texts.join()).not.toContain('hunter2');
    expect(secret.reveal()).toBe('hunter2');
  });
});
