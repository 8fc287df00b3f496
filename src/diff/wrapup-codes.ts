/**
 * The codes of one queue: what is wanted against what is there.
 *
 * | code on the queue | listed | unwanted | unlisted | protected | answer   |
 * |-------------------|--------|----------|----------|-----------|----------|
 * | no                | yes    |          |          |           | add      |
 * | yes               | yes    |          |          |           | keep     |
 * | yes               | no     | yes      |          |           | remove   |
 * | yes               | no     | no       | remove   | no        | remove   |
 * | yes               | no     | no       | remove   | yes       | keep     |
 * | yes               | no     | no       | keep     |           | keep     |
 *
 * `unwanted`: forbidden, retired, or left over by a policy that ended (the merge has taken listed codes
 * out of it, or it out of the listed ones). `protected`: listed by a policy in report mode.
 *
 * Where the API tells rows of the requirement matrix, a listed code that is there with another row is
 * updated. A code that is kept without being listed keeps its row.
 */
import type { AddedCode, CodeInChange, CodeUpdate, WrapupCodesChange } from '../domain/change.js';
import type { CodeId } from '../domain/ids.js';
import { sameRequirement } from '../domain/requirement.js';
import type { LiveCode, QueueCode } from '../domain/state.js';
import type { DesiredCode, DesiredCodes } from '../resolve/model.js';

/** Which codes of a queue are managed: all of them, or these alone. */
export type CodeScope = 'all' | ReadonlySet<CodeId>;

/** The codes that belong to the managed state of a queue; others may come and go unseen. */
export const codeScope = (desired: DesiredCodes): CodeScope => {
  if (desired.unlisted === 'remove') return 'all';
  const scope = new Set<CodeId>(desired.unwanted.keys());
  for (const code of desired.listed.values()) if (code.id !== null) scope.add(code.id);
  return scope;
};

export const inScope = (scope: CodeScope, id: CodeId): boolean => scope === 'all' || scope.has(id);

/** The codes of a queue as they are compared. */
export interface ComparedCodes {
  readonly codes: readonly QueueCode[];
  /** Whether the API tells rows, so that they are compared too. */
  readonly tellsRows: boolean;
}

/** The change that the codes need, or null where they are in sync or unmanaged. */
export const diffWrapupCodes = (
  desired: DesiredCodes | null,
  { codes: live, tellsRows }: ComparedCodes,
): WrapupCodesChange | null => {
  if (desired === null) return null;
  const { listed, unwanted, unlisted } = desired;
  // Most queues are in sync, and a queue has no code twice: counting is enough to see it.
  const wanted = live.reduce((count, { id }) => (listed.has(id) ? count + 1 : count), 0);
  const add = wanted === listed.size ? [] : missing(listed, live);
  const remove =
    wanted === live.length
      ? []
      : live.filter(
          ({ id }) =>
            !listed.has(id) &&
            (unwanted.has(id) || (unlisted === 'remove' && !desired.protected.has(id))),
        );
  const update = tellsRows ? live.flatMap((code) => updateOf(code, listed.get(code.id))) : [];
  if (add.length + remove.length + update.length === 0) return null;
  return {
    add: add.map((code) => addition(code, tellsRows)).sort(byName),
    ...(tellsRows && { update: update.sort(byName) }),
    remove: remove.map(({ id, name }) => ({ id, name })).sort(byName),
    unchanged: live.length - remove.length - update.length,
  };
};

const missing = (listed: DesiredCodes['listed'], there: readonly LiveCode[]): DesiredCode[] => {
  const present = new Set<string>(there.map(({ id }) => id));
  return [...listed].flatMap(([key, code]) => (present.has(key) ? [] : [code]));
};

const addition = ({ id, name, requirement }: DesiredCode, tellsRows: boolean): AddedCode => ({
  id,
  name,
  ...(tellsRows && { requirement }),
});

const updateOf = (
  { id, name, requirement: from = null }: QueueCode,
  desired: DesiredCode | undefined,
): readonly CodeUpdate[] => {
  if (desired === undefined) return [];
  const { requirement: to } = desired;
  return from !== null && sameRequirement(from, to) ? [] : [{ id, name, from, to }];
};

/** Order of codes in a change: by name, then id; the same on every machine. */
const byName = (a: CodeInChange, b: CodeInChange): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : (a.id ?? '') < (b.id ?? '') ? -1 : 1;
