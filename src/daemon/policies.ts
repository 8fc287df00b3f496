/** Policies as a daemon sees them: what the repository says now, and what it accepted last. */
import { diagnosticJson, hasErrors } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import type { GuardVerdict } from '../domain/change.js';
import type { PolicySet } from '../policy/model.js';
import type { Settings } from '../policy/settings.js';
import type { Revision, SourceState, SourceStatus } from './status.js';

/** Settings and policies of one revision. */
export interface PolicyState {
  readonly revision: Revision;
  /** Who wrote the commit, as `Name <address>`, or null. */
  readonly author: string | null;
  readonly settings: Settings;
  readonly policySet: PolicySet;
  /** Everything wrong with them, errors included. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What a look at the repository shows. */
export type SourceLook =
  | { readonly kind: 'seen'; readonly state: PolicyState }
  | {
      readonly kind: Extract<SourceState, 'unreachable' | 'rewritten' | 'deleted' | 'unsigned'>;
      /** Why, and what to do, for people. */
      readonly message: string;
    };

/** Where policies come from: a folder that is watched, or a branch of a remote. */
export interface PolicySource {
  readonly kind: SourceStatus['kind'];
  readonly location: string;
  readonly branch: string | null;
  /** What is there now. Throws nothing that a repository or a network can do. */
  look(): Promise<SourceLook>;
  /** What was accepted last, kept on this machine; null: nothing yet. */
  accepted(): Promise<{ readonly state: PolicyState; readonly at: string } | null>;
  /** Keeps this as accepted, so that it survives a restart. @throws AppError `daemon.state` */
  accept(state: PolicyState, at: string): Promise<void>;
}

/**
 * Which policies are enforced. The repository proposes; what is invalid, or what a guard refuses, is told, and what
 * was accepted last goes on.
 */
export class PolicyBook {
  readonly #source: PolicySource;
  #accepted: { readonly state: PolicyState; readonly at: string } | null = null;
  #candidate: PolicyState | null = null;
  #seen: Revision | null = null;
  #state: SourceState = 'waiting';
  #since: string;
  #message: string | null = null;
  #diagnostics: readonly Diagnostic[] = [];
  #refusal: { readonly digest: string; readonly guards: readonly GuardVerdict[] } | null = null;

  /** @param at when the daemon started, ISO 8601 */
  constructor(source: PolicySource, at: string) {
    this.#source = source;
    this.#since = at;
  }

  /** What was accepted before this start. */
  async recall(): Promise<void> {
    this.#accepted = await this.#source.accepted();
    this.#seen = this.#accepted?.state.revision ?? null;
  }

  /** What is enforced; null: nothing was accepted yet. */
  get accepted(): PolicyState | null {
    return this.#accepted?.state ?? null;
  }

  /** What the repository says now, where it is valid and was not accepted yet. */
  get candidate(): PolicyState | null {
    return this.#candidate;
  }

  /** What is to be tried, in this order: the first that no guard refuses is enforced. */
  get toTry(): readonly PolicyState[] {
    return [this.#candidate, this.accepted].filter((state) => state !== null);
  }

  /** Looks at the repository. Returns whether it shows anything that was not known. */
  async look(at: string): Promise<boolean> {
    const look = await this.#source.look();
    if (look.kind !== 'seen') {
      const isNews = this.#state !== look.kind;
      this.#candidate = null;
      this.#tell(look.kind, look.message, [], at);
      return isNews;
    }
    const { revision, diagnostics } = look.state;
    const isNews = !isSame(this.#seen, revision) || isAway(this.#state);
    this.#seen = revision;
    if (hasErrors(diagnostics)) {
      this.#candidate = null;
      const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
      const what = errors === 1 ? 'an error' : `${errors} errors`;
      this.#tell(
        'broken',
        `There ${errors === 1 ? 'is' : 'are'} ${what} in it. ${this.#whatGoesOn}`,
        diagnostics,
        at,
      );
      return isNews;
    }
    if (isSame(this.accepted?.revision ?? null, revision)) {
      this.#candidate = null;
      this.#tell('following', null, diagnostics, at);
      return isNews;
    }
    if (revision.digest === this.accepted?.revision.digest) {
      // Another commit that says the same.
      await this.accept(look.state, at);
      return true;
    }
    this.#candidate = look.state;
    return isNews;
  }

  /** The candidate is enforced from now on. */
  async accept(state: PolicyState, at: string): Promise<void> {
    this.#candidate = null;
    this.#refusal = null;
    await this.#source.accept(state, at);
    this.#accepted = { state, at };
    this.#tell('following', null, state.diagnostics, at);
  }

  /** The candidate cannot be enforced: it names another organization, or something else that only a commit can mend. */
  reject(diagnostics: readonly Diagnostic[], at: string): void {
    const first = diagnostics[0]?.message ?? '';
    this.#tell('broken', `${first} ${this.#whatGoesOn}`, diagnostics, at);
  }

  /** A guard refuses what is to be enforced. */
  refused(
    state: PolicyState,
    refusal: { readonly digest: string; readonly guards: readonly GuardVerdict[] },
    at: string,
  ): void {
    this.#refusal = refusal;
    if (state !== this.#candidate) return;
    const guards = refusal.guards.filter(({ verdict }) => verdict === 'refuse');
    const measures = guards.map(
      ({ measure, actual, limit }) => `${measure} ${actual}, limit ${limit}`,
    );
    this.#tell(
      'refused',
      `A guard refuses it: ${measures.join('; ')}. ${this.#whatGoesOn}`,
      state.diagnostics,
      at,
    );
  }

  /** Nothing is refused. */
  passed(): void {
    this.#refusal = null;
  }

  /** The digest of the plan that is refused at the moment, or null. */
  get refusedDigest(): string | null {
    return this.#refusal?.digest ?? null;
  }

  status(): SourceStatus {
    const { kind, location, branch } = this.#source;
    return {
      kind,
      location,
      branch,
      state: this.#state,
      since: this.#since,
      message: this.#message,
      seen: this.#seen,
      accepted:
        this.#accepted === null
          ? null
          : { ...this.#accepted.state.revision, at: this.#accepted.at },
      diagnostics: this.#diagnostics.map(diagnosticJson),
      refusal: this.#refusal,
    };
  }

  get #whatGoesOn(): string {
    return this.#accepted === null
      ? 'Nothing was accepted before it, and so nothing is enforced.'
      : 'What was accepted last goes on.';
  }

  #tell(
    state: SourceState,
    message: string | null,
    diagnostics: readonly Diagnostic[],
    at: string,
  ): void {
    if (state !== this.#state) this.#since = at;
    this.#state = state;
    this.#message = message;
    this.#diagnostics = diagnostics;
  }
}

const isSame = (a: Revision | null, b: Revision): boolean =>
  a !== null && a.digest === b.digest && a.commit === b.commit && a.dirty === b.dirty;

/** Whether the repository could not be followed. */
const isAway = (state: SourceState): boolean =>
  state === 'unreachable' || state === 'rewritten' || state === 'deleted' || state === 'unsigned';
