import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeId } from '../../src/domain/ids.js';
import { EVENT_TYPES } from '../../src/domain/journal.js';
import type { EventRecord, JournalEntry } from '../../src/domain/journal.js';
import { requirementOf } from '../../src/domain/requirement.js';
import { MAX_BODY_BYTES, toEvent } from '../../src/webhooks/event.js';
import {
  eventJsonSchema,
  eventSchema,
  generatedEventSchema,
} from '../../src/webhooks/event-schema.js';
import type { CloudEvent } from '../../src/webhooks/event-schema.js';
import {
  BEFORE,
  BILLING,
  codeOutcome,
  codeSettled,
  completed,
  corrected,
  drifted,
  hashOf,
  record,
  refused,
  settled,
} from '../support/records.js';

const ajv = new Ajv({ allErrors: true, strict: true });
formats.default(ajv);
const isEvent = ajv.compile(eventJsonSchema());

const eventOf = (entry: JournalEntry): CloudEvent =>
  toEvent(record(7, entry) as EventRecord, hashOf(7), { organizationId: 'org-1' });

/** As a receiver reads it. */
const dataOf = (entry: JournalEntry): Readonly<Record<string, unknown>> =>
  JSON.parse(JSON.stringify(eventOf(entry).data)) as Readonly<Record<string, unknown>>;

const expectValid = (event: CloudEvent): void => {
  const sent: unknown = JSON.parse(JSON.stringify(event));
  expect(isEvent(sent) ? [] : isEvent.errors).toEqual([]);
  // Keys that no schema names are lost in parsing.
  expect(eventSchema.parse(sent)).toEqual(sent);
};

const [added] = corrected().steps;
if (added === undefined) throw new Error('a step is wanted');

const RECORDS: readonly (readonly [string, JournalEntry, string])[] = [
  ['queue.outcome, applied', corrected(), 'wrapkeeper.queue.corrected'],
  ['queue.outcome, seen by nobody', corrected({ after: null }), 'wrapkeeper.queue.corrected'],
  ['queue.outcome, failed', corrected({ outcome: 'failed' }), 'wrapkeeper.queue.failed'],
  [
    'queue.outcome, unknown',
    corrected({ outcome: 'failed', steps: [{ ...added, result: 'unknown' }] }),
    'wrapkeeper.queue.unknown',
  ],
  ['queue.settled, applied', settled(), 'wrapkeeper.queue.corrected'],
  ['queue.settled, partial', settled({ verdict: 'partial' }), 'wrapkeeper.queue.failed'],
  ['queue.settled, unknown', settled({ verdict: 'unknown' }), 'wrapkeeper.queue.unknown'],
  ['code.outcome, created', codeOutcome(), 'wrapkeeper.code.created'],
  ['code.settled, renamed', codeSettled(), 'wrapkeeper.code.renamed'],
  ['drift.detected', drifted(), 'wrapkeeper.drift.detected'],
  ['run.completed', completed(), 'wrapkeeper.run.completed'],
  ['run.refused', refused(), 'wrapkeeper.run.refused'],
];

describe('the event of a record', () => {
  it.each(RECORDS)('%s fits its schema', (_name, entry, type) => {
    const event = eventOf(entry);
    expect(event.type).toBe(type);
    expectValid(event);
  });

  it('is there for every type', () => {
    expect(new Set(RECORDS.map(([, , type]) => type))).toEqual(new Set(EVENT_TYPES));
  });

  it('is a CloudEvent, the same each time', () => {
    expect(eventOf(corrected())).toMatchObject({
      specversion: '1.0',
      id: `evt_00000007${'a'.repeat(24)}`,
      source: 'urn:wrapkeeper:organization:org-1',
      type: 'wrapkeeper.queue.corrected',
      subject: BILLING.id,
      time: '2026-11-23T09:00:00.000Z',
      datacontenttype: 'application/json',
    });
    expect(eventOf(corrected())).toEqual(eventOf(corrected()));
  });

  it.each([
    ['of a code with an id', codeOutcome(), '7fb334b0-0000-4000-8000-000000000001'],
    [
      'of a code without',
      codeOutcome({ code: { id: null, name: 'N\n', from: null } }),
      'N<U+000A LINE FEED>',
    ],
    ['of a run', completed(), 'run-1'],
  ])('%s says whose it is', (_name, entry, subject) => {
    expect(eventOf(entry).subject).toBe(subject);
  });

  it('of a correction says everything that is promised, and nothing else', () => {
    expect(dataOf(corrected())).toEqual({
      event_id: `evt_00000007${'a'.repeat(24)}`,
      timestamp: '2026-11-23T09:00:00.000Z',
      audit_log:
        'Billing EN: codes added: Escalated; after-call work set to MANDATORY_TIMEOUT 45 s, because jane@example.com changed it at 2026-11-23T08:12:00Z; policy billing (policies/billing.yaml:12); a read afterwards showed it as the policies want it.',
      run: 'run-1',
      plan_digest: `sha256:${'b'.repeat(64)}`,
      journal: { seq: 7, hash: hashOf(7) },
      queue_id: BILLING.id,
      queue_name: 'Billing EN',
      division: 'Retail',
      sequence: 1,
      cause: 'drift',
      latency_ms: 812,
      compliance_met: true,
      before: {
        after_call_work: { prompt: 'OPTIONAL', timeout_ms: null },
        wrapup_codes: [{ id: '7fb334b0-0000-4000-8000-000000000001', name: 'Resolved' }],
      },
      after: {
        after_call_work: { prompt: 'MANDATORY_TIMEOUT', timeout_ms: 45_000 },
        wrapup_codes: [
          { id: '7fb334b0-0000-4000-8000-000000000001', name: 'Resolved' },
          { id: '7fb334b0-0000-4000-8000-000000000002', name: 'Escalated' },
        ],
      },
      policies: [{ name: 'billing', file: 'policies/billing.yaml', line: 12 }],
      commit: '4f6c0b1e5f5f0c4de4d6d3f2b0a6f3ad5a2c1e77',
      commit_author: 'Jane Doe <jane@example.com>',
      changed_by: {
        by: 'exact',
        kind: 'user',
        id: 'u-1',
        name: 'jane@example.com',
        at: '2026-11-23T08:12:00Z',
        action: 'WrapupCodeRemove',
      },
    });
  });

  it('of a failure says how far it came', () => {
    const entry = corrected({ outcome: 'stale', reason: 'Jo was faster', compliant: false });
    expect(dataOf(entry)).toMatchObject({
      compliance_met: false,
      outcome: 'stale',
      reason: 'Jo was faster',
      steps: [
        { action: 'add-codes', detail: 'Escalated', result: 'applied', correlation_id: 'c-1' },
        {},
      ],
      correlation_id: 'c-2',
    });
  });

  it('of a settled intent says what it rests on, and claims no steps', () => {
    expect(dataOf(settled({ verdict: 'partial', corrects: 5 }))).toMatchObject({
      latency_ms: null,
      verdict: 'partial',
      evidence: { read: 'after', read_at: '2026-11-23T09:01:00Z', audit: 'ours' },
      settles: { run: 'run-1', intent: 1, corrects: 5 },
      outcome: null,
      steps: null,
      changed_by: { by: 'unknown' },
    });
  });

  it('of a code says its names', () => {
    expect(dataOf(codeSettled())).toMatchObject({
      code_id: '7fb334b0-0000-4000-8000-000000000001',
      code_name: 'Resolved',
      previous_name: 'Solved',
      settles: { run: 'run-1', intent: 3, corrects: null },
    });
  });

  it('of a run says how it ended', () => {
    expect(dataOf(completed())).toMatchObject({
      outcome: 'partial',
      summary: { applied: 3, in_sync: 1, failed: 1, stale: 0, held: 2, not_attempted: 0 },
      requests: { sent: 40, retried: 2, throttled: 0 },
    });
    expect(dataOf(refused())).toMatchObject({
      outcome: 'refused',
      guards: [{ measure: 'codesRemoved', worst: [{ queue: 'Billing EN', count: 12 }] }],
    });
  });

  it('of drift says what would change', () => {
    expect(dataOf(drifted())).toMatchObject({
      compliance_met: false,
      change: {
        after_call_work: {
          from: { prompt: 'OPTIONAL', timeout_ms: null },
          to: { prompt: 'MANDATORY_TIMEOUT', timeout_ms: 45_000 },
        },
        wrapup_codes: { add: [{ name: 'Escalated' }], update: [], remove: [], unchanged: 1 },
      },
    });
  });

  it('tells the row of a code where there is one', () => {
    const codes = [
      { id: codeId('a'), name: 'A', requirement: requirementOf((name) => name === 'postCallWork') },
      { id: codeId('b'), name: 'B', requirement: null },
    ];
    const event = eventOf(corrected({ before: { ...BEFORE, wrapupCodes: codes } }));
    expectValid(event);
    expect(event.data).toMatchObject({
      before: {
        wrapup_codes: [
          { requirement: { required: false, bypass: { transfer: false, post_call_work: true } } },
          { requirement: null },
        ],
      },
    });
  });

  it('is refused for a record that has none', () => {
    expect(() => eventOf(corrected({ outcome: 'in-sync', steps: [] }))).toThrow('has no event');
  });
});

const sizeOf = (event: CloudEvent): number => Buffer.byteLength(JSON.stringify(event));

describe('a large record', () => {
  const codes = Array.from({ length: 500 }, (_, at) => ({
    id: codeId(`7fb334b0-0000-4000-8000-${String(at).padStart(12, '0')}`),
    name: `Reason number ${at}`,
  }));

  it('keeps what fits, and says how much it left out', () => {
    const snapshot = { ...BEFORE, wrapupCodes: codes };
    const event = eventOf(corrected({ before: snapshot, after: snapshot }));
    expectValid(event);
    expect(sizeOf(event)).toBeLessThanOrEqual(MAX_BODY_BYTES);
    expect(event.data).toMatchObject({
      before: { wrapup_codes: { count: 500, left_out: 450 } },
      policies: [{ name: 'billing' }],
    });
    const { before } = event.data as { before: { wrapup_codes: { codes: unknown[] } } };
    expect(before.wrapup_codes.codes).toHaveLength(50);
    expect(before.wrapup_codes.codes[0]).toEqual(codes[0]);
  });

  it('stands in full where it fits', () => {
    const some = { ...BEFORE, wrapupCodes: codes.slice(0, 80) };
    expect(dataOf(corrected({ before: some, after: some }))).toMatchObject({
      before: { wrapup_codes: codes.slice(0, 80) },
    });
  });

  it('fits whatever there is', () => {
    const long = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }).map((text) => text.repeat(600)),
    );
    const many = fc.constantFrom(0, 1, 3, 9, 200);
    fc.assert(
      fc.property(long, many, (text, count) => {
        const list = Array.from({ length: count }, () => ({ id: codeId(text), name: text }));
        const place = { name: text, file: text, line: 1 };
        const base = {
          queue: { ...BILLING, name: text, division: text },
          policies: Array.from({ length: count }, () => place),
          before: { afterCallWork: { prompt: text, timeoutMs: 1 }, wrapupCodes: list },
          commitAuthor: text,
        };
        const by = {
          by: 'exact',
          kind: 'user',
          id: text,
          name: text,
          at: text,
          action: text,
        } as const;
        const steps = Array.from({ length: count + 1 }, () => ({
          ...added,
          detail: text,
          correlationId: text,
        }));
        const outcome = { ...base, after: base.before, reason: text, steps, changedBy: by };
        const guard = { ...refused().guards[0], measure: text, limit: text };
        const worst = Array.from({ length: count }, () => ({ queue: text, count }));
        for (const entry of [
          corrected({ ...outcome, outcome: 'failed' }),
          corrected(outcome),
          settled({
            ...base,
            verdict: 'partial',
            evidence: { ...settled().evidence, words: text },
          }),
          drifted({
            ...base,
            changedBy: by,
            reason: text,
            change: { wrapupCodes: { add: list, remove: list, unchanged: 0 } },
          }),
          codeOutcome({ code: { id: null, name: text, from: text }, commitAuthor: text }),
          refused({ guards: Array.from({ length: count }, () => ({ ...guard, worst }) as never) }),
        ]) {
          const event = eventOf(entry);
          expect(sizeOf(event)).toBeLessThanOrEqual(MAX_BODY_BYTES);
          expect(isEvent(JSON.parse(JSON.stringify(event)))).toBe(true);
          JSON.stringify(event, (_key, value: unknown) => {
            if (typeof value === 'string') expect(value).not.toMatch(/[\p{Cc}\u202E]/u);
            return value;
          });
        }
      }),
      { numRuns: 15, endOnFailure: true },
    );
  });
});

describe('the schema of events', () => {
  it('is what `npm run generate` writes', async () => {
    const file = new URL('../../schemas/event.schema.json', import.meta.url);
    expect(await readFile(file, 'utf8')).toBe(generatedEventSchema());
  });

  it('describes every key', () => {
    const undescribed: string[] = [];
    const visit = (schema: unknown, path: string): void => {
      if (typeof schema !== 'object' || schema === null) return;
      for (const [key, value] of Object.entries(schema)) {
        if (key === 'properties') {
          for (const [name, each] of Object.entries(
            value as Record<string, { description?: string }>,
          ))
            if ((each.description ?? '') === '') undescribed.push(`${path}.${name}`);
        }
        visit(value, `${path}/${key}`);
      }
    };
    visit(eventJsonSchema(), '');
    expect(undescribed).toEqual([]);
  });

  it.each<[string, (event: Record<string, unknown>) => unknown]>([
    ['another type', (event) => ({ ...event, type: 'wrapkeeper.queue.mended' })],
    ['data of another type', (event) => ({ ...event, type: 'wrapkeeper.run.completed' })],
    ['no id', ({ id: _id, ...event }) => event],
    ['no time', (event) => ({ ...event, time: 'yesterday' })],
  ])('refuses %s', (_name, change) => {
    const sent = JSON.parse(JSON.stringify(eventOf(corrected()))) as Record<string, unknown>;
    expect(isEvent(sent)).toBe(true);
    expect(isEvent(change(sent))).toBe(false);
  });

  it('bears keys that it does not know', () => {
    expect(isEvent({ ...eventOf(corrected()), added: true })).toBe(true);
  });
});
