/**
 * An organization in memory, behind the ports of `src/apply`. It keeps to what the platform is known to
 * do: a PUT replaces the queue by the document that was sent, names of codes are unique, lists come in
 * pages, reads may lag a write, and a write may take effect although its answer is lost. Every write is
 * logged with the queue before and after it.
 *
 * It stands in for the ports, not for the SDK: that one is tested over HTTP.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { OutcomeUnknown } from '../../src/apply/ports.js';
import type {
  LastChange,
  Listing,
  OrgReader,
  OrgWriter,
  OwnChanges,
  QueueDocument,
  RowChanges,
  WriteReceipt,
} from '../../src/apply/ports.js';
import type { CodeCreation, CodeRename, Plan } from '../../src/domain/change.js';
import type { Clock } from '../../src/domain/clock.js';
import { AppError } from '../../src/domain/errors.js';
import { codeId, divisionId, organizationId, queueId } from '../../src/domain/ids.js';
import type { CodeId, DivisionId, QueueId } from '../../src/domain/ids.js';
import type { Bypass, Requirement } from '../../src/domain/requirement.js';
import { isLegalTimeout, isTimed } from '../../src/domain/state.js';
import type {
  AfterCallWork,
  Division,
  Interacting,
  LiveCode,
  LiveQueue,
  LiveQueueCodes,
  Organization,
} from '../../src/domain/state.js';
import { requirement } from './policy-set.js';

/** A code on a queue with its row of the requirement matrix. */
export interface SeedRow {
  readonly name: string;
  readonly required?: boolean;
  readonly bypass?: Partial<Bypass>;
}

export interface QueueSeed {
  readonly name: string;
  readonly id?: string;
  readonly division?: string;
  /** `null`: the queue has no after-call work at all. */
  readonly prompt?: string | null;
  readonly timeoutMs?: number | null;
  /** Names of codes, or names with rows; those that the organization does not list are added to it. */
  readonly codes?: readonly (string | SeedRow)[];
  readonly enabled?: boolean;
  readonly unsafeNumber?: string | null;
  /** How many interactions go on in it; null: the platform does not tell. */
  readonly interacting?: number | null;
}

export interface OrgSeed {
  /** Which contract the codes of queues follow; the public one where nothing is said. */
  readonly api?: Plan['api'];
  readonly organization?: { readonly id: string; readonly name: string };
  readonly divisions?: readonly string[];
  /** Names, or names with ids. */
  readonly codes?: readonly (string | { readonly name: string; readonly id: string })[];
  readonly queues: readonly QueueSeed[];
}

interface QueueState {
  readonly raw: Readonly<Record<string, unknown>>;
  /** The codes with their rows, which only `wrapupcodes-put` tells. */
  readonly codes: ReadonlyMap<CodeId, Requirement>;
}

interface CodeState {
  readonly name: string;
  readonly description: string | null;
  readonly divisionId: DivisionId | null;
}

interface OrgState {
  readonly queues: ReadonlyMap<QueueId, QueueState>;
  readonly codes: ReadonlyMap<CodeId, CodeState>;
}

export type WriteAction = Exclude<
  keyof OrgWriter,
  'differingFields' | 'differingRows' | 'withLastCheck'
>;
export type ReadAction = Exclude<keyof OrgReader, 'requests'>;

/** One call of a port, before it is answered. */
export interface OrgRequest {
  readonly action: WriteAction | ReadAction;
  readonly queue: QueueId | null;
  /** How often this action was called for this queue, this call included. */
  readonly nth: number;
}

/** What may happen to a call instead of an answer. */
export type Fault =
  /** The answer is lost; the write took effect or not. */
  | { readonly lost: 'before' | 'after' }
  /** The platform refuses. */
  | { readonly refuse: AppError }
  /** The adapter has a bug. */
  | { readonly bug: Error };

/** The managed part of a queue. */
export interface QueueSnapshot {
  readonly prompt: string | null;
  readonly timeoutMs: number | null;
  /** Ids, sorted. */
  readonly codes: readonly string[];
}

export interface WriteRecord {
  readonly at: number;
  readonly action: WriteAction;
  readonly queue: QueueId | null;
  /** What was sent: ids of codes, a prompt, a name. */
  readonly sent: readonly string[];
  readonly effect: boolean;
  readonly before: QueueSnapshot | null;
  readonly after: QueueSnapshot | null;
}

export interface Behaviour {
  /** How long reads lag a write, in milliseconds. */
  readonly lagMs: number;
  readonly queuesPerPage: number;
  readonly codesPerPage: number;
  readonly codesPerQueuePage: number;
  /** Both are unknown of the platform. */
  readonly addOfPresent: 'accept' | 'refuse';
  readonly removalOfAbsent: 'accept' | 'refuse';
  /** Called before each request: may edit the organization, and may make the request fail. */
  readonly onRequest: (request: OrgRequest, org: MemoryOrg) => Fault | undefined;
  /** What the audit log tells of a queue. */
  readonly lastChange: (queue: QueueId) => LastChange;
  readonly ownChanges: (queue: QueueId) => OwnChanges;
  /** How long a write waits for its turn, in milliseconds. */
  readonly turnMs: (action: WriteAction) => number;
  /** Whether an item slips through a list, as it does between two pages. */
  readonly slips: (list: 'queues' | 'codes' | 'queueCodes', id: string, nth: number) => boolean;
}

const CALM: Behaviour = {
  lagMs: 0,
  queuesPerPage: 500,
  codesPerPage: 500,
  codesPerQueuePage: 100,
  addOfPresent: 'accept',
  removalOfAbsent: 'accept',
  onRequest: () => undefined,
  turnMs: () => 0,
  lastChange: () => ({ by: 'unknown', why: null }),
  ownChanges: () => ({ kind: 'known', ours: [], others: [] }),
  slips: () => false,
};

const UNANSWERED = { by: 'unknown', why: 'the audit service could not be asked' } as const;

/** An id of the platform's form: kind 1 is a queue, 2 a code, 3 a division, 9 an organization. */
export const uuid = (kind: number, number: number): string =>
  `${String(kind).padStart(8, '0')}-0000-4000-8000-${String(number).padStart(12, '0')}`;

export class MemoryOrg {
  readonly clock: Clock;
  readonly organization: Organization;
  readonly divisions: readonly Division[];
  readonly writes: WriteRecord[] = [];
  readonly requests: OrgRequest[] = [];
  readonly #behaviour: Behaviour;
  readonly #checks = new AsyncLocalStorage<() => void>();
  readonly #api: Plan['api'];
  readonly #interacting = new Map<QueueId, number | null>();
  #versions: { readonly at: number; readonly state: OrgState }[];
  #sent = 0;
  #calls = new Map<string, number>();

  constructor(seed: OrgSeed, clock: Clock, behaviour: Partial<Behaviour> = {}) {
    this.clock = clock;
    this.#api = seed.api ?? 'public';
    this.#behaviour = { ...CALM, ...behaviour };
    const { id, name } = seed.organization ?? { id: uuid(9, 1), name: 'Acme' };
    this.organization = { id: organizationId(id), name };
    const divisions = [
      ...new Set([
        'Home',
        ...(seed.divisions ?? []),
        ...seed.queues.flatMap(({ division }) => division ?? []),
      ]),
    ];
    this.divisions = divisions.map((division, at) => ({
      id: divisionId(uuid(3, at + 1)),
      name: division,
    }));
    const codes = new Map<CodeId, CodeState>();
    const byName = new Map<string, CodeId>();
    const learn = (code: string, known?: string): void => {
      if (byName.has(code) && known === undefined) return;
      const made = codeId(known ?? uuid(2, codes.size + 1));
      codes.set(made, { name: code, description: null, divisionId: null });
      byName.set(code, made);
    };
    for (const code of seed.codes ?? []) {
      if (typeof code === 'string') learn(code);
      else learn(code.name, code.id);
    }
    for (const queue of seed.queues) for (const code of queue.codes ?? []) learn(nameOf(code));
    const queues = seed.queues.map((queue, at) => {
      const division = this.divisions.find((known) => known.name === (queue.division ?? 'Home'));
      const raw = {
        id: queue.id ?? uuid(1, at + 1),
        name: queue.name,
        division: { ...division },
        description: `About ${queue.name}`,
        ...(queue.prompt === null
          ? {}
          : {
              acwSettings: acw({
                prompt: queue.prompt ?? 'OPTIONAL',
                timeoutMs: queue.timeoutMs ?? null,
              }),
            }),
        enabled: queue.enabled ?? true,
        unsafeNumber: queue.unsafeNumber ?? null,
        memberCount: 7,
        fieldOfTomorrow: { nested: [at] },
      };
      this.#interacting.set(
        queueId(raw.id),
        queue.interacting === undefined ? 0 : queue.interacting,
      );
      const rows = (queue.codes ?? []).map(
        (code) => [byName.get(nameOf(code)) ?? codeId(''), rowOf(code)] as const,
      );
      return [queueId(raw.id), { raw, codes: new Map(rows) }] as const;
    });
    this.#versions = [{ at: -Infinity, state: { queues: new Map(queues), codes } }];
  }

  get #now(): OrgState {
    return (this.#versions.at(-1) as { readonly state: OrgState }).state;
  }

  /** What reads show at this moment. */
  get #seen(): OrgState {
    const at = this.clock.now() - this.#behaviour.lagMs;
    const version = this.#versions.findLast((candidate) => candidate.at <= at);
    return (version ?? this.#versions[0] ?? { state: this.#now }).state;
  }

  #commit(state: Partial<OrgState>): void {
    this.#versions.push({ at: this.clock.now(), state: { ...this.#now, ...state } });
  }

  // What tests look at, and what an admin does.

  queue(name: string): QueueSnapshot & {
    readonly id: QueueId;
    readonly codeNames: readonly string[];
    readonly rows: Readonly<Record<string, Requirement>>;
    readonly raw: QueueState['raw'];
  } {
    const [id, state] = this.#named(name);
    return {
      id,
      ...snapshot(state),
      codeNames: [...state.codes.keys()].map((code) => this.#nameOf(code)).sort(),
      rows: Object.fromEntries([...state.codes].map(([code, row]) => [this.#nameOf(code), row])),
      raw: state.raw,
    };
  }

  #nameOf(code: CodeId): string {
    return this.#now.codes.get(code)?.name ?? '';
  }

  snapshots(): ReadonlyMap<QueueId, QueueSnapshot> {
    return new Map([...this.#now.queues].map(([id, state]) => [id, snapshot(state)]));
  }

  codeId(name: string): CodeId {
    const found = [...this.#now.codes].find(([, code]) => code.name === name);
    if (found === undefined) throw new Error(`no code "${name}"`);
    return found[0];
  }

  queueNames(): readonly string[] {
    return [...this.#now.queues.values()].map(({ raw }) => raw['name'] as string);
  }

  codeNames(): readonly string[] {
    return [...this.#now.codes.values()].map(({ name }) => name).sort();
  }

  /** An admin edits a queue: fields of the document, and codes by name; one that is there gets this row. Seen at once. */
  edit(
    name: string,
    change: {
      readonly raw?: Record<string, unknown>;
      readonly add?: readonly (string | SeedRow)[];
      readonly remove?: readonly string[];
    },
  ): void {
    const [id, state] = this.#named(name);
    const codes = new Map(state.codes);
    for (const code of change.add ?? []) codes.set(this.codeId(nameOf(code)), rowOf(code));
    for (const code of change.remove ?? []) codes.delete(this.codeId(code));
    this.#put(id, { raw: { ...state.raw, ...change.raw }, codes });
    this.#settle();
  }

  /** Interactions begin or end. */
  setInteracting(name: string, interacting: number | null): void {
    this.#interacting.set(this.#named(name)[0], interacting);
  }

  /** An admin makes a code. */
  addCode(name: string, id = uuid(2, this.#now.codes.size + 1)): void {
    this.#commit({
      codes: new Map([
        ...this.#now.codes,
        [codeId(id), { name, description: null, divisionId: null }],
      ]),
    });
    this.#settle();
  }

  /** An admin deletes a code: it is off every queue, too. */
  deleteCode(name: string): void {
    const id = this.codeId(name);
    const without = <Value>(map: ReadonlyMap<CodeId, Value>): ReadonlyMap<CodeId, Value> =>
      new Map([...map].filter(([other]) => other !== id));
    this.#commit({
      codes: without(this.#now.codes),
      queues: new Map(
        [...this.#now.queues].map(([queue, state]) => [
          queue,
          { ...state, codes: without(state.codes) },
        ]),
      ),
    });
    this.#settle();
  }

  /** An admin makes a queue without codes. */
  createQueue(name: string, id: string): QueueId {
    const raw = { id, name, division: { ...this.divisions[0] }, enabled: true, unsafeNumber: null };
    this.#put(queueId(id), { raw, codes: new Map() });
    this.#settle();
    return queueId(id);
  }

  deleteQueue(name: string): void {
    const queues = new Map(this.#now.queues);
    queues.delete(this.#named(name)[0]);
    this.#commit({ queues });
    this.#settle();
  }

  /** Forgets the past: reads show what is there. */
  #settle(): void {
    this.#versions = [{ at: -Infinity, state: this.#now }];
  }

  #named(name: string): readonly [QueueId, QueueState] {
    const found = [...this.#now.queues].find(([, { raw }]) => raw['name'] === name);
    if (found === undefined) throw new Error(`no queue "${name}"`);
    return found;
  }

  #put(id: QueueId, state: QueueState): void {
    this.#commit({ queues: new Map([...this.#now.queues, [id, state]]) });
  }

  // The ports.

  #ask(action: OrgRequest['action'], queue: QueueId | null, requests = 1): Fault | undefined {
    this.#sent += requests;
    const key = `${action} ${queue ?? ''}`;
    const nth = (this.#calls.get(key) ?? 0) + 1;
    this.#calls.set(key, nth);
    const request: OrgRequest = { action, queue, nth };
    this.requests.push(request);
    return this.#behaviour.onRequest(request, this);
  }

  async #read<Value>(
    action: ReadAction,
    queue: QueueId | null,
    value: () => Value,
  ): Promise<Value> {
    await Promise.resolve();
    const fault = this.#ask(action, queue);
    if (fault !== undefined) throw raise(fault, null);
    return value();
  }

  #page<Item extends { readonly id: string }>(
    list: 'queues' | 'codes' | 'queueCodes',
    size: number,
    all: readonly Item[],
    nth: number,
  ): { readonly items: readonly Item[]; readonly pages: number; readonly readAt: number } {
    const pages = Math.max(1, Math.ceil(all.length / size));
    this.#sent += pages - 1;
    return {
      items: all.filter(({ id }) => !this.#behaviour.slips(list, id, nth)),
      pages,
      readAt: this.clock.now(),
    };
  }

  #nth(action: ReadAction, queue: QueueId | null): number {
    return this.#calls.get(`${action} ${queue ?? ''}`) ?? 0;
  }

  #live([id, { raw }]: readonly [QueueId, QueueState]): LiveQueue {
    const work = (raw['acwSettings'] ?? {}) as {
      readonly wrapupPrompt?: string;
      readonly timeoutMs?: number;
    };
    return {
      id,
      name: raw['name'] as string,
      division: raw['division'] as Division,
      afterCallWork: { prompt: work.wrapupPrompt ?? null, timeoutMs: work.timeoutMs ?? null },
      enabled: raw['enabled'] as boolean,
      unsafeNumber: raw['unsafeNumber'] as string | null,
    };
  }

  #codes(ids: Iterable<CodeId>): readonly LiveCode[] {
    return [...ids].flatMap((id) => {
      const code = this.#seen.codes.get(id);
      return code === undefined ? [] : [{ id, name: code.name }];
    });
  }

  readonly reader: OrgReader = {
    organization: () => this.#read('organization', null, () => this.organization),
    listQueues: (): Promise<Listing<LiveQueue>> =>
      this.#read('listQueues', null, () =>
        this.#page(
          'queues',
          this.#behaviour.queuesPerPage,
          [...this.#seen.queues].map((entry) => this.#live(entry)),
          this.#nth('listQueues', null),
        ),
      ),
    listCodes: (): Promise<Listing<LiveCode>> =>
      this.#read('listCodes', null, () =>
        this.#page(
          'codes',
          this.#behaviour.codesPerPage,
          this.#codes(this.#seen.codes.keys()),
          this.#nth('listCodes', null),
        ),
      ),
    listDivisions: (): Promise<Listing<Division>> =>
      this.#read('listDivisions', null, () => ({
        items: this.divisions,
        pages: 1,
        readAt: this.clock.now(),
      })),
    findQueues: (by) =>
      this.#read('findQueues', null, () =>
        [...this.#seen.queues]
          .map((entry) => this.#live(entry))
          .filter((queue) =>
            'id' in by ? queue.id === by.id : queue.name.normalize('NFC') === by.name,
          ),
      ),
    findCodes: (by) =>
      this.#read('findCodes', null, () =>
        this.#codes(this.#seen.codes.keys()).filter((code) =>
          'id' in by ? code.id === by.id : code.name.normalize('NFC') === by.name,
        ),
      ),
    queueCodes: (queue) =>
      this.#read('queueCodes', queue, () => {
        const state = this.#seen.queues.get(queue);
        if (state === undefined) throw gone('queue');
        const { items, pages, readAt } = this.#page(
          'queueCodes',
          this.#behaviour.codesPerQueuePage,
          this.#codes(state.codes.keys()),
          this.#nth('queueCodes', queue),
        );
        if (this.#api === 'public') return { codes: items, pages, readAt };
        const raw = items.map(({ id }) => ({ id, ...state.codes.get(id) }));
        return {
          codes: items.map((code) => ({ ...code, requirement: state.codes.get(code.id) ?? null })),
          pages,
          readAt,
          rows: { raw, unsafe: null },
        };
      }),
    queueDocument: (queue) =>
      this.#read('queueDocument', queue, (): QueueDocument | null => {
        const state = this.#seen.queues.get(queue);
        return state === undefined
          ? null
          : { queue: this.#live([queue, state]), raw: state.raw, readAt: this.clock.now() };
      }),
    interacting: (queues) =>
      this.#read('interacting', queues.length === 1 ? (queues[0] ?? null) : null, () => {
        this.#sent += Math.ceil(queues.length / 100) - 1;
        return new Map(queues.map((id) => [id, answer(this.#interacting.get(id) ?? null)]));
      }),
    // oxlint-disable-next-line require-await -- a port is asynchronous
    lastChanges: async (queues) => {
      const [only = null] = queues.length === 1 ? queues : [];
      const fault = this.#ask('lastChanges', only, queues.length <= 3 ? 4 * queues.length : 4);
      return new Map(
        queues.map((queue) => [
          queue,
          fault === undefined ? this.#behaviour.lastChange(queue) : UNANSWERED,
        ]),
      );
    },
    // oxlint-disable-next-line require-await -- a port is asynchronous
    ownChanges: async (queue) => {
      const fault = this.#ask('ownChanges', queue, 3);
      return fault === undefined
        ? this.#behaviour.ownChanges(queue)
        : { kind: 'unknown', why: UNANSWERED.why };
    },
    requests: () => ({ sent: this.#sent, retried: 0, throttled: 0 }),
  };

  /** Sends one write: the effect first, or not, then the answer, or not. */
  async #write<Answer>(
    action: WriteAction,
    queue: QueueId | null,
    sent: readonly string[],
    effect: () => Answer,
    requests = 1,
  ): Promise<Answer> {
    await this.clock.sleep(this.#behaviour.turnMs(action));
    this.#checks.getStore()?.();
    const fault = this.#ask(action, queue, requests);
    const snap = (): QueueSnapshot | null => {
      const state = queue === null ? undefined : this.#now.queues.get(queue);
      return state === undefined ? null : snapshot(state);
    };
    const before = snap();
    const log = (took: boolean): void => {
      this.writes.push({
        at: this.clock.now(),
        action,
        queue,
        sent,
        effect: took,
        before,
        after: snap(),
      });
    };
    if (fault !== undefined && !('lost' in fault && fault.lost === 'after')) {
      log(false);
      throw raise(fault, action);
    }
    try {
      const answer = effect();
      log(true);
      if (fault !== undefined) throw raise(fault, action);
      return answer;
    } catch (error) {
      if (error instanceof AppError) log(false);
      throw error;
    }
  }

  #receipt(): WriteReceipt {
    return { correlationId: `correlation-${this.writes.length + 1}` };
  }

  #onQueue(id: QueueId, change: (state: QueueState) => QueueState): WriteReceipt {
    const state = this.#now.queues.get(id);
    if (state === undefined) throw gone('queue');
    this.#put(id, change(state));
    return this.#receipt();
  }

  readonly writer: OrgWriter = {
    createCode: (creation: CodeCreation) =>
      this.#write('createCode', null, [creation.name], () => {
        if ([...this.#now.codes.values()].some(({ name }) => name === creation.name))
          throw refused(`duplicate.name: ${creation.name}`);
        const id = codeId(uuid(2, this.#now.codes.size + 1));
        const { name, description, divisionId: division } = creation;
        this.#commit({
          codes: new Map([...this.#now.codes, [id, { name, description, divisionId: division }]]),
        });
        return { ...this.#receipt(), code: { id, name } };
      }),
    renameCode: ({ id, to }: CodeRename) =>
      this.#write(
        'renameCode',
        null,
        [id, to],
        () => {
          const code = this.#now.codes.get(id);
          if (code === undefined) throw gone('code');
          if ([...this.#now.codes].some(([other, { name }]) => other !== id && name === to))
            throw refused(`duplicate.name: ${to}`);
          this.#commit({ codes: new Map([...this.#now.codes, [id, { ...code, name: to }]]) });
          return this.#receipt();
        },
        2,
      ),
    addCodes: (queue: QueueId, codes: readonly CodeId[]) =>
      this.#write('addCodes', queue, codes, () => {
        if (codes.length < 1 || codes.length > 100)
          throw refused(`${codes.length} codes in one request`);
        const unknown = codes.find((code) => !this.#now.codes.has(code));
        if (unknown !== undefined) throw gone('code');
        return this.#onQueue(queue, (state) => {
          if (
            this.#behaviour.addOfPresent === 'refuse' &&
            codes.some((code) => state.codes.has(code))
          )
            throw refused('a code is there already');
          return {
            ...state,
            codes: new Map([
              ...state.codes,
              ...codes
                .filter((code) => !state.codes.has(code))
                .map((code) => [code, rowOf(code)] as const),
            ]),
          };
        });
      }),
    removeCode: (queue: QueueId, code: CodeId) =>
      this.#write('removeCode', queue, [code], () =>
        this.#onQueue(queue, (state) => {
          if (this.#behaviour.removalOfAbsent === 'refuse' && !state.codes.has(code))
            throw gone('code on the queue');
          return {
            ...state,
            codes: new Map([...state.codes].filter(([other]) => other !== code)),
          };
        }),
      ),
    putCodes: (queue: QueueId, { rows }: LiveQueueCodes, { add, update, remove }: RowChanges) => {
      if (rows === undefined) throw new Error('a list without rows cannot be replaced');
      const removed = new Set<string>(remove.map(({ id }) => id));
      // The whole list is replaced: what somebody else changed since it was read is lost.
      const codes = new Map(
        (rows.raw as readonly (Requirement & { readonly id: CodeId })[])
          .filter(({ id }) => !removed.has(id))
          .map(({ id, ...row }) => [id, row]),
      );
      for (const { id, to } of update) codes.set(id, to);
      for (const { id, requirement: row } of add) codes.set(id, row);
      return this.#write('putCodes', queue, [...codes.keys()], () => {
        if (this.#api === 'public') throw refused('no such method');
        if (codes.size > 50) throw refused(`${codes.size} rows in one request`);
        if ([...codes.keys()].some((code) => !this.#now.codes.has(code))) throw gone('code');
        if (this.#now.queues.get(queue)?.raw['enabled'] === false) throw refused('disabled');
        return this.#onQueue(queue, (state) => ({ ...state, codes }));
      });
    },
    differingRows: (before, after, changes) => {
      const meant = new Set<string>(
        [...changes.add, ...changes.update, ...changes.remove].map(({ id }) => id),
      );
      const textOf = ({ rows }: LiveQueueCodes, code: CodeId): string | undefined =>
        JSON.stringify(
          ((rows?.raw ?? []) as { readonly id: CodeId }[]).find(({ id }) => id === code),
        );
      return [...new Set([...before.codes, ...after.codes].map(({ id }) => id))].filter(
        (id) => !meant.has(id) && textOf(before, id) !== textOf(after, id),
      );
    },
    updateAfterCallWork: (document: QueueDocument, to: AfterCallWork) =>
      this.#write(
        'updateAfterCallWork',
        document.queue.id,
        [to.prompt, String(to.timeoutMs)],
        () => {
          if (isTimed(to.prompt) && !isLegalTimeout(to.timeoutMs))
            throw refused(`timeoutMs ${String(to.timeoutMs)}`);
          if (!isTimed(to.prompt) && to.timeoutMs !== null)
            throw refused(`${to.prompt} knows no timer`);
          if (document.queue.unsafeNumber !== null) throw new Error('a number would be lost');
          // The whole document is replaced: what somebody else changed since it was read is lost.
          return this.#onQueue(document.queue.id, (state) => ({
            ...state,
            raw: { ...document.raw, acwSettings: acw(to) },
          }));
        },
      ),
    withLastCheck: (check, write) => this.#checks.run(check, write),
    differingFields: (before: QueueDocument, after: QueueDocument) =>
      [...new Set([...Object.keys(before.raw), ...Object.keys(after.raw)])]
        .filter((key) => key !== 'acwSettings' && key !== 'memberCount')
        .filter((key) => JSON.stringify(before.raw[key]) !== JSON.stringify(after.raw[key])),
  };
}

/** The name of a code of a seed. */
export const nameOf = (code: string | SeedRow): string =>
  typeof code === 'string' ? code : code.name;

const rowOf = (code: string | SeedRow): Requirement => {
  const { required = false, bypass = {} } = typeof code === 'string' ? {} : code;
  return requirement(required, bypass);
};

const acw = ({
  prompt,
  timeoutMs,
}: {
  readonly prompt: string;
  readonly timeoutMs: number | null;
}): object => (timeoutMs === null ? { wrapupPrompt: prompt } : { wrapupPrompt: prompt, timeoutMs });

const answer = (count: number | null): Interacting =>
  count === null
    ? { kind: 'unread', reason: 'the platform does not tell', correlationId: 'correlation-busy' }
    : { kind: 'counted', count };

const snapshot = ({ raw, codes }: QueueState): QueueSnapshot => {
  const work = (raw['acwSettings'] ?? {}) as {
    readonly wrapupPrompt?: string;
    readonly timeoutMs?: number;
  };
  return {
    prompt: work.wrapupPrompt ?? null,
    timeoutMs: work.timeoutMs ?? null,
    codes: [...codes.keys()].sort(),
  };
};

const gone = (what: string): AppError =>
  new AppError('genesys.not-found', `The ${what} does not exist.`, {
    correlationId: 'correlation-404',
  });
const refused = (why: string): AppError =>
  new AppError('genesys.rejected', `Refused: ${why}.`, { correlationId: 'correlation-400' });

const raise = (fault: Fault, action: WriteAction | null): Error => {
  if ('refuse' in fault) return fault.refuse;
  if ('bug' in fault) return fault.bug;
  return action === null
    ? new AppError('genesys.unavailable', 'No answer came.', { correlationId: 'correlation-503' })
    : new OutcomeUnknown('No answer came', 'correlation-lost');
};
