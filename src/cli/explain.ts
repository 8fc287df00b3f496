/** `wrapkeeper explain QUEUE`: why a queue is wanted as it is. Reads the lists and the codes of one queue. */
import { EXIT } from '../domain/codes.js';
import type { ExitCode } from '../domain/codes.js';
import { distinctFindings } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { AppError } from '../domain/errors.js';
import type { LiveQueue } from '../domain/state.js';
import { closestName, normaliseName, quote, quoteFew } from '../domain/text.js';
import { findQueue, lookAtOrg, lookAtQueue } from '../apply/look-at-org.js';
import { requestsSince } from '../apply/ports.js';
import { explainQueue } from '../plan/explain-queue.js';
import { renderExplanationText } from '../report/explanation-text.js';
import { renderJson } from '../report/json.js';
import { findingsAbout } from '../resolve/findings-about.js';
import { compilePattern } from '../resolve/pattern.js';
import { traceQueue } from '../resolve/trace-queue.js';
import { openReader } from './connection.js';
import type { Session } from './session.js';
import { PassStatus } from './status.js';
import { loadWorkspace } from './workspace.js';

export interface ExplainOptions {
  readonly region?: string;
  readonly arguments: readonly [queue: string];
}

export const runExplain = async (
  session: Session,
  { region, arguments: [sought] }: ExplainOptions,
): Promise<ExitCode> => {
  const { io, screen, format } = session;
  const { settings, policySet } = await loadWorkspace(session);
  const connection = await openReader(session, {
    settings,
    region: region ?? null,
    signal: io.signal,
    status: new PassStatus(screen),
  });
  try {
    const { reader } = connection;
    const before = reader.requests();
    const looking = { reader, policySet, settings, now: io.clock.now(), sought };
    const look = await lookAtOrg(looking);
    const queue = theQueue(findQueue(look.lists, sought), sought, look.lists.queues);
    const seen = await lookAtQueue(queue, look, looking);
    const trace = traceQueue({ queue, policySet, inventory: look.lists, now: looking.now });
    const { diagnostics } = look.desired;
    const about = findingsAbout(queue, trace, policySet, diagnostics);
    const explanation = explainQueue({
      ...seen,
      organization: look.lists.organization,
      region: connection.region,
      api: settings.api,
      queue,
      trace,
      diagnostics: about,
      errorsElsewhere: countErrors(diagnostics) - countErrors(about),
      requests: requestsSince(before, reader).sent,
    });
    await screen.print(
      format === 'json' ? renderJson(explanation) : renderExplanationText(explanation, screen.out),
    );
    return EXIT.done;
  } finally {
    await connection.close();
  }
};

const countErrors = (diagnostics: readonly Diagnostic[]): number =>
  distinctFindings(diagnostics).filter(({ severity }) => severity === 'error').length;

/** @throws AppError `explain.unknown-queue` or `explain.several-queues` */
const theQueue = (
  [queue, ...others]: readonly LiveQueue[],
  sought: string,
  all: readonly LiveQueue[],
): LiveQueue => {
  if (queue !== undefined && others.length === 0) return queue;
  if (queue !== undefined) {
    const ids = [queue, ...others].map(({ id, division }) => `${id} (${division.name})`);
    throw new AppError(
      'explain.several-queues',
      `${ids.length} queues are named ${quote(sought)}: ${ids.join(', ')}.`,
    );
  }
  const near = nearNames(sought, all);
  throw new AppError(
    'explain.unknown-queue',
    `No queue that these credentials can see has the name or id ${quote(sought)}.`,
    near.length === 0 ? {} : { remedy: `Did you mean ${quoteFew(near)}?` },
  );
};

/** The closest name, and names that hold what was written, or that it means as a pattern. */
const nearNames = (sought: string, queues: readonly LiveQueue[]): readonly string[] => {
  const part = normaliseName(sought).trim().toLowerCase();
  if (part === '') return [];
  const names = queues.map(({ name }) => name).sort();
  const closest = closestName(sought, names);
  const pattern = compilePattern(normaliseName(sought));
  const holding = names.filter((name) => {
    const normal = normaliseName(name);
    return normal.toLowerCase().includes(part) || pattern.matches(normal);
  });
  return [...new Set([...(closest === null ? [] : [closest]), ...holding])];
};
