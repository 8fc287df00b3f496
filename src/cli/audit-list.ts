/** `wrapkeeper audit list`: what the journal tells. Reads, and writes nothing. */
import type { AuditRow } from '../domain/audit.js';
import { EXIT } from '../domain/codes.js';
import type { ExitCode } from '../domain/codes.js';
import { diagnosticJson } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { queryJournal } from '../journal/query.js';
import type { Listed } from '../journal/query.js';
import { auditCsvHeader, auditCsvLine } from '../report/audit-csv.js';
import { auditJsonHead, auditJsonRow, auditJsonTail } from '../report/audit-json.js';
import { renderAuditText } from '../report/audit-text.js';
import { findingBlocks } from '../report/text-diagnostics.js';
import { joinBlocks } from '../report/layout.js';
import { brokenWarning, withAuditJournal } from './audit-journal.js';
import type { AuditJournal } from './audit-journal.js';
import { auditQueryOf } from './audit-query.js';
import type { AuditListOptions } from './audit-query.js';
import type { Session } from './session.js';

export const runAuditList = async (
  session: Session,
  options: AuditListOptions,
): Promise<ExitCode> => {
  const query = auditQueryOf(options, session.format, session.io.clock.now());
  await withAuditJournal(session, async (journal) => {
    const list = await queryJournal(journal.folder, query);
    if (session.format === 'json') await printJson(session, list, journal);
    else if (session.format === 'csv') await printCsv(session, list, journal);
    else await printText(session, list, journal);
  });
  return EXIT.done;
};

type List = AsyncGenerator<Listed>;

const printText = async ({ screen }: Session, list: List, journal: AuditJournal): Promise<void> => {
  const rows: AuditRow[] = [];
  for await (const listed of list) {
    if (listed.kind === 'row') rows.push(listed);
    else {
      const diagnostics = findingsOf(listed, journal).map(diagnosticJson);
      const emptyPlace = listed.isEmpty && diagnostics.length === 0 ? journal.place : null;
      const { more } = listed;
      await screen.print(renderAuditText({ rows, more, diagnostics, emptyPlace }, screen.out));
    }
  }
};

const printJson = async (session: Session, list: List, journal: AuditJournal): Promise<void> => {
  const pieces = new Pieces(session);
  await pieces.add(auditJsonHead());
  let isEmpty = true;
  for await (const listed of list) {
    if (listed.kind === 'row') {
      await pieces.add(auditJsonRow(listed, isEmpty));
      isEmpty = false;
    } else {
      const findings = findingsOf(listed, journal).map(diagnosticJson);
      await pieces.add(auditJsonTail(isEmpty, listed.more, findings));
    }
  }
  await pieces.end();
};

/** What is not of the table goes to stderr: a spreadsheet has no place for it. */
const printCsv = async (session: Session, list: List, journal: AuditJournal): Promise<void> => {
  const { screen } = session;
  const pieces = new Pieces(session);
  await pieces.add(auditCsvHeader());
  for await (const listed of list) {
    if (listed.kind === 'row') await pieces.add(auditCsvLine(listed));
    else {
      await pieces.end();
      const findings = findingsOf(listed, journal).map(diagnosticJson);
      if (findings.length > 0) await screen.tell(joinBlocks(findingBlocks(findings, screen.err)));
    }
  }
};

const findingsOf = (
  { broken }: Extract<Listed, { readonly kind: 'end' }>,
  journal: AuditJournal,
): readonly Diagnostic[] => (broken === null ? [] : [brokenWarning(broken, journal)]);

const PIECE = 64 * 1024;

/** Writes many small texts as fewer large ones. */
class Pieces {
  readonly #session: Session;
  #text = '';

  constructor(session: Session) {
    this.#session = session;
  }

  async add(text: string): Promise<void> {
    this.#text += text;
    if (this.#text.length >= PIECE) await this.end();
  }

  async end(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    await this.#session.screen.print(text);
  }
}
