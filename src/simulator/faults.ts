/** The fault table: the one mechanism by which the simulator misbehaves. */
import type { Models } from 'purecloud-platform-client-v2';
import type { PlatformErrorCode } from './errors.js';
import type { Org, OrgState } from './org.js';
import type { Tear } from './paging.js';
import type { SimulatorClock } from './clock.js';

/** Whether a fault strikes before the platform acts on the request, or after it took effect. */
type FaultMoment = 'before' | 'after';

/** One thing that goes wrong. */
export type FaultEffect<Admin> =
  /** Time passes. After the effect it makes a client time out on a write that was made. */
  | { readonly kind: 'latency'; readonly ms: number; readonly when?: FaultMoment }
  /** An error in the platform's form: a 5xx, a 409, a 429 with `Retry-After` … */
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly code?: PlatformErrorCode;
      readonly retryAfterSeconds?: number;
      readonly details?: readonly Models.Detail[];
      readonly when?: FaultMoment;
    }
  /** A page of a proxy instead of JSON; status 200 unless said. */
  | { readonly kind: 'html'; readonly status?: number; readonly when?: FaultMoment }
  /** The connection ends without an answer, or (`midway`) within it. */
  | { readonly kind: 'cut'; readonly when?: FaultMoment | 'midway' }
  /** A read shows the org as it was so long ago. */
  | { readonly kind: 'lag'; readonly ms: number }
  /** After each change, so many reads still show the org as it was before it. */
  | { readonly kind: 'lag'; readonly reads: number }
  /** A page of a list does not fit the others. */
  | { readonly kind: 'tear'; readonly how: Tear }
  /** Somebody else changes the org at this moment. */
  | { readonly kind: 'edit'; readonly act: (admin: Admin) => void; readonly when?: FaultMoment };

/** What a rule can look at. */
export interface FaultRequest {
  readonly method: string;
  readonly path: string;
  /** The path of the contract, such as `/api/v2/routing/queues/{queueId}`. */
  readonly route: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly clientId: string | null;
}

/** Which requests a rule touches: by method and path (of the contract, or in full), or by a function. */
type FaultMatch =
  ((request: FaultRequest) => boolean) | { readonly method?: string; readonly path?: string };

/** A rule of the table. */
export interface FaultRule<Admin> {
  /** Left out: every request. */
  readonly match?: FaultMatch;
  /** So many matching requests pass untouched first. */
  readonly skip?: number;
  /** How many matching requests it then touches; left out: all. */
  readonly times?: number;
  readonly effect: FaultEffect<Admin> | readonly FaultEffect<Admin>[];
}

/** A rule in the table. */
export interface FaultHandle {
  /** How many requests it has touched. */
  readonly fired: number;
  remove(): void;
}

/** What the rules do to one request. */
export interface Faults<Admin> {
  readonly effects: readonly FaultEffect<Admin>[];
  /** The state that a read shows, once the edits before it are done. */
  view(): OrgState;
  readonly tear: Tear | null;
}

/** Holds the rules and says which of them touch a request. */
export class FaultTable<Admin> {
  readonly #org: Org;
  readonly #clock: SimulatorClock;
  #rules: ActiveRule<Admin>[] = [];

  constructor(org: Org, clock: SimulatorClock) {
    this.#org = org;
    this.#clock = clock;
  }

  /** Adds a rule; rules strike in the order in which they were added. */
  add(rule: FaultRule<Admin>): FaultHandle {
    const effects = Array.isArray(rule.effect) ? rule.effect : [rule.effect];
    const active: ActiveRule<Admin> = {
      rule,
      effects,
      seen: 0,
      fired: 0,
      lagging: this.#settled(),
    };
    for (const effect of effects) {
      if (effect.kind === 'lag' && 'ms' in effect) this.#org.retain(effect.ms);
    }
    this.#rules.push(active);
    return {
      get fired() {
        return active.fired;
      },
      remove: () => {
        this.#rules = this.#rules.filter((other) => other !== active);
      },
    };
  }

  /** Takes every rule away. */
  clear(): void {
    this.#rules = [];
  }

  /** The faults of one request; each rule that touches it counts it. */
  strike(request: FaultRequest): Faults<Admin> {
    const effects: FaultEffect<Admin>[] = [];
    let view = (): OrgState => this.#org.state;
    let tear: Tear | null = null;
    for (const active of this.#rules) {
      if (!touches(active, request)) continue;
      for (const effect of active.effects) {
        effects.push(effect);
        if (effect.kind === 'tear') tear = effect.how;
        if (effect.kind === 'lag') {
          view = () =>
            'ms' in effect
              ? this.#org.stateAt(this.#clock.now() - effect.ms)
              : this.#lagging(active, effect.reads);
        }
      }
    }
    return { effects, view, tear };
  }

  #settled() {
    return { state: this.#org.state, version: this.#org.version, reads: 0 };
  }

  #lagging(active: ActiveRule<Admin>, reads: number): OrgState {
    const { lagging } = active;
    if (lagging.version === this.#org.version) return lagging.state;
    if (lagging.reads < reads) {
      lagging.reads += 1;
      return lagging.state;
    }
    active.lagging = this.#settled();
    return active.lagging.state;
  }
}

interface ActiveRule<Admin> {
  readonly rule: FaultRule<Admin>;
  readonly effects: readonly FaultEffect<Admin>[];
  seen: number;
  fired: number;
  /** For reads that lag by a count: what they still show, and how many have shown it since the last change. */
  lagging: { readonly state: OrgState; readonly version: number; reads: number };
}

const touches = <Admin>(active: ActiveRule<Admin>, request: FaultRequest): boolean => {
  const { match, skip = 0, times = Number.POSITIVE_INFINITY } = active.rule;
  if (match !== undefined && !matches(match, request)) return false;
  active.seen += 1;
  if (active.seen <= skip || active.fired >= times) return false;
  active.fired += 1;
  return true;
};

const matches = (match: FaultMatch, request: FaultRequest): boolean =>
  typeof match === 'function'
    ? match(request)
    : (match.method === undefined || match.method === request.method) &&
      (match.path === undefined || match.path === request.route || match.path === request.path);
