/** What a run writes down, and when: before it writes anything, and the truth about it afterwards. */
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.js';
import type { JournalEntry } from '../../src/domain/journal.js';
import type { PolicySet } from '../../src/policy/model.js';
import { FakeClock, NOW } from '../support/fake-clock.js';
import { MemoryJournal } from '../support/memory-journal.js';
import { MemoryOrg } from '../support/memory-org.js';
import type { Behaviour, OrgSeed } from '../support/memory-org.js';
import { applyOver, planOver } from '../support/pass.js';
import { catalog, policy, policySet, settings } from '../support/policy-set.js';

const SEED: OrgSeed = {
  codes: ['A', 'B'],
  queues: [
    { name: 'One', codes: ['B'] },
    { name: 'Two', codes: ['B'] },
  ],
};
const WANTS_A = policySet(policy('p', { codes: { codes: ['A'] } }));
const WRITES = new Set([
  'addCodes',
  'removeCode',
  'updateAfterCallWork',
  'createCode',
  'renameCode',
]);

const world = (behaviour: Partial<Behaviour> = {}, journalOptions = {}) => {
  const clock = new FakeClock();
  const journal = new MemoryJournal(clock, journalOptions);
  /** What stood in the journal when each write left. */
  const seen: { readonly action: string; readonly queue: string | null; readonly kinds: string }[] =
    [];
  const org = new MemoryOrg(SEED, clock, {
    ...behaviour,
    onRequest: (request, found) => {
      if (WRITES.has(request.action)) {
        const kinds = journal.records.map(({ kind }) => kind).join(' ');
        seen.push({ action: request.action, queue: request.queue, kinds });
      }
      return behaviour.onRequest?.(request, found);
    },
  });
  let runs = 0;
  const apply = (set: PolicySet, rest: Parameters<typeof applyOver>[2] = {}) => {
    runs += 1;
    const { request } = rest;
    return applyOver(org, set, { ...rest, request: { journal, run: `run-${runs}`, ...request } });
  };
  return { clock, journal, org, seen, apply };
};

const full = (): AppError =>
  new AppError('journal.unwritable', 'The journal folder cannot be used: the disk is full.');

const failOn =
  (...kinds: readonly JournalEntry['kind'][]) =>
  (entries: readonly JournalEntry[]): void => {
    if (entries.some(({ kind }) => kinds.includes(kind))) throw full();
  };

describe('a run', () => {
  it('writes nothing of which the journal does not know', async () => {
    const { apply, journal, seen } = world();
    const { report } = await apply(WANTS_A);
    expect(report.outcome).toBe('applied');
    expect(journal.records.map(({ kind }) => kind)).toEqual([
      'run.started',
      'queue.intent',
      'queue.intent',
      'queue.outcome',
      'queue.outcome',
      'run.completed',
    ]);
    expect(seen).toHaveLength(4);
    for (const { queue } of seen)
      expect(journal.of('queue.intent').some((intent) => intent.queue.id === queue)).toBe(true);
    expect(seen[0]?.kinds).toMatch(/^run\.started queue\.intent/);
    expect(report.journal).toEqual(journal.head);
  });

  it('keeps each queue as it was read before and after', async () => {
    const { apply, journal, org } = world();
    await apply(WANTS_A);
    const [outcome] = journal.of('queue.outcome');
    expect(outcome).toMatchObject({
      intent: 2,
      sequence: 1,
      cause: 'unknown',
      outcome: 'applied',
      compliant: true,
      before: { wrapupCodes: [{ name: 'B' }] },
      after: { wrapupCodes: [{ id: org.codeId('A'), name: 'A' }] },
      policies: [
        { name: 'p', file: 'policies/p.yaml', line: 20 },
        { name: 'p', file: 'policies/p.yaml', line: 30 },
      ],
    });
    expect(outcome?.steps.map(({ action }) => action)).toEqual(['add-codes', 'remove-code']);
  });

  it('says of what is held in part that it is not as wanted', async () => {
    const { apply, journal } = world();
    await apply(
      policySet(
        policy('p', { codes: { codes: ['A'] } }),
        policy('r', { work: 'MANDATORY', enforcement: 'report' }),
      ),
    );
    expect(journal.of('queue.outcome').map(({ compliant }) => compliant)).toEqual([false, false]);
    expect(journal.of('queue.intent').map(({ isWhole }) => isWhole)).toEqual([false, false]);
  });

  it('tells a failure, and what took effect before it', async () => {
    const { apply, journal } = world({
      onRequest: ({ action, nth }) =>
        action === 'removeCode' && nth === 1
          ? { refuse: new AppError('genesys.forbidden', 'No.') }
          : undefined,
    });
    const { report } = await apply(WANTS_A);
    expect(report.outcome).toBe('partial');
    expect(journal.of('queue.outcome')[0]).toMatchObject({
      outcome: 'failed',
      compliant: false,
      after: null,
      steps: [
        { action: 'add-codes', result: 'applied' },
        { action: 'remove-code', result: 'failed' },
      ],
    });
  });

  it('keeps why it was refused, and nothing else', async () => {
    const { apply, journal, seen } = world();
    const guards = settings().guards;
    const { report } = await apply(WANTS_A, {
      settings: settings({
        guards: { ...guards, codesRemoved: { percent: 0, count: 0, floor: 0 } },
      }),
    });
    expect(report.outcome).toBe('refused');
    expect(journal.records.map(({ kind }) => kind)).toEqual(['run.started', 'run.refused']);
    expect(report.journal).toEqual(journal.head);
    expect(seen).toEqual([]);
  });

  it('that nobody approved leaves no trace', async () => {
    const { apply, journal } = world();
    await apply(WANTS_A, { request: { approve: () => Promise.resolve(false) } });
    expect(journal.records).toEqual([]);
  });

  it('keeps codes that it creates and renames', async () => {
    const { apply, journal, seen } = world();
    await apply(
      policySet(
        catalog([{ name: 'N' }, { name: 'B2', previously: 'B' }], { create: true }),
        policy('p', { codes: { codes: ['N', 'B2'] } }),
      ),
    );
    expect(journal.of('code.intent').map(({ code, action }) => [action, code.name])).toEqual([
      ['rename', 'B2'],
      ['create', 'N'],
    ]);
    expect(
      journal.of('code.outcome').every(({ outcome, isKnown }) => outcome === 'applied' && isKnown),
    ).toBe(true);
    const created = journal.of('code.outcome').at(-1)?.code;
    expect(created).toMatchObject({ name: 'N', from: null });
    expect(created?.id).not.toBeNull();
    expect(seen[0]?.kinds).toBe('run.started code.intent');
  });
});

describe('a journal that cannot be written', () => {
  it('stops the run before its first write', async () => {
    const { apply, journal, seen } = world();
    journal.beforeAppend = failOn('run.started');
    const { report } = await apply(WANTS_A);
    expect(seen).toEqual([]);
    expect(report).toMatchObject({
      outcome: 'failed',
      journal: null,
      diagnostics: [{ code: 'journal.unwritable', severity: 'error' }],
    });
    expect(report.queues.map(({ reason }) => reason)).toEqual([
      'the journal could not be written',
      'the journal could not be written',
    ]);
  });

  it('stops before the first write of the queue that it could not keep', async () => {
    const { apply, journal, seen } = world();
    journal.beforeAppend = failOn('queue.intent');
    const { report } = await apply(WANTS_A);
    expect(seen).toEqual([]);
    expect(report.queues.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['not-attempted', 'the journal could not be written'],
      ['not-attempted', 'the journal could not be written'],
    ]);
  });

  it('is told where something was done before', async () => {
    const { apply, journal } = world();
    journal.beforeAppend = failOn('queue.outcome', 'run.completed');
    const { report } = await apply(WANTS_A);
    expect(report.outcome).toBe('applied');
    expect(report.diagnostics.map(({ code }) => code)).toEqual(['journal.unwritable']);
    expect(journal.openIntents).toHaveLength(2);
  });
});

describe('a journal that others read', () => {
  it('has all intents before the first write', async () => {
    const { apply, journal, seen } = world({}, { wantsAllIntents: true });
    await apply(
      policySet(
        catalog([{ name: 'N' }], { create: true }),
        policy('p', { codes: { codes: ['N'] } }),
      ),
    );
    expect(seen[0]?.kinds).toBe('run.started code.intent queue.intent queue.intent');
    expect(journal.openIntents).toEqual([]);
  });

  it('closes what was not begun', async () => {
    const stop = new AbortController();
    const { apply, journal, seen } = world(
      {
        onRequest: ({ action }) => {
          if (action === 'addCodes') stop.abort('SIGTERM');
          return undefined;
        },
      },
      { wantsAllIntents: true },
    );
    await apply(WANTS_A, {
      settings: settings({ limits: { requestsPerMinute: 300, concurrency: 1 } }),
      request: { signal: stop.signal },
    });
    expect(seen.map(({ action }) => action)).toEqual(['addCodes']);
    expect(journal.of('queue.outcome').map(({ outcome }) => outcome)).toEqual([
      'failed',
      'not-attempted',
    ]);
    expect(journal.openIntents).toEqual([]);
  });
});

describe('the cause', () => {
  it('is drift where nothing new is wanted, with who did it', async () => {
    const { apply, journal, org, clock } = world({
      lastChange: () => ({
        by: 'exact',
        author: { kind: 'user', id: 'u1', name: 'Jane', isOurs: false },
        at: NOW + 5_000,
        action: 'WrapupCodeAdd',
      }),
    });
    await apply(WANTS_A);
    clock.advance(10_000);
    org.edit('One', { add: ['B'] });
    await apply(WANTS_A);
    expect(journal.of('queue.outcome').at(-1)).toMatchObject({
      cause: 'drift',
      sequence: 2,
      changedBy: { by: 'exact', kind: 'user', id: 'u1', name: 'Jane', action: 'WrapupCodeAdd' },
    });
  });

  it('is the policy where something else is wanted, and nobody is asked', async () => {
    const asked: string[] = [];
    const { apply, journal } = world({
      onRequest: ({ action }) => {
        if (action === 'lastChanges') asked.push(action);
        return undefined;
      },
    });
    await apply(WANTS_A);
    await apply(policySet(policy('p', { codes: { codes: ['B'] } })));
    expect(journal.of('queue.outcome').at(-1)).toMatchObject({
      cause: 'policy',
      changedBy: { by: 'unknown', why: null },
    });
    expect(asked).toEqual([]);
  });

  it('is drift too for a queue that was in sync from the start, and one with a created code', async () => {
    const { apply, journal, org } = world();
    const wantsNew = policySet(
      catalog([{ name: 'N' }], { create: true }),
      policy('p', { codes: { unlisted: 'keep', codes: ['N'] } }),
    );
    await apply(wantsNew);
    org.edit('One', { remove: ['N'] });
    await apply(wantsNew);
    expect(journal.of('queue.outcome').at(-1)).toMatchObject({ cause: 'drift' });

    const other = world();
    const wantsB = policySet(policy('p', { codes: { codes: ['B'] } }));
    await other.apply(wantsB);
    expect(other.journal.records.map(({ kind }) => kind)).toEqual([
      'run.started',
      'in-sync',
      'run.completed',
    ]);
    other.org.edit('One', { add: ['A'] });
    const plan = await planOver(other.org, wantsB, { remembered: (id) => other.journal.queue(id) });
    expect(plan.queues.map(({ cause }) => cause)).toEqual(['drift']);
    await other.apply(wantsB);
    // What is known is not said again.
    expect(other.journal.of('in-sync')).toHaveLength(1);
  });

  it('does not blame a change that was corrected before', async () => {
    const { apply, journal, org, clock } = world({
      lastChange: () => ({
        by: 'exact',
        author: { kind: 'user', id: 'u1', name: 'Jane', isOurs: false },
        at: NOW - 3_600_000,
        action: 'Update',
      }),
    });
    await apply(WANTS_A);
    clock.advance(10_000);
    org.edit('One', { add: ['B'] });
    await apply(WANTS_A);
    expect(journal.of('queue.outcome').at(-1)?.changedBy).toEqual({ by: 'unknown', why: null });
  });
});

describe('drift that is only reported', () => {
  const REPORTS = policySet(policy('p', { codes: { codes: ['A'] }, enforcement: 'report' }));

  it('is told once, and again when it is another', async () => {
    const { apply, journal, org } = world();
    await apply(REPORTS);
    expect(journal.of('drift.detected').map(({ queue }) => queue.name)).toEqual(['One', 'Two']);
    await apply(REPORTS);
    expect(journal.of('drift.detected')).toHaveLength(2);
    org.addCode('C');
    org.edit('One', { add: ['C'] });
    await apply(REPORTS);
    expect(
      journal.of('drift.detected').map(({ queue, sequence }) => [queue.name, sequence]),
    ).toEqual([
      ['One', 1],
      ['Two', 1],
      ['One', 2],
    ]);
  });

  it('is told anew when it comes back', async () => {
    const { apply, journal, org } = world();
    await apply(REPORTS);
    for (const queue of ['One', 'Two']) {
      org.edit(queue, { add: ['A'] });
      org.edit(queue, { remove: ['B'] });
    }
    await apply(REPORTS);
    org.edit('One', { remove: ['A'] });
    org.edit('One', { add: ['B'] });
    await apply(REPORTS);
    expect(journal.of('drift.detected').at(-1)).toMatchObject({
      queue: { name: 'One' },
      cause: 'drift',
    });
  });
});

describe('a saved plan', () => {
  it('is spent by the run that applied all of it', async () => {
    const { apply, journal, org } = world();
    const saved = await planOver(org, WANTS_A);
    await apply(WANTS_A, { request: { saved } });
    expect(journal.of('plan.spent')).toMatchObject([{ seal: saved.seal, run: 'run-1' }]);
    expect(journal.of('run.started')[0]?.plan.saved).toBe(saved.seal);
    expect(journal.state.spent(saved.seal)).toMatchObject({ run: 'run-1' });
  });
});

it('refuses the journal of another organization', async () => {
  const { apply, org, clock } = world();
  await apply(WANTS_A);
  const other = new MemoryOrg(
    { ...SEED, organization: { id: '99999999-0000-4000-8000-000000000009', name: 'Other' } },
    clock,
  );
  const journal = new MemoryJournal(clock);
  await applyOver(org, WANTS_A, { request: { journal } });
  await expect(applyOver(other, WANTS_A, { request: { journal } })).rejects.toMatchObject({
    code: 'journal.other-organization',
  });
});
