/**
 * From drift to what is written and what is held.
 *
 * | a section's drift                                                   | goes to            |
 * |---------------------------------------------------------------------|--------------------|
 * | against the enforced merge, no hold                                 | changes            |
 * | against the enforced merge, a hold of the desired state             | held by that       |
 * | after-call work without a legal timer to send                       | held by `unsafe`   |
 * | after-call work of a queue with a number that would not survive     | held by `unsafe`   |
 * | codes of a list that cannot be replaced (`code-rows.ts`)            | held by `unsafe`   |
 * | leaves a MANDATORY* queue, by plan or live, without a code          | held by `unsafe`   |
 * | beyond that: what policies in report mode would change then         | held by `report`   |
 */
import type {
  AfterCallWorkChange,
  Cause,
  Hold,
  QueueChange,
  WrapupCodesChange,
} from '../domain/change.js';
import { codesAfter } from '../domain/change.js';
import { isMandatory } from '../domain/state.js';
import type { LiveQueue } from '../domain/state.js';
import type { QueueDrift } from '../diff/detect-drift.js';
import { codeScope } from '../diff/wrapup-codes.js';
import type { CodeScope } from '../diff/wrapup-codes.js';
import { unsafeRows } from './code-rows.js';
import { liveDigest } from './digest.js';

export interface Sections {
  readonly afterCallWork: AfterCallWorkChange | null;
  readonly wrapupCodes: WrapupCodesChange | null;
}

/** Sections that are held for one reason. `until` in milliseconds, or null. */
export interface HeldSections extends Sections {
  readonly by: Hold;
  readonly reason: string;
  readonly until: number | null;
}

/** What becomes of the drift of one queue. */
export interface QueueSplit {
  readonly change: Sections;
  readonly held: readonly HeldSections[];
}

const NOTHING: Sections = { afterCallWork: null, wrapupCodes: null };

export const isEmpty = (sections: Sections): boolean =>
  sections.afterCallWork === null && sections.wrapupCodes === null;

/** Decides, section by section, what is written and what is held. */
export const splitDrift = (drift: QueueDrift): QueueSplit => {
  const held: HeldSections[] = [];
  const hold = (sections: Sections, by: Hold, reason: string, until: number | null): void => {
    if (isEmpty(sections)) return;
    // What one reason holds stands together.
    const same = held.findIndex((entry) => entry.by === by && entry.reason === reason);
    const other = held[same];
    if (other === undefined) held.push({ ...sections, by, reason, until });
    else
      held[same] = {
        ...other,
        afterCallWork: other.afterCallWork ?? sections.afterCallWork,
        wrapupCodes: other.wrapupCodes ?? sections.wrapupCodes,
      };
  };

  let { afterCallWork, wrapupCodes }: Sections = {
    afterCallWork: drift.enforced.afterCallWork?.change ?? null,
    wrapupCodes: drift.enforced.wrapupCodes,
  };
  const { queue, holds } = drift.desired;

  const holdWork = (by: Hold, reason: string, until: number | null = null): void => {
    hold({ ...NOTHING, afterCallWork }, by, reason, until);
    afterCallWork = null;
  };
  const holdCodes = (by: Hold, reason: string, until: number | null = null): void => {
    hold({ ...NOTHING, wrapupCodes }, by, reason, until);
    wrapupCodes = null;
  };
  for (const { section, by, reason, until } of holds) {
    (section === 'afterCallWork' ? holdWork : holdCodes)(by, reason, until);
  }
  if (drift.enforced.afterCallWork?.unsafe) holdWork('unsafe', drift.enforced.afterCallWork.unsafe);
  if (queue.unsafeNumber !== null) {
    holdWork(
      'unsafe',
      `the field ${queue.unsafeNumber} holds a number that would not survive being read and written back`,
    );
  }
  const unsafe = wrapupCodes === null ? null : unsafeRows(drift.codes, wrapupCodes);
  if (unsafe !== null) holdCodes('unsafe', unsafe);
  // The codes first: whoever keeps his last one can be made to use it.
  const prompt = afterCallWork?.to.prompt ?? queue.afterCallWork.prompt;
  if (wrapupCodes !== null && isMandatory(prompt) && codesLeft(drift, wrapupCodes) === 0) {
    holdCodes(
      'unsafe',
      `${prompt ?? ''} needs a code to choose, and the queue would be left without one`,
    );
  }
  if (
    afterCallWork !== null &&
    isMandatory(afterCallWork.to.prompt) &&
    codesLeft(drift, wrapupCodes) === 0
  ) {
    holdWork('unsafe', `${afterCallWork.to.prompt} needs a code to choose, and the queue has none`);
  }

  const { beyond } = drift;
  hold(
    { afterCallWork: beyond.afterCallWork?.change ?? null, wrapupCodes: beyond.wrapupCodes },
    'report',
    reportReason(drift),
    null,
  );
  return { change: { afterCallWork, wrapupCodes }, held };
};

/** A change that nothing in the desired state holds. */
export interface PendingChange extends Sections {
  readonly queue: LiveQueue;
}

/** The queues that would be written now, if nothing that passes by itself held them. */
export const pendingChanges = (drifts: readonly QueueDrift[]): readonly PendingChange[] =>
  drifts.flatMap((drift) => {
    const { change } = splitDrift(drift);
    return isEmpty(change) ? [] : [{ queue: drift.desired.queue, ...change }];
  });

/** How many codes the queue has once this is done; null where nobody had to know. */
const codesLeft = (drift: QueueDrift, codes: WrapupCodesChange | null): number | null => {
  if (drift.codes === null) return null;
  return codes === null ? drift.codes.codes.length : codesAfter(codes);
};

const reportReason = ({ desired: { reporting } }: QueueDrift): string =>
  `${reporting.map((name) => `"${name}"`).join(' and ')} only ${reporting.length === 1 ? 'reports' : 'report'} (\`enforcement: report\`)`;

/** The managed codes of a queue, or null where its codes are not managed. */
export const scopeOf = (drift: QueueDrift): CodeScope | null => {
  const { enforced, full } = drift.desired;
  const codes = enforced.wrapupCodes ?? full.wrapupCodes;
  return codes === null ? null : codeScope(codes);
};

/** The row of a plan for some sections of a queue. */
export const toQueueChange = (drift: QueueDrift, sections: Sections, cause: Cause): QueueChange => {
  const { queue, policies, enforced, full } = drift.desired;
  const scope = scopeOf(drift);
  const workManaged = enforced.afterCallWork ?? full.afterCallWork;
  return {
    id: queue.id,
    name: queue.name,
    division: queue.division.name,
    policies: [...policies].sort(),
    liveDigest: liveDigest({
      afterCallWork: workManaged === null ? null : queue.afterCallWork,
      codes: scope === null || drift.codes === null ? null : { live: drift.codes.codes, scope },
    }),
    cause,
    ...(sections.afterCallWork === null ? {} : { afterCallWork: sections.afterCallWork }),
    ...(sections.wrapupCodes === null ? {} : { wrapupCodes: sections.wrapupCodes }),
  };
};
