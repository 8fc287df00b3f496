/** A list of the journal for spreadsheets: CSV of RFC 4180, lines that end with CRLF. */
import { auditQueueOf, auditTypeOf } from '../domain/audit.js';
import type { AuditRow } from '../domain/audit.js';
import { sentenceOf } from './audit-words.js';
import { visible } from './visible.js';

const COLUMNS: readonly (readonly [name: string, of: (row: AuditRow) => string | null])[] = [
  ['at', ({ record }) => record.at],
  ['type', ({ record }) => auditTypeOf(record)],
  ['run', ({ run }) => run?.id ?? null],
  ['queue_id', ({ record }) => auditQueueOf(record)?.id ?? null],
  ['queue_name', ({ record }) => auditQueueOf(record)?.name ?? null],
  ['division', ({ record }) => auditQueueOf(record)?.division ?? null],
  ['cause', ({ record }) => ('cause' in record ? record.cause : null)],
  // What a read of ours showed, and never what another system claims.
  ['compliance_met', ({ record }) => ('compliant' in record ? String(record.compliant) : null)],
  ['actor', ({ run }) => run?.started?.actor ?? null],
  ['commit', ({ record, run }) => ('commit' in record ? record.commit : commitOf(run))],
  ['sentence', ({ record }) => sentenceOf(record)],
  ['seq', ({ record }) => String(record.seq)],
  ['hash', ({ hash }) => hash],
];

const commitOf = (run: AuditRow['run']): string | null => run?.started?.source.commit ?? null;

/** The first line. */
export const auditCsvHeader = (): string => line(COLUMNS.map(([name]) => name));

/** The line of a record. */
export const auditCsvLine = (row: AuditRow): string =>
  line(COLUMNS.map(([, of]) => cell(of(row) ?? '')));

const line = (cells: readonly string[]): string => `${cells.join(',')}\r\n`;

/** A spreadsheet takes a cell that begins so for a formula, and would compute it; an apostrophe makes it text. */
const FORMULA = /^[=+\-@\t\r]/;

const cell = (text: string): string => {
  const shown = visible(text);
  const safe = FORMULA.test(text) || FORMULA.test(shown) ? `'${shown}` : shown;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};
