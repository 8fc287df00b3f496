/** The codes of one queue in the course of an apply: as planned, as read last, and as they should be by now. */
import type { AddedCode, CodeUpdate } from '../domain/change.js';
import type { QueueId } from '../domain/ids.js';
import { sameRequirement } from '../domain/requirement.js';
import type { LiveCode, LiveQueueCodes, QueueCode } from '../domain/state.js';
import { inScope } from '../diff/wrapup-codes.js';
import type { CodeScope } from '../diff/wrapup-codes.js';
import type { OrgReader } from './ports.js';
import { Ends, NotSeen, FRESH_FOR_MS } from './send-step.js';
import type { Effect, SendContext, StepSender } from './send-step.js';
import { readUntil } from './settle.js';

/** The codes of a change, all with ids. */
export interface CodeSets {
  readonly add: readonly (LiveCode & AddedCode)[];
  /** Codes that get another row; none where the API tells no rows. */
  readonly update: readonly CodeUpdate[];
  readonly remove: readonly LiveCode[];
}

const NO_CHANGE: CodeSets = { add: [], update: [], remove: [] };

export interface QueueCodesInput {
  readonly queue: QueueId;
  /** As the plan saw them; null where nobody had to know. */
  readonly planned: LiveQueueCodes | null;
  /** Which of them are managed: others may come and go. */
  readonly scope: CodeScope;
  readonly sender: StepSender;
  readonly context: Pick<SendContext, 'clock' | 'settleForMs'> & { readonly reader: OrgReader };
}

/** Reads the codes of a queue whenever a write rests on them, and tells when they are not as expected. */
export class QueueCodes {
  readonly #input: QueueCodesInput;
  #scope: CodeScope;
  #last: LiveQueueCodes | null;

  constructor(input: QueueCodesInput) {
    this.#input = input;
    this.#scope = input.scope;
    this.#last = input.planned;
  }

  /** Codes that are added are managed from now on, those included that were created after the plan. */
  manage(added: readonly LiveCode[]): void {
    if (this.#scope === 'all') return;
    this.#scope = new Set([...this.#scope, ...added.map(({ id }) => id)]);
  }

  /** When they were last asked for, in milliseconds; before the first time, long ago. */
  get readAt(): number {
    return this.#last?.readAt ?? -Infinity;
  }

  /** As they were read last; null where nobody had to know. */
  get latest(): LiveQueueCodes | null {
    return this.#last;
  }

  async read(): Promise<LiveQueueCodes> {
    this.#last = await this.#input.context.reader.queueCodes(this.#input.queue);
    return this.#last;
  }

  /** As the plan saw them, or read again where that is too long ago. */
  async beforeAdding(sets: CodeSets): Promise<LiveQueueCodes> {
    const planned = this.#last;
    if (planned === null) throw new Error(`The codes of queue ${this.#input.queue} were not read.`);
    return this.#isFresh(planned) ? planned : this.readAfresh(sets);
  }

  /** A read of its own, which shows that nobody else has been here; or that somebody has done it all. */
  async readAfresh(sets: CodeSets): Promise<LiveQueueCodes> {
    const fresh = await this.read();
    if (this.#shows(fresh, NO_CHANGE) || this.#shows(fresh, sets)) return fresh;
    throw new Ends('stale', 'its wrap-up codes have changed since the plan was made');
  }

  /** A read of its own, in which the added codes are there, and nobody else has been here. */
  beforeRemoving(sets: CodeSets): Promise<LiveQueueCodes> {
    return this.#readUntil(
      (codes) => this.#shows(codes, { ...sets, remove: [] }) || this.#shows(codes, sets),
      sets,
    );
  }

  readBack(sets: CodeSets): Promise<LiveQueueCodes> {
    return this.#readUntil((codes) => this.#shows(codes, sets), sets);
  }

  /** Those of these codes that the last read did not show. */
  missing(codes: readonly LiveCode[]): readonly LiveCode[] {
    const present = new Set(this.#last?.codes.map(({ id }) => id));
    return codes.filter(({ id }) => !present.has(id));
  }

  /** The last read must show the planned codes, and of the change any part. */
  mustBeUntouched({ add, update, remove }: CodeSets): void {
    const live = this.#last;
    const missing = new Set(this.missing([...add, ...remove]).map(({ id }) => id));
    const added = add.filter(({ id }) => !missing.has(id));
    const removed = remove.filter(({ id }) => missing.has(id));
    if (live === null || !this.#shows(live, { add: added, update, remove: removed }))
      throw changedByOthers();
  }

  /** Whether a read that is not too old shows any code, managed or not. */
  async hasAny(): Promise<boolean> {
    const last = this.#last;
    if (last !== null && last.codes.length > 0 && this.#isFresh(last)) return true;
    return (await this.#readWithLag(({ codes }) => codes.length > 0)).seen;
  }

  #isFresh({ readAt }: LiveQueueCodes): boolean {
    return this.#input.context.clock.now() - readAt <= FRESH_FOR_MS;
  }

  async #readUntil(
    expected: (codes: LiveQueueCodes) => boolean,
    sets: CodeSets,
  ): Promise<LiveQueueCodes> {
    const { value, seen } = await this.#readWithLag(expected);
    if (seen) return value;
    const { steps } = this.#input.sender;
    if (steps.length > 0 && howManyOf(sets.add, value) !== 'whole')
      throw new NotSeen('reading back does not show the added codes');
    if (steps.length > 0 && howManyOf(sets.update.map(updated), value) !== 'whole')
      throw new NotSeen('reading back does not show the new requirements of its codes');
    const hasRemoved = steps.some(
      ({ action }) => action === 'remove-code' || action === 'put-codes',
    );
    if (hasRemoved && howManyOf(sets.remove, value) !== 'none')
      throw new NotSeen('reading back still shows removed codes');
    throw changedByOthers();
  }

  /** Where nothing was written yet there is no lag to wait for. */
  #readWithLag(
    expected: (codes: LiveQueueCodes) => boolean,
  ): Promise<{ readonly value: LiveQueueCodes; readonly seen: boolean }> {
    const { sender, context } = this.#input;
    return readUntil(() => this.read(), expected, {
      clock: context.clock,
      settleForMs: sender.steps.length > 0 ? context.settleForMs : 0,
    });
  }

  /** Whether the managed codes are the planned ones, with these changes. */
  #shows(live: LiveQueueCodes, { add, update, remove }: CodeSets): boolean {
    const isManaged = ({ id }: LiveCode): boolean => inScope(this.#scope, id);
    const removed = new Set(remove.map(({ id }) => id));
    const kept = (this.#input.planned?.codes ?? []).filter(({ id }) => !removed.has(id));
    const expected = new Map(
      [...kept, ...update.map(updated), ...add].filter(isManaged).map((code) => [code.id, code]),
    );
    const found = live.codes.filter(isManaged);
    return (
      found.length === expected.size && found.every((code) => isAs(expected.get(code.id), code))
    );
  }
}

const changedByOthers = (): Ends =>
  new Ends('stale', 'somebody else changed its wrap-up codes since the plan was made');

/** A code with the row that it gets. */
export const updated = ({ id, name, to }: CodeUpdate): QueueCode => ({ id, name, requirement: to });

/** Whether a code is there, with this row where one is asked for. */
const isAs = (wanted: QueueCode | undefined, live: QueueCode | undefined): boolean => {
  if (wanted === undefined || live === undefined) return false;
  if (wanted.requirement === undefined) return true;
  const [a, b] = [wanted.requirement, live.requirement ?? null];
  return a === null || b === null ? a === b : sameRequirement(a, b);
};

/** How many of these codes a list shows, with their rows where they have any; all of no codes are `whole`. */
export const howManyOf = (
  codes: readonly QueueCode[],
  live: Pick<LiveQueueCodes, 'codes'>,
): Effect => {
  const present = new Map(live.codes.map((code) => [code.id, code]));
  const found = codes.filter((code) => isAs(code, present.get(code.id))).length;
  return found === codes.length ? 'whole' : found === 0 ? 'none' : 'part';
};
