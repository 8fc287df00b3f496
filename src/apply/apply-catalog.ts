/** The catalog comes first: queues can only be given codes that exist. */
import type { CatalogChanges, CatalogRow } from '../domain/change.js';
import type { Clock } from '../domain/clock.js';
import { AppError } from '../domain/errors.js';
import type { CodeId } from '../domain/ids.js';
import { OutcomeUnknown } from './ports.js';
import type { OrgReader, OrgWriter } from './ports.js';
import { readUntil } from './settle.js';

export interface CatalogContext {
  readonly reader: OrgReader;
  readonly writer: OrgWriter;
  readonly clock: Clock;
  readonly settleForMs: number;
  readonly signal: AbortSignal;
}

export interface AppliedCatalog {
  readonly rows: readonly CatalogRow[];
  /** The id of a code that was created here, or null. */
  readonly createdCode: (name: string) => CodeId | null;
}

/** Renames and creates codes, one after the other; a failure ends its own code only. */
export const applyCatalog = async (
  changes: CatalogChanges,
  context: CatalogContext,
): Promise<AppliedCatalog> => {
  const created = new Map<string, CodeId>();
  const rows: CatalogRow[] = [];
  for (const rename of changes.rename) {
    const { id, to: name } = rename;
    const done = await attempt(
      context,
      async () => ({ id, ...(await context.writer.renameCode(rename)) }),
      async () =>
        (await context.reader.findCodes({ id })).find((code) => code.name === name)?.id ?? null,
    );
    rows.push({ name, action: 'rename', ...done, id });
  }
  for (const creation of changes.create) {
    const { name } = creation;
    const done = await attempt(
      context,
      async () => {
        const { code, correlationId } = await context.writer.createCode(creation);
        return { id: code.id, correlationId };
      },
      async () =>
        (await context.reader.findCodes({ name })).find((code) => code.name === name)?.id ?? null,
    );
    if (done.id !== null) created.set(name, done.id);
    rows.push({ name, action: 'create', ...done });
  }
  return { rows, createdCode: (name) => created.get(name) ?? null };
};

type Attempt = Pick<CatalogRow, 'id' | 'outcome' | 'reason' | 'correlationId'>;

/** Sends a write once; where no answer came, looks for its effect. */
const attempt = async (
  context: CatalogContext,
  send: () => Promise<{ readonly id: CodeId; readonly correlationId: string | null }>,
  look: () => Promise<CodeId | null>,
): Promise<Attempt> => {
  if (context.signal.aborted) {
    return {
      id: null,
      outcome: 'not-attempted',
      reason: 'the run was stopped',
      correlationId: null,
    };
  }
  try {
    return { outcome: 'applied', reason: null, ...(await send()) };
  } catch (error) {
    if (error instanceof OutcomeUnknown) return settle(error, context, look);
    if (!(error instanceof AppError)) throw error;
    return {
      id: null,
      outcome: 'failed',
      reason: error.message,
      correlationId: error.correlationId,
    };
  }
};

const settle = async (
  unknown: OutcomeUnknown,
  context: CatalogContext,
  look: () => Promise<CodeId | null>,
): Promise<Attempt> => {
  const { correlationId } = unknown;
  try {
    const { value: id } = await readUntil(look, (found) => found !== null, context);
    return id === null
      ? {
          id,
          outcome: 'failed',
          reason: `${unknown.message}; reading shows that it did not take effect`,
          correlationId,
        }
      : { id, outcome: 'applied', reason: null, correlationId };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return {
      id: null,
      outcome: 'failed',
      reason: `${unknown.message}; whether it took effect could not be read`,
      correlationId,
    };
  }
};
