/** Everything about one queue: what is wanted and by whom, what is there, what would change, and what holds it. */
import { PLAN_FORMAT } from '../domain/change.js';
import type { Plan } from '../domain/change.js';
import { diagnosticJson } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { formatDuration } from '../domain/duration.js';
import type { LiveQueue, LiveQueueCodes, Organization } from '../domain/state.js';
import { effectiveAfterCallWork } from '../diff/after-call-work.js';
import type { QueueDrift } from '../diff/detect-drift.js';
import type { DesiredAfterCallWork } from '../resolve/model.js';
import type { QueueTrace, WorkWish } from '../resolve/trace-queue.js';
import { explainCodes } from './explain-codes.js';
import { fatesOf, holdsOf } from './explain-fates.js';
import type { Fate } from './explain-fates.js';
import { explainPolicy } from './explain-policies.js';
import { originOf, overridden } from './explain-wishes.js';
import type { ExplainedWork, Explanation } from './explanation.js';
import type { ForecastHold } from './forecast.js';
import { splitDrift } from './split.js';
import type { QueueSplit, Sections } from './split.js';

export interface ExplainInput {
  readonly organization: Organization;
  readonly region: string;
  readonly api: Plan['api'];
  readonly queue: LiveQueue;
  readonly trace: QueueTrace;
  /** null where no policy governs it. */
  readonly drift: QueueDrift | null;
  /** The queue's codes. */
  readonly codes: LiveQueueCodes;
  /** What passes by itself, and holds it now. */
  readonly forecast: ForecastHold | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly errorsElsewhere: number;
  readonly requests: number;
}

const NOTHING: Sections = { afterCallWork: null, wrapupCodes: null };

/** Puts the answer together. Pure. */
export const explainQueue = (input: ExplainInput): Explanation => {
  const { queue, trace, drift, forecast } = input;
  const split: QueueSplit = drift === null ? { change: NOTHING, held: [] } : splitDrift(drift);
  const fates = fatesOf(split, forecast);
  const sections = fates.flatMap(({ sections: { afterCallWork, wrapupCodes }, held }) =>
    [afterCallWork, wrapupCodes].flatMap((change) => (change === null ? [] : [held])),
  );
  return {
    kind: 'Explanation',
    formatVersion: PLAN_FORMAT,
    organization: { id: input.organization.id, name: input.organization.name },
    region: input.region,
    api: input.api,
    queue: { id: queue.id, name: queue.name, division: queue.division.name },
    policies: trace.policies.map(explainPolicy),
    afterCallWork: explainWork(
      queue,
      trace.afterCallWork,
      drift?.desired.enforced.afterCallWork ?? null,
      fates,
    ),
    wrapupCodes: explainCodes(input, fates),
    holds: holdsOf(drift?.desired ?? null, split, forecast),
    summary: {
      written: sections.filter((held) => held === null).length,
      held: sections.filter((held) => held !== null).length,
    },
    diagnostics: input.diagnostics.map(diagnosticJson),
    errorsElsewhere: input.errorsElsewhere,
    requests: input.requests,
  };
};

const explainWork = (
  queue: LiveQueue,
  wishes: readonly WorkWish[],
  wanted: DesiredAfterCallWork | null,
  fates: readonly Fate[],
): ExplainedWork => {
  const changes = fates.flatMap(({ sections: { afterCallWork }, held }) =>
    afterCallWork === null ? [] : [{ action: afterCallWork, held }],
  );
  return {
    live: effectiveAfterCallWork(queue.afterCallWork),
    wanted:
      wanted === null
        ? null
        : { prompt: wanted.prompt, timeoutMs: wanted.timeoutMs, from: wanted.from.map(originOf) },
    changes,
    overridden: wishes.flatMap(({ from, says, standing }) =>
      overridden(from, says === 'unmanaged' ? says : workText(says), standing),
    ),
  };
};

const workText = ({ prompt, timeoutMs }: Exclude<WorkWish['says'], 'unmanaged'>): string =>
  timeoutMs === null ? prompt : `${prompt}, ${formatDuration(timeoutMs)}`;
