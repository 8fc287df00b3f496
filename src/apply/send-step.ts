/**
 * Sending one write, and finding out what became of it. Nothing is ever sent twice: where no answer
 * came, the live state decides.
 *
 * | answer                           | reading shows           | step    | then            |
 * |----------------------------------|-------------------------|---------|-----------------|
 * | accepted                         |                         | applied | go on           |
 * | none, or a failure after sending | the whole effect        | applied | go on           |
 * | none                             | a part of it            | unknown | the queue ends  |
 * | none                             | nothing, for `settleFor`| failed  | the queue ends  |
 * | none                             | cannot be read          | unknown | the queue ends  |
 * | refused, as in place or gone     | the whole effect        | –       | go on           |
 * | refused, as another is going on  | the whole effect        | –       | go on           |
 * | refused, as another is going on  | anything else           | –       | send it again, up to a deadline |
 * | refused                          |                         | failed  | the queue ends  |
 * | refused, and that is final       | is not asked            | failed  | the queue ends  |
 * | stopped before it was sent       |                         | –       | the queue ends  |
 * | the first, and by now it is held |                         | –       | the queue ends  |
 * | would rest on too old a read     |                         | –       | what it rests on is read again |
 * | a bug of ours                    |                         | unknown | the queue ends  |
 */
import type { RowOutcome, Step } from '../domain/change.js';
import type { DiagnosticCode } from '../domain/codes.js';
import type { Clock } from '../domain/clock.js';
import { AppError } from '../domain/errors.js';
import type { ForecastHold } from '../plan/forecast.js';
import { heldBy } from '../plan/row-words.js';
import { LookFailed, sendPastConflicts } from './conflict.js';
import { OutcomeUnknown } from './ports.js';
import type { OrgWriter, WriteReceipt } from './ports.js';
import { readUntil } from './settle.js';

/** How much of a write can be seen. */
export type Effect = 'whole' | 'part' | 'none';

/** One write of a queue. */
export interface QueueWrite {
  readonly action: Step['action'];
  readonly detail: string;
  /** When the oldest read that it rests on was asked for; left out after another write of its section. */
  readonly readAt?: () => number;
  readonly send: () => Promise<WriteReceipt>;
  /** Reads, and says how much of the effect is there. */
  readonly look: () => Promise<Effect>;
  /**
   * Called after a look and before the write is sent again, where the platform refused it because another
   * update was in progress: throws {@link Ends} where the queue is no longer what the write rests on.
   */
  readonly again?: () => Promise<void>;
  /** A refusal is the last word: nobody looks whether somebody else has made the same change. */
  readonly isFinal?: boolean;
}

export interface SendContext {
  readonly writer: Pick<OrgWriter, 'withLastCheck'>;
  readonly clock: Clock;
  /** How long reads may lag a write, in milliseconds. */
  readonly settleForMs: number;
  readonly signal: AbortSignal;
}

/** What the first write of a queue waits for, and rests on. */
export interface SendRules {
  readonly closed: () => ForecastHold | null;
  readonly askedAt?: () => number;
  readonly intend?: () => Promise<void>;
}

/** What was read longer ago than this is read again before the first write that rests on it. */
export const FRESH_FOR_MS = 60_000;

/** Thrown inside an apply to end a queue with an outcome of its own. */
export class Ends extends Error {
  readonly outcome: RowOutcome;
  readonly correlationId: string | null;

  constructor(outcome: RowOutcome, reason: string, correlationId: string | null = null) {
    super(reason);
    this.outcome = outcome;
    this.correlationId = correlationId;
  }
}

/** The platform accepted a write, and reads do not show it: whether it is there is not known. */
export class NotSeen extends Ends {
  constructor(reason: string) {
    super('failed', reason);
  }
}

/** Refusals after which the wished state may be there all the same: somebody else was faster. */
const SETTLED_BY_READING: ReadonlySet<DiagnosticCode> = new Set<DiagnosticCode>([
  'genesys.not-found',
  'genesys.rejected',
]);

/** Whether a request was not sent at all, because the run is to end. */
export const isUnsent = ({ code }: AppError): boolean =>
  code === 'cli.interrupted' || code === 'lease.lost' || code.startsWith('journal.');

/** Why a row ends that was not sent. */
export const whyUnsent = (code: DiagnosticCode | undefined): string => {
  if (code === 'lease.lost') return 'the lease was lost';
  return code?.startsWith('journal.') === true
    ? 'the journal could not be written'
    : 'the run was stopped';
};

const UNANSWERED = {
  whole: { result: 'applied', told: '' },
  part: { result: 'unknown', told: 'reading shows that it took effect in part' },
  none: { result: 'failed', told: 'reading shows that it did not take effect' },
  unread: { result: 'unknown', told: 'whether it took effect could not be read' },
} as const satisfies Record<string, { readonly result: Step['result']; readonly told: string }>;

/** The writes of one queue, one after the other, with an account of each. */
export class StepSender {
  readonly #context: SendContext;
  readonly #closed: () => ForecastHold | null;
  readonly #askedAt: () => number;
  readonly #intend: () => Promise<void>;
  readonly #steps: Step[] = [];

  /**
   * `closed` tells what holds the queue at this moment: a queue that has begun is finished. `askedAt` tells
   * when its interactions were asked for, in milliseconds: its first write rests on the answer. `intend`
   * writes down what is about to happen, before the first write and whenever that is tried again.
   */
  constructor(
    context: SendContext,
    { closed, askedAt = () => Infinity, intend = () => Promise.resolve() }: SendRules,
  ) {
    this.#context = context;
    this.#closed = closed;
    this.#askedAt = askedAt;
    this.#intend = intend;
  }

  get steps(): readonly Step[] {
    return this.#steps;
  }

  /** The end of a queue in a run that was stopped, or may not write any more. */
  stopped(cause?: AppError): Ends {
    return new Ends(this.#steps.length === 0 ? 'not-attempted' : 'failed', whyUnsent(cause?.code));
  }

  /** Returns once the effect is there; throws {@link Ends}, or what the platform refused with. */
  async send(write: QueueWrite): Promise<void> {
    const { action, detail, readAt, send, look, again, isFinal = false } = write;
    if (this.#context.signal.aborted) throw this.stopped();
    // A first write may have to wait, and is judged when it leaves; a queue that has begun is finished.
    const mustBeOpen = (): void => {
      const hold = this.#steps.length === 0 ? this.#closed() : null;
      if (hold !== null) throw new Ends('held', heldBy(hold));
    };
    mustBeOpen();
    const lastCheck = (): void => {
      mustBeOpen();
      const oldestAt = Math.min(
        readAt?.() ?? Infinity,
        this.#steps.length === 0 ? this.#askedAt() : Infinity,
      );
      if (this.#context.clock.now() - oldestAt > FRESH_FOR_MS) throw readTooOld();
    };
    const record = (result: Step['result'], correlationId: string | null): void => {
      this.#steps.push({ action, detail, result, correlationId });
    };
    try {
      if (this.#steps.length === 0) await this.#intend();
      const isThere = async (): Promise<boolean> => (await look()) === 'whole';
      const checked = (): Promise<WriteReceipt> =>
        this.#context.writer.withLastCheck(lastCheck, send);
      const receipt = isFinal
        ? await checked()
        : await sendPastConflicts({ send: checked, isThere, again }, this.#context);
      if (receipt !== null) record('applied', receipt.correlationId);
    } catch (error) {
      if (error instanceof LookFailed) throw error.cause;
      if (error instanceof Ends || isReadTooOld(error)) throw error;
      if (error instanceof OutcomeUnknown) {
        const effect = await this.#settle(look);
        const { result, told } = UNANSWERED[effect];
        record(result, error.correlationId);
        if (effect !== 'whole')
          throw new Ends('failed', `${error.message}; ${told}`, error.correlationId);
      } else if (!(error instanceof AppError)) {
        record('unknown', null);
        throw error;
      } else if (isUnsent(error) || this.#wasStopped(error)) {
        throw this.stopped(error);
      } else if (
        isFinal ||
        !SETTLED_BY_READING.has(error.code) ||
        (await lookOnce(look)) !== 'whole'
      ) {
        record('failed', error.correlationId);
        throw error;
      }
    }
  }

  /** Whether it was stopped while it waited for another update to end. */
  #wasStopped({ code }: AppError): boolean {
    return code === 'genesys.conflict' && this.#context.signal.aborted;
  }

  async #settle(look: () => Promise<Effect>): Promise<Effect | 'unread'> {
    try {
      return (await readUntil(look, (effect) => effect === 'whole', this.#context)).value;
    } catch (error) {
      if (error instanceof AppError) return 'unread';
      throw error;
    }
  }
}

const readTooOld = (): AppError =>
  new AppError(
    'apply.read-too-old',
    `A write waited for its turn until what it rests on was read more than ${FRESH_FOR_MS / 1000} s ago; it was not sent.`,
  );

export const isReadTooOld = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'apply.read-too-old';

const lookOnce = async (look: () => Promise<Effect>): Promise<Effect> => {
  try {
    return await look();
  } catch (error) {
    if (error instanceof AppError) return 'none';
    throw error;
  }
};
