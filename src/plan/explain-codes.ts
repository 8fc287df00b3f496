/** The wrap-up codes of a queue, one by one: who wants them or does not, and what would be done. */
import type { QueueDrift } from '../diff/detect-drift.js';
import type { CodeId } from '../domain/ids.js';
import { judgeRequirement } from '../domain/requirement.js';
import type { Api } from '../domain/requirement.js';
import type { LiveQueueCodes } from '../domain/state.js';
import type { DesiredSections } from '../resolve/model.js';
import type { CodeWish, QueueTrace } from '../resolve/trace-queue.js';
import type { Fate } from './explain-fates.js';
import { originOf, overridden } from './explain-wishes.js';
import type { ExplainedCode, ExplainedCodes } from './explanation.js';

const UNMANAGED: DesiredSections = { afterCallWork: null, wrapupCodes: null };

/** What is asked. */
interface CodesInput {
  readonly trace: QueueTrace;
  /** null where no policy governs the queue. */
  readonly drift: QueueDrift | null;
  /** The queue's codes. */
  readonly codes: LiveQueueCodes;
  readonly api: Api;
}

/** Every code that the queue has, should have, or of which a policy speaks. */
export const explainCodes = (
  { trace, drift, codes: live, api }: CodesInput,
  fates: readonly Fate[],
): ExplainedCodes => {
  const enforced = drift?.desired.enforced ?? UNMANAGED;
  const full = drift?.desired.full ?? UNMANAGED;
  const enforcing = { api, prompt: enforced.afterCallWork?.prompt ?? null };
  const rows = new Map<string, ExplainedCode>();
  const wishesOf = new Map<string, CodeWish[]>();
  for (const wish of trace.codes) {
    const wishes = wishesOf.get(wish.key);
    if (wishes === undefined) wishesOf.set(wish.key, [wish]);
    else wishes.push(wish);
  }
  const isLive = new Set<string>(live.codes.map(({ id }) => id));
  const add = (key: string, id: CodeId | null, name: string): void => {
    if (rows.has(key)) return;
    const wishes = wishesOf.get(key) ?? [];
    const listed = enforced.wrapupCodes?.listed.get(key);
    const reported = full.wrapupCodes?.listed.get(key);
    const unwanted = id === null ? undefined : enforced.wrapupCodes?.unwanted.get(id);
    const by = listed ?? unwanted ?? reported;
    rows.set(key, {
      id,
      name,
      live: isLive.has(key),
      wanted:
        listed !== undefined
          ? 'listed'
          : unwanted !== undefined
            ? unwantedAs(wishes)
            : reported !== undefined
              ? 'reported'
              : 'unlisted',
      from: (by?.from ?? []).map(originOf),
      row: listed === undefined ? null : judgeRequirement(listed.requirement, enforcing),
      changes: changesOf(key, name, fates),
      overridden: wishes
        .filter(({ says }) => says === 'list')
        .flatMap(({ from, standing, name: called }) => overridden(from, called, standing)),
    });
  };
  for (const [key, { id, name }] of enforced.wrapupCodes?.listed ?? []) add(key, id, name);
  for (const [key, { id, name }] of full.wrapupCodes?.listed ?? []) add(key, id, name);
  for (const { id, name } of live.codes) add(id, id, name);
  // A code that is neither there nor wanted is told where a policy speaks of it.
  for (const { key, name, says } of trace.codes)
    if (says !== 'retire') add(key, key.startsWith('new:') ? null : (key as CodeId), name);
  return {
    unlisted: enforced.wrapupCodes?.unlisted ?? null,
    from: trace.lists
      .filter(
        ({ says, standing }) =>
          standing.kind === 'counts' && says === enforced.wrapupCodes?.unlisted,
      )
      .map(({ from }) => originOf(from)),
    codes: [...rows.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),
    overridden: trace.lists.flatMap(({ from, says, standing }) =>
      overridden(from, says === 'unmanaged' ? says : `unlisted: ${says}`, standing),
    ),
  };
};

/** Why a code must go, the reason that a person chose first. */
const unwantedAs = (wishes: readonly CodeWish[]): 'forbidden' | 'retired' | 'left-over' => {
  if (wishes.some(({ says, standing }) => says === 'forbid' && standing.kind === 'counts'))
    return 'forbidden';
  return wishes.some(({ says }) => says === 'retire') ? 'retired' : 'left-over';
};

/** What becomes of the code; one that is yet to be created is known by its name. */
const changesOf = (key: string, name: string, fates: readonly Fate[]): ExplainedCode['changes'] => {
  const is = (code: { readonly id: CodeId | null; readonly name: string }): boolean =>
    code.id === null ? `new:${code.name}` === key || code.name === name : code.id === key;
  return fates.flatMap(({ sections, held }) => {
    const { add = [], remove = [], update = [] } = sections.wrapupCodes ?? {};
    const lists = { add, remove, update };
    return (['add', 'remove', 'update'] as const)
      .filter((action) => lists[action].some(is))
      .map((action) => ({ action, held }));
  });
};
