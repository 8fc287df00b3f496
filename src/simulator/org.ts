/** The simulated organization: its state as immutable values, and the one way to change it. */
import type { Models } from 'purecloud-platform-client-v2';
import { isoInstant, type SimulatorClock } from './clock.js';
import { uuidOf } from './random.js';

/** A queue as the API shows it, fields that no contract knows included. */
export type QueueDocument = Models.Queue & Readonly<Record<string, unknown>>;

/** The flags of one code on one queue, in the words of the `wrapupcodes-put` contract. */
export interface CodeFlags {
  readonly isRequired: boolean;
  readonly allowSelfAssignment: boolean;
  readonly allowSupervisorAssignment: boolean;
  readonly allowAgentAssignment: boolean;
  readonly allowTransfer: boolean;
  readonly allowWrapup: boolean;
  readonly allowPostCallWork: boolean;
}

/** What goes on in a queue at this moment. */
export interface QueueActivity {
  readonly interacting: number;
  readonly waiting: number;
  readonly onQueueUsers: number;
}

/** A queue, and what the platform knows of it beside its document. */
export interface QueueRecord {
  readonly document: QueueDocument;
  /** The codes on the queue by id. */
  readonly codes: ReadonlyMap<string, CodeFlags>;
  /** Told only by the `wrapupcodes-put` contract. */
  readonly enabled: boolean;
  /** The field whose reference went stale, so that every PUT of the queue is refused; null where all is well. */
  readonly staleReference: string | null;
  readonly activity: QueueActivity;
}

/** Interactions of one queue that ended alike: with this code, after this much after-call work. */
export interface InteractionGroup {
  readonly queueId: string;
  /** A code's id, one of the platform's own words such as `ININ-WRAP-UP-TIMEOUT`, or null: without a code. */
  readonly wrapUpCode: string | null;
  /** Such as `voice`. */
  readonly mediaType: string;
  readonly count: number;
  /** After-call work of each, in milliseconds. */
  readonly acwMs: number;
  /** When they ended, in milliseconds since the epoch. */
  readonly at: number;
}

/** Everything at one moment. Values are never mutated: an older state stays readable. */
export interface OrgState {
  readonly organization: Models.Organization;
  readonly divisions: ReadonlyMap<string, Models.AuthzDivision>;
  readonly codes: ReadonlyMap<string, Models.WrapupCode>;
  readonly queues: ReadonlyMap<string, QueueRecord>;
  readonly interactions: readonly InteractionGroup[];
}

/** Who changes something. */
export interface Actor {
  readonly kind: 'client' | 'user';
  readonly id: string;
  readonly name: string;
}

/** What an audit record says beside who and when. */
export interface AuditDraft {
  readonly action:
    'Create' | 'Update' | 'Delete' | 'WrapupCodeAdd' | 'WrapupCodeRemove' | 'MemberUpdate';
  readonly entityType: 'Queue' | 'WrapupCode';
  readonly entity: { readonly id: string; readonly name: string };
  readonly propertyChanges?: readonly Models.PropertyChange[];
  readonly entityChanges?: readonly Models.EntityChange[];
}

/** One change that took effect. */
export interface AuditRecord extends AuditDraft {
  readonly id: string;
  readonly at: number;
  readonly actor: Actor;
}

/** When and by whom a change is made, and ids for what it creates. */
interface ChangeStamp {
  readonly at: string;
  readonly by: string;
  newId(kind: string): string;
}

/** The outcome of a change: the next state (the same one where nothing changed), its audits, and an answer. */
interface Changed<Result> {
  readonly state: OrgState;
  readonly audits: readonly AuditDraft[];
  readonly result: Result;
}

/** A change as a function of the state. It throws a PlatformError to refuse, and then nothing happens. */
export type Change<Result> = (state: OrgState, stamp: ChangeStamp) => Changed<Result>;

/** Holds the current state, the states that lagging reads still show, and the audit log. */
export class Org {
  readonly #clock: SimulatorClock;
  readonly #audits: AuditRecord[] = [];
  #states: { readonly at: number; readonly state: OrgState }[];
  #retainMs = 0;
  #version = 0;
  #created = 0;

  constructor(initial: OrgState, clock: SimulatorClock) {
    this.#clock = clock;
    this.#states = [{ at: Number.NEGATIVE_INFINITY, state: initial }];
  }

  get state(): OrgState {
    return this.#states[this.#states.length - 1]!.state;
  }

  /** Counts the changes that took effect. */
  get version(): number {
    return this.#version;
  }

  /** Every change since the start, oldest first. */
  get audits(): readonly AuditRecord[] {
    return this.#audits;
  }

  /** The state as it was at an instant, as far back as {@link retain} asked for. */
  stateAt(at: number): OrgState {
    return (this.#states.findLast((version) => version.at <= at) ?? this.#states[0]!).state;
  }

  /** Keeps older states readable for so many milliseconds from now on. */
  retain(ms: number): void {
    this.#retainMs = Math.max(this.#retainMs, ms);
  }

  /** Makes a change, or throws the PlatformError that refuses it. */
  apply<Result>(actor: Actor, change: Change<Result>): Result {
    const now = this.#clock.now();
    const { state, audits, result } = change(this.state, {
      at: isoInstant(now),
      by: actor.id,
      newId: (kind) => uuidOf(this.state.organization.id ?? '', kind, 'created', this.#created++),
    });
    if (state === this.state) return result;
    const seenUntil = this.#states.findLastIndex((version) => version.at <= now - this.#retainMs);
    this.#states = [...this.#states.slice(Math.max(seenUntil, 0)), { at: now, state }];
    this.#version += 1;
    for (const draft of audits) {
      const id = uuidOf(this.state.organization.id ?? '', 'audit', this.#audits.length);
      this.#audits.push({ ...draft, id, at: now, actor });
    }
    return result;
  }
}

/** A state with one queue replaced, added, or (with null) gone. */
export const withQueue = (state: OrgState, id: string, record: QueueRecord | null): OrgState => ({
  ...state,
  queues: withEntry(state.queues, id, record),
});

/** A state with one code replaced, added, or (with null) gone. */
export const withCode = (
  state: OrgState,
  id: string,
  code: Models.WrapupCode | null,
): OrgState => ({ ...state, codes: withEntry(state.codes, id, code) });

const withEntry = <Value>(
  entries: ReadonlyMap<string, Value>,
  id: string,
  value: Value | null,
): ReadonlyMap<string, Value> => {
  const next = new Map(entries);
  if (value === null) next.delete(id);
  else next.set(id, value);
  return next;
};
