/**
 * The verdict on a change whose run could not tell the end of it. The live state decides, and the audit log
 * where it can be asked; what neither of them shows is not claimed.
 *
 * | reading shows, the same for `settleFor` | writes in the audit log | verdict       |
 * |-----------------------------------------|-------------------------|---------------|
 * | the whole change                        | of others alone         | `unknown`     |
 * | the whole change                        | anything else           | `applied`     |
 * | a part of it                            | of others alone         | `unknown`     |
 * | a part of it                            | anything else           | `partial`     |
 * | the queue as it was                     | ours                    | `unknown`     |
 * | the queue as it was                     | anything else           | `not-applied` |
 * | something else, nothing, no queue       | any                     | `unknown`     |
 */
import type { Evidence, Verdict } from '../domain/journal.js';

export const verdictOf = (read: Evidence['read'], audit: Evidence['audit']): Verdict => {
  switch (read) {
    case 'after':
      return audit === 'others' ? 'unknown' : 'applied';
    case 'between':
      return audit === 'others' ? 'unknown' : 'partial';
    case 'before':
      return audit === 'ours' ? 'unknown' : 'not-applied';
    case 'other':
    case 'gone':
    case 'unread':
    default:
      return 'unknown';
  }
};

const READ_WORDS: Readonly<Record<Evidence['read'], string>> = {
  after: 'reading shows the whole change',
  before: 'reading shows the queue as it was before',
  between: 'reading shows a part of the change',
  other: 'reading shows neither the change nor what was there before',
  gone: 'the queue does not exist any more',
  unread: 'it could not be read',
};

const AUDIT_WORDS: Readonly<Record<Evidence['audit'], string>> = {
  ours: 'the audit log shows writes of this OAuth client',
  others: 'the audit log shows writes of others alone',
  none: 'the audit log shows no writes (yet)',
  unavailable: 'the audit log could not be asked',
  'not-asked': 'the audit log was not asked',
};

export const evidenceOf = (
  read: Evidence['read'],
  audit: Evidence['audit'],
  readAt: number,
): Evidence => ({
  read,
  readAt: new Date(readAt).toISOString(),
  audit,
  words: `${READ_WORDS[read]}, and ${AUDIT_WORDS[audit]}`,
});
