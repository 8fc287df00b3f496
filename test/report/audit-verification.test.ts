import { describe, expect, it } from 'vitest';
import type { Verification } from '../../src/domain/audit.js';
import { diagnosticJson, problem, warning } from '../../src/domain/diagnostics.js';
import { renderVerificationText, verificationJson } from '../../src/report/audit-verification.js';
import { widthOf } from '../../src/report/layout.js';
import { expectFile } from '../support/expected.js';
import { hashOf } from '../support/records.js';

const PLACE = 'in ".wrapkeeper"';
const head = { seq: 1_042, hash: hashOf(1_042) };

const holding = (changes: Partial<Verification> = {}): Verification => ({
  records: 730,
  start: { seq: 312, hash: hashOf(312) },
  head,
  firstAt: '2026-01-01T09:00:00.000Z',
  lastAt: '2026-11-23T09:00:12.345Z',
  broken: null,
  tornBytes: 0,
  expected: [],
  ...changes,
});

const error = diagnosticJson(
  problem({
    code: 'journal.broken',
    message: 'The journal is not what was written: .wrapkeeper/journal.000000000313.jsonl, line 3.',
    remedy: 'Keep the files as evidence.',
  }),
);
const torn = diagnosticJson(
  warning({ code: 'journal.torn', message: 'The last line is cut off.' }),
);

const CASES = {
  holds: [holding({ expected: [{ seq: 400, hash: hashOf(400) }], tornBytes: 17 }), [torn]],
  broken: [
    holding({ head: { seq: 314, hash: hashOf(314) }, records: 2, broken: { at: 'x', fault: 'y' } }),
    [error],
  ],
  unexpected: [
    holding({ start: { seq: 0, hash: `sha256:${'0'.repeat(64)}` }, records: 1_042 }),
    [diagnosticJson(problem({ code: 'journal.unexpected', message: 'No record has the hash.' }))],
  ],
} as const;

describe('a verification', () => {
  it.each(Object.entries(CASES))('%s, as text', (name, [verification, diagnostics]) => {
    for (const width of [80, 200]) {
      const text = renderVerificationText(verification, diagnostics, PLACE, {
        width,
        color: false,
      });
      expectFile(text, `./expected/audit-verify-${name}-${width}.txt`, import.meta.url);
      for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(width);
    }
  });

  it('of an empty journal is a sentence', () => {
    const start = { seq: 0, hash: `sha256:${'0'.repeat(64)}` };
    const empty = holding({ records: 0, start, head: start, firstAt: null, lastAt: null });
    expect(renderVerificationText(empty, [], PLACE, { width: 80, color: false })).toBe(
      'The journal in ".wrapkeeper" is empty: nothing was recorded yet.\n',
    );
  });

  it('is JSON with a verdict', () => {
    expect(verificationJson(holding(), [torn])).toMatchObject({
      kind: 'AuditVerification',
      formatVersion: '1.0',
      valid: true,
      records: 730,
      from: '2026-01-01T09:00:00.000Z',
      head,
      expected: null,
    });
    expect(verificationJson(holding(), [error])).toMatchObject({ valid: false });
  });
});
