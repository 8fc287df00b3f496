/** What `compliance` does, top to bottom: read, resolve, ask how interactions ended, judge. */
import { judgeCompliance, queuesWithEndings } from '../diff/judge-compliance.js';
import { PLAN_FORMAT } from '../domain/change.js';
import type { Clock } from '../domain/clock.js';
import type { ComplianceReport, Period } from '../domain/compliance.js';
import { byPlace, diagnosticJson, distinctFindings, hasErrors } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { invalidInput } from '../domain/errors.js';
import type { LiveQueue } from '../domain/state.js';
import type { PolicySet } from '../policy/model.js';
import type { Settings } from '../policy/settings.js';
import { resolveDesired } from '../resolve/resolve.js';
import { requestsSince } from './ports.js';
import type { EndingsReader, OrgReader } from './ports.js';
import { confirmAbsences, identifyOrganization, readLists } from './read-org.js';

export interface ComplianceSurvey {
  readonly policySet: PolicySet;
  readonly settings: Settings;
  /** Warnings from reading the policies. */
  readonly diagnostics: readonly Diagnostic[];
  readonly region: string;
  readonly tool: string;
  readonly reader: OrgReader;
  readonly endings: EndingsReader;
  readonly clock: Clock;
  readonly period: Period;
  /** Which of the governed queues it is about. */
  readonly selects: (queue: LiveQueue) => boolean;
  /** Called once all governed queues were looked at, before anything is asked about them. */
  readonly selected: () => void;
  /** In percent, or null. */
  readonly failUnder: number | null;
}

/**
 * How interactions ended, per governed queue. Besides the lists it costs one request for every hundred queues
 * and every 31 days.
 *
 * @throws AppError of the first error in references and merges, with all findings; or `genesys.*`
 */
export const surveyCompliance = async (survey: ComplianceSurvey): Promise<ComplianceReport> => {
  const { policySet, settings, reader, period } = survey;
  const requestsBefore = reader.requests();

  const organization = await identifyOrganization(reader, settings);
  const lists = await readLists(reader, organization, [policySet], settings.changeWindows);
  const now = survey.clock.now();
  let desired = resolveDesired({ policySet, inventory: lists, settings, now });
  const corrected = await confirmAbsences(reader, lists, desired.absent);
  if (corrected !== null)
    desired = resolveDesired({ policySet, inventory: corrected, settings, now });
  const found = distinctFindings([...survey.diagnostics, ...desired.diagnostics]).sort(byPlace);
  if (hasErrors(found)) throw invalidInput(found);

  const queues = desired.queues.filter(({ queue }) => survey.selects(queue));
  survey.selected();
  const endings = await survey.endings.endingsOf(queuesWithEndings(queues), period);
  const { codes } = corrected ?? lists;
  const { failUnder } = survey;
  const { diagnostics, ...judged } = judgeCompliance({
    queues,
    endings,
    codes,
    api: settings.api,
    failUnder,
  });

  return {
    kind: 'ComplianceReport',
    formatVersion: PLAN_FORMAT,
    tool: survey.tool,
    organization: { id: organization.id, name: organization.name },
    region: survey.region,
    period: {
      from: new Date(period.from).toISOString(),
      until: new Date(period.until).toISOString(),
    },
    ...judged,
    requests: requestsSince(requestsBefore, reader),
    diagnostics: [...found, ...diagnostics].map(diagnosticJson),
  };
};
