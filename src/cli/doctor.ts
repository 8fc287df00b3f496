/** `wrapkeeper doctor`: whether everything is in place to run. Goes on after a failed check; sends no write. */
import { checksOf } from '../domain/check.js';
import type { Check } from '../domain/check.js';
import { EXIT } from '../domain/codes.js';
import type { ExitCode } from '../domain/codes.js';
import { hasErrors, problem } from '../domain/diagnostics.js';
import { doctorReport } from '../report/doctor.js';
import { renderDoctorText } from '../report/doctor-text.js';
import { failureWith, renderJson } from '../report/json.js';
import { checkDaemon } from './doctor-daemon.js';
import { checkJournal } from './doctor-journal.js';
import { checkOrg } from './doctor-org.js';
import { checkFiles, checkMachine, settingsFaults } from './doctor-place.js';
import { checkWebhooks } from './doctor-webhooks.js';
import type { Session } from './session.js';
import { PassStatus } from './status.js';
import { readWorkspace } from './workspace.js';

export interface DoctorOptions {
  readonly region?: string;
}

export const runDoctor = async (session: Session, { region }: DoctorOptions): Promise<ExitCode> => {
  const { io, screen, format } = session;
  const workspace = await readWorkspace(session);
  const hasSettings = !hasErrors(settingsFaults(workspace));
  const { root, settings } = workspace;
  const places = { env: io.env, root };
  const org = await checkOrg({
    session,
    workspace,
    hasSettings,
    region: region ?? null,
    status: new PassStatus(screen),
  });
  const checks: readonly Check[] = [
    ...(await checkMachine(workspace, process.versions.node)),
    ...checkFiles(workspace),
    ...org.checks,
    ...(hasSettings
      ? [
          ...(await checkWebhooks(settings.webhooks, places)),
          ...(await checkJournal(workspace, io, org.organization)),
          ...(await checkDaemon({ settings, places, audits: auditsOf(org.checks) })),
        ]
      : [unread('webhooks'), unread('journal'), unread('daemon')]),
  ];
  const report = doctorReport(checks);
  const failures = checks.flatMap(({ status, code, message, remedy }) =>
    status === 'failure' && code !== null ? [problem({ code, message, remedy })] : [],
  );
  await screen.print(
    format === 'json'
      ? renderJson(report.healthy ? report : failureWith(failures, { doctor: report }))
      : renderDoctorText(report, screen.out),
  );
  return report.healthy ? EXIT.done : EXIT.error;
};

/** What was found about asking the audit log. */
const auditsOf = (checks: readonly Check[]): Check | null =>
  checks.find(({ group, name }) => group === 'permissions' && name === 'audits') ?? null;

const unread = (group: 'webhooks' | 'journal' | 'daemon'): Check =>
  checksOf(group).skipped(group, 'the settings cannot be read');
