/**
 * All that happens to one queue, in the order that never leaves it worse off:
 *
 * 1. add codes,
 * 2. after-call work — after a fresh read, changing nothing else, and only while the queue has a code
 *    where its prompt needs one,
 * 3. remove codes — after another read of the list, which must show the added ones,
 * 4. read back.
 *
 * At every moment the queue has all codes that it had before and is to keep. The first thing that goes
 * wrong ends the queue: no later step runs on an assumption that did not hold.
 */
import type { QueueChange, QueueRow, RowOutcome, WrapupCodesChange } from '../domain/change.js';
import { problem, warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { AppError } from '../domain/errors.js';
import { isMandatory } from '../domain/state.js';
import type { AfterCallWork, LiveAfterCallWork, LiveQueueCodes } from '../domain/state.js';
import { effectiveAfterCallWork } from '../diff/after-call-work.js';
import type { CodeScope } from '../diff/wrapup-codes.js';
import { CODES_PER_REQUEST } from '../plan/cost.js';
import { awaiting } from '../plan/forecast.js';
import type { CreatedCode } from './apply-catalog.js';
import type { Judge, JudgedQueue } from './judge.js';
import type { OrgReader, OrgWriter, QueueDocument } from './ports.js';
import { howManyOf, QueueCodes } from './queue-codes.js';
import type { CodeSets } from './queue-codes.js';
import { describeWork, heldBy, leftOut } from './row-words.js';
import { Ends, StepSender } from './send-step.js';
import type { SendContext } from './send-step.js';
import { readUntil } from './settle.js';

/** A change with what it was planned upon. */
export interface QueueTarget {
  readonly change: QueueChange;
  readonly queue: JudgedQueue;
  /** The codes as the plan saw them; null where nobody had to know. */
  readonly codes: LiveQueueCodes | null;
  /** Which codes are managed; null where none are. */
  readonly scope: CodeScope | null;
}

export interface ApplyContext extends SendContext {
  readonly reader: OrgReader;
  readonly writer: OrgWriter;
  readonly judge: Judge;
  /** What became of a code that the catalog was to create. */
  readonly created: (name: string) => CreatedCode;
}

export interface AppliedQueue {
  readonly row: QueueRow;
  readonly diagnostics: readonly Diagnostic[];
}

/** Applies one change. Never throws: the row tells, of a bug too, because other queues go on. */
export const applyQueue = async (
  target: QueueTarget,
  context: ApplyContext,
): Promise<AppliedQueue> => new QueueRun(target, context).run();

class QueueRun {
  readonly #target: QueueTarget;
  readonly #context: ApplyContext;
  readonly #sender: StepSender;
  readonly #diagnostics: Diagnostic[] = [];
  /** When its first request was sent, in milliseconds. */
  #startedAt: number | null = null;
  readonly #codes: QueueCodes;

  constructor(target: QueueTarget, context: ApplyContext) {
    this.#target = target;
    this.#context = context;
    this.#sender = new StepSender(context, () => context.judge.closed(target.queue));
    this.#codes = new QueueCodes({
      queue: target.change.id,
      planned: target.codes,
      scope: target.scope ?? 'all',
      sender: this.#sender,
      context,
    });
  }

  async run(): Promise<AppliedQueue> {
    const { afterCallWork, wrapupCodes } = this.#target.change;
    try {
      const codes = wrapupCodes === undefined ? null : this.#withIds(wrapupCodes);
      await this.#mustBeFree();
      if (codes !== null) await this.#addCodes(codes);
      if (afterCallWork !== undefined)
        await this.#setAfterCallWork(afterCallWork.from, afterCallWork.to);
      if (codes !== null) await this.#removeCodes(codes);
      if (codes !== null) await this.#readBackCodes(codes);
      return this.#end(this.#hasWritten ? 'applied' : 'in-sync', null);
    } catch (error) {
      return this.#endEarly(error);
    }
  }

  get #hasWritten(): boolean {
    return this.#sender.steps.length > 0;
  }

  #endEarly(error: unknown): AppliedQueue {
    if (error instanceof Ends) return this.#end(error.outcome, error.message, error.correlationId);
    if (error instanceof AppError) {
      const { code, message, correlationId } = error;
      if (code === 'cli.interrupted') return this.#endEarly(this.#sender.stopped());
      return this.#end(code === 'genesys.not-found' ? 'stale' : 'failed', message, correlationId);
    }
    const bug = error instanceof Error ? error.message : String(error);
    const { name } = this.#target.change;
    this.#diagnostics.push(
      problem({ code: 'cli.internal', message: `"${name}": ${bug}`, queue: name }),
    );
    return this.#end('failed', `a bug: ${bug}`);
  }

  #end(
    outcome: RowOutcome,
    reason: string | null,
    correlationId: string | null = null,
  ): AppliedQueue {
    const { change } = this.#target;
    const { steps } = this.#sender;
    const halfway = outcome !== 'applied' && steps.some(({ result }) => result === 'applied');
    const more = halfway
      ? ['what was written before is there']
      : outcome === 'held'
        ? [leftOut(change)]
        : [];
    return {
      row: {
        id: change.id,
        name: change.name,
        outcome,
        steps,
        reason: reason === null ? null : [reason, ...more].join('; '),
        latencyMs:
          outcome === 'not-attempted' || this.#startedAt === null
            ? null
            : this.#context.clock.now() - this.#startedAt,
        correlationId:
          correlationId ??
          steps.findLast((step) => step.correlationId !== null)?.correlationId ??
          null,
      },
      diagnostics: this.#diagnostics,
    };
  }

  /** What a plan can only expect is asked now, for nothing at all where the queue is closed. */
  async #mustBeFree(): Promise<void> {
    const { judge, clock } = this.#context;
    const { queue } = this.#target;
    const closed = judge.closed(queue);
    if (closed !== null) throw new Ends('held', heldBy(closed));
    this.#startedAt = clock.now();
    const busy = await judge.busy(queue);
    if (busy !== null) throw new Ends('held', heldBy(busy), busy.correlationId);
  }

  /** Codes that the catalog has created meanwhile get their ids. */
  #withIds(change: WrapupCodesChange): CodeSets {
    const add = change.add.map(({ id, name }) => {
      if (id !== null) return { id, name };
      const created = this.#context.created(name);
      if (created.hold !== null) throw new Ends('held', heldBy(awaiting(name, created.hold)));
      if (created.id === null)
        throw new Ends('not-attempted', `the code "${name}" could not be created`);
      return { id: created.id, name };
    });
    this.#codes.manage(add);
    return { add, remove: change.remove };
  }

  async #addCodes({ add, remove }: CodeSets): Promise<void> {
    if (add.length === 0) return;
    const before = await this.#codes.beforeAdding({ add, remove });
    const present = new Set(before.codes.map(({ id }) => id));
    const missing = add.filter(({ id }) => !present.has(id));
    for (let at = 0; at < missing.length; at += CODES_PER_REQUEST) {
      const chunk = missing.slice(at, at + CODES_PER_REQUEST);
      await this.#sender.send({
        action: 'add-codes',
        detail: chunk.map(({ name }) => name).join(', '),
        send: () =>
          this.#context.writer.addCodes(
            this.#target.change.id,
            chunk.map(({ id }) => id),
          ),
        look: async () => howManyOf(chunk, await this.#codes.read()),
      });
    }
  }

  async #setAfterCallWork(from: LiveAfterCallWork, to: AfterCallWork): Promise<void> {
    const { reader, writer } = this.#context;
    const { id } = this.#target.change;
    if (isMandatory(to.prompt)) await this.#makeSureOfACode(to.prompt);
    const before = await reader.queueDocument(id);
    if (before === null) throw new Ends('stale', 'the queue no longer exists');
    const live = effectiveAfterCallWork(before.queue.afterCallWork);
    if (sameWork(live, to)) return;
    if (!sameWork(live, effectiveAfterCallWork(from))) {
      throw new Ends(
        'stale',
        `after-call work is ${describeWork(live)} now, and was ${describeWork(from)} when the plan was made`,
      );
    }
    if (before.queue.unsafeNumber !== null) {
      throw new Ends(
        'held',
        `unsafe: the field ${before.queue.unsafeNumber} holds a number that would not survive being written back`,
      );
    }
    const current = async (): Promise<QueueDocument | null> => reader.queueDocument(id);
    const done = (document: QueueDocument | null): boolean =>
      document !== null && sameWork(effectiveAfterCallWork(document.queue.afterCallWork), to);
    await this.#sender.send({
      action: 'set-after-call-work',
      detail: describeWork(to),
      send: () => writer.updateAfterCallWork(before, to),
      look: async () => (done(await current()) ? 'whole' : 'none'),
    });
    const after = await readUntil(current, done, this.#context);
    if (!after.seen || after.value === null)
      throw new Ends('failed', 'reading back does not show the new after-call work');
    const differing = writer.differingFields(before, after.value);
    if (differing.length > 0) {
      this.#diagnostics.push(
        warning({
          code: 'apply.readback-differs',
          message: `After the write these fields of the queue differ from what was sent: ${differing.join(', ')}.`,
          remedy: 'Somebody else may have edited the queue at the same moment: look at it.',
          queue: this.#target.change.name,
        }),
      );
    }
  }

  async #removeCodes({ add, remove }: CodeSets): Promise<void> {
    if (remove.length === 0) return;
    const live = await this.#codes.beforeRemoving({ add, remove });
    const present = new Set(live.codes.map(({ id }) => id));
    const doomed = remove.filter(({ id }) => present.has(id));
    if (doomed.length > 0 && doomed.length === live.codes.length)
      await this.#makeSureThatNoneIsNeeded();
    for (const code of doomed) {
      await this.#sender.send({
        action: 'remove-code',
        detail: code.name,
        send: () => this.#context.writer.removeCode(this.#target.change.id, code.id),
        look: async () =>
          howManyOf([code], await this.#codes.read()) === 'none' ? 'whole' : 'none',
      });
    }
  }

  async #readBackCodes(sets: CodeSets): Promise<void> {
    const written = this.#sender.steps.some(
      ({ action }) => action === 'add-codes' || action === 'remove-code',
    );
    if (written) await this.#codes.readBack(sets);
  }

  /** A queue is made MANDATORY only while a read shows that it has a code. */
  async #makeSureOfACode(prompt: string): Promise<void> {
    if (!(await this.#codes.hasAny()))
      throw new Ends('held', `unsafe: ${prompt} needs a code to choose, and the queue has none`);
  }

  /** The last code goes only while the prompt, as it is now, needs none. */
  async #makeSureThatNoneIsNeeded(): Promise<void> {
    const { id, afterCallWork } = this.#target.change;
    const prompt =
      afterCallWork?.to.prompt ??
      (await this.#context.reader.queueDocument(id))?.queue.afterCallWork.prompt ??
      null;
    if (isMandatory(prompt))
      throw new Ends(
        'held',
        `unsafe: ${prompt ?? ''} needs a code to choose, and the queue would be left without one`,
      );
  }
}

const sameWork = (a: LiveAfterCallWork, b: LiveAfterCallWork): boolean =>
  a.prompt === b.prompt && a.timeoutMs === b.timeoutMs;
