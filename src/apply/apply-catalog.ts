/** The catalog comes first: queues can only be given codes that exist. */
import type { CatalogChanges, CatalogRow } from '../domain/change.js';
import type { Clock } from '../domain/clock.js';
import { AppError } from '../domain/errors.js';
import type { CodeId } from '../domain/ids.js';
import type { LiveCode } from '../domain/state.js';
import type { ForecastHold } from '../plan/forecast.js';
import { heldBy } from '../plan/row-words.js';
import { LookFailed, sendPastConflicts } from './conflict.js';
import type { Judge } from './judge.js';
import { OutcomeUnknown } from './ports.js';
import type { OrgReader, OrgWriter } from './ports.js';
import type { Ledger } from './ledger.js';
import { isUnsent, whyUnsent } from './send-step.js';
import { readUntil } from './settle.js';

export interface CatalogContext {
  readonly reader: OrgReader;
  readonly writer: OrgWriter;
  readonly clock: Clock;
  readonly settleForMs: number;
  readonly signal: AbortSignal;
  readonly judge: Pick<Judge, 'catalog'>;
  readonly ledger: Pick<Ledger, 'intendCode' | 'codeEnded'>;
}

export interface AppliedCatalog {
  readonly rows: readonly CatalogRow[];
  /** How many writes took effect, or may have. */
  readonly wrote: number;
  /** What became of a code that was to be created. */
  readonly created: (name: string) => CreatedCode;
}

export interface CreatedCode {
  /** null where it was not created. */
  readonly id: CodeId | null;
  /** Why it was not even tried, or null. */
  readonly hold: ForecastHold | null;
}

/** Renames and creates codes, one after the other; a failure ends its own code only. */
export const applyCatalog = async (
  changes: CatalogChanges,
  context: CatalogContext,
): Promise<AppliedCatalog> => {
  const { reader, writer, ledger } = context;
  const created = new Map<string, CreatedCode>();
  const attempts: Attempt[] = [];
  for (const rename of changes.rename) {
    const { id, from, to: name } = rename;
    attempts.push(
      await attempt({ id, name, action: 'rename' }, context, {
        intend: () => ledger.intendCode({ id, name, from }),
        send: async () => ({ id, ...(await writer.renameCode(rename)) }),
        look: async () => (await reader.findCodes({ id })).find((code) => code.name === name),
      }),
    );
  }
  for (const creation of changes.create) {
    const { name } = creation;
    const done = await attempt({ id: null, name, action: 'create' }, context, {
      intend: () => ledger.intendCode({ id: null, name, from: null }),
      send: async () => {
        const { code, correlationId } = await writer.createCode(creation);
        return { id: code.id, correlationId };
      },
      look: async () => (await reader.findCodes({ name }))[0],
    });
    created.set(name, { id: done.row.id, hold: done.hold });
    attempts.push(done);
  }
  return {
    rows: attempts.map(({ row }) => row),
    wrote: attempts.filter(({ wrote }) => wrote).length,
    created: (name) => created.get(name) ?? { id: null, hold: null },
  };
};

interface Attempt {
  readonly row: CatalogRow;
  /** Whether it took effect, or may have. */
  readonly wrote: boolean;
  readonly hold: ForecastHold | null;
}

interface CatalogWrite {
  /** Writes down what is about to happen. */
  readonly intend: () => Promise<void>;
  readonly send: () => Promise<{ readonly id: CodeId; readonly correlationId: string | null }>;
  /** The code as it should be, or undefined where it is not so. */
  readonly look: () => Promise<LiveCode | undefined>;
}

/** One write of the catalog, with what is written down about it. */
const attempt = async (
  change: Pick<CatalogRow, 'id' | 'name' | 'action'>,
  context: CatalogContext,
  write: CatalogWrite,
): Promise<Attempt> => {
  const done = await sendOnce(change, context, write);
  await context.ledger.codeEnded(done.row, !done.wrote || done.row.outcome === 'applied');
  return done;
};

/** Sends a write once. Where no answer came, or a refusal, a read tells whether the effect is there. */
const sendOnce = async (
  change: Pick<CatalogRow, 'id' | 'name' | 'action'>,
  context: CatalogContext,
  { intend, send, look }: CatalogWrite,
): Promise<Attempt> => {
  const ends = (
    outcome: CatalogRow['outcome'],
    reason: string | null,
    rest: { readonly id?: CodeId; readonly correlationId?: string | null } = {},
    wrote = outcome === 'applied',
  ): Attempt => ({
    row: { ...change, outcome, reason, correlationId: null, ...rest },
    wrote,
    hold: null,
  });
  const stopped = ends('not-attempted', 'the run was stopped');

  if (context.signal.aborted) return stopped;
  try {
    const isThere = async (): Promise<boolean> => (found = await look()) !== undefined;
    let found: LiveCode | undefined;
    const sent = await whileOpen(context, async () => {
      await intend();
      return sendPastConflicts({ send, isThere }, context);
    });
    return sent === null
      ? ends('in-sync', null, found === undefined ? {} : { id: found.id })
      : ends('applied', null, sent);
  } catch (thrown) {
    const error = thrown instanceof LookFailed ? thrown.cause : thrown;
    if (error instanceof Closed) return { ...ends('held', heldBy(error.hold)), hold: error.hold };
    if (error instanceof OutcomeUnknown) {
      const { message, correlationId } = error;
      const found = await lookUntilSeen(look, context);
      if (found === 'unread')
        return ends(
          'failed',
          `${message}; whether it took effect could not be read`,
          { correlationId },
          true,
        );
      return found === undefined
        ? ends('failed', `${message}; reading shows that it did not take effect`, { correlationId })
        : ends('applied', null, { id: found.id, correlationId });
    }
    if (error instanceof AppError) {
      const { message, correlationId } = error;
      if (isUnsent(error)) return ends('not-attempted', whyUnsent(error.code));
      if (error.code === 'genesys.conflict' && context.signal.aborted) return stopped;
      const found = await lookUntilSeen(look, { ...context, settleForMs: 0 });
      return found === undefined || found === 'unread'
        ? ends(error.code === 'plan.outdated' ? 'stale' : 'failed', message, { correlationId })
        : ends('in-sync', null, { id: found.id });
    }
    return ends(
      'failed',
      `a bug: ${error instanceof Error ? error.message : String(error)}`,
      {},
      true,
    );
  }
};

class Closed extends Error {
  readonly hold: ForecastHold;

  constructor(hold: ForecastHold) {
    super(hold.reason);
    this.hold = hold;
  }
}

/** Judged before anything is asked, and when the write leaves: it may have to wait. */
const whileOpen = <Result>(
  { judge, writer }: Pick<CatalogContext, 'judge' | 'writer'>,
  send: () => Promise<Result>,
): Promise<Result> => {
  const mustBeOpen = (): void => {
    const hold = judge.catalog();
    if (hold !== null) throw new Closed(hold);
  };
  mustBeOpen();
  return writer.withLastCheck(mustBeOpen, send);
};

const lookUntilSeen = async (
  look: CatalogWrite['look'],
  context: Pick<CatalogContext, 'clock' | 'settleForMs'>,
): Promise<LiveCode | undefined | 'unread'> => {
  try {
    return (await readUntil(look, (found) => found !== undefined, context)).value;
  } catch (error) {
    if (error instanceof AppError) return 'unread';
    throw error;
  }
};
