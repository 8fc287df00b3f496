/** Questions to the audit service, in the form of the contract. */
import type { Models } from 'purecloud-platform-client-v2';
import type { ChangePeriod } from '../apply/ports.js';

export type AuditQuery = Required<Models.AuditQueryRequest>;

/** What is asked about; null: whatever it is. */
export interface AuditSubject {
  readonly entityType: 'Queue' | 'WrapupCode';
  readonly entityId: string | null;
  readonly action: string | null;
}

/** An interval spans at most 30 days (facts page). */
const LONGEST_S = 30 * 86_400;

/** Why a part of a period is not asked about. */
export const TOO_LONG = 'the audit service answers for 30 days at a time';

/** Whether the service answers for all of a period. */
export const isTooLong = ({ since, until }: Pick<ChangePeriod, 'since' | 'until'>): boolean =>
  until - since > LONGEST_S * 1000;

/** A question about a period: of a longer one than the service answers for, about its last 30 days. */
export const queryOf = (
  { entityType, entityId, action }: AuditSubject,
  { since, until }: Pick<ChangePeriod, 'since' | 'until'>,
): AuditQuery => {
  // Whole seconds, outwards: the form that the contract shows.
  const to = Math.ceil(until / 1000);
  const from = Math.max(Math.floor(since / 1000), to - LONGEST_S);
  return {
    interval: `${second(from)}/${second(to)}`,
    serviceName: 'ContactCenter',
    filters: [
      { property: 'EntityType', value: entityType },
      ...(entityId === null ? [] : [{ property: 'EntityId', value: entityId } as const]),
      ...(action === null ? [] : [{ property: 'Action', value: action } as const]),
    ],
    sort: [{ name: 'Timestamp', sortOrder: 'descending' }],
  };
};

/** When the interval of a query begins, in milliseconds since the epoch. */
export const sinceOf = ({ interval }: AuditQuery): number =>
  Date.parse(interval.split('/')[0] ?? '');

const second = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
