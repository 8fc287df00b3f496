/**
 * Which policies a pass enforces, and over which connection: first what the repository says now, then, where a guard
 * refuses that or it cannot be enforced at all, what was accepted last.
 */
import type { RunJournal } from '../apply/ports.js';
import type { RequestCounts } from '../domain/change.js';
import { AppError } from '../domain/errors.js';
import type { Settings } from '../policy/settings.js';
import type { Attempts } from './attempts.js';
import { nextBoard } from './board.js';
import type { Board } from './board.js';
import { enforce } from './enforce.js';
import type { Enforced } from './enforce.js';
import type { FlapWatch } from './flap.js';
import type { History } from './history.js';
import { OrgLink } from './org-link.js';
import type { DaemonParts } from './parts.js';
import type { PolicyBook, PolicyState } from './policies.js';
import type { Trigger } from './status.js';

export interface EnforcerInput {
  readonly parts: DaemonParts;
  readonly journal: RunJournal;
  readonly book: PolicyBook;
  readonly flap: FlapWatch;
  readonly attempts: Attempts;
  readonly history: History;
  /** Called when other policies are in force. */
  readonly onAccepted: (state: PolicyState) => Promise<void>;
}

/** What a pass was asked for. */
export interface Asked {
  readonly trigger: Trigger;
  readonly accept: string | null;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
}

const NO_REQUESTS: RequestCounts = { sent: 0, retried: 0, throttled: 0 };

export class Enforcer {
  readonly #input: EnforcerInput;
  #link: OrgLink | null = null;
  /** What was sent over connections that are closed. */
  #before: RequestCounts = NO_REQUESTS;
  #board: Board = new Map();
  /** Of the pass that goes on, or went last. */
  #run = '';
  /** Digests of the plans that were refused in the last pass: the journal keeps a refusal once. */
  #refused: ReadonlySet<string> = new Set();
  /** What was refused last of what the repository says. */
  #refusedState: PolicyState | null = null;

  constructor(input: EnforcerInput) {
    this.#input = input;
  }

  get link(): OrgLink | null {
    return this.#link;
  }

  get board(): Board {
    return this.#board;
  }

  get run(): string {
    return this.#run;
  }

  /** Everything that was sent so far, over all connections. */
  requests(): RequestCounts {
    const now = this.#link?.requests() ?? NO_REQUESTS;
    const { sent, retried, throttled } = this.#before;
    return {
      sent: sent + now.sent,
      retried: retried + now.retried,
      throttled: throttled + now.throttled,
    };
  }

  /**
   * One pass. What it comes to is what the last policies came to that it tried.
   *
   * @throws AppError where it fails, or there is nothing to enforce (`daemon.nothing-to-enforce`)
   */
  async pass(asked: Asked): Promise<Enforced> {
    const { parts, book } = this.#input;
    const refused = new Set<string>();
    let last: Enforced | null = null;
    for (const state of book.toTry) {
      const isCandidate = state === book.candidate;
      if (isCandidate && this.#isKnownRefusal(state, asked)) continue;
      this.#run = parts.newId();
      const enforced = await this.#try(state, asked, isCandidate);
      if (enforced === null) continue;
      last = enforced;
      if (enforced.report.outcome !== 'refused') {
        await this.#passed(state, isCandidate);
        break;
      }
      refused.add(enforced.plan.digest);
      this.#tellRefusal(state, enforced, isCandidate);
    }
    this.#refused = refused;
    if (last === null) throw nothingToEnforce(book);
    return last;
  }

  async close(): Promise<void> {
    await this.#link?.close();
  }

  /** Null where the commit alone can mend what is wrong with it: what was accepted before goes on. */
  async #try(state: PolicyState, asked: Asked, isCandidate: boolean): Promise<Enforced | null> {
    const { parts, book, history, attempts } = this.#input;
    const { clock } = parts;
    try {
      const enforced = await enforce({
        ...this.#input,
        ...asked,
        run: this.#run,
        state,
        link: await this.#linkFor(state.settings, asked.signal),
        board: this.#board,
        refusalsTold: this.#refused,
      });
      this.#board = nextBoard(this.#board, enforced, {
        correctionOf: (id) => history.correctionOf(id),
        waitsUntil: (id) => attempts.waitsUntil(id, clock.now()),
        now: clock.now(),
      });
      return enforced;
    } catch (error) {
      if (!isCandidate || !(error instanceof AppError) || !isOfCommit(error)) throw error;
      book.reject(error.diagnostics, isoNow(clock.now()));
      return null;
    }
  }

  async #passed(state: PolicyState, isCandidate: boolean): Promise<void> {
    const { parts, book, onAccepted } = this.#input;
    if (isCandidate) {
      await book.accept(state, isoNow(parts.clock.now()));
      await onAccepted(state);
    } else if (book.candidate === null) book.passed();
  }

  #tellRefusal(state: PolicyState, { plan }: Enforced, isCandidate: boolean): void {
    const { parts, book } = this.#input;
    const { digest, guards } = plan;
    if (isCandidate) this.#refusedState = state;
    book.refused(state, { digest, guards }, isoNow(parts.clock.now()));
    if (!this.#refused.has(digest))
      parts.log('warn', 'a guard refuses the plan: nothing of it is written', {
        run: this.#run,
        digest,
        candidate: isCandidate,
      });
  }

  /** What was refused over another connection is not tried each minute: both would be read anew each time. */
  #isKnownRefusal(state: PolicyState, { trigger }: Asked): boolean {
    return (
      state.revision.digest === this.#refusedState?.revision.digest &&
      this.#link !== null &&
      !this.#link.fits(state.settings) &&
      trigger !== 'request'
    );
  }

  async #linkFor(settings: Settings, signal: AbortSignal): Promise<OrgLink> {
    const current = this.#link;
    if (current !== null && current.fits(settings)) return current;
    this.#before = this.requests();
    this.#link = null;
    this.#link = await OrgLink.open(current, settings, this.#input.parts, signal);
    return this.#link;
  }
}

/** Whether the commit alone can mend it. */
const isOfCommit = ({ code, exitCode }: AppError): boolean =>
  exitCode === 6 || code === 'genesys.wrong-organization' || code === 'genesys.unknown-region';

const nothingToEnforce = (book: PolicyBook): AppError => {
  const { state, message, diagnostics } = book.status();
  const why = [message, diagnostics.find(({ severity }) => severity === 'error')?.message];
  return new AppError(
    'daemon.nothing-to-enforce',
    [`There are no policies to enforce (the source is ${state}).`, ...why]
      .filter((part) => part !== null && part !== undefined)
      .join(' '),
  );
};

const isoNow = (now: number): string => new Date(now).toISOString();
