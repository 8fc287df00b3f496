import { describe, expect, it } from 'vitest';
import { problem } from '../../src/domain/diagnostics.js';
import { AppError } from '../../src/domain/errors.js';
import { policy, policySet, settings } from '../support/policy-set.js';
import { RunningDaemon, stateOf } from './running.js';
import type { Scene } from './running.js';

const WANTED = policySet(policy('all', { codes: { unlisted: 'remove', codes: ['A', 'B'] } }));
const QUEUES = ['Billing', 'Sales', 'Support'].map((name) => ({ name, codes: ['A', 'B'] }));

/** Looks four times an hour, and hardly lets a code be removed. */
const TIGHT = settings({
  daemon: { ...settings().daemon, intervalMs: 15 * 60_000 },
  guards: { ...settings().guards, codesRemoved: { percent: 10, count: 1, floor: 0 } },
});

const running = (scene: Partial<Scene> = {}): RunningDaemon =>
  new RunningDaemon({
    org: { queues: QUEUES, codes: ['A', 'B', 'C', 'D'] },
    state: stateOf(WANTED, 'c1'),
    ...scene,
  });

const codesOf = (daemon: RunningDaemon, name: string): readonly string[] =>
  daemon.org.queue(name).codeNames;

describe('a daemon', () => {
  it('corrects what was changed by hand, in the pass after it', async () => {
    const it = running();
    await it.after(1);
    expect(it.daemon.status()).toMatchObject({ ready: true, queues: { 'in-sync': 3 } });
    it.edit('Sales', { add: ['C'], remove: ['A'] });
    const { pass, corrections } = await it.after(1);
    expect(pass).toMatchObject({ outcome: 'applied', trigger: 'interval' });
    expect(corrections).toMatchObject([{ cause: 'drift' }]);
    expect(codesOf(it, 'Sales')).toEqual(['A', 'B']);
    await it.stop();
  });

  it('leaves no record of passes in which nothing happens', async () => {
    const it = running();
    await it.after(1);
    const records = it.journal.records.length;
    await it.after(50);
    expect(it.journal.records.length).toBe(records);
    expect(it.org.writes).toEqual([]);
    await it.stop();
  });

  it('looks at once when it is asked to, and unites what arrives together', async () => {
    const it = running();
    await it.after(1);
    const before = it.clock.now();
    it.daemon.request({ accept: null });
    it.daemon.request({ accept: null });
    const { pass } = await it.after(1);
    expect(pass.trigger).toBe('request');
    expect(it.clock.now() - before).toBeLessThan(1_000);
    const next = await it.after(1);
    expect(next.pass.trigger).toBe('interval');
    await it.stop();
  });

  it('makes no pass for a push that brings nothing new', async () => {
    const it = running();
    await it.after(1);
    it.daemon.pushed();
    const { pass } = await it.after(1);
    expect(pass.trigger).toBe('interval');
    await it.stop();
  });

  it('ends at a signal, in the middle of a pause', async () => {
    const it = running();
    await it.after(1);
    const before = it.clock.now();
    await it.stop();
    expect(it.clock.now()).toBe(before);
  });
});

describe('what the repository says', () => {
  it('is enforced as soon as it says something else', async () => {
    const it = running();
    await it.after(1);
    it.source.says(
      stateOf(
        policySet(policy('all', { codes: { unlisted: 'remove', codes: ['A', 'B', 'C'] } })),
        'c2',
      ),
    );
    it.daemon.pushed();
    const { pass } = await it.after(1);
    expect(pass.trigger).toBe('push');
    expect(codesOf(it, 'Sales')).toEqual(['A', 'B', 'C']);
    expect(it.source.kept?.state.revision.commit).toBe('c2');
    expect(it.journal.of('run.started').at(-1)).toMatchObject({
      trigger: 'push',
      source: { commit: 'c2' },
    });
    await it.stop();
  });

  it.each([
    [
      'is broken',
      (it: RunningDaemon) =>
        it.source.says(
          stateOf(policySet(), 'c2', {
            diagnostics: [problem({ code: 'yaml.empty', message: 'No code "Z".' })].map(
              (found) => ({ ...found }),
            ),
          }),
        ),
      'broken',
    ],
    [
      'is refused by a guard',
      (it: RunningDaemon) =>
        it.source.says(
          stateOf(policySet(policy('all', { codes: { unlisted: 'remove', codes: ['C'] } })), 'c2'),
        ),
      'refused',
    ],
    [
      'cannot be reached',
      (it: RunningDaemon) =>
        (it.source.shows = { kind: 'unreachable', message: 'no route to host' }),
      'unreachable',
    ],
    [
      'was rewritten',
      (it: RunningDaemon) => (it.source.shows = { kind: 'rewritten', message: 'c1 is not in it' }),
      'rewritten',
    ],
    [
      'is gone',
      (it: RunningDaemon) => (it.source.shows = { kind: 'deleted', message: 'no branch main' }),
      'deleted',
    ],
    [
      'has no good signature',
      (it: RunningDaemon) => (it.source.shows = { kind: 'unsigned', message: 'c2 is not signed' }),
      'unsigned',
    ],
  ])(
    '%s: it changes nothing, is told, and what was accepted goes on healing',
    async (_, breakIt, state) => {
      const it = running({ state: stateOf(WANTED, 'c1', { settings: TIGHT }) });
      await it.after(1);
      breakIt(it);
      if (it.source.shows.kind === 'seen') {
        const { state: shown } = it.source.shows;
        it.source.says({ ...shown, settings: TIGHT });
      }
      it.daemon.pushed();
      await it.after(1);
      expect(it.org.writes).toEqual([]);
      const status = it.daemon.status();
      expect(status.source).toMatchObject({ state, accepted: { commit: 'c1' } });
      expect(status.source.message).not.toBeNull();
      expect(status.ready).toBe(true);

      it.edit('Sales', { remove: ['A'] });
      await it.after(1);
      expect(codesOf(it, 'Sales')).toEqual(['A', 'B']);
      // For a day.
      const lastsFor = 24 * 4;
      await it.after(lastsFor);
      it.edit('Billing', { remove: ['A'] });
      await it.after(1);
      expect(codesOf(it, 'Billing')).toEqual(['A', 'B']);
      expect(it.daemon.status().source.state).toBe(state);

      it.source.says(stateOf(WANTED, 'c3', { settings: TIGHT }));
      await it.after(1);
      expect(it.daemon.status().source).toMatchObject({
        state: 'following',
        accepted: { commit: 'c3' },
      });
      await it.stop();
    },
  );

  it('that a guard refuses is told once, and let through by its digest', async () => {
    const it = running({ state: stateOf(WANTED, 'c1', { settings: TIGHT }) });
    await it.after(1);
    const other = policySet(policy('all', { codes: { unlisted: 'remove', codes: ['C'] } }));
    it.source.says(stateOf(other, 'c2', { settings: TIGHT }));
    await it.after(10);
    expect(it.journal.of('run.refused')).toHaveLength(1);
    expect(it.org.writes).toEqual([]);
    const { refusal } = it.daemon.status().source;
    it.daemon.request({ accept: `sha256:${'0'.repeat(64)}` });
    await it.after(1);
    expect(it.org.writes).toEqual([]);
    it.daemon.request({ accept: refusal?.digest ?? '' });
    const { pass } = await it.after(1);
    expect(pass.outcome).toBe('applied');
    expect(codesOf(it, 'Sales')).toEqual(['C']);
    expect(it.daemon.status().source).toMatchObject({ state: 'following', refusal: null });
    expect(it.journal.of('run.started').at(-1)?.overrides.accept).toBe(refusal?.digest);
    await it.stop();
  });

  it('is known after a restart, even where the repository is not there', async () => {
    const it = running();
    await it.after(1);
    it.source.shows = { kind: 'unreachable', message: 'no route to host' };
    await it.restart();
    it.edit('Sales', { remove: ['A'] });
    await it.after(1);
    expect(codesOf(it, 'Sales')).toEqual(['A', 'B']);
    expect(it.daemon.status().source).toMatchObject({
      state: 'unreachable',
      accepted: { commit: 'c1' },
    });
    await it.stop();
  });

  it('is waited for where nothing was ever accepted', async () => {
    const it = running();
    it.source.shows = { kind: 'unreachable', message: 'no route to host' };
    const { pass } = await it.after(1);
    expect(pass).toMatchObject({
      outcome: 'error',
      problem: { code: 'daemon.nothing-to-enforce' },
    });
    expect(it.daemon.status()).toMatchObject({ ready: false, consecutiveFailures: 1 });
    it.source.says(stateOf(WANTED, 'c1'));
    await it.after(1);
    expect(it.daemon.status()).toMatchObject({ ready: true, consecutiveFailures: 0 });
    await it.stop();
  });
});

describe('another writer who changes a queue back', () => {
  it('is stopped after so many rounds; the rest is healed, and a new commit ends it', async () => {
    const it = running();
    await it.after(1);
    for (let round = 1; round <= 3; round += 1) {
      it.edit('Sales', { remove: ['A'] });
      await it.after(1);
      expect(codesOf(it, 'Sales')).toEqual(['A', 'B']);
    }
    it.edit('Sales', { remove: ['A'] });
    it.edit('Billing', { remove: ['B'] });
    await it.after(5);
    expect(codesOf(it, 'Sales')).toEqual(['B']);
    expect(codesOf(it, 'Billing')).toEqual(['A', 'B']);
    const sales = it.daemon.queues().find(({ name }) => name === 'Sales');
    expect(sales).toMatchObject({ state: 'held', heldBy: 'flapping' });
    expect(it.journal.of('drift.detected')).toHaveLength(1);
    expect(it.journal.of('drift.detected')[0]?.reason).toContain('another writer');

    it.source.says(stateOf(WANTED, 'c2'));
    await it.after(1);
    expect(codesOf(it, 'Sales')).toEqual(['A', 'B']);
    await it.stop();
  });

  it('is remembered over a restart, and let go by a request', async () => {
    const it = running();
    await it.after(1);
    for (let round = 1; round <= 3; round += 1) {
      it.edit('Sales', { remove: ['A'] });
      await it.after(1);
    }
    await it.restart();
    it.edit('Sales', { remove: ['A'] });
    await it.after(2);
    expect(codesOf(it, 'Sales')).toEqual(['B']);
    it.daemon.request({ accept: null });
    await it.after(1);
    expect(codesOf(it, 'Sales')).toEqual(['A', 'B']);
    await it.stop();
  });
});

describe('modes', () => {
  it('report: tells drift once, and writes nothing, codes of the catalog included', async () => {
    const it = running({ mode: 'report' });
    await it.after(1);
    it.edit('Sales', { remove: ['A'] });
    await it.after(20);
    expect(it.org.writes).toEqual([]);
    expect(it.journal.of('drift.detected')).toHaveLength(1);
    expect(it.daemon.queues().find(({ name }) => name === 'Sales')).toMatchObject({
      state: 'drifting',
      heldBy: 'report',
    });
    await it.stop();
  });
});

describe('what fails', () => {
  it('a queue: is tried again after pauses that grow, and keeps no other waiting', async () => {
    let broken = true;
    const it = running({
      behaviour: {
        onRequest: ({ action, queue }, org) =>
          broken && action === 'addCodes' && queue === org.queue('Sales').id
            ? { refuse: new AppError('genesys.rejected', 'The platform said no.') }
            : undefined,
      },
    });
    await it.after(1);
    it.edit('Sales', { remove: ['A'] });
    await it.after(1);
    expect(it.daemon.queues().find(({ name }) => name === 'Sales')).toMatchObject({
      state: 'failing',
    });
    it.edit('Billing', { remove: ['A'] });
    await it.after(1);
    expect(codesOf(it, 'Billing')).toEqual(['A', 'B']);
    await it.after(60);
    const tries = it.journal.of('queue.outcome').filter(({ outcome }) => outcome === 'failed');
    expect(tries.length).toBeGreaterThanOrEqual(4);
    expect(tries.length).toBeLessThanOrEqual(6);
    broken = false;
    it.daemon.request({ accept: null });
    await it.after(1);
    expect(codesOf(it, 'Sales')).toEqual(['A', 'B']);
    expect(it.daemon.queues().find(({ name }) => name === 'Sales')).toMatchObject({
      state: 'in-sync',
    });
    await it.stop();
  });

  it('the organization: passes come less often, and it goes on by itself', async () => {
    let isDown = false;
    const it = running({
      behaviour: {
        onRequest: () =>
          isDown
            ? {
                refuse: new AppError('genesys.unavailable', '503 Service Unavailable', {
                  correlationId: 'c-1',
                }),
              }
            : undefined,
      },
    });
    await it.after(1);
    isDown = true;
    const from = it.clock.now();
    const { pass } = await it.after(6);
    expect(pass).toMatchObject({ outcome: 'error', problem: { code: 'genesys.unavailable' } });
    expect((it.clock.now() - from) / 60_000).toBeGreaterThan(30);
    expect(it.daemon.status()).toMatchObject({ ready: false, consecutiveFailures: 6 });
    isDown = false;
    await it.after(1);
    expect(it.daemon.status()).toMatchObject({ ready: true, consecutiveFailures: 0 });
    await it.stop();
  });

  it('the journal: nothing is written then', async () => {
    const it = running();
    await it.after(1);
    it.edit('Sales', { remove: ['A'] });
    it.journal.beforeAppend = () => {
      throw new AppError('journal.unwritable', 'The disk is full.');
    };
    await it.after(3);
    expect(it.org.writes).toEqual([]);
    it.journal.beforeAppend = () => undefined;
    await it.after(1);
    expect(codesOf(it, 'Sales')).toEqual(['A', 'B']);
    await it.stop();
  });
});

describe('what changed in the organization', () => {
  const HOUR = 3_600_000;
  /** Reads of queues and codes, whatever the audit log costs. */
  const reads = (it: RunningDaemon): number =>
    it.org.requests.filter(({ action }) => action !== 'organization' && action !== 'lastChanges')
      .length;

  it('costs nothing to find out while nothing does', async () => {
    const it = running();
    await it.after(1);
    const before = reads(it);
    await it.after(100);
    expect(reads(it)).toBe(before);
    await it.stop();
  });

  it('is read queue by queue: what changed, and what we wrote once more', async () => {
    const it = running();
    await it.after(2);
    const before = reads(it);
    it.edit('Sales', { remove: ['A'] });
    await it.after(1);
    // Its document and its codes, and what the correction reads.
    const corrected = reads(it);
    expect(corrected - before).toBeLessThanOrEqual(8);
    it.tell(it.org.queue('Sales').id, 'WrapupCodeAdd');
    await it.after(1);
    expect(reads(it) - corrected).toBe(2);
    await it.after(20);
    expect(reads(it) - corrected).toBe(2);
    await it.stop();
  });

  it('shows late, and is corrected in the first pass after it shows', async () => {
    const it = running();
    await it.after(2);
    it.edit('Sales', { remove: ['A'] }, false);
    const editedAt = it.clock.now();
    await it.after(10);
    expect(codesOf(it, 'Sales')).toEqual(['B']);
    const { id } = it.org.queue('Sales');
    it.changes.push({
      record: 'late',
      entity: 'queue',
      id,
      action: 'Update',
      at: editedAt,
      author: null,
    });
    await it.after(1);
    expect(codesOf(it, 'Sales')).toEqual(['A', 'B']);
    await it.stop();
  });

  it('and never shows is found by the next sweep, and counted', async () => {
    const it = running();
    await it.after(2);
    it.edit('Sales', { remove: ['A'] }, false);
    const editedAt = it.clock.now();
    while (codesOf(it, 'Sales').length < 2) await it.after(1);
    expect(it.clock.now() - editedAt).toBeLessThan(6.2 * HOUR);
    expect(it.daemon.status()).toMatchObject({
      lastPass: { trigger: 'sweep', extent: 'all' },
      detection: { missedByAudits: 1 },
    });
    await it.stop();
  });

  it('is found round and round where the audit log is of no use, and that is told', async () => {
    const it = running();
    await it.after(1);
    it.missing = 'the OAuth client lacks the permission audits:audit:view';
    await it.after(2);
    expect(it.daemon.status().detection).toMatchObject({ by: 'sweeps', why: it.missing });
    it.edit('Sales', { remove: ['A'] }, false);
    await it.after(3);
    expect(codesOf(it, 'Sales')).toEqual(['A', 'B']);
    it.missing = null;
    await it.after(40);
    expect(it.daemon.status().detection).toMatchObject({ by: 'audits', why: null });
    await it.stop();
  });

  it('in queues that are new, renamed or gone counts, too', async () => {
    const it = running();
    await it.after(2);
    it.edit('Sales', { raw: { name: 'Retail' } });
    await it.after(1);
    expect(it.daemon.queues().map(({ name }) => name)).toEqual(['Billing', 'Retail', 'Support']);
    const { id } = it.org.queue('Retail');
    it.org.deleteQueue('Retail');
    it.tell(id, 'Delete');
    await it.after(1);
    expect(it.daemon.queues().map(({ name }) => name)).toEqual(['Billing', 'Support']);
    await it.stop();
  });

  it('is all read where somebody asks for a pass', async () => {
    const it = running();
    await it.after(1);
    it.edit('Sales', { remove: ['A'] }, false);
    it.daemon.request({ accept: null });
    const { pass } = await it.after(1);
    expect(pass).toMatchObject({ trigger: 'request', outcome: 'applied' });
    expect(codesOf(it, 'Sales')).toEqual(['A', 'B']);
    await it.stop();
  });
});
