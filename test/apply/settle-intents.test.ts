/** What became of changes whose run ended before it could tell. */
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.js';
import type { JournalEntry } from '../../src/domain/journal.js';
import type { OwnChanges } from '../../src/apply/ports.js';
import { FakeClock } from '../support/fake-clock.js';
import { MemoryJournal } from '../support/memory-journal.js';
import { MemoryOrg } from '../support/memory-org.js';
import type { Behaviour } from '../support/memory-org.js';
import { applyOver } from '../support/pass.js';
import { catalog, policy, policySet } from '../support/policy-set.js';

const WANTS_A = policySet(policy('p', { codes: { codes: ['A'] }, work: 'MANDATORY' }));
const NOBODY = policySet();

/** A run that can write its intents, and is gone before it can write anything else. */
const dies = (entries: readonly JournalEntry[]): void => {
  if (entries.some(({ kind }) => kind.endsWith('outcome') || kind.startsWith('run.c')))
    throw new AppError('journal.unwritable', 'It is dead.');
};

const OURS: OwnChanges = { kind: 'known', ours: ['WrapupCodeAdd'], others: [] };
const OTHERS: OwnChanges = { kind: 'known', ours: [], others: ['WrapupCodeAdd'] };
const NO_CHANGES: OwnChanges = { kind: 'known', ours: [], others: [] };
const UNKNOWN: OwnChanges = { kind: 'unknown', why: 'the audit service could not be asked' };

/** A queue with code B and no prompt, and an apply that died after so many of its three writes. */
const afterDeath = async ({
  writes,
  audit,
  since = () => undefined,
  late = {},
}: {
  readonly writes: number;
  readonly audit: OwnChanges;
  /** What happens before the next run. */
  readonly since?: (org: MemoryOrg) => void;
  readonly late?: Partial<Behaviour>;
}) => {
  const clock = new FakeClock();
  const journal = new MemoryJournal(clock);
  let left = writes;
  const dead = new AppError('genesys.forbidden', 'It is dead.');
  let isAlive = false;
  const org = new MemoryOrg(
    { codes: ['A', 'B', 'C'], queues: [{ name: 'One', codes: ['B'], prompt: 'OPTIONAL' }] },
    clock,
    {
      ownChanges: () => audit,
      ...late,
      onRequest: (request, found) => {
        const isWrite = ['addCodes', 'updateAfterCallWork', 'removeCode'].includes(request.action);
        if (isAlive || !isWrite) return isAlive ? late.onRequest?.(request, found) : undefined;
        left -= 1;
        return left < 0 ? { refuse: dead } : undefined;
      },
    },
  );
  journal.beforeAppend = dies;
  await applyOver(org, WANTS_A, { request: { journal, run: 'dead' } });
  expect(journal.openIntents).toHaveLength(1);
  isAlive = true;
  journal.beforeAppend = () => undefined;
  since(org);
  return { org, journal, clock };
};

describe('a queue', () => {
  it.each([
    // writes that came through, what the audit log shows, reading, verdict
    [3, OURS, 'after', 'applied'],
    [3, NO_CHANGES, 'after', 'applied'],
    [3, UNKNOWN, 'after', 'applied'],
    [3, OTHERS, 'after', 'unknown'],
    [1, OURS, 'between', 'partial'],
    [2, UNKNOWN, 'between', 'partial'],
    [1, OTHERS, 'between', 'unknown'],
    [0, NO_CHANGES, 'before', 'not-applied'],
    [0, UNKNOWN, 'before', 'not-applied'],
    [0, OTHERS, 'before', 'not-applied'],
    [0, OURS, 'before', 'unknown'],
  ] as const)('after %i writes, audit %j: reads %s, %s', async (writes, audit, read, verdict) => {
    const { org, journal, clock } = await afterDeath({ writes, audit });
    const before = clock.now();
    const { report } = await applyOver(org, NOBODY, { request: { journal, run: 'next' } });
    expect(journal.openIntents).toEqual([]);
    const [settled, ...others] = journal.of('queue.settled');
    expect(others).toEqual([]);
    expect(settled).toMatchObject({
      run: 'next',
      of: 'dead',
      intent: 2,
      verdict,
      evidence: { read },
      corrects: null,
      compliant: verdict === 'applied',
      sequence: verdict === 'not-applied' ? 0 : 1,
    });
    expect(report.diagnostics.map(({ code }) => code)).toContain('journal.settled');
    // Reads were the same for as long as they may lag.
    expect(clock.now() - before).toBeGreaterThanOrEqual(10_000);
  });

  it.each([
    [
      'other',
      (org: MemoryOrg) =>
        org.edit('One', {
          raw: { acwSettings: { wrapupPrompt: 'AGENT_REQUESTED', timeoutMs: 5000 } },
        }),
    ],
    ['gone', (org: MemoryOrg) => org.deleteQueue('One')],
  ] as const)('that is %s is not guessed about', async (read, since) => {
    const { org, journal } = await afterDeath({ writes: 2, audit: OURS, since });
    await applyOver(org, NOBODY, { request: { journal, run: 'next' } });
    expect(journal.of('queue.settled')).toMatchObject([{ verdict: 'unknown', evidence: { read } }]);
  });

  it('that cannot be read is unknown, and stops nothing', async () => {
    const { org, journal } = await afterDeath({
      writes: 1,
      audit: UNKNOWN,
      late: {
        onRequest: ({ action }) =>
          action === 'queueDocument'
            ? { refuse: new AppError('genesys.unavailable', 'Try later.') }
            : undefined,
      },
    });
    const { report } = await applyOver(org, NOBODY, { request: { journal, run: 'next' } });
    expect(report.outcome).toBe('nothing');
    expect(journal.of('queue.settled')).toMatchObject([
      { verdict: 'unknown', evidence: { read: 'unread', audit: 'unavailable' } },
    ]);
  });

  it('is settled before the run that corrects it, which goes on from there', async () => {
    const { org, journal } = await afterDeath({ writes: 1, audit: OURS });
    const { report } = await applyOver(org, WANTS_A, { request: { journal, run: 'next' } });
    expect(report.outcome).toBe('applied');
    expect(journal.records.map(({ kind }) => kind).slice(2)).toEqual([
      'queue.settled',
      'run.started',
      'queue.intent',
      'queue.outcome',
      'run.completed',
    ]);
    expect(journal.of('queue.settled', 'queue.outcome').map(({ sequence }) => sequence)).toEqual([
      1, 2,
    ]);
  });

  it('that changes later than anybody waited for is corrected', async () => {
    const { org, journal } = await afterDeath({ writes: 0, audit: NO_CHANGES });
    await applyOver(org, NOBODY, { request: { journal, run: 'next' } });
    expect(journal.of('queue.settled')).toMatchObject([{ verdict: 'not-applied' }]);
    // The write comes through after all.
    org.edit('One', {
      raw: { acwSettings: { wrapupPrompt: 'MANDATORY' } },
      add: ['A'],
      remove: ['B'],
    });
    const { report } = await applyOver(org, WANTS_A, { request: { journal, run: 'third' } });
    const [first, second, ...more] = journal.of('queue.settled');
    expect(more).toEqual([]);
    expect(second).toMatchObject({
      run: 'third',
      of: 'dead',
      verdict: 'applied',
      corrects: first?.seq,
      evidence: { read: 'after' },
      sequence: 1,
    });
    expect(report.diagnostics.map(({ message }) => message).join()).toContain('not as it was told');
    await applyOver(org, WANTS_A, { request: { journal, run: 'fourth' } });
    expect(journal.of('queue.settled')).toHaveLength(2);
  });

  it('that somebody keeps changing is not waited for without end', async () => {
    let edits = 0;
    const { org, journal } = await afterDeath({
      writes: 0,
      audit: OURS,
      late: {
        onRequest: ({ action }, found) => {
          edits += 1;
          if (action === 'queueDocument')
            found.edit('One', edits % 2 === 0 ? { add: ['C'] } : { remove: ['C'] });
          return undefined;
        },
      },
    });
    await applyOver(org, NOBODY, { request: { journal, run: 'next' } });
    expect(journal.of('queue.settled')).toMatchObject([{ verdict: 'unknown' }]);
  });
});

it('a queue of which its own run could not tell is looked at by the next', async () => {
  const clock = new FakeClock();
  const journal = new MemoryJournal(clock);
  let isAlive = false;
  let isLost = false;
  const org = new MemoryOrg({ codes: ['A'], queues: [{ name: 'One', codes: [] }] }, clock, {
    onRequest: ({ action }) => {
      if (isAlive) return undefined;
      if (action === 'addCodes') {
        isLost = true;
        return { lost: 'after' };
      }
      return isLost && action === 'queueCodes'
        ? { refuse: new AppError('genesys.unavailable', 'Try later.') }
        : undefined;
    },
  });
  const set = policySet(policy('p', { codes: { codes: ['A'] } }));
  await applyOver(org, set, { request: { journal, run: 'first' } });
  expect(journal.of('queue.outcome')).toMatchObject([
    { outcome: 'failed', steps: [{ result: 'unknown' }] },
  ]);
  expect(journal.openIntents).toHaveLength(1);
  isAlive = true;
  await applyOver(org, set, { request: { journal, run: 'next' } });
  expect(journal.of('queue.settled')).toMatchObject([
    { verdict: 'applied', of: 'first', compliant: true, sequence: 2 },
  ]);
  expect(journal.openIntents).toEqual([]);
});

describe('hundreds of queues', () => {
  /** All intents of forty queues, and a run that died at its first write. */
  const afterDeathOfMany = async (signal?: AbortSignal) => {
    const clock = new FakeClock();
    const journal = new MemoryJournal(clock, { wantsAllIntents: true });
    const asked: string[] = [];
    let isAlive = false;
    const org = new MemoryOrg(
      {
        codes: ['A', 'B'],
        queues: Array.from({ length: 40 }, (_, n) => ({ name: `Queue ${n}`, codes: ['B'] })),
      },
      clock,
      {
        onRequest: ({ action, queue }, found) => {
          if (action === 'ownChanges' && queue !== null) asked.push(queue);
          const isWrite = action === 'addCodes' || action === 'removeCode';
          const isFirst = queue === found.queue('Queue 0').id;
          return isWrite && !isAlive && !isFirst
            ? { refuse: new AppError('genesys.forbidden', 'It is dead.') }
            : undefined;
        },
      },
    );
    journal.beforeAppend = dies;
    const set = policySet(policy('p', { codes: { codes: ['A'] } }));
    await applyOver(org, set, { request: { journal, run: 'dead' } });
    expect(journal.openIntents).toHaveLength(40);
    isAlive = true;
    journal.beforeAppend = () => undefined;
    const before = clock.now();
    await applyOver(org, NOBODY, {
      request: { journal, run: 'next', ...(signal !== undefined && { signal }) },
    });
    return { journal, asked, waitedMs: clock.now() - before, first: org.queue('Queue 0').id };
  };

  it('wait once, all together, and the audit log is asked where it matters', async () => {
    const { journal, asked, waitedMs, first } = await afterDeathOfMany();
    expect(journal.openIntents).toEqual([]);
    expect(waitedMs).toBe(10_000);
    expect(asked).toHaveLength(25);
    expect(asked).toContain(first);
    const settled = journal.of('queue.settled');
    expect(
      settled.filter(({ verdict }) => verdict === 'applied').map(({ queue }) => queue.id),
    ).toEqual([first]);
    expect(settled.filter(({ evidence }) => evidence.audit === 'not-asked')).toHaveLength(15);
  });

  it('stay open when somebody cannot wait', async () => {
    const { journal } = await afterDeathOfMany(AbortSignal.abort('SIGTERM'));
    expect(journal.of('queue.settled')).toEqual([]);
    expect(journal.openIntents).toHaveLength(40);
  });
});

describe('a code', () => {
  const CREATES = policySet(
    catalog([{ name: 'N' }, { name: 'B2', previously: 'B' }], { create: true }),
    policy('p', { codes: { unlisted: 'keep', codes: ['N'] } }),
  );

  it.each([true, false])('came about or not (%s): one question tells', async (didHappen) => {
    const clock = new FakeClock();
    const journal = new MemoryJournal(clock);
    let isAlive = false;
    const org = new MemoryOrg(
      { codes: ['A', 'B'], queues: [{ name: 'One', codes: ['B'] }] },
      clock,
      {
        onRequest: ({ action }) =>
          !isAlive && !didHappen && ['createCode', 'renameCode', 'addCodes'].includes(action)
            ? { refuse: new AppError('genesys.forbidden', 'It is dead.') }
            : undefined,
      },
    );
    journal.beforeAppend = dies;
    await applyOver(org, CREATES, { request: { journal, run: 'dead' } });
    isAlive = true;
    journal.beforeAppend = () => undefined;
    await applyOver(org, NOBODY, { request: { journal, run: 'next' } });
    const verdict = didHappen ? 'applied' : 'not-applied';
    expect(
      journal.of('code.settled').map(({ code, verdict: found }) => [code.name, found]),
    ).toEqual([
      ['B2', verdict],
      ['N', verdict],
    ]);
    expect(journal.openIntents).toEqual([]);
  });

  it('of which the run itself could not tell is settled by the next', async () => {
    const clock = new FakeClock();
    const journal = new MemoryJournal(clock);
    let isAlive = false;
    const org = new MemoryOrg({ codes: ['A'], queues: [{ name: 'One', codes: ['A'] }] }, clock, {
      onRequest: ({ action }) => {
        if (isAlive) return undefined;
        if (action === 'createCode') return { lost: 'after' };
        return action === 'findCodes'
          ? { refuse: new AppError('genesys.unavailable', 'Try later.') }
          : undefined;
      },
    });
    await applyOver(
      org,
      policySet(
        catalog([{ name: 'N' }], { create: true }),
        policy('p', { codes: { codes: ['N'] } }),
      ),
      { request: { journal, run: 'first' } },
    );
    expect(journal.of('code.outcome')).toMatchObject([{ outcome: 'failed', isKnown: false }]);
    expect(journal.openIntents).toHaveLength(1);
    isAlive = true;
    await applyOver(org, NOBODY, { request: { journal, run: 'next' } });
    expect(journal.of('code.settled')).toMatchObject([
      { verdict: 'applied', of: 'first', code: { name: 'N', id: org.codeId('N') } },
    ]);
  });
});
