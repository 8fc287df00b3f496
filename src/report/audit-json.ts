/** A list of the journal as JSON: one object, written piece by piece, one record a line. */
import { auditQueueOf, auditTypeOf, eventIdOf } from '../domain/audit.js';
import type { AuditRow, Delivery } from '../domain/audit.js';
import { PLAN_FORMAT } from '../domain/change.js';
import type { DiagnosticJson } from '../domain/change.js';
import { eventTypeOf } from '../domain/journal.js';
import type { JournalRecord } from '../domain/journal.js';
import { sentenceOf } from './audit-words.js';
import { renderJsonLine } from './json.js';

/** A record of a list. */
interface AuditRecordJson {
  /** The id of its event; null where it has none. */
  readonly id: string | null;
  readonly seq: number;
  readonly hash: string;
  readonly at: string;
  readonly type: ReturnType<typeof auditTypeOf>;
  /** null: it is of none, as what another system told. */
  readonly run: string | null;
  readonly queue: ReturnType<typeof auditQueueOf>;
  readonly sentence: string;
  readonly deliveries: readonly Delivery[];
  /** As it stands in the journal. */
  readonly record: JournalRecord;
}

/** Everything before the first record. */
export const auditJsonHead = (): string =>
  `{\n  "kind": "AuditList",\n  "formatVersion": ${renderJsonLine(PLAN_FORMAT)},\n  "records": [`;

/** A record, and what stands between it and the one before. */
export const auditJsonRow = (
  { record, hash, run, deliveries }: AuditRow,
  isFirst: boolean,
): string => {
  const row: AuditRecordJson = {
    id: eventTypeOf(record) === null ? null : eventIdOf(hash),
    seq: record.seq,
    hash,
    at: record.at,
    type: auditTypeOf(record),
    run: run?.id ?? null,
    queue: auditQueueOf(record),
    sentence: sentenceOf(record),
    deliveries,
    record,
  };
  return `${isFirst ? '' : ','}\n    ${renderJsonLine(row)}`;
};

/** Everything behind the last record. */
export const auditJsonTail = (
  isEmpty: boolean,
  more: number,
  diagnostics: readonly DiagnosticJson[],
): string =>
  `${isEmpty ? '' : '\n  '}],\n  "more": ${more},\n  "diagnostics": ${renderJsonLine(diagnostics)}\n}\n`;
