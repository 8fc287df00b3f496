/** `wrapkeeper coverage`: what policies do not reach. Reads lists, and codes of queues where an answer needs them. */
import { EXIT } from '../domain/codes.js';
import type { ExitCode } from '../domain/codes.js';
import { distinctFindings } from '../domain/diagnostics.js';
import { AppError } from '../domain/errors.js';
import type { Division, LiveQueue } from '../domain/state.js';
import { closestName, normaliseName, quote } from '../domain/text.js';
import { lookAtOrg, readCodesOf } from '../apply/look-at-org.js';
import { requestsSince } from '../apply/ports.js';
import { completeCoverage, outlineCoverage } from '../diff/coverage.js';
import { coverageReport } from '../report/coverage.js';
import { renderCoverageText } from '../report/coverage-text.js';
import { renderJson } from '../report/json.js';
import { openReader } from './connection.js';
import { selectQueues } from './selection.js';
import type { Session } from './session.js';
import { PassStatus } from './status.js';
import { loadWorkspace } from './workspace.js';

export interface CoverageOptions {
  readonly queue?: readonly string[];
  readonly division?: readonly string[];
  readonly listsOnly?: boolean;
  readonly region?: string;
}

export const runCoverage = async (
  session: Session,
  { queue = [], division = [], listsOnly = false, region }: CoverageOptions,
): Promise<ExitCode> => {
  const { io, screen, format } = session;
  const { settings, policySet } = await loadWorkspace(session);
  const byName = selectQueues(queue, 'queue');
  const connection = await openReader(session, {
    settings,
    region: region ?? null,
    signal: io.signal,
    status: new PassStatus(screen),
  });
  try {
    const { reader } = connection;
    const before = reader.requests();
    const now = io.clock.now();
    const { lists, desired } = await lookAtOrg({ reader, policySet, settings, now });
    const inDivision = divisionFilter(division, lists.divisions, lists.queues);
    const outline = outlineCoverage({
      policySet,
      inventory: lists,
      desired,
      selects: (each) => inDivision(each) && byName.selects(each),
      now,
    });
    byName.mustHaveMatched();
    const isWhole = queue.length + division.length === 0;
    const toRead = listsOnly ? [] : outline.toRead;
    const read = await readCodesOf(reader, toRead, settings.limits.concurrency);
    const report = coverageReport({
      organization: lists.organization,
      region: connection.region,
      only: isWhole ? null : { queues: queue, divisions: division },
      coverage: completeCoverage(outline, listsOnly ? null : read.codes, isWhole),
      policies: policySet.policies.length,
      codes: lists.codes.length,
      diagnostics: distinctFindings([...desired.diagnostics, ...read.diagnostics]),
      requests: { sent: requestsSince(before, reader).sent, queuesRead: toRead.length },
    });
    await screen.print(
      format === 'json' ? renderJson(report) : renderCoverageText(report, screen.out),
    );
    return EXIT.done;
  } finally {
    await connection.close();
  }
};

/** @throws AppError `cli.usage` where a division is not known: an empty list would look like good news */
const divisionFilter = (
  wanted: readonly string[],
  known: readonly Division[],
  queues: readonly LiveQueue[],
): ((queue: LiveQueue) => boolean) => {
  const names = new Set(
    [...known, ...queues.map(({ division }) => division)].map(({ name }) => normaliseName(name)),
  );
  for (const name of wanted) {
    if (names.has(normaliseName(name))) continue;
    const near = closestName(name, names);
    throw new AppError('cli.usage', `--division ${quote(name)} has no queue.`, {
      remedy:
        near === null
          ? 'Check the spelling (case counts), and that the OAuth client may read queues of it.'
          : `Did you mean ${quote(near)}?`,
    });
  }
  const chosen = new Set(wanted.map(normaliseName));
  return ({ division }) => chosen.size === 0 || chosen.has(normaliseName(division.name));
};
