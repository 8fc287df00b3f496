/** Reads what an import needs: the lists, and the codes of every queue that no policy governs yet. */
import type { Diagnostic } from '../domain/diagnostics.js';
import { hasErrors } from '../domain/diagnostics.js';
import { invalidInput } from '../domain/errors.js';
import type { QueueId } from '../domain/ids.js';
import type { LiveQueue, LiveQueueCodes, Organization } from '../domain/state.js';
import type { ImportInput } from '../plan/import-org.js';
import type { PolicySet } from '../policy/model.js';
import type { Settings } from '../policy/settings.js';
import { resolveDesired } from '../resolve/resolve.js';
import { inParallel } from './in-parallel.js';
import type { PlanningReader } from './ports.js';
import { codesOrGone, confirmAbsences, deletedMeanwhile, readLists, united } from './read-org.js';
import type { OrgLists } from './read-org.js';

export interface ImportRequest {
  readonly reader: PlanningReader;
  readonly organization: Organization;
  /** The policies that are there already. */
  readonly policySet: PolicySet;
  readonly settings: Settings;
  /** Which of all queues are asked for; may throw. */
  readonly choose: (queues: readonly LiveQueue[]) => readonly LiveQueue[];
  /** Told which queues were chosen, before they are read one by one; may throw. */
  readonly beforeCodes: (chosen: readonly LiveQueue[], all: readonly LiveQueue[]) => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What was read, and what is left to those who govern it. */
export interface OrgToImport extends ImportInput {
  /** The queues that were asked for: those to import, those that are governed, those that are gone. */
  readonly chosen: readonly LiveQueue[];
  /** Selected queues that policies govern already: what they say of them counts. */
  readonly governed: readonly { readonly queue: LiveQueue; readonly policies: readonly string[] }[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads an organization to be imported: its lists, and the codes of the selected queues that no policy
 * governs, one request each. A list in several pages is read twice: what it does not show would be missing
 * from the policy, and be removed by it one day.
 *
 * @throws AppError where policies that are there already do not hold against the organization
 */
export const readForImport = async ({
  reader,
  organization,
  policySet,
  settings,
  choose,
  beforeCodes,
  now,
}: ImportRequest): Promise<OrgToImport> => {
  const read = await readLists(reader, organization, [policySet], settings.changeWindows);
  const resolve = (lists: OrgLists) =>
    resolveDesired({ policySet, inventory: lists, settings, now });
  const first = resolve(read);
  const corrected = await confirmAbsences(reader, read, first.absent);
  const desired = corrected === null ? first : resolve(corrected);
  if (hasErrors(desired.diagnostics)) throw invalidInput(desired.diagnostics);
  const lists = corrected ?? read;

  const policiesOf = new Map(desired.queues.map(({ queue, policies }) => [queue.id, policies]));
  const selected = choose(lists.queues);
  const wanted = selected.filter(({ id }) => !policiesOf.has(id));
  await beforeCodes(selected, lists.queues);
  const codes = await readCodes(reader, wanted, settings.limits.concurrency);
  const known = await confirmCodes(reader, lists, codes);
  return {
    chosen: selected,
    queues: wanted.flatMap((queue) => {
      const found = codes.get(queue.id);
      return found === undefined ? [] : [{ queue, codes: found }];
    }),
    inventory: known,
    policySet,
    governed: selected.flatMap((queue) => {
      const policies = policiesOf.get(queue.id);
      return policies === undefined ? [] : [{ queue, policies }];
    }),
    diagnostics: wanted.flatMap(({ id, name }) => (codes.has(id) ? [] : [deletedMeanwhile(name)])),
  };
};

/** The codes of each queue; a queue that is gone is left out. */
const readCodes = async (
  reader: PlanningReader,
  queues: readonly LiveQueue[],
  concurrency: number,
): Promise<ReadonlyMap<QueueId, LiveQueueCodes>> => {
  const entries = await inParallel(2 * concurrency, queues, async ({ id }) => {
    const codes = await codesOrGone(reader, id);
    const second = codes !== null && codes.pages > 1 ? await codesOrGone(reader, id) : null;
    return codes === null ? [] : [[id, second === null ? codes : united(codes, second)] as const];
  });
  return new Map(entries.flat());
};

/** A code that stands on a queue may have slipped from one page of the catalog to the next. */
const confirmCodes = async (
  reader: PlanningReader,
  lists: OrgLists,
  codes: ReadonlyMap<QueueId, LiveQueueCodes>,
): Promise<OrgLists> => {
  const absent = new Set([...codes.values()].flatMap((list) => list.codes.map(({ id }) => id)));
  for (const { id } of lists.codes) absent.delete(id);
  const lookups = [...absent].map((id) => ({ id }));
  return (await confirmAbsences(reader, lists, { queues: [], codes: lookups })) ?? lists;
};
