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
 * | refused                          |                         | failed  | the queue ends  |
 * | stopped before it was sent       |                         | –       | the queue ends  |
 * | the first, and by now it is held |                         | –       | the queue ends  |
 * | a bug of ours                    |                         | unknown | the queue ends  |
 */
import type { RowOutcome, Step } from '../domain/change.js';
import type { DiagnosticCode } from '../domain/codes.js';
import type { Clock } from '../domain/clock.js';
import { AppError } from '../domain/errors.js';
import type { ForecastHold } from '../plan/forecast.js';
import { OutcomeUnknown } from './ports.js';
import type { OrgWriter, WriteReceipt } from './ports.js';
import { heldBy } from './row-words.js';
import { readUntil } from './settle.js';

/** How much of a write can be seen. */
export type Effect = 'whole' | 'part' | 'none';

/** One write of a queue. */
export interface QueueWrite {
  readonly action: Step['action'];
  readonly detail: string;
  readonly send: () => Promise<WriteReceipt>;
  /** Reads, and says how much of the effect is there. */
  readonly look: () => Promise<Effect>;
}

export interface SendContext {
  readonly writer: Pick<OrgWriter, 'withLastCheck'>;
  readonly clock: Clock;
  /** How long reads may lag a write, in milliseconds. */
  readonly settleForMs: number;
  readonly signal: AbortSignal;
}

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

/** Refusals after which the wished state may be there all the same: somebody else was faster. */
const SETTLED_BY_READING: ReadonlySet<DiagnosticCode> = new Set<DiagnosticCode>([
  'genesys.conflict',
  'genesys.not-found',
  'genesys.rejected',
]);

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
  readonly #steps: Step[] = [];

  /** `closed` tells what holds the queue at this moment: a queue that has begun is finished. */
  constructor(context: SendContext, closed: () => ForecastHold | null) {
    this.#context = context;
    this.#closed = closed;
  }

  get steps(): readonly Step[] {
    return this.#steps;
  }

  /** The end of a queue in a run that was stopped. */
  stopped(): Ends {
    return new Ends(this.#steps.length === 0 ? 'not-attempted' : 'failed', 'the run was stopped');
  }

  /** Returns once the effect is there; throws {@link Ends}, or what the platform refused with. */
  async send({ action, detail, send, look }: QueueWrite): Promise<void> {
    if (this.#context.signal.aborted) throw this.stopped();
    // A first write may have to wait, and is judged when it leaves; a queue that has begun is finished.
    const mustBeOpen = (): void => {
      const hold = this.#steps.length === 0 ? this.#closed() : null;
      if (hold !== null) throw new Ends('held', heldBy(hold));
    };
    mustBeOpen();
    const record = (result: Step['result'], correlationId: string | null): void => {
      this.#steps.push({ action, detail, result, correlationId });
    };
    try {
      const { correlationId } = await this.#context.writer.withLastCheck(mustBeOpen, send);
      record('applied', correlationId);
    } catch (error) {
      if (error instanceof Ends) throw error;
      if (error instanceof OutcomeUnknown) {
        const effect = await this.#settle(look);
        const { result, told } = UNANSWERED[effect];
        record(result, error.correlationId);
        if (effect !== 'whole')
          throw new Ends('failed', `${error.message}; ${told}`, error.correlationId);
      } else if (!(error instanceof AppError)) {
        record('unknown', null);
        throw error;
      } else if (error.code === 'cli.interrupted') {
        throw this.stopped();
      } else if (!SETTLED_BY_READING.has(error.code) || (await lookOnce(look)) !== 'whole') {
        record('failed', error.correlationId);
        throw error;
      }
    }
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

const lookOnce = async (look: () => Promise<Effect>): Promise<Effect> => {
  try {
    return await look();
  } catch (error) {
    if (error instanceof AppError) return 'none';
    throw error;
  }
};
