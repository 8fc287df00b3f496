/**
 * The daemon: looks again and again whether queues are what the policies want, and makes them so. Whatever happens
 * between two looks only brings the next one forward.
 */
import type { RunJournal } from '../apply/ports.js';
import { requestsSince } from '../apply/ports.js';
import { auditSentence } from '../domain/audit-sentence.js';
import type { DiagnosticJson } from '../domain/change.js';
import { diagnosticJson, problem } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { AppError } from '../domain/errors.js';
import type { ExternalEvent, JournalEntry } from '../domain/journal.js';
import { Attempts } from './attempts.js';
import { FlapWatch } from './flap.js';
import type { ObservedPass } from './metrics.js';
import { History } from './history.js';
import { Inbox } from './inbox.js';
import type { Enforced } from './enforce.js';
import { Enforcer } from './enforcer.js';
import type { DaemonParts } from './parts.js';
import { PolicyBook } from './policies.js';
import type { PolicyState } from './policies.js';
import { Agenda, freshUntil, onlyLooks, waitMs } from './schedule.js';
import { QUEUE_STATES } from './status.js';
import type {
  DaemonStatus,
  PassStatus,
  QueueState,
  QueueStatus,
  RunStatus,
  Trigger,
} from './status.js';
import type { DaemonView, ReceivedEvent } from './view.js';

/** Of so many passes the longest says what is long. */
const PASSES_REMEMBERED = 20;

export class Daemon implements DaemonView {
  readonly #parts: DaemonParts;
  readonly #journal: RunJournal;
  readonly #book: PolicyBook;
  readonly #agenda = new Agenda();
  readonly #history = new History();
  readonly #flap: FlapWatch;
  readonly #attempts = new Attempts();
  readonly #inbox: Inbox;
  readonly #startedAt: string;
  /** Called after every pass. */
  onPass: (seen: ObservedPass) => void = () => undefined;
  /** Called for every event of another system that is kept. */
  onExternal: (event: ExternalEvent) => void = () => undefined;
  readonly #enforcer: Enforcer;
  #lastPass: PassStatus | null = null;
  #lastEndedAt: number | null = null;
  #lastSuccessAt: number | null = null;
  #durations: readonly number[] = [];
  #failures = 0;
  #isRunning = false;
  #nextPassAt: number | null = null;
  #findings: readonly DiagnosticJson[] = [];
  #settingsFindings: readonly Diagnostic[] = [];
  /** What this pass has written into the journal. */
  #entries: { readonly entry: JournalEntry; readonly at: number }[] = [];

  constructor(parts: DaemonParts) {
    this.#parts = parts;
    const now = parts.clock.now();
    this.#startedAt = isoOf(now);
    this.#book = new PolicyBook(parts.source, this.#startedAt);
    this.#flap = new FlapWatch({ reversals: 3, withinMs: 3_600_000 });
    this.#journal = parts.journalWith((entries) => {
      const at = parts.clock.now();
      for (const entry of entries) this.#follow(entry, at);
    });
    this.#inbox = new Inbox(this.#journal, parts.clock, parts.newId);
    this.#enforcer = new Enforcer({
      parts,
      journal: this.#journal,
      book: this.#book,
      flap: this.#flap,
      attempts: this.#attempts,
      history: this.#history,
      onAccepted: (state) => this.#inForce(state),
    });
  }

  /** Something asks for a look. */
  ask(trigger: Trigger): void {
    this.#agenda.ask(trigger);
  }

  /**
   * Runs until the signal aborts; a pass that is under way then finishes the step of each queue.
   *
   * @throws AppError where it cannot go on at all: the journal is lost to another
   */
  async run(signal: AbortSignal): Promise<void> {
    await this.#book.recall();
    const accepted = this.#book.accepted;
    if (accepted !== null) await this.#inForce(accepted);
    // By the rule that is in force.
    for await (const record of this.#parts.recent()) {
      this.#history.follow(record, record.at);
      this.#flap.follow(record, Date.parse(record.at));
      this.#inbox.follow(record);
    }
    this.#agenda.ask('start');
    try {
      while (!signal.aborted) {
        await this.#pause(signal);
        if (signal.aborted) break;
        const { asked, accept } = this.#agenda.take();
        try {
          await this.#turn(asked.length === 0 ? ['interval'] : asked, accept, signal);
        } catch (error) {
          // A bug in what comes after a pass is no reason to leave the queues alone.
          this.#failures += 1;
          this.#lastEndedAt = this.#parts.clock.now();
          this.#parts.log('error', diagnosticOf(error).message, { code: 'cli.internal' });
        }
      }
    } finally {
      await this.#enforcer.close();
    }
  }

  // What the HTTP server asks.

  status(): DaemonStatus {
    const { tool, mode, clock, sinks } = this.#parts;
    const now = clock.now();
    const { link } = this.#enforcer;
    const notReady = this.#whyNotReady(now);
    return {
      kind: 'DaemonStatus',
      formatVersion: '1.0',
      tool,
      startedAt: this.#startedAt,
      at: isoOf(now),
      mode,
      organization: link?.organization ?? null,
      region: link?.region ?? '',
      ready: notReady === null,
      notReady,
      source: this.#book.status(),
      detection: link?.status() ?? NOT_LOOKED,
      queues: countStates(this.#enforcer.board.values()),
      lastPass: this.#lastPass,
      lastSuccessAt: isoOrNull(this.#lastSuccessAt),
      consecutiveFailures: this.#failures,
      isRunning: this.#isRunning,
      nextPassAt: isoOrNull(this.#nextPassAt),
      sinks: sinks(),
      diagnostics: [...this.#settingsFindings.map(diagnosticJson), ...this.#findings],
    };
  }

  queues(): readonly QueueStatus[] {
    return [...this.#enforcer.board.values()].sort((a, b) =>
      a.name < b.name ? -1 : a.name > b.name ? 1 : 0,
    );
  }

  runs(): readonly RunStatus[] {
    return this.#history.runs;
  }

  request({ accept }: { readonly accept: string | null }): void {
    this.#parts.log('info', 'somebody asks for a pass', accept === null ? {} : { accept });
    this.#startAnew();
    this.#agenda.ask('request', accept);
  }

  pushed(): void {
    this.#agenda.ask('push');
  }

  receive(event: ReceivedEvent): Promise<ExternalEvent> {
    return this.#inbox.receive(event);
  }

  // Between passes.

  async #pause(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#parts;
    const now = clock.now();
    const wait = waitMs(
      { lastEndedAt: this.#lastEndedAt, failures: this.#failures },
      { intervalMs: this.#intervalMs, chance: random() },
      now,
    );
    this.#nextPassAt = now + wait;
    const wake = new AbortController();
    const wakeUp = (): void => wake.abort();
    const forget = this.#agenda.whenAsked(wakeUp);
    signal.addEventListener('abort', wakeUp);
    try {
      await clock.sleep(wait, wake.signal);
    } finally {
      forget();
      signal.removeEventListener('abort', wakeUp);
    }
  }

  /** One look, and a pass where there is a reason for one. Whatever goes wrong is told, and the daemon goes on. */
  async #turn(
    asked: readonly Trigger[],
    accept: string | null,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, log } = this.#parts;
    const startedAt = clock.now();
    const [trigger = 'interval'] = asked;
    this.#isRunning = true;
    this.#entries = [];
    const before = this.#enforcer.requests();
    let enforced: Enforced | null = null;
    let failure: Diagnostic | null = null;
    try {
      const isNews = await this.#look();
      const { accepted } = this.#book;
      if (asked.includes('settings') && accepted !== null) await this.#inForce(accepted);
      if (onlyLooks(asked) && !isNews) return;
      enforced = await this.#enforcer.pass({
        trigger,
        accept,
        signal,
        intervalMs: this.#intervalMs,
      });
    } catch (error) {
      if (signal.aborted) return;
      failure = diagnosticOf(error);
      log('error', failure.message, {
        run: this.#enforcer.run,
        code: failure.code,
        ...(error instanceof AppError && error.correlationId !== null
          ? { correlationId: error.correlationId }
          : {}),
        ...(error instanceof AppError ? {} : { err: String(error) }),
      });
    } finally {
      this.#isRunning = false;
    }
    const endedAt = clock.now();
    this.#ended(
      {
        run: this.#enforcer.run,
        trigger: enforced?.trigger ?? trigger,
        startedAt: isoOf(startedAt),
        endedAt: isoOf(endedAt),
        outcome: enforced?.report.outcome ?? 'error',
        extent: enforced?.extent ?? 'changed',
        requests: requestsSince(before, this.#enforcer),
        problem: failure === null ? null : diagnosticJson(failure),
      },
      enforced,
      { startedAt, endedAt },
    );
  }

  async #look(): Promise<boolean> {
    const before = this.#book.status();
    const isNews = await this.#book.look(isoOf(this.#parts.clock.now()));
    const { state, message, seen } = this.#book.status();
    if (isNews) {
      // A new commit, broken or not, is somebody's work on it.
      this.#startAnew();
      this.#parts.log(
        message === null ? 'info' : 'warn',
        message ?? 'the repository says something new: it is tried',
        {
          source: state,
          commit: seen?.commit ?? null,
        },
      );
    } else if (before.state !== state) this.#parts.log('info', `the source is ${state}`);
    return isNews;
  }

  /** Other policies are in force. */
  async #inForce(state: PolicyState): Promise<void> {
    const { flap } = state.settings.daemon;
    this.#flap.rule = { reversals: flap.reversals, withinMs: flap.withinMs };
    this.#settingsFindings = await this.#parts.onAccepted(state);
    for (const { message } of this.#settingsFindings) this.#parts.log('warn', message);
  }

  /** A commit, or a person, gives everything another chance. */
  #startAnew(): void {
    this.#flap.clear();
    this.#attempts.clear();
  }

  #follow(entry: JournalEntry, at: number): void {
    this.#entries.push({ entry, at });
    this.#history.follow(entry, isoOf(at));
    this.#flap.follow(entry, at);
    if (entry.kind === 'external') this.onExternal(entry.event);
  }

  #ended(
    pass: PassStatus,
    enforced: Enforced | null,
    times: { readonly startedAt: number; readonly endedAt: number },
  ): void {
    const { log } = this.#parts;
    this.#lastPass = pass;
    this.#lastEndedAt = times.endedAt;
    const durationMs = Math.max(0, times.endedAt - times.startedAt);
    this.#durations = [...this.#durations, durationMs].slice(-PASSES_REMEMBERED);
    if (enforced === null) this.#failures += 1;
    else {
      this.#failures = 0;
      this.#lastSuccessAt = times.endedAt;
      this.#findings = enforced.findings;
      this.#attempts.keepOnly(new Set(this.#enforcer.board.keys()));
    }
    this.#flap.tidy(times.endedAt);
    const outcomes = this.#entries.flatMap(({ entry, at }) =>
      entry.kind === 'queue.outcome' ? [{ entry, at }] : [],
    );
    const corrected = outcomes.filter(({ entry }) => entry.outcome === 'applied');
    const isNoop = enforced !== null && this.#entries.length === 0;
    for (const { entry } of this.#entries) this.#logEntry(entry);
    log(isNoop || enforced === null ? 'debug' : 'info', passWords(pass, durationMs, enforced), {
      run: pass.run,
      trigger: pass.trigger,
      outcome: pass.outcome,
      extent: pass.extent,
      ms: durationMs,
      requests: pass.requests.sent,
      ...enforced?.report.summary,
    });
    this.onPass({
      pass,
      corrections: corrected.map(({ entry, at }) => ({
        cause: entry.cause,
        driftedAt: entry.changedBy.by === 'unknown' ? null : Date.parse(entry.changedBy.at),
        detectedAt: times.startedAt,
        correctedAt: at,
      })),
      queueFailures: outcomes.length - corrected.length,
    });
    this.#entries = [];
  }

  /** What was done, in the sentence that its event has. */
  #logEntry(entry: JournalEntry): void {
    if (
      entry.kind !== 'queue.outcome' &&
      entry.kind !== 'queue.settled' &&
      entry.kind !== 'code.outcome' &&
      entry.kind !== 'code.settled' &&
      entry.kind !== 'drift.detected'
    )
      return;
    const hasFailed = 'outcome' in entry && entry.outcome === 'failed';
    this.#parts.log(hasFailed ? 'warn' : 'info', auditSentence(entry), {
      run: entry.run,
      kind: entry.kind,
      ...('queue' in entry && { queue: entry.queue.id }),
      ...('cause' in entry && { cause: entry.cause }),
      ...('correlationId' in entry &&
        entry.correlationId !== null && { correlationId: entry.correlationId }),
    });
  }

  get #intervalMs(): number {
    const { intervalMs } = this.#parts;
    return intervalMs ?? this.#book.accepted?.settings.daemon.intervalMs ?? 60_000;
  }

  #whyNotReady(now: number): string | null {
    if (this.#lastSuccessAt === null) return 'no pass has come to its end yet';
    const longestMs = Math.max(0, ...this.#durations);
    const until = freshUntil({ endedAt: this.#lastSuccessAt, longestMs }, this.#intervalMs);
    if (now <= until) return null;
    const what = this.#lastPass?.problem?.message;
    return `the last good pass ended at ${isoOf(this.#lastSuccessAt)}${what === undefined ? '' : `; the last one failed: ${what}`}`;
  }
}

const NOT_LOOKED: DaemonStatus['detection'] = {
  by: 'sweeps',
  why: 'nothing was read yet',
  cursor: null,
  lastSweepAt: null,
  oldestReadAt: null,
  missedByAudits: 0,
};

const diagnosticOf = (error: unknown): Diagnostic =>
  (error instanceof AppError ? error.diagnostics[0] : undefined) ??
  problem({
    code: 'cli.internal',
    message: `The pass ended in a bug of Wrapkeeper: ${error instanceof Error ? error.message : String(error)}`,
  });

/** @example 'pass ended: applied; 7 corrected, 3 held; 50 requests in 543 ms' */
const passWords = (
  { outcome, requests }: PassStatus,
  durationMs: number,
  enforced: Enforced | null,
): string => {
  const { applied = 0, failed = 0, held = 0 } = enforced?.report.summary ?? {};
  const counts = [
    [applied, 'corrected'],
    [failed, 'failed'],
    [held, 'held'],
  ] as const;
  const rows = counts.flatMap(([number, what]) => (number === 0 ? [] : [`${number} ${what}`]));
  return [
    `pass ended: ${outcome}`,
    ...(rows.length === 0 ? [] : [rows.join(', ')]),
    `${requests.sent} requests in ${durationMs} ms`,
  ].join('; ');
};

const countStates = (queues: Iterable<QueueStatus>): Readonly<Record<QueueState, number>> => {
  const counts = Object.fromEntries(QUEUE_STATES.map((state) => [state, 0])) as Record<
    QueueState,
    number
  >;
  for (const { state } of queues) counts[state] += 1;
  return counts;
};

const isoOf = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : isoOf(ms));
