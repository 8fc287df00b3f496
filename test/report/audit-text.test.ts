import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { diagnosticJson, warning } from '../../src/domain/diagnostics.js';
import { renderAuditText } from '../../src/report/audit-text.js';
import type { AuditList } from '../../src/report/audit-text.js';
import { widthOf } from '../../src/report/layout.js';
import { auditRows } from '../support/audit-lists.js';
import { expectFile } from '../support/expected.js';

const list = (changes: Partial<AuditList> = {}): AuditList => ({
  rows: auditRows(),
  more: 1_184,
  diagnostics: [],
  emptyPlace: null,
  ...changes,
});

const broken = diagnosticJson(
  warning({
    code: 'journal.broken',
    message:
      'The journal is not what was written: .wrapkeeper/journal.000000000001.jsonl, line 3: it does not hold the hash of the record before it.',
    remedy: 'See `wrapkeeper audit verify`.',
  }),
);

describe('renderAuditText', () => {
  it.each([80, 200])('shows a list run by run in %d columns', (width) => {
    const text = renderAuditText(list({ diagnostics: [broken] }), { width, color: false });
    expectFile(text, `./expected/audit-list-${width}.txt`, import.meta.url);
    for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(width);
  });

  it('differs in colour alone when colour is asked for', () => {
    const plain = renderAuditText(list(), { width: 80, color: false });
    const colored = renderAuditText(list(), { width: 80, color: true });
    expect(colored).not.toBe(plain);
    expect(stripVTControlCharacters(colored)).toBe(plain);
  });

  it('lets nothing through that cannot be seen or steers a terminal', () => {
    const text = renderAuditText(list(), { width: 80, color: false });
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('tells queues that ended alike once, and what differs by itself', () => {
    const [, , row] = auditRows();
    if (row?.record.kind !== 'queue.outcome') throw new Error('no outcome of a queue');
    const { record } = row;
    const of = (name: string, changes: Partial<typeof row> = {}, at = record.at) => ({
      ...row,
      record: { ...record, at, queue: { ...record.queue, name } },
      ...changes,
    });
    const text = renderAuditText(
      list({
        rows: [
          of('Billing FR'),
          of('Other sinks', { deliveries: [] }),
          of('Billing DE', {}, '2026-11-23T09:00:59.000Z'),
          of('The day after', {}, '2026-11-24T09:00:59.000Z'),
        ],
        more: 0,
      }),
      { width: 80, color: false },
    );
    expect(text).toContain(
      '  09:00:03  2 queues: Billing DE, Billing FR\n            codes added:',
    );
    expect(text).toContain('2 events, the last at 09:00:59; delivered to ops');
    expect(text).toContain('  09:00:03  Other sinks: codes added:');
    expect(text).toContain('  2026-11-24 09:00:59  The day after: codes added:');
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      '4 records of 1 run. `--queue NAME` and `--format json` tell each queue by itself.',
    );
  });

  const sum = (changes: Partial<AuditList>): string =>
    renderAuditText(list(changes), { width: 80, color: false }).trimEnd().split('\n').at(-1) ?? '';

  it('says in the last line how much it is', () => {
    const rows = auditRows().slice(0, 1);
    expect(sum({ rows, more: 0 })).toBe('1 record of 1 run.');
    expect(sum({ rows, more: 1 })).toBe(
      '1 record of 1 run; 1 older record is not shown: --limit shows more.',
    );
    expect(sum({ rows: [], more: 0 })).toBe('No record matches.');
    expect(sum({ rows: [], more: 0, emptyPlace: 'in ".wrapkeeper"' })).toBe(
      'The journal in ".wrapkeeper" is empty: nothing was recorded yet.',
    );
  });
});
