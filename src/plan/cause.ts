/**
 * Why a queue differs: told apart by what was wanted when it was last seen as wanted.
 *
 * | what the policies want now    | cause                                        |
 * |-------------------------------|----------------------------------------------|
 * | the same as then              | `drift`: somebody has changed the queue      |
 * | something else                | `policy`                                     |
 * | it was never seen as wanted   | `unknown`                                    |
 */
import type { Cause, Plan } from '../domain/change.js';
import type { CodeId } from '../domain/ids.js';
import type { QueueMemory } from '../domain/journal.js';
import type { DesiredCodes, DesiredQueue, DesiredSections } from '../resolve/model.js';
import { digestOf } from './digest.js';

export const causeOf = (desired: string, remembered: QueueMemory): Cause => {
  if (remembered.desired === null) return 'unknown';
  return remembered.desired === desired ? 'drift' : 'policy';
};

/** What a code is known by: its id, once it has one. */
export type CreatedId = (name: string) => CodeId | null;

const NONE_CREATED: CreatedId = () => null;

/**
 * The digest of what the policies want of a queue, whatever files it stands in. `createdId` tells the ids
 * of codes that were created since it was resolved.
 */
export const desiredDigest = (
  { enforced, full }: Pick<DesiredQueue, 'enforced' | 'full'>,
  api: Plan['api'],
  createdId: CreatedId = NONE_CREATED,
): string => {
  const own = sectionsDigest(enforced, api, createdId);
  return full === enforced ? own : digestOf([own, sectionsDigest(full, api, createdId)]);
};

/** Queues under the same policies share their sections, and the digest of these. */
const known = new WeakMap<DesiredSections, string>();

const sectionsDigest = (
  sections: DesiredSections,
  api: Plan['api'],
  createdId: CreatedId,
): string => {
  const isShared = createdId === NONE_CREATED;
  const before = isShared ? known.get(sections) : undefined;
  if (before !== undefined) return before;
  const { afterCallWork, wrapupCodes } = sections;
  const digest = digestOf({
    api,
    afterCallWork:
      afterCallWork === null
        ? null
        : { prompt: afterCallWork.prompt, timeoutMs: afterCallWork.timeoutMs },
    wrapupCodes: wrapupCodes === null ? null : plainCodes(wrapupCodes, api, createdId),
  });
  if (isShared) known.set(sections, digest);
  return digest;
};

const plainCodes = (
  { unlisted, listed, unwanted, protected: kept }: DesiredCodes,
  api: Plan['api'],
  createdId: CreatedId,
): unknown => ({
  unlisted,
  listed: [...listed.values()]
    .map(({ id, name, requirement }) => {
      const key = id ?? createdId(name) ?? `new:${name}`;
      // The public API knows no rows: they change nothing there.
      return api === 'public' ? key : `${key} ${JSON.stringify(requirement)}`;
    })
    .sort(),
  unwanted: [...unwanted.keys()].sort(),
  protected: [...kept].sort(),
});
