/** A list of the journal as reports show it: three runs, another system, two sinks, and text that means no good. */
import type { AuditRow, AuditRun, Delivery } from '../../src/domain/audit.js';
import { queueId } from '../../src/domain/ids.js';
import type { JournalEntry } from '../../src/domain/journal.js';
import { EVERY_RECORD, started } from './every-record.js';
import { NOW } from './fake-clock.js';
import {
  codeOutcome,
  completed,
  corrected,
  drifted,
  hashOf,
  record,
  refused,
  settled,
  told,
} from './records.js';

const rowOf = (
  seq: number,
  entry: JournalEntry,
  run: AuditRun | null,
  deliveries: readonly Delivery[] = [],
): AuditRow => ({
  record: record(seq, entry, NOW + seq * 1_000),
  hash: hashOf(seq),
  run,
  deliveries,
});

const run = (
  id: string,
  outcome: string | null,
  changes: Parameters<typeof started>[0],
): AuditRun => ({
  id,
  outcome,
  started: record(1, started({ run: id, ...changes }), NOW),
});

const HOSTILE = '=HYPERLINK("http://evil.example","\u202Eclick")';

/** Rows of every kind, in every state of delivery. */
export const auditRows = (): readonly AuditRow[] => {
  const first = run('3f0c9a52-7d1e-4b6f-9a11-000000000001', 'partial', {
    allowances: [
      {
        name: 'retire-old-reason',
        reason: 'Old reason is retired',
        until: '2026-11-30T00:00:00Z',
        measures: { queuesChanged: 145, codesRemoved: 145 },
      },
    ],
    overrides: { accept: null, ignoreWindows: 'the window is too short' },
  });
  const second = run('8b2d4c11-7d1e-4b6f-9a11-000000000002', null, {
    trigger: 'manual',
    actor: HOSTILE,
    pullRequest: null,
    source: { commit: null, dirty: true, policiesDigest: hashOf(1), author: null },
  });
  const third: AuditRun = {
    id: '02aa7711-7d1e-4b6f-9a11-000000000003',
    started: null,
    outcome: 'refused',
  };
  const delivered = {
    sink: 'ops',
    state: 'delivered',
    attempts: 1,
    nextAt: null,
    why: null,
  } as const;
  return [
    { ...rowOf(1, started({ run: first.id }), first), record: first.started ?? never() },
    rowOf(2, codeOutcome({ run: first.id }), first, [delivered]),
    rowOf(3, corrected({ run: first.id }), first, [
      delivered,
      {
        sink: 'reporting',
        state: 'pending',
        attempts: 3,
        nextAt: '2026-11-23T10:00:00.000Z',
        why: '503 Service Unavailable',
      },
    ]),
    rowOf(
      4,
      corrected({
        run: first.id,
        queue: {
          id: queueId('9d1e0000-0000-4000-8000-000000000002'),
          name: HOSTILE,
          division: '-1',
        },
        outcome: 'failed',
        steps: [],
        reason: 'the platform said: 403 missing.permissions',
        compliant: false,
        after: null,
      }),
      first,
      [{ ...delivered, sink: 'reporting', state: 'given-up', attempts: 12, why: 'no answer' }],
    ),
    rowOf(5, drifted({ run: first.id }), first, [
      { ...delivered, sink: 'reporting', state: 'disabled', attempts: 1, why: '410 Gone' },
    ]),
    rowOf(
      6,
      told({ queue_name: HOSTILE, compliance_met: false, audit_log: `\n${HOSTILE}\u001b[31m` }),
      null,
    ),
    rowOf(7, completed({ run: first.id }), first, [
      { ...delivered, sink: 'reporting', state: 'pending', attempts: 0 },
    ]),
    { ...rowOf(8, started({ run: second.id }), second), record: second.started ?? never() },
    rowOf(86_400, settled({ run: second.id, of: first.id }), second, [
      { ...delivered, attempts: 2 },
    ]),
    rowOf(86_401, refused({ run: third.id }), third),
    rowOf(86_402, EVERY_RECORD.repaired, null),
  ];
};

const never = (): never => {
  throw new Error('the run was started');
};
