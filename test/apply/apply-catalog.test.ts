import { describe, expect, it } from 'vitest';
import { applyCatalog } from '../../src/apply/apply-catalog.js';
import type { AppliedCatalog } from '../../src/apply/apply-catalog.js';
import type { CatalogChanges } from '../../src/domain/change.js';
import { AppError } from '../../src/domain/errors.js';
import type { ForecastHold } from '../../src/plan/forecast.js';
import { FakeClock } from '../support/fake-clock.js';
import { MemoryOrg } from '../support/memory-org.js';
import type { Behaviour, Fault } from '../support/memory-org.js';

const creation = (name: string): CatalogChanges['create'][number] => ({
  name,
  description: null,
  divisionId: null,
});

const apply = async (
  behaviour: Partial<Behaviour> = {},
  {
    aborted = false,
    create = ['New'],
    hold = () => null,
  }: {
    readonly aborted?: boolean;
    readonly create?: readonly string[];
    readonly hold?: () => ForecastHold | null;
  } = {},
): Promise<AppliedCatalog & { readonly org: MemoryOrg }> => {
  const clock = new FakeClock();
  const org = new MemoryOrg({ codes: ['Old', 'Other'], queues: [] }, clock, behaviour);
  const signal = aborted ? AbortSignal.abort() : new AbortController().signal;
  const changes = {
    create: create.map(creation),
    rename: [{ id: org.codeId('Old'), from: 'Old', to: 'Young' }],
  };
  const done = await applyCatalog(changes, {
    reader: org.reader,
    writer: org.writer,
    clock,
    settleForMs: 10_000,
    signal,
    judge: { catalog: hold },
    ledger: { intendCode: () => Promise.resolve(), codeEnded: () => Promise.resolve() },
  });
  return { ...done, org };
};

const at = (
  action: string,
  fault: Fault | ((org: MemoryOrg) => void),
  nth = 1,
): Partial<Behaviour> => ({
  onRequest: (request, org) => {
    if (request.action !== action || request.nth !== nth) return undefined;
    if (typeof fault !== 'function') return fault;
    fault(org);
    return undefined;
  },
});

const rows = ({ rows: found }: AppliedCatalog): readonly string[] =>
  found.map(({ action, name, outcome }) => `${action} ${name}: ${outcome}`);

describe('applyCatalog', () => {
  it('renames, then creates', async () => {
    const done = await apply();
    expect(done.rows).toEqual([
      {
        id: done.org.codeId('Young'),
        name: 'Young',
        action: 'rename',
        outcome: 'applied',
        reason: null,
        correlationId: 'correlation-1',
      },
      {
        id: done.org.codeId('New'),
        name: 'New',
        action: 'create',
        outcome: 'applied',
        reason: null,
        correlationId: 'correlation-2',
      },
    ]);
    expect(done.wrote).toBe(2);
    expect(done.created('New').id).toBe(done.org.codeId('New'));
    expect(done.org.codeNames()).toEqual(['New', 'Other', 'Young']);
  });

  it('lets a failure end its own code only', async () => {
    const refusal = new AppError('genesys.forbidden', 'Not permitted.', { correlationId: 'c-403' });
    const done = await apply(at('createCode', { refuse: refusal }), { create: ['New', 'Newer'] });
    expect(rows(done)).toEqual([
      'rename Young: applied',
      'create New: failed',
      'create Newer: applied',
    ]);
    expect(done.rows[1]).toMatchObject({
      id: null,
      reason: 'Not permitted.',
      correlationId: 'c-403',
    });
    expect(done.created('New').id).toBeNull();
    expect(done.wrote).toBe(2);
  });

  it.each([
    ['renameCode', 'rename Young'],
    ['createCode', 'create New'],
  ])('looks where the answer to %s was lost', async (action, what) => {
    const after = await apply(at(action, { lost: 'after' }));
    expect(rows(after)).toContain(`${what}: applied`);
    expect(after.wrote).toBe(2);
    expect(after.created('New').id).toBe(after.org.codeId('New'));

    const before = await apply(at(action, { lost: 'before' }));
    expect(rows(before)).toContain(`${what}: failed`);
    expect(before.wrote).toBe(1);
    expect(before.rows.find(({ outcome }) => outcome === 'failed')?.reason).toBe(
      'No answer came; reading shows that it did not take effect',
    );
  });

  it('waits for what reads do not show yet', async () => {
    expect(rows(await apply({ ...at('createCode', { lost: 'after' }), lagMs: 4_000 }))).toContain(
      'create New: applied',
    );
  });

  it('counts as written what nobody could read', async () => {
    const done = await apply({
      onRequest: ({ action }) =>
        action === 'createCode'
          ? { lost: 'after' }
          : action === 'findCodes'
            ? { refuse: new AppError('genesys.unavailable', 'Down.') }
            : undefined,
    });
    expect(done.rows[1]).toMatchObject({
      outcome: 'failed',
      reason: 'No answer came; whether it took effect could not be read',
      correlationId: 'correlation-lost',
    });
    expect(done.wrote).toBe(2);
  });

  it('takes a code that somebody else created meanwhile', async () => {
    const done = await apply(at('createCode', (org) => org.addCode('New')));
    expect(done.rows[1]).toMatchObject({
      outcome: 'in-sync',
      reason: null,
      id: done.org.codeId('New'),
    });
    expect(done.created('New').id).toBe(done.org.codeId('New'));
    expect(done.wrote).toBe(1);
  });

  it('fails to rename onto a name that somebody else took meanwhile', async () => {
    const done = await apply(at('renameCode', (org) => org.addCode('Young')));
    expect(rows(done)).toEqual(['rename Young: failed', 'create New: applied']);
    expect(done.org.codeNames()).toContain('Old');
  });

  it('goes on after a bug, which may have written', async () => {
    const done = await apply(at('renameCode', { bug: new TypeError('x is undefined') }));
    expect(rows(done)).toEqual(['rename Young: failed', 'create New: applied']);
    expect(done.rows[0]?.reason).toBe('a bug: x is undefined');
    expect(done.wrote).toBe(2);
  });

  it('is held where the window closes while it waits for its turn', async () => {
    let isOpen = true;
    const done = await apply(
      {
        turnMs: (action) => {
          isOpen = action !== 'createCode';
          return 1;
        },
      },
      { hold: () => (isOpen ? null : { by: 'window', reason: 'closed', until: null }) },
    );
    expect(rows(done)).toEqual(['rename Young: applied', 'create New: held']);
    expect(done.org.writes.map(({ action }) => action)).toEqual(['renameCode']);
    expect(done.created('New').hold?.by).toBe('window');
  });

  it('attempts nothing once the run is stopped', async () => {
    const done = await apply({}, { aborted: true });
    expect(rows(done)).toEqual(['rename Young: not-attempted', 'create New: not-attempted']);
    expect(done.org.writes).toEqual([]);
    const stopped = new AppError('cli.interrupted', 'Stopped before the request was sent.');
    expect(rows(await apply(at('renameCode', { refuse: stopped })))[0]).toBe(
      'rename Young: not-attempted',
    );
  });
});
