/**
 * All that happens to one queue, in the order that never leaves it worse off:
 *
 * 1. add codes — then see that they are there,
 * 2. after-call work — after a fresh read, changing nothing else,
 * 3. remove codes — after another read of the list,
 * 4. read back.
 *
 * At every moment the queue has all codes that it had before and is to keep. The first thing that goes
 * wrong ends the queue: no later step runs on an assumption that did not hold.
 */
import type {
  QueueChange,
  QueueRow,
  RowOutcome,
  Step,
  WrapupCodesChange,
} from '../domain/change.js';
import type { DiagnosticCode } from '../domain/codes.js';
import type { Clock } from '../domain/clock.js';
import { warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { formatDuration } from '../domain/duration.js';
import { AppError } from '../domain/errors.js';
import type { CodeId } from '../domain/ids.js';
import { isMandatory } from '../domain/state.js';
import type {
  AfterCallWork,
  LiveAfterCallWork,
  LiveCode,
  LiveQueueCodes,
} from '../domain/state.js';
import { effectiveAfterCallWork } from '../diff/after-call-work.js';
import type { CodeScope } from '../diff/wrapup-codes.js';
import { CODES_PER_REQUEST } from '../plan/cost.js';
import { scopedIds } from '../plan/digest.js';
import { OutcomeUnknown } from './ports.js';
import type { OrgReader, OrgWriter, QueueDocument, WriteReceipt } from './ports.js';
import { readUntil } from './settle.js';

/** A section that was read longer ago than this is read again before its first write. */
export const FRESH_FOR_MS = 60_000;

/** A change with what it was planned upon. */
export interface QueueTarget {
  readonly change: QueueChange;
  /** The codes as the plan saw them; null where nobody had to know. */
  readonly codes: LiveQueueCodes | null;
  /** Which codes are managed; null where none are. */
  readonly scope: CodeScope | null;
}

export interface ApplyContext {
  readonly reader: OrgReader;
  readonly writer: OrgWriter;
  readonly clock: Clock;
  /** How long reads may lag a write, in milliseconds. */
  readonly settleForMs: number;
  readonly signal: AbortSignal;
  /** The id of a code that the catalog has just created, by name; null where that failed. */
  readonly createdCode: (name: string) => CodeId | null;
}

export interface AppliedQueue {
  readonly row: QueueRow;
  readonly diagnostics: readonly Diagnostic[];
}

/** The codes of a change, all with ids. */
interface CodeSets {
  readonly add: readonly LiveCode[];
  readonly remove: readonly LiveCode[];
}

/** Refusals after which the wished state may be there all the same: somebody else was faster. */
const SETTLED_BY_READING: ReadonlySet<DiagnosticCode> = new Set<DiagnosticCode>([
  'genesys.conflict',
  'genesys.not-found',
  'genesys.rejected',
]);

/** Thrown inside to end a queue with an outcome of its own. */
class Ends extends Error {
  readonly outcome: RowOutcome;

  constructor(outcome: RowOutcome, reason: string) {
    super(reason);
    this.outcome = outcome;
  }
}

/** Applies one change. Never throws for what the platform does: the row tells. */
export const applyQueue = async (
  target: QueueTarget,
  context: ApplyContext,
): Promise<AppliedQueue> => {
  const run = new QueueRun(target, context);
  return run.run();
};

class QueueRun {
  readonly #target: QueueTarget;
  readonly #context: ApplyContext;
  readonly #steps: Step[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  readonly #startedAt: number;
  #correlationId: string | null = null;
  /** The codes as they were read last. */
  #codes: LiveQueueCodes | null;
  /** Which codes are managed, those included that the catalog has just created. */
  #scope: CodeScope;

  constructor(target: QueueTarget, context: ApplyContext) {
    this.#target = target;
    this.#context = context;
    this.#codes = target.codes;
    this.#scope = target.scope ?? 'all';
    this.#startedAt = context.clock.now();
  }

  async run(): Promise<AppliedQueue> {
    const { afterCallWork, wrapupCodes } = this.#target.change;
    try {
      const codes = wrapupCodes === undefined ? null : this.#withIds(wrapupCodes);
      if (codes !== null) await this.#addCodes(codes);
      if (afterCallWork !== undefined)
        await this.#setAfterCallWork(afterCallWork.from, afterCallWork.to);
      if (codes !== null) await this.#removeCodes(codes);
      if (codes !== null) await this.#readBackCodes(codes);
      return this.#end(this.#steps.length === 0 ? 'in-sync' : 'applied', null);
    } catch (error) {
      if (error instanceof Ends) return this.#end(error.outcome, error.message);
      if (!(error instanceof AppError)) throw error;
      this.#correlationId ??= error.correlationId;
      return this.#end(error.code === 'genesys.not-found' ? 'stale' : 'failed', error.message);
    }
  }

  #end(outcome: RowOutcome, reason: string | null): AppliedQueue {
    const { change } = this.#target;
    const wrote = this.#steps.some(({ result }) => result !== 'failed');
    return {
      row: {
        id: change.id,
        name: change.name,
        outcome,
        steps: this.#steps,
        reason:
          reason !== null && wrote && outcome !== 'applied'
            ? `${reason}; steps before it took effect`
            : reason,
        latencyMs: this.#context.clock.now() - this.#startedAt,
        correlationId:
          this.#correlationId ??
          this.#steps.findLast((step) => step.correlationId !== null)?.correlationId ??
          null,
      },
      diagnostics: this.#diagnostics,
    };
  }

  /** Codes that the catalog has created meanwhile get their ids. */
  #withIds(change: WrapupCodesChange): CodeSets {
    const add = change.add.map(({ id, name }) => {
      const known = id ?? this.#context.createdCode(name);
      if (known === null)
        throw new Ends('not-attempted', `the code "${name}" could not be created`);
      return { id: known, name };
    });
    if (this.#scope !== 'all') this.#scope = new Set([...this.#scope, ...add.map(({ id }) => id)]);
    return { add, remove: change.remove };
  }

  async #addCodes({ add, remove }: CodeSets): Promise<void> {
    if (add.length === 0) return;
    const before = await this.#freshCodes({ add, remove });
    const present = new Set(before.codes.map(({ id }) => id));
    const missing = add.filter(({ id }) => !present.has(id));
    for (let at = 0; at < missing.length; at += CODES_PER_REQUEST) {
      const chunk = missing.slice(at, at + CODES_PER_REQUEST);
      await this.#write({
        action: 'add-codes',
        detail: chunk.map(({ name }) => name).join(', '),
        send: () =>
          this.#context.writer.addCodes(
            this.#target.change.id,
            chunk.map(({ id }) => id),
          ),
        tookEffect: async () => containsAll(await this.#readCodes(), chunk),
      });
    }
  }

  async #setAfterCallWork(from: LiveAfterCallWork, to: AfterCallWork): Promise<void> {
    const { reader, writer } = this.#context;
    const { id } = this.#target.change;
    if (isMandatory(to.prompt)) await this.#makeSureOfACode(to);
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
    await this.#write({
      action: 'set-after-call-work',
      detail: describeWork(to),
      send: () => writer.updateAfterCallWork(before, to),
      tookEffect: async () => done(await current()),
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
    // A removal rests on a read of its own: the added codes are there, and nobody else has been here.
    const live = await this.#readCodesUntil(
      (codes) => this.#shows(codes, add, []) || this.#shows(codes, add, remove),
      { add, remove },
    );
    const present = new Set(live.codes.map(({ id }) => id));
    for (const code of remove) {
      if (!present.has(code.id)) continue;
      await this.#write({
        action: 'remove-code',
        detail: code.name,
        send: () => this.#context.writer.removeCode(this.#target.change.id, code.id),
        tookEffect: async () => !containsAll(await this.#readCodes(), [code]),
      });
    }
  }

  async #readBackCodes({ add, remove }: CodeSets): Promise<void> {
    if (!this.#steps.some(({ action }) => action === 'add-codes' || action === 'remove-code'))
      return;
    await this.#readCodesUntil((codes) => this.#shows(codes, add, remove), { add, remove });
  }

  /** The codes as the plan saw them, or read again where that is too long ago. */
  async #freshCodes({ add, remove }: CodeSets): Promise<LiveQueueCodes> {
    const planned = this.#codes;
    if (planned === null)
      throw new Error(`The codes of queue ${this.#target.change.id} were not read.`);
    if (this.#context.clock.now() - planned.readAt <= FRESH_FOR_MS) return planned;
    const fresh = await this.#readCodes();
    if (this.#shows(fresh, [], []) || this.#shows(fresh, add, remove)) return fresh;
    throw new Ends('stale', 'its wrap-up codes have changed since the plan was made');
  }

  /**
   * Reads the list until it is what our writes make of the planned one, and returns it. Where nothing
   * was written yet there is no lag to wait for.
   */
  async #readCodesUntil(
    expected: (codes: LiveQueueCodes) => boolean,
    sets: CodeSets,
  ): Promise<LiveQueueCodes> {
    const settleForMs = this.#steps.length === 0 ? 0 : this.#context.settleForMs;
    const { value, seen } = await readUntil(() => this.#readCodes(), expected, {
      clock: this.#context.clock,
      settleForMs,
    });
    if (seen) return value;
    if (this.#steps.length > 0 && !containsAll(value, sets.add)) {
      throw new Ends('failed', 'reading back does not show the added codes');
    }
    if (
      this.#steps.some(({ action }) => action === 'remove-code') &&
      sets.remove.some((code) => containsAll(value, [code]))
    ) {
      throw new Ends('failed', 'reading back still shows removed codes');
    }
    throw new Ends('stale', 'somebody else changed its wrap-up codes since the plan was made');
  }

  /** Whether the managed codes are the planned ones, with these added and those removed. */
  #shows(live: LiveQueueCodes, add: readonly LiveCode[], remove: readonly LiveCode[]): boolean {
    const removed = new Set(remove.map(({ id }) => id));
    const kept = (this.#target.codes?.codes ?? []).filter(({ id }) => !removed.has(id));
    const expected = new Set(scopedIds([...kept, ...add], this.#scope));
    const found = scopedIds(live.codes, this.#scope);
    return found.length === expected.size && found.every((id) => expected.has(id));
  }

  /** A queue is made MANDATORY only while it has a code. */
  async #makeSureOfACode(to: AfterCallWork): Promise<void> {
    const added = this.#steps.some(
      ({ action, result }) => action === 'add-codes' && result === 'applied',
    );
    if (added) return;
    const known = this.#codes;
    const fresh =
      known !== null && this.#context.clock.now() - known.readAt <= FRESH_FOR_MS
        ? known
        : await this.#readCodes();
    if (fresh.codes.length === 0)
      throw new Ends('held', `unsafe: ${to.prompt} needs a code to choose, and the queue has none`);
  }

  async #readCodes(): Promise<LiveQueueCodes> {
    this.#codes = await this.#context.reader.queueCodes(this.#target.change.id);
    return this.#codes;
  }

  /** Sends one write, and finds out what became of it where no answer came. */
  async #write(step: {
    readonly action: Step['action'];
    readonly detail: string;
    readonly send: () => Promise<WriteReceipt>;
    readonly tookEffect: () => Promise<boolean>;
  }): Promise<void> {
    const { action, detail, send, tookEffect } = step;
    if (this.#context.signal.aborted) {
      throw new Ends(this.#steps.length === 0 ? 'not-attempted' : 'failed', 'the run was stopped');
    }
    const record = (result: Step['result'], correlationId: string | null): void => {
      this.#steps.push({ action, detail, result, correlationId });
    };
    try {
      const { correlationId } = await send();
      record('applied', correlationId);
    } catch (error) {
      if (error instanceof OutcomeUnknown) {
        this.#correlationId = error.correlationId;
        const settled = await this.#settle(tookEffect);
        record(settled, error.correlationId);
        if (settled === 'applied') return;
        throw new Ends(
          'failed',
          `${error.message}; ${settled === 'failed' ? 'reading shows that it did not take effect' : 'whether it took effect could not be read'}`,
        );
      }
      if (!(error instanceof AppError)) throw error;
      // Removing what is gone, or adding what is there, may be refused: then nothing is left to do.
      if (SETTLED_BY_READING.has(error.code) && (await tookEffect())) return;
      this.#correlationId = error.correlationId;
      record('failed', error.correlationId);
      throw error;
    }
  }

  async #settle(tookEffect: () => Promise<boolean>): Promise<Step['result']> {
    try {
      const { seen } = await readUntil(tookEffect, (yes) => yes, this.#context);
      return seen ? 'applied' : 'failed';
    } catch (error) {
      if (error instanceof AppError) return 'unknown';
      throw error;
    }
  }
}

const containsAll = (live: LiveQueueCodes, codes: readonly LiveCode[]): boolean => {
  const present = new Set(live.codes.map(({ id }) => id));
  return codes.every(({ id }) => present.has(id));
};

const sameWork = (a: LiveAfterCallWork, b: LiveAfterCallWork): boolean =>
  a.prompt === b.prompt && a.timeoutMs === b.timeoutMs;

const describeWork = ({ prompt, timeoutMs }: LiveAfterCallWork): string =>
  timeoutMs === null
    ? (prompt ?? 'not set')
    : `${prompt ?? 'not set'} ${formatDuration(timeoutMs)}`;
