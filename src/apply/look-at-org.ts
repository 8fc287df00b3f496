/** A look at the organization for those who only want to tell about it: nothing is planned, and nothing stops them. */
import type { Diagnostic } from '../domain/diagnostics.js';
import type { QueueId } from '../domain/ids.js';
import type { LiveQueue, LiveQueueCodes } from '../domain/state.js';
import { normaliseName } from '../domain/text.js';
import { detectDrift } from '../diff/detect-drift.js';
import type { QueueDrift } from '../diff/detect-drift.js';
import type { ForecastHold } from '../plan/forecast.js';
import { pendingChanges } from '../plan/split.js';
import { compileWindows } from '../plan/windows.js';
import type { PolicySet } from '../policy/model.js';
import type { Settings } from '../policy/settings.js';
import type { DesiredState } from '../resolve/model.js';
import { resolveDesired } from '../resolve/resolve.js';
import { inParallel } from './in-parallel.js';
import { createJudge } from './judge.js';
import type { OrgReader } from './ports.js';
import {
  codesOrGone,
  confirmAbsences,
  deletedMeanwhile,
  identifyOrganization,
  readCodesThatMatter,
  readLists,
} from './read-org.js';
import type { OrgLists } from './read-org.js';

export interface Looking {
  readonly reader: OrgReader;
  readonly policySet: PolicySet;
  readonly settings: Settings;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** A queue that somebody asks for, by name or id: its absence is confirmed as well. */
  readonly sought?: string;
}

/** The lists, and what the policies want of the queues in them. */
export interface OrgLook {
  readonly lists: OrgLists;
  /** Errors of references and merges stand in its diagnostics; the queues they concern are held. */
  readonly desired: DesiredState;
}

/**
 * Reads whose organization it is and its lists, and resolves the policies; absences are confirmed.
 *
 * @throws AppError `genesys.wrong-organization`, `genesys.*`
 */
export const lookAtOrg = async ({
  reader,
  policySet,
  settings,
  now,
  sought,
}: Looking): Promise<OrgLook> => {
  const organization = await identifyOrganization(reader, settings);
  const lists = await readLists(reader, organization, [policySet], settings.changeWindows);
  const desired = resolveDesired({ policySet, inventory: lists, settings, now });
  const { absent } = desired;
  const lacking =
    sought === undefined || findQueue(lists, sought).length > 0
      ? absent
      : { ...absent, queues: [...absent.queues, { name: normaliseName(sought) }, { id: sought }] };
  const corrected = await confirmAbsences(reader, lists, lacking);
  return corrected === null
    ? { lists, desired }
    : {
        lists: corrected,
        desired: resolveDesired({ policySet, inventory: corrected, settings, now }),
      };
};

/**
 * The queue that a person means: by id in any case, or by its name (NFC). Several only where the platform has
 * several of one name.
 */
export const findQueue = ({ queues }: OrgLists, sought: string): readonly LiveQueue[] => {
  const id = sought.trim().toLowerCase();
  const byId = queues.filter((queue) => queue.id.toLowerCase() === id);
  const name = normaliseName(sought);
  return byId.length > 0 ? byId : queues.filter((queue) => normaliseName(queue.name) === name);
};

/** Reads the codes of queues, one request each at least; those that were deleted meanwhile are told. */
export const readCodesOf = async (
  reader: Pick<OrgReader, 'queueCodes'>,
  queues: readonly LiveQueue[],
  concurrency: number,
): Promise<{
  readonly codes: ReadonlyMap<QueueId, LiveQueueCodes>;
  readonly diagnostics: readonly Diagnostic[];
}> => {
  const gone: Diagnostic[] = [];
  const read = await inParallel(2 * concurrency, queues, async ({ id, name }) => {
    const codes = await codesOrGone(reader, id);
    if (codes === null) gone.push(deletedMeanwhile(name));
    return codes === null ? [] : [[id, codes] as const];
  });
  return { codes: new Map(read.flat()), diagnostics: gone };
};

/** One queue with its codes, how it drifts, and what holds it by the clock or because of what goes on in it. */
export interface QueueLook {
  readonly codes: LiveQueueCodes;
  /** null where no policy governs it. */
  readonly drift: QueueDrift | null;
  readonly forecast: ForecastHold | null;
}

/** Reads one queue: its codes, and where busy queues are held and it would change, what goes on in it. */
export const lookAtQueue = async (
  queue: LiveQueue,
  { desired }: OrgLook,
  { reader, settings, now }: Looking,
): Promise<QueueLook> => {
  const only = { ...desired, queues: desired.queues.filter((each) => each.queue.id === queue.id) };
  const read = await readCodesThatMatter(
    { first: reader, again: reader },
    only,
    settings.limits.concurrency,
  );
  const codes = read.codes.get(queue.id) ?? (await reader.queueCodes(queue.id));
  const [drift = null] = detectDrift(read.desired, new Map([[queue.id, codes]]));
  const judge = createJudge({
    windows: compileWindows(desired.changeWindows),
    activity: settings.activity,
    reader,
    clock: { now: () => now, sleep: () => Promise.resolve() },
  });
  const pending = drift === null ? [] : pendingChanges([drift]);
  const forecast =
    pending.length === 0
      ? judge.closed(queue)
      : ((await judge.forecast(pending)).queues.get(queue.id) ?? null);
  return { codes, drift, forecast };
};
