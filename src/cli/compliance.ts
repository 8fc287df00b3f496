/** `wrapkeeper compliance`: how interactions really ended. It is given a connection that cannot write. */
import { surveyCompliance } from '../apply/survey-compliance.js';
import { CODES, EXIT } from '../domain/codes.js';
import type { ExitCode } from '../domain/codes.js';
import type { ComplianceReport } from '../domain/compliance.js';
import { renderJson } from '../report/json.js';
import { renderComplianceMarkdown } from '../report/markdown-compliance.js';
import { renderComplianceText } from '../report/text-compliance.js';
import { periodOf } from './compliance-options.js';
import type { ComplianceOptions } from './compliance-options.js';
import { openReader } from './connection.js';
import { selectNames, selectQueues } from './selection.js';
import type { Session } from './session.js';
import { PassStatus } from './status.js';
import { loadWorkspace } from './workspace.js';

export const runCompliance = async (
  session: Session,
  options: ComplianceOptions,
): Promise<ExitCode> => {
  const { io, screen, version } = session;
  const period = periodOf(options, io.clock.now());
  const workspace = await loadWorkspace(session);
  const byName = selectQueues(options.queue ?? []);
  const byDivision = selectNames(options.division ?? [], {
    option: '--division',
    what: 'governed queue',
    known: (count) => `There are governed queues in ${count} divisions`,
  });
  const connection = await openReader(session, {
    settings: workspace.settings,
    region: options.region ?? null,
    signal: io.signal,
    status: new PassStatus(screen),
  });
  try {
    const report = await surveyCompliance({
      ...workspace,
      ...connection,
      tool: `wrapkeeper/${version}`,
      clock: io.clock,
      period,
      // Both look at every queue, so that each can say what it has met.
      selects: (queue) =>
        [byName.selects(queue), byDivision.selects(queue.division.name)].every(Boolean),
      selected: () => {
        byName.mustHaveMatched();
        byDivision.mustHaveMatched();
      },
      failUnder: options.failUnder ?? null,
    });
    await screen.print(render(report, session));
    return (report.failUnder?.queues.length ?? 0) > 0 ? CODES['compliance.under'].exit : EXIT.done;
  } finally {
    await connection.close();
  }
};

const render = (report: ComplianceReport, { format, screen }: Session): string => {
  if (format === 'json') return renderJson(report);
  if (format === 'markdown') return renderComplianceMarkdown(report);
  return renderComplianceText(report, screen.out);
};
