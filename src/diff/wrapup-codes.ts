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
 */
import type { CodeInChange, WrapupCodesChange } from '../domain/change.js';
import type { CodeId } from '../domain/ids.js';
import type { LiveCode } from '../domain/state.js';
import type { DesiredCodes } from '../resolve/model.js';

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

/** The change that the codes need, or null where they are in sync or unmanaged. */
export const diffWrapupCodes = (
  desired: DesiredCodes | null,
  live: readonly LiveCode[],
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
  if (add.length === 0 && remove.length === 0) return null;
  return {
    add: add.sort(byName),
    remove: remove.map(({ id, name }) => ({ id, name })).sort(byName),
    unchanged: live.length - remove.length,
  };
};

const missing = (listed: DesiredCodes['listed'], there: readonly LiveCode[]): CodeInChange[] => {
  const present = new Set<string>(there.map(({ id }) => id));
  return [...listed].flatMap(([key, { id, name }]) => (present.has(key) ? [] : [{ id, name }]));
};

/** Order of codes in a change: by name, then id; the same on every machine. */
const byName = (a: CodeInChange, b: CodeInChange): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : (a.id ?? '') < (b.id ?? '') ? -1 : 1;
