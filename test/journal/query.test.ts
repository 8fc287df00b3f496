/** Lists of a journal in a folder, on a real disk. */
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { auditTypeOf, isListed, RECORD_KINDS } from '../../src/domain/audit.js';
import type { AuditRow, Break } from '../../src/domain/audit.js';
import { queueId } from '../../src/domain/ids.js';
import type { DeliveryAttempted, JournalEntry } from '../../src/domain/journal.js';
import { Journal } from '../../src/journal/journal.js';
import { queryJournal } from '../../src/journal/query.js';
import type { AuditQuery } from '../../src/journal/query.js';
import { SEGMENT_BYTES } from '../../src/journal/segments.js';
import { EVERY_RECORD, intent, started } from '../support/every-record.js';
import { FakeClock, NOW } from '../support/fake-clock.js';
import {
  BILLING,
  codeOutcome,
  completed,
  corrected,
  delivery,
  drifted,
  refused,
  settled,
  told,
} from '../support/records.js';

const ALL: AuditQuery = {
  since: null,
  until: null,
  queues: [],
  types: [],
  run: null,
  undelivered: false,
  limit: null,
};

const emptyFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'wrapkeeper-query-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

/** A journal with these entries, a second apart. */
const written = async (...entries: readonly JournalEntry[]): Promise<string> => {
  const folder = await emptyFolder();
  const clock = new FakeClock();
  const { journal } = await Journal.open({ folder, clock, keepMs: null });
  for (const entry of entries) {
    await journal.append([entry]);
    clock.advance(1_000);
  }
  await journal.close();
  return folder;
};

interface Answer {
  readonly rows: readonly AuditRow[];
  readonly more: number;
  readonly isEmpty: boolean;
  readonly broken: Break | null;
}

const list = async (folder: string, query: Partial<AuditQuery> = {}): Promise<Answer> => {
  const rows: AuditRow[] = [];
  for await (const listed of await queryJournal(folder, { ...ALL, ...query })) {
    if (listed.kind === 'row') rows.push(listed);
    else return { rows, more: listed.more, isEmpty: listed.isEmpty, broken: listed.broken };
  }
  throw new Error('a list without an end');
};

const seqs = async (folder: string, query: Partial<AuditQuery> = {}): Promise<readonly number[]> =>
  (await list(folder, query)).rows.map(({ record }) => record.seq);

const fileOf = async (folder: string, at = 0): Promise<string> =>
  join(folder, (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort()[at] ?? '');

const SALES = {
  id: queueId('9d1e0000-0000-4000-8000-000000000002'),
  name: 'Sales',
  division: 'Retail',
};

describe('what is listed', () => {
  it('is every record with an event, who began the run, and what others told; oldest first', async () => {
    const folder = await written(...Object.values(EVERY_RECORD));
    const { rows, more, broken } = await list(folder);
    expect(rows.map(({ record }) => auditTypeOf(record))).toEqual([
      'run.started',
      'wrapkeeper.queue.corrected',
      'wrapkeeper.queue.corrected',
      'wrapkeeper.code.created',
      'wrapkeeper.code.renamed',
      'wrapkeeper.drift.detected',
      'wrapkeeper.run.completed',
      'wrapkeeper.run.refused',
      'external',
    ]);
    expect({ more, broken }).toEqual({ more: 0, broken: null });
    const [line = ''] = (await readFile(await fileOf(folder), 'utf8')).split('\n');
    expect(JSON.stringify(rows[0]?.record)).toBe(line);
  });

  it.each(Object.values(EVERY_RECORD).map((entry) => [entry.kind, entry] as const))(
    'includes %s where somebody asks for that kind by its whole name',
    async (kind, entry) => {
      expect(RECORD_KINDS).toContain(kind);
      const folder = await written(codeOutcome(), entry);
      expect(await seqs(folder, { types: [kind] })).toContain(2);
      // A pattern is no wish for bookkeeping.
      expect(await seqs(folder, { types: [`${kind.slice(0, -1)}*`] })).toEqual(
        isListed(entry) && auditTypeOf(entry).endsWith(kind) ? [2] : [],
      );
    },
  );

  it('is nothing where there is no journal, and where there is no folder', async () => {
    const nothing = { rows: [], more: 0, isEmpty: true, broken: null };
    const folder = await emptyFolder();
    expect(await list(folder, { queues: ['X'], run: 'r' })).toEqual(nothing);
    expect(await list(join(folder, 'not-there'))).toEqual(nothing);
  });

  it('is cut to the newest', async () => {
    const folder = await written(
      ...Array.from({ length: 10 }, (_, n) => completed({ run: `r${n}` })),
    );
    expect(await seqs(folder, { limit: 3 })).toEqual([8, 9, 10]);
    expect(await list(folder, { limit: 3 })).toMatchObject({ more: 7 });
    expect(await seqs(folder, { limit: 10 })).toHaveLength(10);
    expect(await list(folder, { limit: 99 })).toMatchObject({ more: 0 });
  });

  it('knows of each row who began its run, and how it ended', async () => {
    const folder = await written(
      started({ run: 'run-1', actor: 'ann' }),
      corrected({ run: 'run-1' }),
      completed({ run: 'run-1', outcome: 'applied' }),
      corrected({ run: 'run-2' }),
      started({ run: 'run-3', actor: 'joe' }),
      refused({ run: 'run-3' }),
    );
    const { rows } = await list(folder, { limit: 9 });
    expect(rows.map(({ run }) => [run?.id, run?.started?.actor ?? null, run?.outcome])).toEqual([
      ['run-1', 'ann', 'applied'],
      ['run-1', 'ann', 'applied'],
      ['run-1', 'ann', 'applied'],
      ['run-2', null, null],
      ['run-3', 'joe', 'refused'],
      ['run-3', 'joe', 'refused'],
    ]);
  });
});

describe('choosing', () => {
  it('by time, both ends included', async () => {
    const folder = await written(...[1, 2, 3, 4].map((n) => completed({ run: `r${n}` })));
    expect(await seqs(folder, { since: NOW + 1_000, until: NOW + 2_000 })).toEqual([2, 3]);
    expect(await seqs(folder, { since: NOW + 1_001 })).toEqual([3, 4]);
    expect(await seqs(folder, { until: NOW - 1 })).toEqual([]);
  });

  it('by type, whole names and patterns', async () => {
    const folder = await written(...Object.values(EVERY_RECORD));
    const kinds = async (...types: readonly string[]): Promise<readonly string[]> =>
      (await list(folder, { types })).rows.map(({ record }) => record.kind);
    for (const type of ['wrapkeeper.code.*', 'code.*', 'code.created'])
      expect(await kinds(type)).toContain('code.outcome');
    expect(await kinds('code.*')).toEqual(['code.outcome', 'code.settled']);
    expect(await kinds('run.*')).toEqual(['run.started', 'run.completed', 'run.refused']);
    expect(await kinds('run.started', 'wrapkeeper.run.refused')).toEqual([
      'run.started',
      'run.refused',
    ]);
  });

  const renamed = (): Promise<string> =>
    written(
      corrected({ sequence: 1 }),
      corrected({ queue: SALES }),
      corrected({ queue: { ...BILLING, name: 'Invoices EN' }, sequence: 2 }),
      codeOutcome(),
      drifted({ queue: { ...BILLING, name: 'Accounts EN' } }),
      completed(),
    );

  it.each([
    [['Billing EN'], [1, 3, 5]],
    [['Invoices *'], [1, 3, 5]],
    [['Acc*EN'], [1, 3, 5]],
    [[BILLING.id], [1, 3, 5]],
    [[BILLING.id.toUpperCase()], [1, 3, 5]],
    [['Sales'], [2]],
    [
      ['Sales', 'Invoices EN'],
      [1, 2, 3, 5],
    ],
  ])('by queue, whatever it was called then: %j', async (queues, expected) => {
    expect(await seqs(await renamed(), { queues })).toEqual(expected);
  });

  it('by the name of an intent alone, too', async () => {
    const folder = await written(intent({ queue: { ...BILLING, name: 'Once' } }), corrected());
    expect(await seqs(folder, { queues: ['Once'] })).toEqual([2]);
  });

  it('by queue, also what another system told of it, whatever name that gave', async () => {
    const folder = await written(
      corrected(),
      told({ queue_id: BILLING.id.toUpperCase(), queue_name: 'Their Billing' }),
      corrected({ queue: SALES }),
      told({ queue_id: 'of-another-kind', queue_name: 'Billing EN' }),
      told({ queue_id: 'of-another-kind', queue_name: null }),
    );
    expect(await seqs(folder, { queues: [BILLING.id] })).toEqual([1, 2]);
    expect(await seqs(folder, { queues: ['Billing EN'] })).toEqual([1, 2, 4]);
    expect(await seqs(folder, { queues: ['of-another-kind'] })).toEqual([4, 5]);
    // Its word for a queue chooses none of our own records.
    expect(await seqs(folder, { queues: ['Their *'] })).toEqual([2]);
    expect(await seqs(folder, { types: ['external'] })).toEqual([2, 4, 5]);
  });

  it('by run and by what is undelivered leaves out what others told', async () => {
    const folder = await written(
      { kind: 'sink.added', sink: 'reporting', events: ['*'] },
      corrected({ run: 'aa' }),
      told(),
      completed({ run: 'aa' }),
    );
    expect(await seqs(folder)).toEqual([2, 3, 4]);
    expect(await seqs(folder, { run: 'aa' })).toEqual([2, 4]);
    expect(await seqs(folder, { undelivered: true })).toEqual([2, 4]);
    expect((await list(folder)).rows.map(({ run }) => run?.id ?? null)).toEqual(['aa', null, 'aa']);
  });

  it('by a queue that is not there is an error, not a list of nothing', async () => {
    const folder = await renamed();
    await expect(list(folder, { queues: ['Sales', 'Biling EN'] })).rejects.toMatchObject({
      code: 'cli.usage',
      message: '--queue "Biling EN" matches no queue that the journal knows.',
      diagnostics: [{ remedy: 'Did you mean "Billing EN"?' }],
    });
  });

  it('by run: its id, the beginning of it, and the verdicts of later runs on it', async () => {
    const folder = await written(
      completed({ run: 'aa1' }),
      completed({ run: 'aa12' }),
      completed({ run: 'bb' }),
      settled({ run: 'cc', of: 'bb' }),
    );
    expect(await seqs(folder, { run: 'aa1' })).toEqual([1]);
    expect(await seqs(folder, { run: 'aa12' })).toEqual([2]);
    expect(await seqs(folder, { run: 'b' })).toEqual([3, 4]);
    await expect(list(folder, { run: 'aa' })).rejects.toMatchObject({
      code: 'cli.usage',
      message: '--run "aa" is the beginning of 2 runs: "aa1", "aa12".',
    });
    await expect(list(folder, { run: 'zz' })).rejects.toMatchObject({ code: 'audit.unknown-run' });
  });
});

describe('deliveries', () => {
  const sink = (name: string, ...events: readonly string[]): JournalEntry => ({
    kind: 'sink.added',
    sink: name,
    events,
  });
  const failed = (changes: Partial<DeliveryAttempted>): JournalEntry =>
    delivery({
      result: 'failed',
      status: 503,
      why: '503 Service Unavailable',
      nextAt: '2026-11-23T10:00:00.000Z',
      ...changes,
    });

  it('tell of each event how far it is on its way to every sink that asks for it', async () => {
    const folder = await written(
      sink('ops', 'wrapkeeper.queue.corrected'),
      sink('reporting', '*'),
      corrected(),
      completed(),
      delivery({ sink: 'ops', of: 3 }),
      failed({ of: 3, attempt: 1 }),
      failed({ of: 3, attempt: 2, why: 'no answer' }),
    );
    const { rows } = await list(folder);
    expect(rows.map(({ deliveries }) => deliveries)).toEqual([
      [
        { sink: 'ops', state: 'delivered', attempts: 1, nextAt: null, why: null },
        {
          sink: 'reporting',
          state: 'pending',
          attempts: 2,
          nextAt: '2026-11-23T10:00:00.000Z',
          why: 'no answer',
        },
      ],
      [{ sink: 'reporting', state: 'pending', attempts: 0, nextAt: null, why: null }],
    ]);
    expect(await seqs(folder, { undelivered: true })).toEqual([3, 4]);
  });

  it('tell what was given up, and which receiver is gone', async () => {
    const folder = await written(
      sink('a', '*'),
      sink('b', '*'),
      corrected(),
      failed({ sink: 'a', of: 3, attempt: 12, result: 'given-up', nextAt: null }),
      failed({ sink: 'b', of: 3, status: 410, why: '410 Gone', result: 'disabled', nextAt: null }),
    );
    expect((await list(folder)).rows[0]?.deliveries).toEqual([
      { sink: 'a', state: 'given-up', attempts: 12, nextAt: null, why: '503 Service Unavailable' },
      { sink: 'b', state: 'disabled', attempts: 1, nextAt: null, why: '410 Gone' },
    ]);
  });

  it('are over once delivered, and begin anew when somebody asks again', async () => {
    const event = {
      seq: 2,
      type: 'wrapkeeper.queue.corrected',
      subject: BILLING.id,
      run: 'run-1',
    } as const;
    const entries = [
      sink('reporting', '*'),
      corrected(),
      failed({ of: 2 }),
      delivery({ of: 2, attempt: 2 }),
    ];
    const done = await written(...entries);
    expect((await list(done)).rows[0]?.deliveries).toEqual([
      { sink: 'reporting', state: 'delivered', attempts: 2, nextAt: null, why: null },
    ]);
    expect(await seqs(done, { undelivered: true })).toEqual([]);
    const again = await written(...entries, {
      kind: 'redelivery',
      sink: 'reporting',
      events: [event],
    });
    expect((await list(again)).rows[0]?.deliveries).toEqual([
      { sink: 'reporting', state: 'pending', attempts: 0, nextAt: null, why: null },
    ]);
  });

  it('forget why they failed when somebody asks again', async () => {
    const folder = await written(
      sink('reporting', '*'),
      corrected(),
      failed({ of: 2, attempt: 12, result: 'given-up', nextAt: null }),
      {
        kind: 'redelivery',
        sink: 'reporting',
        events: [{ seq: 2, type: 'wrapkeeper.queue.corrected', subject: BILLING.id, run: 'run-1' }],
      },
    );
    expect((await list(folder)).rows[0]?.deliveries).toEqual([
      { sink: 'reporting', state: 'pending', attempts: 0, nextAt: null, why: null },
    ]);
  });

  it('that nobody waits for any more are none', async () => {
    const folder = await written(sink('reporting', '*'), corrected(), {
      kind: 'sink.removed',
      sink: 'reporting',
      undelivered: 1,
    });
    expect((await list(folder)).rows[0]?.deliveries).toEqual([]);
    expect(await seqs(folder, { undelivered: true })).toEqual([]);
  });

  it('survive that older files are taken away', async () => {
    const folder = await emptyFolder();
    const clock = new FakeClock();
    const first = await Journal.open({ folder, clock, keepMs: null });
    await first.journal.append([sink('reporting', 'wrapkeeper.queue.corrected')]);
    for (let n = 0; n < 4; n += 1)
      await first.journal.append([completed({ planDigest: 'x'.repeat(SEGMENT_BYTES / 2) })]);
    await first.journal.append([corrected()]);
    await first.journal.close();
    clock.advance(100);
    const second = await Journal.open({ folder, clock, keepMs: 50 });
    await second.journal.append([completed()]);
    await second.journal.close();
    const { rows } = await list(folder);
    expect(rows[0]?.record.seq).toBeGreaterThan(1);
    expect(await seqs(folder, { undelivered: true })).toEqual([6]);
  });
});

describe('a journal that is not as it should be', () => {
  it('with a torn last line is listed up to there', async () => {
    const folder = await written(completed({ run: 'a' }), completed({ run: 'b' }));
    await appendFile(await fileOf(folder), '{"v":1,"seq":3,"at":"20');
    expect(await list(folder)).toMatchObject({ rows: [{}, {}], broken: null });
  });

  it('with a broken chain is listed up to there, and the place is told', async () => {
    const folder = await written(...['a', 'b', 'c', 'd'].map((run) => completed({ run })));
    const file = await fileOf(folder);
    await writeFile(file, (await readFile(file, 'utf8')).replace('"run":"b"', '"run":"x"'));
    const { rows, broken } = await list(folder);
    // The record itself is well formed: that it was altered shows in the next one.
    expect(rows.map(({ run }) => run?.id)).toEqual(['a', 'x']);
    expect(broken?.at).toBe(`${file}, line 3`);
    expect(broken?.fault).toBe('it does not hold the hash of the record before it');
  });

  it('that grows meanwhile is listed as it was', async () => {
    const folder = await written(completed({ run: 'a' }));
    const { journal } = await Journal.open({ folder, clock: new FakeClock(), keepMs: null });
    const rows = await queryJournal(folder, ALL);
    await journal.append([completed({ run: 'b' })]);
    const runs: (string | undefined)[] = [];
    for await (const listed of rows) if (listed.kind === 'row') runs.push(listed.run?.id);
    await journal.close();
    expect(runs).toEqual(['a']);
  });
});
