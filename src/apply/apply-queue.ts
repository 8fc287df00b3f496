/**
 * All that happens to one queue, in the order that never leaves it worse off:
 *
 * 1. add codes,
 * 2. after-call work — after a fresh read, changing nothing else, and only while the queue has a code
 *    where its prompt needs one,
 * 3. remove codes — after another read of the list, which must show the added ones,
 * 4. read back.
 *
 * Where the list of codes is replaced (`put-codes.ts`), one PUT takes the place of 1 and 3.
 *
 * At every moment the queue has all codes that it had before and is to keep. The first thing that goes
 * wrong ends the queue: no later step runs on an assumption that did not hold.
 */
import { codesAfter, replacesList } from '../domain/change.js';
import type { QueueChange, RowOutcome, WrapupCodesChange } from '../domain/change.js';
import { problem, warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { AppError } from '../domain/errors.js';
import { isMandatory } from '../domain/state.js';
import type {
  AfterCallWork,
  LiveAfterCallWork,
  LiveCode,
  LiveQueueCodes,
  QueueSnapshot,
} from '../domain/state.js';
import {
  describeAfterCallWork,
  effectiveAfterCallWork,
  sameAfterCallWork,
} from '../diff/after-call-work.js';
import type { CodeScope } from '../diff/wrapup-codes.js';
import { CODES_PER_REQUEST } from '../plan/cost.js';
import { awaiting } from '../plan/forecast.js';
import { heldBy, leftOut } from '../plan/row-words.js';
import type { CreatedCode } from './apply-catalog.js';
import type { EndedQueue, Ledger } from './ledger.js';
import type { Judge, JudgedQueue } from './judge.js';
import type { OrgReader, OrgWriter, QueueDocument } from './ports.js';
import { putCodes } from './put-codes.js';
import type { CodeSteps } from './put-codes.js';
import { howManyOf, QueueCodes } from './queue-codes.js';
import type { CodeSets } from './queue-codes.js';
import { Ends, isReadTooOld, isUnsent, NotSeen, StepSender } from './send-step.js';
import type { SendContext } from './send-step.js';
import { readUntil } from './settle.js';

/** A change with what it was planned upon. */
export interface QueueTarget {
  readonly change: QueueChange;
  /** The queue as the plan saw it. */
  readonly before: QueueSnapshot;
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
  readonly ledger: Pick<Ledger, 'intend'>;
}

export interface AppliedQueue extends EndedQueue {
  readonly diagnostics: readonly Diagnostic[];
}

/** How often a section is read again because its first write could not leave while that was fresh. */
const MOST_READS = 5;

/** What a row that ends halfway says of its writes; the second where reads contradict what the platform said. */
const WRITTEN_BEFORE = 'what was written before is there';
const ACCEPTED = 'the platform accepted what was written';

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
  /** When its interactions were asked for, in milliseconds; Infinity where nobody had to know. */
  #askedAt = Infinity;
  readonly #codes: QueueCodes;
  /** As it was read last before the first write. */
  #before: QueueSnapshot;
  /** After-call work as it was read last, where it was. */
  #work: LiveAfterCallWork | null = null;

  constructor(target: QueueTarget, context: ApplyContext) {
    this.#target = target;
    this.#context = context;
    this.#before = target.before;
    this.#sender = new StepSender(context, {
      closed: () => context.judge.closed(target.queue),
      askedAt: () => this.#askedAt,
      intend: () => this.#intend(),
    });
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
      const codes = wrapupCodes === undefined ? null : this.#codeSteps(wrapupCodes);
      await this.#mustBeFree();
      if (codes !== null) await this.#onFreshReads(codes.beforeWork);
      if (afterCallWork !== undefined) {
        const { from, to } = afterCallWork;
        await this.#onFreshReads(() => this.#setAfterCallWork(from, to));
      }
      if (codes !== null) await this.#onFreshReads(codes.afterWork);
      return this.#end(this.#hasWritten ? 'applied' : 'in-sync', null);
    } catch (error) {
      return this.#endEarly(error);
    }
  }

  get #hasWritten(): boolean {
    return this.#sender.steps.length > 0;
  }

  #endEarly(error: unknown): AppliedQueue {
    if (error instanceof NotSeen) return this.#end(error.outcome, error.message, null, ACCEPTED);
    if (error instanceof Ends) return this.#end(error.outcome, error.message, error.correlationId);
    if (error instanceof AppError) {
      const { code, message, correlationId } = error;
      if (isUnsent(error)) return this.#endEarly(this.#sender.stopped(error));
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
    written = WRITTEN_BEFORE,
  ): AppliedQueue {
    const { change } = this.#target;
    const { steps } = this.#sender;
    const last = steps.at(-1);
    const halfway = outcome !== 'applied' && steps.some(({ result }) => result === 'applied');
    const more = halfway ? [written] : outcome === 'held' ? [leftOut(change)] : [];
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
        // Beside a write that failed without an id, that of an earlier one would lead to the wrong request.
        correlationId:
          correlationId ??
          (last?.result === 'applied'
            ? steps.findLast((step) => step.correlationId !== null)?.correlationId
            : last?.correlationId) ??
          null,
      },
      before: this.#before,
      after: outcome === 'applied' ? this.#latest() : null,
      diagnostics: this.#diagnostics,
    };
  }

  /** What is about to happen is written down, onto what was read last. */
  async #intend(): Promise<void> {
    this.#before = this.#latest();
    await this.#context.ledger.intend(this.#target.change.id, this.#before);
  }

  #latest(): QueueSnapshot {
    return {
      afterCallWork: this.#work ?? this.#before.afterCallWork,
      wrapupCodes: this.#codes.latest?.codes ?? this.#before.wrapupCodes,
    };
  }

  /** What a plan can only expect is asked now, for nothing at all where the queue is closed. */
  async #mustBeFree(): Promise<void> {
    const { judge, clock } = this.#context;
    const { queue } = this.#target;
    const closed = judge.closed(queue);
    if (closed !== null) throw new Ends('held', heldBy(closed));
    this.#startedAt ??= clock.now();
    if (judge.asks) this.#askedAt = clock.now();
    const busy = await judge.busy(queue);
    if (busy !== null) throw new Ends('held', heldBy(busy), busy.correlationId);
  }

  /**
   * Does a section, and does it anew on reads of its own where its first write waited for its turn until
   * they were too old. Where the limit leaves no room for them and the write within a minute (with one
   * request a minute it never does), the queue fails in the end, and nothing was sent.
   */
  async #onFreshReads(section: () => Promise<void>): Promise<void> {
    for (let reads = 1; ; reads += 1) {
      try {
        await section();
        return;
      } catch (error) {
        if (!isReadTooOld(error) || reads === MOST_READS) throw error;
      }
      if (!this.#hasWritten) await this.#mustBeFree();
    }
  }

  #codeSteps(change: WrapupCodesChange): CodeSteps {
    const sets = this.#withIds(change);
    if (replacesList(change))
      return putCodes({
        queue: this.#target.change.id,
        name: this.#target.change.name,
        sets,
        empties: codesAfter(change) === 0,
        codes: this.#codes,
        sender: this.#sender,
        writer: this.#context.writer,
        makeSureThatNoneIsNeeded: () => this.#makeSureThatNoneIsNeeded(),
        tell: (finding) => this.#diagnostics.push(finding),
      });
    return {
      beforeWork: () => this.#addCodes(sets),
      afterWork: async () => {
        await this.#removeCodes(sets);
        await this.#readBackCodes(sets);
      },
    };
  }

  /** Codes that the catalog has created meanwhile get their ids. */
  #withIds(change: WrapupCodesChange): CodeSets {
    const add = change.add.map(({ id, name, ...row }) => {
      if (id !== null) return { id, name, ...row };
      const created = this.#context.created(name);
      if (created.hold !== null) throw new Ends('held', heldBy(awaiting(name, created.hold)));
      if (created.id === null)
        throw new Ends('not-attempted', `the code "${name}" could not be created`);
      return { id: created.id, name, ...row };
    });
    this.#codes.manage(add);
    return { add, update: change.update ?? [], remove: change.remove };
  }

  async #addCodes(sets: CodeSets): Promise<void> {
    const { add } = sets;
    if (add.length === 0) return;
    const before = await this.#codes.beforeAdding(sets);
    const present = new Set(before.codes.map(({ id }) => id));
    const missing = add.filter(({ id }) => !present.has(id));
    for (let at = 0; at < missing.length; at += CODES_PER_REQUEST) {
      const chunk = missing.slice(at, at + CODES_PER_REQUEST);
      let left: readonly LiveCode[] = this.#codes.missing(chunk);
      // A look after another write may have shown that somebody else was faster; so below.
      if (left.length === 0) continue;
      await this.#sender.send({
        action: 'add-codes',
        detail: chunk.map(({ name }) => name).join(', '),
        ...(at === 0 && { readAt: () => this.#codes.readAt }),
        send: () =>
          this.#context.writer.addCodes(
            this.#target.change.id,
            left.map(({ id }) => id),
          ),
        look: async () => howManyOf(chunk, await this.#codes.read()),
        again: async () => {
          this.#codes.mustBeUntouched(sets);
          left = this.#codes.missing(chunk);
        },
      });
    }
  }

  async #setAfterCallWork(from: LiveAfterCallWork, to: AfterCallWork): Promise<void> {
    const { reader, writer } = this.#context;
    const { id } = this.#target.change;
    if (isMandatory(to.prompt)) await this.#makeSureOfACode(to.prompt);
    const done = (document: QueueDocument | null): boolean =>
      document !== null &&
      sameAfterCallWork(effectiveAfterCallWork(document.queue.afterCallWork), to);
    let latest = await reader.queueDocument(id);
    this.#work = latest?.queue.afterCallWork ?? null;
    const current = async (): Promise<QueueDocument | null> => {
      latest = await reader.queueDocument(id);
      this.#work = latest?.queue.afterCallWork ?? this.#work;
      return latest;
    };
    if (done(latest)) return;
    let before = asPlanned(latest, from);
    await this.#sender.send({
      action: 'set-after-call-work',
      detail: describeAfterCallWork(to),
      readAt: () => before.readAt,
      send: () => writer.updateAfterCallWork(before, to),
      look: async () => (done(await current()) ? 'whole' : 'none'),
      again: async () => {
        if (isMandatory(to.prompt)) {
          // Whoever is updating the queue may be taking its codes.
          await this.#codes.read();
          await this.#makeSureOfACode(to.prompt);
          await current();
        }
        before = asPlanned(latest, from);
      },
    });
    const after = await readUntil(current, done, this.#context);
    if (!after.seen || after.value === null)
      throw new NotSeen('reading back does not show the new after-call work');
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

  async #removeCodes(sets: CodeSets): Promise<void> {
    const { remove } = sets;
    if (remove.length === 0) return;
    const live = await this.#codes.beforeRemoving(sets);
    const present = new Set(live.codes.map(({ id }) => id));
    const doomed = remove.filter(({ id }) => present.has(id));
    const takesTheLast = doomed.length > 0 && doomed.length === live.codes.length;
    if (takesTheLast) await this.#makeSureThatNoneIsNeeded();
    for (const [at, code] of doomed.entries()) {
      if (this.#codes.missing([code]).length > 0) continue;
      await this.#sender.send({
        action: 'remove-code',
        detail: code.name,
        ...(at === 0 && { readAt: () => this.#codes.readAt }),
        send: () => this.#context.writer.removeCode(this.#target.change.id, code.id),
        look: async () =>
          howManyOf([code], await this.#codes.read()) === 'none' ? 'whole' : 'none',
        again: async () => {
          this.#codes.mustBeUntouched(sets);
          if (takesTheLast) await this.#makeSureThatNoneIsNeeded();
        },
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

/** A document that may be written upon: after-call work is what it was when the plan was made. */
const asPlanned = (document: QueueDocument | null, from: LiveAfterCallWork): QueueDocument => {
  if (document === null) throw new Ends('stale', 'the queue no longer exists');
  const { afterCallWork, unsafeNumber } = document.queue;
  const live = effectiveAfterCallWork(afterCallWork);
  if (!sameAfterCallWork(live, effectiveAfterCallWork(from))) {
    throw new Ends(
      'stale',
      `after-call work is ${describeAfterCallWork(live)} now, and was ${describeAfterCallWork(from)} when the plan was made`,
    );
  }
  if (unsafeNumber !== null) {
    throw new Ends(
      'held',
      `unsafe: the field ${unsafeNumber} holds a number that would not survive being written back`,
    );
  }
  return document;
};
