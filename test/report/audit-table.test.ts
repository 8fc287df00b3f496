/** The list of the journal for spreadsheets and for programs. */
import { describe, expect, it } from 'vitest';
import { auditCsvHeader, auditCsvLine } from '../../src/report/audit-csv.js';
import { auditJsonHead, auditJsonRow, auditJsonTail } from '../../src/report/audit-json.js';
import type { AuditRow } from '../../src/domain/audit.js';
import { auditRows } from '../support/audit-lists.js';
import { expectFile } from '../support/expected.js';
import { BILLING, corrected, hashOf, record } from '../support/records.js';

const csv = (rows: readonly AuditRow[]): string =>
  auditCsvHeader() + rows.map(auditCsvLine).join('');

/** Reads CSV as RFC 4180 says, and as nothing else. */
const cellsOf = (text: string): readonly (readonly string[])[] => {
  const lines: string[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (let at = 0; at < text.length; at = cell.lastIndex) {
    const [, quoted, bare = '', end] = cell.exec(text) ?? [];
    if (end === undefined) throw new Error(`no CSV at ${at}: ${text.slice(at, at + 40)}`);
    lines.at(-1)?.push(quoted?.replaceAll('""', '"') ?? bare);
    if (end === '\r\n') lines.push([]);
  }
  return lines.slice(0, -1);
};

const named = (name: string): AuditRow => ({
  record: record(1, corrected({ queue: { ...BILLING, name } })),
  hash: hashOf(1),
  run: { id: 'run-1', started: null, outcome: null },
  deliveries: [],
});

const nameIn = (row: AuditRow): string => cellsOf(auditCsvLine(row))[0]?.[4] ?? '';

describe('CSV', () => {
  it('is a header, and a line a record that ends with CRLF', () => {
    const text = csv(auditRows());
    expectFile(text, './expected/audit-list.csv', import.meta.url);
    const cells = cellsOf(text);
    expect(cells[0]?.join()).toBe(
      'at,type,run,queue_id,queue_name,division,cause,compliance_met,actor,commit,sentence,seq,hash',
    );
    expect(cells).toHaveLength(auditRows().length + 1);
    expect(new Set(cells.map((line) => line.length))).toEqual(new Set([13]));
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('makes no formula of %j', (name) => {
    expect(nameIn(named(name))).toMatch(/^'/);
  });

  it.each(['Billing "EN"', 'a, b', '"', '""', ',', 'Zürich – É', "it's"])('keeps %j', (name) => {
    expect(nameIn(named(name))).toBe(name);
  });

  it('spells out what cannot be seen', () => {
    expect(nameIn(named('A\r\nB\u202eC'))).toBe(
      'A<U+000D CARRIAGE RETURN><U+000A LINE FEED>B<U+202E RIGHT-TO-LEFT OVERRIDE>C',
    );
  });
});

describe('JSON', () => {
  const json = (rows: readonly AuditRow[]): string =>
    auditJsonHead() +
    rows.map((row, index) => auditJsonRow(row, index === 0)).join('') +
    auditJsonTail(rows.length === 0, 3, []);

  it('is one object, with one record a line', () => {
    const rows = auditRows();
    const text = json(rows);
    const list = JSON.parse(text) as { readonly records: readonly object[] };
    expect(list).toMatchObject({
      kind: 'AuditList',
      formatVersion: '1.0',
      more: 3,
      diagnostics: [],
    });
    expect(Object.keys(list)).toEqual(['kind', 'formatVersion', 'records', 'more', 'diagnostics']);
    expect(list.records).toHaveLength(rows.length);
    expect(text.split('\n').filter((line) => line.startsWith('    {"id":'))).toHaveLength(
      rows.length,
    );
    expect(text).not.toMatch(/[\u202a-\u202e]/);
  });

  it('has of each record its id, its sentence, and the whole of it', () => {
    const [first, , third] = auditRows();
    const { records } = JSON.parse(json(auditRows())) as {
      readonly records: readonly Readonly<Record<string, unknown>>[];
    };
    expect(records[0]).toMatchObject({ id: null, type: 'run.started', queue: null });
    expect(records[0]?.['record']).toEqual(first?.record);
    expect(Object.keys(records[2] ?? {})).toEqual([
      'id',
      'seq',
      'hash',
      'at',
      'type',
      'run',
      'queue',
      'sentence',
      'deliveries',
      'record',
    ]);
    expect(records[2]).toMatchObject({
      id: `evt_${hashOf(3).slice('sha256:'.length, 'sha256:'.length + 32)}`,
      type: 'wrapkeeper.queue.corrected',
      queue: BILLING,
      deliveries: [{ sink: 'ops' }, { sink: 'reporting', state: 'pending', attempts: 3 }],
      record: JSON.parse(JSON.stringify(third?.record)) as object,
    });
  });

  it('of nothing is valid as well', () => {
    expect(JSON.parse(json([]))).toMatchObject({ records: [], more: 3 });
  });
});
