/**
 * The audit service: asked in realtime where it serves that, else by a query that is polled until it has
 * ended; either is read page by page, up to a bound.
 */
import type { DiagnosticCode } from '../domain/codes.js';
import { AppError } from '../domain/errors.js';
import { sinceOf } from './audit-query.js';
import type { AuditQuery } from './audit-query.js';
import { changesIn } from './audit-records.js';
import type { Found } from './audit-records.js';
import { platformText } from './errors.js';
import { arrayOf, numberOf, textOf } from './json.js';
import type { Waiting } from './retry.js';
import { answerOf } from './sdk.js';
import type { SdkApis } from './sdk.js';

/**
 * Finds the changes that a query asks for, the newest first. Whatever goes wrong is in the answer, which has no more
 * than so many pages (3 unless told).
 */
export type AuditLog = (
  query: AuditQuery,
  signal: AbortSignal,
  mostPages?: number,
) => Promise<Found>;

/** The most that results have in a page, by the contract. */
const PAGE_SIZE = 500;
/** The log of a big organization is no reason to send more: what is not read is told. */
const MOST_PAGES = 3;
/** Realtime queries reach back 14 days (facts page); a day less, because two clocks are never the same. */
const REALTIME_REACH_MS = 13 * 86_400_000;
/** Whoever lives for months asks again some day. */
const REFUSED_FOR_MS = 86_400_000;
const FIRST_POLL_MS = 250;
const LONGEST_POLL_MS = 2_000;

/** Answers to a realtime query after which the other kind is tried. */
const NOT_SERVED: ReadonlySet<DiagnosticCode> = new Set<DiagnosticCode>([
  'genesys.rejected',
  'genesys.not-found',
]);

interface Page {
  readonly records: readonly unknown[];
  /** Null after the last page. */
  readonly next: (() => Promise<Page>) | null;
}

/**
 * `ownClientId` tells our own writes apart; null where only a token was given. Whether the realtime query
 * serves queues is not documented: it is tried, and once refused, no more that day. `serverNow` is the
 * platform's clock, by which that query reaches back.
 */
export const createAuditLog = (
  audit: SdkApis['audit'],
  waiting: Waiting,
  ownClientId: string | null,
  serverNow: () => number,
): AuditLog => {
  let refusedUntil = -Infinity;

  const begin = async (query: AuditQuery, signal: AbortSignal): Promise<Page> => {
    const now = serverNow();
    if (now >= refusedUntil && sinceOf(query) >= now - REALTIME_REACH_MS) {
      try {
        return await realtimePage(query, 1, 0);
      } catch (error) {
        if (!(error instanceof AppError && NOT_SERVED.has(error.code))) throw error;
        refusedUntil = now + REFUSED_FOR_MS;
      }
    }
    return resultsPage(await runQuery(query, signal), null);
  };

  /** What comes in between two pages moves records to later ones: some are read twice, and none is missed. */
  const realtimePage = async (
    query: AuditQuery,
    pageNumber: number,
    seen: number,
  ): Promise<Page> => {
    const asked = { ...query, pageNumber, pageSize: PAGE_SIZE };
    const { body } = await answerOf(audit.postAuditsQueryRealtime(asked, { expand: ['user'] }));
    const records = arrayOf(body, 'entities');
    const read = seen + records.length;
    const isFull = records.length >= (numberOf(body, 'pageSize') ?? PAGE_SIZE);
    const isLast = read >= (numberOf(body, 'total') ?? (isFull ? Infinity : read));
    return { records, next: isLast ? null : () => realtimePage(query, pageNumber + 1, read) };
  };

  /** Runs a query to its end; the id of its results. */
  const runQuery = async (query: AuditQuery, signal: AbortSignal): Promise<string> => {
    let { body } = await answerOf(audit.postAuditsQuery(query));
    const id = textOf(body, 'id') ?? '';
    for (let waitMs = FIRST_POLL_MS; isUnderWay(body);) {
      await waiting.clock.sleep(waitMs, signal);
      ({ body } = await answerOf(audit.getAuditsQueryTransactionId(id)));
      waitMs = Math.min(waitMs * 2, LONGEST_POLL_MS);
    }
    const state = textOf(body, 'state') ?? 'without a state';
    if (state === 'Succeeded') return id;
    throw new AppError('genesys.unavailable', `the query ended as ${platformText(state)}`);
  };

  const resultsPage = async (id: string, cursor: string | null): Promise<Page> => {
    const { body } = await answerOf(
      audit.getAuditsQueryTransactionIdResults(id, {
        pageSize: PAGE_SIZE,
        expand: ['user'],
        ...(cursor === null ? {} : { cursor }),
      }),
    );
    const next = textOf(body, 'cursor') ?? '';
    return {
      records: arrayOf(body, 'entities'),
      next: next === '' ? null : () => resultsPage(id, next),
    };
  };

  return async (query, signal, mostPages = MOST_PAGES) => {
    const records: unknown[] = [];
    const found = (missing: string | null, hasFailed = false): Found => ({
      changes: changesIn(records, ownClientId),
      missing,
      hasFailed,
    });
    try {
      let page = await begin(query, signal);
      records.push(...page.records);
      for (let pages = 1; page.next !== null; pages += 1) {
        if (pages >= mostPages) return found(TOO_MANY);
        page = await page.next();
        records.push(...page.records);
      }
      return found(null);
    } catch (error) {
      return found(signal.aborted ? TOO_LATE : whyNot(error), true);
    }
  };
};

const isUnderWay = (status: unknown): boolean =>
  ['Queued', 'Running'].includes(textOf(status, 'state') ?? '');

const TOO_MANY = 'the audit log shows more changes in that time than are read';

/** Why nothing is known when time was up. */
export const TOO_LATE = 'the audit service did not answer in time';

/** Why nothing is known, for people. */
export const whyNot = (error: unknown): string =>
  error instanceof AppError && error.code === 'genesys.forbidden'
    ? 'the OAuth client lacks the permission audits:audit:view'
    : `the audit service could not be asked: ${error instanceof Error ? error.message : String(error)}`;
