/** The reading port on the SDK. */
import type { Listing, OrgReader } from '../apply/ports.js';
import type { Plan, RequestCounts } from '../domain/change.js';
import { AppError } from '../domain/errors.js';
import type { Division, LiveCode, LiveQueue } from '../domain/state.js';
import type { CodeId } from '../domain/ids.js';
import { readInteracting } from './activity.js';
import { createAudits } from './audits.js';
import type { AuditLog } from './audit-log.js';
import { readRows, ROWS_PATH } from './code-rows.js';
import { isObject, lossyNumbers } from './json.js';
import { liveCode, liveDivision, liveOrganization, liveQueue } from './live-state.js';
import { lossyIn, PageSize, readAll } from './paging.js';
import type { PagedList } from './paging.js';
import type { Waiting } from './retry.js';
import { answerOf } from './sdk.js';
import type { SdkApis } from './sdk.js';

export interface ReaderOptions {
  readonly api: Plan['api'];
  /** The OAuth client that we are, so that its changes are told apart; null where a token was given. */
  readonly ownClientId: string | null;
  readonly auditLog: AuditLog;
  readonly requests: () => RequestCounts;
}

/**
 * A reader. Of a list with n items a call costs max(1, ⌈n/P⌉) requests: P is 500, for the codes of one
 * queue 100, or what the platform allows.
 */
export const createReader = (
  apis: SdkApis,
  waiting: Waiting,
  { api, ownClientId, auditLog, requests }: ReaderOptions,
): OrgReader => {
  const { routing, authorization, organization, analytics, call } = apis;
  const sizes = {
    queues: new PageSize(500),
    codes: new PageSize(500),
    divisions: new PageSize(500),
    queueCodes: new PageSize(100),
  };

  const queues = (filter: {
    readonly id?: string[];
    readonly name?: string;
  }): Promise<Listing<LiveQueue>> =>
    list({
      what: 'The list of queues',
      size: sizes.queues,
      page: (query) => answerOf(routing.getRoutingQueues({ ...query, ...filter })),
      item: liveQueue,
    });

  /** Names of codes, as the lists of the catalog have shown them: rows know ids alone. */
  const names = new Map<CodeId, string>();
  const nameOf = (id: CodeId): string => names.get(id) ?? id;

  const codes = async (filter: {
    readonly id?: string[];
    readonly name?: string;
  }): Promise<Listing<LiveCode>> => {
    const listing = await list({
      what: 'The list of wrap-up codes',
      size: sizes.codes,
      page: (query) => answerOf(routing.getRoutingWrapupcodes({ ...query, ...filter })),
      item: liveCode,
    });
    for (const { id, name } of listing.items) names.set(id, name);
    return listing;
  };

  const list = <Item extends { readonly id: string }>(
    paged: Omit<PagedList<Item>, 'idOf'>,
  ): Promise<Listing<Item>> => readAll({ ...paged, idOf: ({ id }) => id }, waiting);

  return {
    requests,
    organization: async () =>
      liveOrganization((await answerOf(organization.getOrganizationsMe())).body),
    listQueues: () => queues({}),
    listCodes: () => codes({}),
    listDivisions: (): Promise<Listing<Division>> =>
      list({
        what: 'The list of divisions',
        size: sizes.divisions,
        page: (query) => answerOf(authorization.getAuthorizationDivisions({ ...query })),
        item: liveDivision,
      }),
    findQueues: (by) => find(by, queues),
    findCodes: (by) => find(by, codes),
    queueCodes: async (queue) => {
      if (api === 'wrapupcodes-put') {
        const askedAt = waiting.clock.now();
        const answer = await answerOf(call('GET', ROWS_PATH, { queueId: queue }));
        return { ...readRows(answer, queue, nameOf), readAt: askedAt };
      }
      const { items, pages, readAt } = await list({
        what: `The list of wrap-up codes of the queue ${queue}`,
        size: sizes.queueCodes,
        page: (query) => answerOf(routing.getRoutingQueueWrapupcodes(queue, { ...query })),
        item: liveCode,
      });
      return { codes: items, pages, readAt };
    },
    interacting: (asked) => readInteracting(analytics, asked),
    ...createAudits(auditLog, waiting.signal, ownClientId),
    queueDocument: async (queue) => {
      const readAt = waiting.clock.now();
      try {
        const { body, text } = await answerOf(routing.getRoutingQueue(queue));
        if (!isObject(body))
          throw new AppError(
            'genesys.not-genesys',
            `The answer for the queue ${queue} is no object.`,
          );
        return { queue: liveQueue(body, lossyIn(lossyNumbers(text), [])), raw: body, readAt };
      } catch (error) {
        if (error instanceof AppError && error.code === 'genesys.not-found') return null;
        throw error;
      }
    },
  };
};

/**
 * Asks by id or by name. The platform's name filter takes stars as wildcards and, it seems, does not look
 * at case: what it returns is compared again, exactly and in NFC.
 */
const find = async <Item extends { readonly id: string; readonly name: string }>(
  by: { readonly id: string } | { readonly name: string },
  ask: (filter: { readonly id?: string[]; readonly name?: string }) => Promise<Listing<Item>>,
): Promise<readonly Item[]> => {
  if ('id' in by) return (await ask({ id: [by.id] })).items.filter(({ id }) => id === by.id);
  const wanted = by.name.normalize('NFC');
  return (await ask({ name: by.name })).items.filter(
    ({ name }) => name.normalize('NFC') === wanted,
  );
};
