/**
 * The inverse of a run: what it changed is wished back, by the same way as everything else, with what was
 * there before as the desired state.
 *
 * | a section that the run changed                        | is                                      |
 * |-------------------------------------------------------|-----------------------------------------|
 * | still as the run left it, and no policy wants that    | planned, from what is there to what was |
 * | still so, and policies in force would do it again     | held by `conflict`                      |
 * | changed since, or the queue is gone                   | left out, with a warning                |
 *
 * Codes that were created stay: nothing is ever deleted from the organization.
 */
import type { ChangedSections, CodeRename, Undo, UndoneQueue } from '../domain/change.js';
import { warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import type { CodeId, QueueId } from '../domain/ids.js';
import { requirementOf, sameRequirement } from '../domain/requirement.js';
import type { Requirement } from '../domain/requirement.js';
import { isLegalTimeout, isTimed, WRAPUP_PROMPTS } from '../domain/state.js';
import type {
  AfterCallWork,
  LiveAfterCallWork,
  LiveCode,
  LiveQueueCodes,
  QueueCode,
  QueueSnapshot,
} from '../domain/state.js';
import { quote } from '../domain/text.js';
import {
  describeAfterCallWork,
  diffAfterCallWork,
  effectiveAfterCallWork,
  sameAfterCallWork,
} from '../diff/after-call-work.js';
import { diffWrapupCodes } from '../diff/wrapup-codes.js';
import type { PolicySet } from '../policy/model.js';
import type {
  DesiredCode,
  DesiredCodes,
  DesiredQueue,
  DesiredSections,
  DesiredState,
  SectionHold,
} from '../resolve/model.js';
import { placesOf } from './places.js';

export interface UndoInput {
  readonly undo: Undo;
  /** What the policies in force want. */
  readonly desired: DesiredState;
  readonly policySet: Pick<PolicySet, 'catalogs'>;
  /** The organization's catalog. */
  readonly codes: readonly LiveCode[];
  /** All queues of the organization. */
  readonly queues: readonly DesiredQueue['queue'][];
}

const NOT_WRITABLE =
  'its after-call work was such as the platform does not take; only its codes are';

const NOTHING: DesiredSections = { afterCallWork: null, wrapupCodes: null };

/** The desired state of an undo. What the policies want of other queues is none of its business. */
export const desireUndo = ({
  undo,
  desired,
  policySet,
  codes,
  queues,
}: UndoInput): DesiredState => {
  const undone = new Map(undo.queues.map((queue) => [queue.id, queue]));
  const governed = new Map(desired.queues.map((queue) => [queue.queue.id, queue]));
  const renames = undo.renames.map((rename) => reverse(rename, codes, policySet));
  const present = new Set(queues.map(({ id }) => id));
  return {
    ...desired,
    queues: queues.flatMap((queue): readonly DesiredQueue[] => {
      const done = undone.get(queue.id);
      const inForce = governed.get(queue.id);
      if (done === undefined)
        return inForce === undefined
          ? []
          : [{ ...inForce, enforced: NOTHING, full: NOTHING, holds: [] }];
      const wished = wishBack(done);
      return [
        {
          queue,
          // None of them wants it.
          policies: [],
          reporting: [],
          enforced: wished,
          full: wished,
          holds: inForce === undefined ? [] : [...conflicts(done, inForce), ...inForce.holds],
        },
      ];
    }),
    catalog: {
      create: [],
      rename: renames.flatMap(({ rename }) => (rename === null ? [] : [rename])),
    },
    diagnostics: [
      ...desired.diagnostics,
      ...renames.flatMap(({ told }) => (told === null ? [] : [told])),
      ...undo.queues.flatMap(({ id, name, change, before }) => {
        if (!present.has(id)) return [leftOut(name, 'it does not exist any more')];
        return change.afterCallWork === undefined || writable(before.afterCallWork) !== null
          ? []
          : [leftOut(name, NOT_WRITABLE)];
      }),
    ],
  };
};

/** Queues that are no longer as the run has left them keep what they have by now. */
export const leaveMoved = (
  undo: Undo,
  desired: DesiredState,
  codes: ReadonlyMap<QueueId, LiveQueueCodes>,
): { readonly desired: DesiredState; readonly diagnostics: readonly Diagnostic[] } => {
  const undone = new Map(undo.queues.map((queue) => [queue.id, queue]));
  const diagnostics: Diagnostic[] = [];
  const queues = desired.queues.map((wanted) => {
    const done = undone.get(wanted.queue.id);
    const moved =
      done === undefined ? null : whatMoved(done, wanted.queue, codes.get(wanted.queue.id) ?? null);
    if (moved === null) return wanted;
    diagnostics.push(leftOut(wanted.queue.name, moved));
    return { ...wanted, enforced: NOTHING, full: NOTHING, holds: [] };
  });
  return { desired: { ...desired, queues }, diagnostics };
};

const wishBack = ({ change, before }: UndoneQueue): DesiredSections => {
  const work = change.afterCallWork === undefined ? null : writable(before.afterCallWork);
  return {
    afterCallWork: work === null ? null : { ...work, from: [] },
    wrapupCodes: change.wrapupCodes === undefined ? null : codesBack(change.wrapupCodes, before),
  };
};

/** After-call work that the platform would take again, or null: live queues may hold others. */
const writable = (work: LiveAfterCallWork | null): AfterCallWork | null => {
  const prompt = WRAPUP_PROMPTS.find((known) => known === work?.prompt);
  if (work === null || prompt === undefined) return null;
  if (!isTimed(prompt)) return { prompt, timeoutMs: null };
  return isLegalTimeout(work.timeoutMs) ? { prompt, timeoutMs: work.timeoutMs } : null;
};

/** Only what the run has touched: added codes go, removed ones come back, rows are what they were. */
const codesBack = (
  { add, remove, update = [] }: NonNullable<ChangedSections['wrapupCodes']>,
  before: QueueSnapshot,
): DesiredCodes => {
  const rows = new Map(before.wrapupCodes?.map((code) => [code.id, code.requirement ?? null]));
  const listed = new Map<string, DesiredCode>(
    [...remove, ...update].map(({ id, name }) => [
      id,
      { id, name, requirement: rows.get(id) ?? NO_ROW, from: [] },
    ]),
  );
  return {
    unlisted: 'keep',
    allowEmpty: true,
    explicit: true,
    listed,
    unwanted: new Map(
      add.flatMap(({ id, name }) => (id === null ? [] : [[id, { name, from: [] }] as const])),
    ),
    protected: new Set<CodeId>(),
    from: [],
  };
};

/** Where the API tells no rows, nobody looks at them. */
const NO_ROW: Requirement = requirementOf(() => false);

/** What policies in force would do again, section by section. */
const conflicts = (
  { change, before }: UndoneQueue,
  inForce: DesiredQueue,
): readonly SectionHold[] => {
  const { enforced } = inForce;
  const hold = (section: SectionHold['section'], wants: string): SectionHold => {
    const [place] = placesOf(inForce, { [section]: change[section] });
    const who = place === undefined ? '' : ` (${place.name}, ${place.file}:${place.line})`;
    return {
      section,
      by: 'conflict',
      reason: `the policies in force want ${wants}${who} and would do it again: revert that commit, or let the policy only report, and undo then`,
      until: null,
    };
  };
  const holds: SectionHold[] = [];
  const work = before.afterCallWork;
  if (change.afterCallWork !== undefined && work !== null) {
    const again = diffAfterCallWork(enforced.afterCallWork, work);
    if (again !== null) holds.push(hold('afterCallWork', describeAfterCallWork(again.change.to)));
  }
  const codes = before.wrapupCodes;
  if (change.wrapupCodes !== undefined && codes !== null) {
    const tellsRows = change.wrapupCodes.update !== undefined;
    const again = diffWrapupCodes(enforced.wrapupCodes, { codes, tellsRows });
    if (again !== null) holds.push(hold('wrapupCodes', 'other wrap-up codes'));
  }
  return holds;
};

/** Why a queue is not as the run has left it, or null. */
const whatMoved = (
  { change }: UndoneQueue,
  { afterCallWork }: DesiredQueue['queue'],
  codes: LiveQueueCodes | null,
): string | null => {
  if (change.afterCallWork !== undefined) {
    const live = effectiveAfterCallWork(afterCallWork);
    if (!sameAfterCallWork(live, change.afterCallWork.to))
      return `after-call work is ${describeAfterCallWork(live)} by now`;
  }
  if (change.wrapupCodes !== undefined) {
    const { add, remove, update = [] } = change.wrapupCodes;
    const live = new Map<string, QueueCode>(codes?.codes.map((code) => [code.id, code]));
    const isAsLeft =
      add.every(({ id }) => live.has(id ?? '')) &&
      remove.every(({ id }) => !live.has(id)) &&
      update.every(({ id, to }) => sameRow(live.get(id)?.requirement ?? null, to));
    if (!isAsLeft) return 'its wrap-up codes have changed since';
  }
  return null;
};

const sameRow = (row: Requirement | null, to: Requirement): boolean =>
  row !== null && sameRequirement(row, to);

const reverse = (
  { id, from, to }: CodeRename,
  codes: readonly LiveCode[],
  { catalogs }: Pick<PolicySet, 'catalogs'>,
): { readonly rename: CodeRename | null; readonly told: Diagnostic | null } => {
  const live = codes.find((code) => code.id === id);
  if (live?.name !== to)
    return { rename: null, told: leftOut(to, 'the code has another name by now') };
  const again = catalogs
    .flatMap((catalog) => catalog.codes)
    .some(({ name, previously }) => name === to && previously === from);
  if (again)
    return {
      rename: null,
      told: leftOut(to, `the catalog in force would rename ${quote(from)} again: revert it first`),
    };
  return { rename: { id, from: to, to: from }, told: null };
};

const leftOut = (name: string, why: string): Diagnostic =>
  warning({
    code: 'undo.left-out',
    message: `${quote(name)} is not undone: ${why}.`,
    queue: name,
  });
