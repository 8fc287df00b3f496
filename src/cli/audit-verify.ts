/** `wrapkeeper audit verify`: whether the journal is what was written. Reads, and writes nothing. */
import type { Anchor, Verification } from '../domain/audit.js';
import { CODES, EXIT } from '../domain/codes.js';
import type { ExitCode } from '../domain/codes.js';
import { diagnosticJson, hasErrors, problem, warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { AppError } from '../domain/errors.js';
import { verifyJournal } from '../journal/verify.js';
import { renderVerificationText, verificationJson } from '../report/audit-verification.js';
import { failureWith, renderJson } from '../report/json.js';
import { brokenChain, withAuditJournal } from './audit-journal.js';
import type { AuditJournal } from './audit-journal.js';
import type { Session } from './session.js';

export interface AuditVerifyOptions {
  readonly expect?: Anchor;
}

export const runAuditVerify = async (
  session: Session,
  { expect: anchor }: AuditVerifyOptions,
): Promise<ExitCode> =>
  withAuditJournal(session, async (journal) => {
    const verification = await verifyJournal(journal.folder, anchor ?? null);
    const diagnostics = findingsOf(verification, anchor ?? null, journal);
    const told = diagnostics.map(diagnosticJson);
    const { screen, format } = session;
    const failed = hasErrors(diagnostics);
    const result = verificationJson(shownIn(verification, journal), told);
    await screen.print(
      format === 'json'
        ? renderJson(failed ? failureWith(diagnostics, { verification: result }) : result)
        : renderVerificationText(verification, told, journal.place, screen.out),
    );
    return failed ? EXIT.error : EXIT.done;
  });

const shownIn = (verification: Verification, { shown }: AuditJournal): Verification => ({
  ...verification,
  broken:
    verification.broken === null
      ? null
      : { ...verification.broken, at: shown(verification.broken.at) },
});

/** Errors first. */
const findingsOf = (
  verification: Verification,
  anchor: Anchor | null,
  journal: AuditJournal,
): readonly Diagnostic[] => {
  const { broken, tornBytes, expected } = verification;
  if (expected.length > 1)
    throw new AppError('cli.usage', `--expect fits ${expected.length} records.`, {
      remedy: 'Give more digits of the hash.',
    });
  return [
    ...(broken === null ? [] : brokenChain(broken, journal).diagnostics),
    ...(anchor === null || expected.length > 0 ? [] : [unexpected(anchor, verification, journal)]),
    ...(tornBytes === 0
      ? []
      : [
          warning({
            code: 'journal.torn',
            message: `The last line of the journal ${journal.place} is cut off (${tornBytes} bytes): a run ended while it wrote it, or is writing it now. What stands before it is whole.`,
            remedy: CODES['journal.torn'].remedy,
          }),
        ]),
  ];
};

/**
 * | the anchor                                     | what it is told |
 * |------------------------------------------------|-----------------|
 * | names a record that was taken away             | so, and that it cannot be checked any more |
 * | names a record behind the last one             | that the journal was cut off, or is another one |
 * | names a record that has another hash           | that it was rewritten, or is another one |
 * | is a hash alone                                | all of these |
 */
const unexpected = (
  { seq, digits }: Anchor,
  { start, head }: Verification,
  { place }: AuditJournal,
): Diagnostic => {
  const hash = `sha256:${digits}${digits.length < 64 ? '…' : ''}`;
  const what =
    seq === null
      ? `No record of the journal ${place} has the hash ${hash}: it was cut off at its end, rewritten whole, or is another journal. It ends at record ${head.seq}`
      : seq < start.seq
        ? `Record ${seq} (${hash}) was taken away from the journal ${place} with older files: the chain begins behind record ${start.seq}`
        : seq > head.seq
          ? `Record ${seq} (${hash}) is not in the journal ${place}: it was cut off at its end, or is another journal. It ends at record ${head.seq}`
          : `Record ${seq} of the journal ${place} has not the hash ${hash}: it was rewritten whole, or is another journal`;
  return problem({
    code: 'journal.unexpected',
    message: `${what}.`,
    remedy: CODES['journal.unexpected'].remedy,
  });
};
