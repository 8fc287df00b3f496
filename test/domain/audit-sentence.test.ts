import { describe, expect, it } from 'vitest';
import { auditSentence } from '../../src/domain/audit-sentence.js';
import type { EventRecord, Evidence, JournalEntry } from '../../src/domain/journal.js';
import {
  codeOutcome,
  codeSettled,
  completed,
  corrected,
  drifted,
  ORIGIN,
  record,
  refused,
  settled,
} from '../support/records.js';

const say = (entry: JournalEntry): string => auditSentence(record(7, entry) as EventRecord);

const evidence = (changes: Partial<Evidence>): Evidence => ({ ...settled().evidence, ...changes });

const [added, set] = corrected().steps;
if (added === undefined || set === undefined) throw new Error('two steps are wanted');

const CODES = 'codes added: Escalated';
const WORK = 'after-call work set to MANDATORY_TIMEOUT 45 s';
const JANE = 'because jane@example.com changed it at 2026-11-23T08:12:00Z';
const POLICY = 'policy billing (policies/billing.yaml:12)';
const SEEN = 'a read afterwards showed it as the policies want it';
const UNSEEN = 'no read afterwards showed all that the policies want';
const RUN_1 = 'run run-1 could not tell what became of its change';

describe('the sentence of a record', () => {
  it.each<[string, JournalEntry, string]>([
    ['corrected', corrected(), `Billing EN: ${CODES}; ${WORK}, ${JANE}; ${POLICY}; ${SEEN}.`],
    [
      'corrected, and not seen so',
      corrected({ compliant: false, after: null }),
      `Billing EN: ${CODES}; ${WORK}, ${JANE}; ${POLICY}; ${UNSEEN}.`,
    ],
    [
      'corrected, after a client',
      corrected({
        changedBy: {
          by: 'exact',
          kind: 'client',
          id: 'c-9',
          name: null,
          at: 'T',
          action: 'Update',
        },
      }),
      `Billing EN: ${CODES}; ${WORK}, because the OAuth client c-9 changed it at T; ${POLICY}; ${SEEN}.`,
    ],
    [
      'corrected, after one of several',
      corrected({
        changedBy: { by: 'window', kind: 'user', id: 'u', name: 'Jo', at: 'T', action: 'Update' },
      }),
      `Billing EN: ${CODES}; ${WORK}, because it was changed, by Jo at T or by somebody else about then; ${POLICY}; ${SEEN}.`,
    ],
    [
      'corrected, after nobody knows whom',
      corrected({ changedBy: { by: 'unknown', why: 'no permission' } }),
      `Billing EN: ${CODES}; ${WORK}, because it was changed, and it is not known by whom (no permission); ${POLICY}; ${SEEN}.`,
    ],
    [
      'corrected, for a new policy',
      corrected({ cause: 'policy' }),
      `Billing EN: ${CODES}; ${WORK}, because the policies are new or have changed; ${POLICY}; ${SEEN}.`,
    ],
    [
      'corrected, without a journal to compare with',
      corrected({ cause: 'unknown', policies: [] }),
      `Billing EN: ${CODES}; ${WORK}, because it was not as the policies want it; ${SEEN}.`,
    ],
    [
      'corrected by one PUT and several removals',
      corrected({
        steps: [
          { ...added, action: 'put-codes', detail: '+ A, - B' },
          { ...added, action: 'remove-code', detail: 'C' },
          { ...added, action: 'remove-code', detail: 'D' },
        ],
      }),
      `Billing EN: codes replaced: + A, - B; codes removed: C, D, ${JANE}; ${POLICY}; ${SEEN}.`,
    ],
    [
      'failed halfway',
      corrected({
        outcome: 'failed',
        reason: 'the platform rejected it',
        compliant: false,
        steps: [added, { ...set, result: 'failed' }],
      }),
      `Billing EN: failed: the platform rejected it; took effect: ${CODES}; ${JANE}; ${POLICY}; ${UNSEEN}.`,
    ],
    [
      'failed at once',
      corrected({ outcome: 'failed', reason: null, compliant: false, steps: [] }),
      `Billing EN: failed; nothing is known to have taken effect; ${JANE}; ${POLICY}; ${UNSEEN}.`,
    ],
    [
      'stale after a write',
      corrected({ outcome: 'stale', reason: 'Jo was faster', compliant: false, steps: [added] }),
      `Billing EN: left alone, because it was changed meanwhile: Jo was faster; took effect: ${CODES}; ${JANE}; ${POLICY}; ${UNSEEN}.`,
    ],
    [
      'unknown',
      corrected({
        outcome: 'failed',
        reason: 'no answer came',
        compliant: false,
        steps: [added, { ...set, result: 'unknown' }],
      }),
      `Billing EN: failed: no answer came; took effect: ${CODES}; may have taken effect: ${WORK}; ${JANE}; ${POLICY}; ${UNSEEN}.`,
    ],
    [
      'settled as applied',
      settled(),
      `Billing EN: ${RUN_1}; at 2026-11-23T09:01:00Z it was as that change wants it, and the audit log shows a write of ours: judged to have been applied; ${POLICY}; ${SEEN}.`,
    ],
    [
      'settled in part',
      settled({
        verdict: 'partial',
        compliant: false,
        evidence: evidence({ read: 'between', audit: 'none' }),
      }),
      `Billing EN: ${RUN_1}; at 2026-11-23T09:01:00Z it was neither as before nor quite as that change wants it, and the audit log shows no write: judged to have been applied in part; ${POLICY}; ${UNSEEN}.`,
    ],
    [
      'not settled',
      settled({
        verdict: 'unknown',
        compliant: false,
        evidence: evidence({ read: 'unread', audit: 'unavailable' }),
      }),
      `Billing EN: ${RUN_1}; at 2026-11-23T09:01:00Z it could not be read, and the audit log could not be asked: whether it took effect stays unknown; ${POLICY}; ${UNSEEN}.`,
    ],
    [
      'settled anew',
      settled({
        verdict: 'not-applied',
        compliant: false,
        corrects: 5,
        evidence: evidence({ read: 'before', audit: 'others' }),
      }),
      `Billing EN: ${RUN_1}; at 2026-11-23T09:01:00Z it was as it had been before, and the audit log shows writes of others alone: judged not to have been applied; ${POLICY}; ${UNSEEN}; this corrects what record 5 says.`,
    ],
    ['a code created', codeOutcome(), 'The wrap-up code Resolved was created.'],
    [
      'a code renamed',
      codeOutcome({ action: 'rename', code: { id: null, name: 'New', from: 'Old' } }),
      'The wrap-up code Old was renamed to New.',
    ],
    [
      'a code not created',
      codeOutcome({ outcome: 'failed', reason: 'the name is taken' }),
      'The wrap-up code Resolved was not created: the name is taken.',
    ],
    [
      'a code of which nobody knows',
      codeOutcome({ outcome: 'failed', isKnown: false, reason: 'no answer came' }),
      'Whether the wrap-up code Resolved was created is not known: no answer came.',
    ],
    [
      'a code settled',
      codeSettled(),
      `The wrap-up code Solved, to be renamed to Resolved: ${RUN_1}; at 2026-11-23T09:01:00Z it was as that change wants it, and the audit log was not asked: judged to have been applied.`,
    ],
    [
      'drift',
      drifted(),
      `Billing EN: left as it is, because the policy billing only reports; codes would be added: Escalated; after-call work would be set to MANDATORY_TIMEOUT (45 s); because it was changed, and it is not known by whom (the audit log was not asked); ${POLICY}.`,
    ],
    [
      'a run completed',
      completed(),
      'Run run-1 ended as partial; queues: 3 applied, 1 in sync, 1 failed, 2 held; 40 requests sent, 2 of them again, 0 throttled.',
    ],
    [
      'a run refused',
      refused(),
      'Run run-1 was refused by the guards before its first write: codesRemoved is 90 of 120, and the limit is 25 % or 200.',
    ],
  ])('%s', (_name, entry, sentence) => {
    expect(say(entry)).toBe(sentence);
  });

  it('names a policy once, with all its lines', () => {
    const policies = [14, 17, 21].map((line) => ({ name: 'a', file: 'a.yaml', line }));
    expect(say(corrected({ ...ORIGIN, policies }))).toContain('; policy a (a.yaml:14, 17, 21); ');
  });

  it('names a few policies, and counts the rest', () => {
    const policies = ['a', 'b', 'c', 'd'].map((name) => ({ name, file: `${name}.yaml`, line: 1 }));
    expect(say(corrected({ ...ORIGIN, policies }))).toContain(
      'policies a (a.yaml:1), b (b.yaml:1), c (c.yaml:1) and 1 more',
    );
  });

  it('stays short and on one line, whatever names there are', () => {
    const nasty = `\u202E\u0000\n<script>${'x'.repeat(100_000)}`;
    const sentence = say(
      corrected({
        queue: { ...corrected().queue, name: nasty },
        policies: [{ name: nasty, file: nasty, line: 1 }],
        steps: [{ ...added, detail: nasty }],
        changedBy: { by: 'exact', kind: 'user', id: 'u', name: nasty, at: 'T', action: 'Update' },
      }),
    );
    expect(sentence.length).toBeLessThan(1_500);
    expect(sentence).not.toMatch(/[\p{Cc}\u202E]/u);
  });
});
