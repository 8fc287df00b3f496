/** Reads what a pass needs of the organization, and no more. */
import { warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { AppError } from '../domain/errors.js';
import type { QueueId } from '../domain/ids.js';
import { codeId, queueId } from '../domain/ids.js';
import type { Division, Inventory, LiveQueueCodes, Organization } from '../domain/state.js';
import { quote } from '../domain/text.js';
import { detectDrift, queuesToConfirm, queuesWhoseCodesMatter } from '../diff/detect-drift.js';
import type { PolicySet } from '../policy/model.js';
import type { ChangeWindow, Settings } from '../policy/settings.js';
import type { DesiredState, QueueLookup } from '../resolve/model.js';
import { inParallel } from './in-parallel.js';
import type { OrgReader, PlanningReader } from './ports.js';

/** The lists, and which of them came in several pages. */
export interface OrgLists extends Inventory {
  readonly pages: { readonly queues: number; readonly codes: number };
}

/**
 * Whose organization the credentials belong to.
 *
 * @throws AppError `genesys.wrong-organization` where the settings name another one
 */
export const identifyOrganization = async (
  reader: Pick<OrgReader, 'organization'>,
  settings: Pick<Settings, 'organizationId'>,
): Promise<Organization> => {
  const organization = await reader.organization();
  if (settings.organizationId === null || settings.organizationId === organization.id)
    return organization;
  throw new AppError(
    'genesys.wrong-organization',
    `The credentials belong to "${organization.name}" (${organization.id}); the settings name ${settings.organizationId}.`,
  );
};

/**
 * Reads the queues, the catalog of codes and, only where a name asks for it, the divisions: one request
 * a page.
 */
export const readLists = async (
  reader: PlanningReader,
  organization: Organization,
  policySet: PolicySet,
  windows: readonly Pick<ChangeWindow, 'queues'>[],
): Promise<OrgLists> => {
  const [queues, codes] = await Promise.all([reader.listQueues(), reader.listCodes()]);
  const known = new Map(queues.items.map(({ division }) => [division.id, division]));
  const divisions: readonly Division[] = divisionNames(policySet, windows).every((name) =>
    [...known.values()].some((division) => division.name.normalize('NFC') === name),
  )
    ? [...known.values()]
    : (await reader.listDivisions()).items;
  return {
    organization,
    queues: queues.items,
    queuesReadAt: queues.readAt,
    codes: codes.items,
    divisions,
    pages: { queues: queues.pages, codes: codes.pages },
  };
};

/** Names of divisions that policies, catalogs and change windows use, `"*"` left out. */
const divisionNames = (
  { policies, catalogs }: PolicySet,
  windows: readonly Pick<ChangeWindow, 'queues'>[],
): readonly string[] => [
  ...new Set(
    [
      ...windows.flatMap(({ queues }) => queues),
      ...policies.flatMap(({ include, exclude }) => [...include, ...exclude]),
      ...catalogs.flatMap(({ codes }) => codes),
    ].flatMap(({ division }) => (division === null || division === '*' ? [] : [division])),
  ),
];

/**
 * An item can slip from one page to the next while a list is read. What a list of several pages did not
 * show is therefore asked for by itself before its absence counts. Returns the lists with what was found,
 * or null where the lists were right.
 */
export const confirmAbsences = async (
  reader: Pick<PlanningReader, 'findQueues' | 'findCodes'>,
  lists: OrgLists,
  absent: DesiredState['absent'],
): Promise<OrgLists | null> => {
  const [queues, codes] = await Promise.all([
    lists.pages.queues > 1
      ? findAll(absent.queues, (by) => reader.findQueues('id' in by ? { id: queueId(by.id) } : by))
      : [],
    lists.pages.codes > 1
      ? findAll(absent.codes, (by) => reader.findCodes('id' in by ? { id: codeId(by.id) } : by))
      : [],
  ]);
  const found = {
    queues: notIn(lists.queues, queues),
    codes: notIn(lists.codes, codes),
  };
  if (found.queues.length + found.codes.length === 0) return null;
  return {
    ...lists,
    queues: [...lists.queues, ...found.queues],
    codes: [...lists.codes, ...found.codes],
  };
};

const findAll = async <Item>(
  lookups: readonly QueueLookup[],
  find: (by: QueueLookup) => Promise<readonly Item[]>,
): Promise<readonly Item[]> => {
  const distinct = [...new Map(lookups.map((by) => [JSON.stringify(by), by])).values()];
  return (await Promise.all(distinct.map(find))).flat();
};

const notIn = <Item extends { readonly id: string }>(
  list: readonly Item[],
  found: readonly Item[],
): readonly Item[] => {
  const known = new Set(list.map(({ id }) => id));
  return [
    ...new Map(found.filter(({ id }) => !known.has(id)).map((item) => [item.id, item])).values(),
  ];
};

/** The codes that were read, and what is wanted of the queues that are still there. */
export interface CodesThatMatter {
  readonly codes: ReadonlyMap<QueueId, LiveQueueCodes>;
  readonly desired: DesiredState;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads the codes of every queue whose codes matter: one request a queue, and one more for each further
 * hundred codes. Where a code is missing from a list of several pages, the list is read a second time: that
 * is asked of `again`, which remembers nothing.
 * `concurrency` is how many requests may run at once: no more than twice as many lists are begun, so that
 * there is always a next one, and thousands do not wait with all that a request needs.
 * A queue that was deleted meanwhile is wanted no more: it is left out, with a warning.
 */
export const readCodesThatMatter = async (
  { first: reader, again }: Readonly<Record<'first' | 'again', Pick<PlanningReader, 'queueCodes'>>>,
  desired: DesiredState,
  concurrency: number,
): Promise<CodesThatMatter> => {
  const gone = new Set<QueueId>();
  const readEach = async (
    from: Pick<PlanningReader, 'queueCodes'>,
    queues: readonly QueueId[],
  ): Promise<readonly (readonly [QueueId, LiveQueueCodes])[]> =>
    (
      await inParallel(2 * concurrency, queues, async (id) => {
        const codes = await codesOrGone(from, id);
        if (codes === null) gone.add(id);
        return codes === null ? [] : [[id, codes] as const];
      })
    ).flat();
  const first = new Map(await readEach(reader, queuesWhoseCodesMatter(desired)));
  const inPages = desired.queues.filter(({ queue }) => (first.get(queue.id)?.pages ?? 0) > 1);
  const drifts = detectDrift({ ...desired, queues: inPages }, first);
  const second = await readEach(again, queuesToConfirm(drifts));
  return {
    codes: new Map([
      ...first,
      ...second.map(([id, codes]) => [id, united(first.get(id), codes)] as const),
    ]),
    desired:
      gone.size === 0
        ? desired
        : { ...desired, queues: desired.queues.filter(({ queue }) => !gone.has(queue.id)) },
    diagnostics: desired.queues.flatMap(({ queue: { id, name } }) =>
      gone.has(id) ? [deletedMeanwhile(name)] : [],
    ),
  };
};

/** The codes of a queue; null where it does not exist any more. */
export const codesOrGone = async (
  reader: Pick<PlanningReader, 'queueCodes'>,
  id: QueueId,
): Promise<LiveQueueCodes | null> => {
  try {
    return await reader.queueCodes(id);
  } catch (error) {
    if (error instanceof AppError && error.code === 'genesys.not-found') return null;
    throw error;
  }
};

/** Tells that a queue is left out. */
export const deletedMeanwhile = (name: string): Diagnostic =>
  warning({
    code: 'plan.queue-gone',
    message: `The queue ${quote(name)} was deleted while the organization was read; it is left out.`,
    queue: name,
  });

/** What either of two reads has seen is there: the second look is for what slipped through the first. */
const united = (first: LiveQueueCodes | undefined, second: LiveQueueCodes): LiveQueueCodes => ({
  ...second,
  codes: [
    ...new Map([...(first?.codes ?? []), ...second.codes].map((code) => [code.id, code])).values(),
  ],
});
