import { describe, expect, it } from 'vitest';
import { problem } from '../../src/domain/diagnostics.js';
import { AppError } from '../../src/domain/errors.js';
import { NOW } from '../support/fake-clock.js';
import { allowance, policy, policySet, settings } from '../support/policy-set.js';
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
    const one = running();
    await one.after(1);
    expect(one.daemon.status()).toMatchObject({ ready: true, queues: { 'in-sync': 3 } });
    one.edit('Sales', { add: ['C'], remove: ['A'] });
    const { pass, corrections } = await one.after(1);
    expect(pass).toMatchObject({ outcome: 'applied', trigger: 'interval' });
    expect(corrections).toMatchObject([{ cause: 'drift' }]);
    expect(codesOf(one, 'Sales')).toEqual(['A', 'B']);
    await one.stop();
  });

  it('leaves no record of passes in which nothing happens', async () => {
    const one = running();
    await one.after(1);
    const records = one.journal.records.length;
    await one.after(50);
    expect(one.journal.records.length).toBe(records);
    expect(one.org.writes).toEqual([]);
    await one.stop();
  });

  it('looks at once when it is asked to, and unites what arrives together', async () => {
    const one = running();
    await one.after(1);
    const before = one.clock.now();
    one.daemon.request({ accept: null });
    one.daemon.request({ accept: null });
    const { pass } = await one.after(1);
    expect(pass.trigger).toBe('request');
    expect(one.clock.now() - before).toBeLessThan(1_000);
    const next = await one.after(1);
    expect(next.pass.trigger).toBe('interval');
    await one.stop();
  });

  it('makes no pass for a push that brings nothing new', async () => {
    const one = running();
    await one.after(1);
    one.daemon.pushed();
    const { pass } = await one.after(1);
    expect(pass.trigger).toBe('interval');
    await one.stop();
  });

  it('ends at a signal, in the middle of a pause', async () => {
    const one = running();
    await one.after(1);
    const before = one.clock.now();
    await one.stop();
    expect(one.clock.now()).toBe(before);
  });
});

describe('what the repository says', () => {
  it('is enforced as soon as it says something else', async () => {
    const one = running();
    await one.after(1);
    one.source.says(
      stateOf(
        policySet(policy('all', { codes: { unlisted: 'remove', codes: ['A', 'B', 'C'] } })),
        'c2',
      ),
    );
    one.daemon.pushed();
    const { pass } = await one.after(1);
    expect(pass.trigger).toBe('push');
    expect(codesOf(one, 'Sales')).toEqual(['A', 'B', 'C']);
    expect(one.source.kept?.state.revision.commit).toBe('c2');
    expect(one.journal.of('run.started').at(-1)).toMatchObject({
      trigger: 'push',
      source: { commit: 'c2' },
    });
    await one.stop();
  });

  it.each([
    [
      'is broken',
      (one: RunningDaemon) =>
        one.source.says(
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
      (one: RunningDaemon) =>
        one.source.says(
          stateOf(policySet(policy('all', { codes: { unlisted: 'remove', codes: ['C'] } })), 'c2'),
        ),
      'refused',
    ],
    [
      'cannot be reached',
      (one: RunningDaemon) =>
        (one.source.shows = { kind: 'unreachable', message: 'no route to host' }),
      'unreachable',
    ],
    [
      'was rewritten',
      (one: RunningDaemon) =>
        (one.source.shows = { kind: 'rewritten', message: 'c1 is not in it' }),
      'rewritten',
    ],
    [
      'is gone',
      (one: RunningDaemon) => (one.source.shows = { kind: 'deleted', message: 'no branch main' }),
      'deleted',
    ],
    [
      'has no good signature',
      (one: RunningDaemon) =>
        (one.source.shows = { kind: 'unsigned', message: 'c2 is not signed' }),
      'unsigned',
    ],
  ])(
    '%s: it changes nothing, is told, and what was accepted goes on healing',
    async (_, breakIt, state) => {
      const one = running({ state: stateOf(WANTED, 'c1', { settings: TIGHT }) });
      await one.after(1);
      breakIt(one);
      if (one.source.shows.kind === 'seen') {
        const { state: shown } = one.source.shows;
        one.source.says({ ...shown, settings: TIGHT });
      }
      one.daemon.pushed();
      await one.after(1);
      expect(one.org.writes).toEqual([]);
      const status = one.daemon.status();
      expect(status.source).toMatchObject({ state, accepted: { commit: 'c1' } });
      expect(status.source.message).not.toBeNull();
      expect(status.ready).toBe(true);

      one.edit('Sales', { remove: ['A'] });
      await one.after(1);
      expect(codesOf(one, 'Sales')).toEqual(['A', 'B']);
      // For a day.
      const lastsFor = 24 * 4;
      await one.after(lastsFor);
      one.edit('Billing', { remove: ['A'] });
      await one.after(1);
      expect(codesOf(one, 'Billing')).toEqual(['A', 'B']);
      expect(one.daemon.status().source.state).toBe(state);

      one.source.says(stateOf(WANTED, 'c3', { settings: TIGHT }));
      await one.after(1);
      expect(one.daemon.status().source).toMatchObject({
        state: 'following',
        accepted: { commit: 'c3' },
      });
      await one.stop();
    },
  );

  it('may be another limit: the pass that connects anew counts its own requests', async () => {
    const daemon = running();
    await daemon.after(5);
    const { limits } = settings();
    daemon.source.says(
      stateOf(WANTED, 'c2', {
        settings: settings({ limits: { ...limits, requestsPerMinute: 50 } }),
      }),
    );
    const { pass } = await daemon.after(1);
    expect(pass.outcome).toBe('nothing');
    expect(pass.requests.sent).toBeGreaterThan(0);
    await daemon.stop();
  });

  it('that a guard refuses is told once, and let through by its digest', async () => {
    const one = running({ state: stateOf(WANTED, 'c1', { settings: TIGHT }) });
    await one.after(1);
    const other = policySet(policy('all', { codes: { unlisted: 'remove', codes: ['C'] } }));
    one.source.says(stateOf(other, 'c2', { settings: TIGHT }));
    await one.after(10);
    expect(one.journal.of('run.refused')).toHaveLength(1);
    expect(one.org.writes).toEqual([]);
    const { refusal } = one.daemon.status().source;
    one.daemon.request({ accept: `sha256:${'0'.repeat(64)}` });
    await one.after(1);
    expect(one.org.writes).toEqual([]);
    one.daemon.request({ accept: refusal?.digest ?? '' });
    const { pass } = await one.after(1);
    expect(pass.outcome).toBe('applied');
    expect(codesOf(one, 'Sales')).toEqual(['C']);
    expect(one.daemon.status().source).toMatchObject({ state: 'following', refusal: null });
    expect(one.journal.of('run.started').at(-1)?.overrides.accept).toBe(refusal?.digest);
    await one.stop();
  });

  it('and what somebody did by hand to everything may both be refused: each is told once', async () => {
    const one = running({ state: stateOf(WANTED, 'c1', { settings: TIGHT }) });
    await one.after(1);
    for (const name of ['Billing', 'Sales', 'Support']) one.edit(name, { add: ['C', 'D'] });
    const other = policySet(policy('all', { codes: { unlisted: 'remove', codes: ['A'] } }));
    one.source.says(stateOf(other, 'c2', { settings: TIGHT }));
    await one.after(12);
    expect(one.org.writes).toEqual([]);
    expect(one.journal.of('run.refused')).toHaveLength(2);
    expect(one.daemon.queues().map(({ state }) => state)).toEqual(['held', 'held', 'held']);
    await one.stop();
  });

  it('refused over another connection is not connected to each time', async () => {
    const one = running({ state: stateOf(WANTED, 'c1', { settings: TIGHT }) });
    await one.after(1);
    const other = policySet(policy('all', { codes: { unlisted: 'remove', codes: ['C'] } }));
    const limits = { requestsPerMinute: 100, concurrency: 1 };
    one.source.says(stateOf(other, 'c2', { settings: { ...TIGHT, limits } }));
    await one.after(2);
    const connected = one.connections;
    await one.after(20);
    expect(one.connections).toBe(connected);
    expect(one.daemon.status().source.state).toBe('refused');
    one.edit('Sales', { remove: ['A'] });
    await one.after(1);
    expect(codesOf(one, 'Sales')).toEqual(['A', 'B']);
    await one.stop();
  });

  it('is known after a restart, even where the repository is not there', async () => {
    const one = running();
    await one.after(1);
    one.source.shows = { kind: 'unreachable', message: 'no route to host' };
    await one.restart();
    one.edit('Sales', { remove: ['A'] });
    await one.after(1);
    expect(codesOf(one, 'Sales')).toEqual(['A', 'B']);
    expect(one.daemon.status().source).toMatchObject({
      state: 'unreachable',
      accepted: { commit: 'c1' },
    });
    await one.stop();
  });

  it('is waited for where nothing was ever accepted', async () => {
    const one = running();
    one.source.shows = { kind: 'unreachable', message: 'no route to host' };
    const { pass } = await one.after(1);
    expect(pass).toMatchObject({
      outcome: 'error',
      problem: { code: 'daemon.nothing-to-enforce' },
    });
    expect(one.daemon.status()).toMatchObject({ ready: false, consecutiveFailures: 1 });
    one.source.says(stateOf(WANTED, 'c1'));
    await one.after(1);
    expect(one.daemon.status()).toMatchObject({ ready: true, consecutiveFailures: 0 });
    await one.stop();
  });
});

describe('another writer who changes a queue back', () => {
  it('is stopped after so many rounds; the rest is healed, and a new commit ends it', async () => {
    const one = running();
    await one.after(1);
    for (let round = 1; round <= 3; round += 1) {
      one.edit('Sales', { remove: ['A'] });
      await one.after(1);
      expect(codesOf(one, 'Sales')).toEqual(['A', 'B']);
    }
    one.edit('Sales', { remove: ['A'] });
    one.edit('Billing', { remove: ['B'] });
    await one.after(5);
    expect(codesOf(one, 'Sales')).toEqual(['B']);
    expect(codesOf(one, 'Billing')).toEqual(['A', 'B']);
    const sales = one.daemon.queues().find(({ name }) => name === 'Sales');
    expect(sales).toMatchObject({ state: 'held', heldBy: 'flapping' });
    expect(one.journal.of('drift.detected')).toHaveLength(1);
    expect(one.journal.of('drift.detected')[0]?.reason).toContain('another writer');

    one.source.says(stateOf(WANTED, 'c2'));
    await one.after(1);
    expect(codesOf(one, 'Sales')).toEqual(['A', 'B']);
    await one.stop();
  });

  it('is remembered over a restart, and let go by a request', async () => {
    const one = running();
    await one.after(1);
    for (let round = 1; round <= 3; round += 1) {
      one.edit('Sales', { remove: ['A'] });
      await one.after(1);
    }
    await one.restart();
    one.edit('Sales', { remove: ['A'] });
    await one.after(2);
    expect(codesOf(one, 'Sales')).toEqual(['B']);
    one.daemon.request({ accept: null });
    await one.after(1);
    expect(codesOf(one, 'Sales')).toEqual(['A', 'B']);
    await one.stop();
  });
});

describe('modes', () => {
  it('report: tells drift once, and writes nothing, codes of the catalog included', async () => {
    const one = running({ mode: 'report' });
    await one.after(1);
    one.edit('Sales', { remove: ['A'] });
    await one.after(20);
    expect(one.org.writes).toEqual([]);
    expect(one.journal.of('drift.detected')).toHaveLength(1);
    expect(one.daemon.queues().find(({ name }) => name === 'Sales')).toMatchObject({
      state: 'drifting',
      heldBy: 'report',
    });
    await one.stop();
  });
});

describe('what holds an apply holds a daemon, too', () => {
  const DAY = 86_400_000;
  const held = async (one: RunningDaemon, by: string): Promise<void> => {
    await one.after(1);
    one.edit('Sales', { remove: ['A'] });
    await one.after(2);
    expect(codesOf(one, 'Sales')).toEqual(['B']);
    expect(one.daemon.queues().find(({ name }) => name === 'Sales')).toMatchObject({
      state: 'held',
      heldBy: by,
    });
  };

  it('a suspension, and it ends by itself', async () => {
    const suspend = { by: 'j.doe', reason: 'Audit week', until: NOW + 3_600_000 };
    const one = running({ state: stateOf(WANTED, 'c1', { settings: settings({ suspend }) }) });
    await held(one, 'suspend');
    while (one.clock.now() < NOW + 3_600_000) await one.after(1);
    await one.after(1);
    expect(codesOf(one, 'Sales')).toEqual(['A', 'B']);
    await one.stop();
  });

  it('a change window, and it opens by itself', async () => {
    const window = {
      kind: 'allow',
      schedule: '0 10 * * *',
      durationMs: 3_600_000,
      timeZone: 'UTC',
      queues: [],
    } as const;
    const one = running({
      state: stateOf(WANTED, 'c1', { settings: settings({ changeWindows: [window] }) }),
    });
    await held(one, 'window');
    while (one.clock.now() < NOW + 3_600_000) await one.after(1);
    await one.after(1);
    expect(codesOf(one, 'Sales')).toEqual(['A', 'B']);
    await one.stop();
  });

  it('interactions, until they have ended', async () => {
    const activity = { maxInteracting: 0, onBusy: 'hold' as const };
    const one = running({ state: stateOf(WANTED, 'c1', { settings: settings({ activity }) }) });
    one.org.setInteracting('Sales', 3);
    await held(one, 'busy');
    one.org.setInteracting('Sales', 0);
    await one.after(1);
    expect(codesOf(one, 'Sales')).toEqual(['A', 'B']);
    await one.stop();
  });

  it('a code that nobody knows: its queues, and nothing else', async () => {
    const set = policySet(
      policy('some', { include: ['Sales'], codes: { unlisted: 'remove', codes: ['A', 'Z'] } }),
      policy('others', {
        include: ['Billing', 'Support'],
        codes: { unlisted: 'remove', codes: ['A', 'B'] },
      }),
    );
    const one = running({ state: stateOf(set, 'c1') });
    await one.after(1);
    one.edit('Sales', { add: ['C'] });
    one.edit('Billing', { remove: ['A'] });
    await one.after(1);
    expect(codesOf(one, 'Sales')).toEqual(['A', 'B', 'C']);
    expect(codesOf(one, 'Billing')).toEqual(['A', 'B']);
    expect(one.daemon.queues().find(({ name }) => name === 'Sales')).toMatchObject({
      heldBy: 'unresolved',
    });
    expect(one.daemon.status().source).toMatchObject({ state: 'following' });
    await one.stop();
  });

  it('a guard, until an allowance of the repository lets the plan through', async () => {
    const one = running({ state: stateOf(WANTED, 'c1', { settings: TIGHT }) });
    await one.after(1);
    const only = policy('all', { codes: { unlisted: 'remove', codes: ['C'] } });
    one.source.says(stateOf(policySet(only), 'c2', { settings: TIGHT }));
    await one.after(2);
    expect(one.org.writes).toEqual([]);
    const allowed = policySet(
      only,
      allowance({ codesRemoved: 6, codesRemovedPerQueue: 2 }, NOW + DAY),
    );
    one.source.says(stateOf(allowed, 'c3', { settings: TIGHT }));
    await one.after(1);
    expect(codesOf(one, 'Sales')).toEqual(['C']);
    expect(one.daemon.status().source).toMatchObject({ state: 'following', refusal: null });
    await one.stop();
  });
});

describe('what fails', () => {
  it('a queue: is tried again after pauses that grow, and keeps no other waiting', async () => {
    let broken = true;
    const one = running({
      behaviour: {
        onRequest: ({ action, queue }, org) =>
          broken && action === 'addCodes' && queue === org.queue('Sales').id
            ? { refuse: new AppError('genesys.rejected', 'The platform said no.') }
            : undefined,
      },
    });
    await one.after(1);
    one.edit('Sales', { remove: ['A'] });
    await one.after(1);
    expect(one.daemon.queues().find(({ name }) => name === 'Sales')).toMatchObject({
      state: 'failing',
    });
    one.edit('Billing', { remove: ['A'] });
    await one.after(1);
    expect(codesOf(one, 'Billing')).toEqual(['A', 'B']);
    await one.after(60);
    const tries = one.journal.of('queue.outcome').filter(({ outcome }) => outcome === 'failed');
    expect(tries.length).toBeGreaterThanOrEqual(4);
    expect(tries.length).toBeLessThanOrEqual(6);
    broken = false;
    one.daemon.request({ accept: null });
    await one.after(1);
    expect(codesOf(one, 'Sales')).toEqual(['A', 'B']);
    expect(one.daemon.queues().find(({ name }) => name === 'Sales')).toMatchObject({
      state: 'in-sync',
    });
    await one.stop();
  });

  it('the organization: passes come less often, and it goes on by itself', async () => {
    let isDown = false;
    const one = running({
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
    await one.after(1);
    isDown = true;
    const from = one.clock.now();
    const { pass } = await one.after(6);
    expect(pass).toMatchObject({ outcome: 'error', problem: { code: 'genesys.unavailable' } });
    expect((one.clock.now() - from) / 60_000).toBeGreaterThan(30);
    expect(one.daemon.status()).toMatchObject({ ready: false, consecutiveFailures: 6 });
    isDown = false;
    await one.after(1);
    expect(one.daemon.status()).toMatchObject({ ready: true, consecutiveFailures: 0 });
    await one.stop();
  });

  it('what comes after a pass: the daemon goes on all the same', async () => {
    const one = running();
    await one.after(1);
    one.daemon.onPass = () => {
      throw new Error('the metrics are broken');
    };
    await one.untilLogged('the metrics are broken');
    one.edit('Sales', { remove: ['A'] });
    await one.after(2);
    expect(codesOf(one, 'Sales')).toEqual(['A', 'B']);
    await one.stop();
  });

  it('the journal: nothing is written then', async () => {
    const one = running();
    await one.after(1);
    one.edit('Sales', { remove: ['A'] });
    one.journal.beforeAppend = () => {
      throw new AppError('journal.unwritable', 'The disk is full.');
    };
    await one.after(3);
    expect(one.org.writes).toEqual([]);
    one.journal.beforeAppend = () => undefined;
    await one.after(1);
    expect(codesOf(one, 'Sales')).toEqual(['A', 'B']);
    await one.stop();
  });
});

describe('what changed in the organization', () => {
  const HOUR = 3_600_000;
  /** Reads of queues and codes, whatever the audit log costs. */
  const reads = (one: RunningDaemon): number =>
    one.org.requests.filter(({ action }) => action !== 'organization' && action !== 'lastChanges')
      .length;

  it('costs nothing to find out while nothing does', async () => {
    const one = running();
    await one.after(1);
    const before = reads(one);
    await one.after(100);
    expect(reads(one)).toBe(before);
    await one.stop();
  });

  it('is read queue by queue: what changed, and what we wrote once more', async () => {
    const one = running();
    await one.after(2);
    const before = reads(one);
    one.edit('Sales', { remove: ['A'] });
    await one.after(1);
    // Its document and its codes, and what the correction reads.
    const corrected = reads(one);
    expect(corrected - before).toBeLessThanOrEqual(8);
    one.tell(one.org.queue('Sales').id, 'WrapupCodeAdd');
    await one.after(1);
    expect(reads(one) - corrected).toBe(2);
    await one.after(20);
    expect(reads(one) - corrected).toBe(2);
    await one.stop();
  });

  it('shows late, and is corrected in the first pass after it shows', async () => {
    const one = running();
    await one.after(2);
    one.edit('Sales', { remove: ['A'] }, false);
    const editedAt = one.clock.now();
    await one.after(10);
    expect(codesOf(one, 'Sales')).toEqual(['B']);
    const { id } = one.org.queue('Sales');
    one.changes.push({
      record: 'late',
      entity: 'queue',
      id,
      action: 'Update',
      at: editedAt,
      author: null,
    });
    await one.after(1);
    expect(codesOf(one, 'Sales')).toEqual(['A', 'B']);
    await one.stop();
  });

  it('and never shows is found by the next sweep, and counted', async () => {
    const one = running();
    await one.after(2);
    one.edit('Sales', { remove: ['A'] }, false);
    const editedAt = one.clock.now();
    while (codesOf(one, 'Sales').length < 2) await one.after(1);
    expect(one.clock.now() - editedAt).toBeLessThan(6.2 * HOUR);
    expect(one.daemon.status()).toMatchObject({
      lastPass: { trigger: 'sweep', extent: 'all' },
      detection: { missedByAudits: 1 },
    });
    await one.stop();
  });

  it('is found round and round where the audit log is of no use, and that is told', async () => {
    const one = running();
    await one.after(1);
    one.missing = 'the OAuth client lacks the permission audits:audit:view';
    await one.after(2);
    expect(one.daemon.status().detection).toMatchObject({ by: 'sweeps', why: one.missing });
    one.edit('Sales', { remove: ['A'] }, false);
    await one.after(3);
    expect(codesOf(one, 'Sales')).toEqual(['A', 'B']);
    one.tell(one.org.queue('Sales').id, 'WrapupCodeAdd');
    one.missing = null;
    await one.after(40);
    expect(one.daemon.status().detection).toMatchObject({ by: 'audits', why: null });
    await one.stop();
  });

  it('is not left to an audit log that does not even show what we wrote', async () => {
    const one = running();
    await one.after(1);
    one.edit('Sales', { remove: ['A'] });
    await one.after(1);
    expect(codesOf(one, 'Sales')).toEqual(['A', 'B']);
    await one.after(5);
    expect(one.daemon.status().detection).toMatchObject({ by: 'sweeps' });
    expect(one.daemon.status().detection.why).toContain('does not show what was written');
    one.edit('Billing', { remove: ['A'] }, false);
    await one.after(2);
    expect(codesOf(one, 'Billing')).toEqual(['A', 'B']);
    // It was only late.
    one.tell(one.org.queue('Sales').id, 'WrapupCodeAdd');
    one.tell(one.org.queue('Billing').id, 'WrapupCodeAdd');
    await one.after(1);
    expect(one.daemon.status().detection).toMatchObject({ by: 'audits', why: null });
    await one.stop();
  });

  it('in queues that are new, renamed or gone counts, too', async () => {
    const one = running();
    await one.after(2);
    one.edit('Sales', { raw: { name: 'Retail' } });
    await one.after(1);
    expect(one.daemon.queues().map(({ name }) => name)).toEqual(['Billing', 'Retail', 'Support']);
    const { id } = one.org.queue('Retail');
    one.org.deleteQueue('Retail');
    one.tell(id, 'Delete');
    await one.after(1);
    expect(one.daemon.queues().map(({ name }) => name)).toEqual(['Billing', 'Support']);
    await one.stop();
  });

  it('is all read where somebody asks for a pass', async () => {
    const one = running();
    await one.after(1);
    one.edit('Sales', { remove: ['A'] }, false);
    one.daemon.request({ accept: null });
    const { pass } = await one.after(1);
    expect(pass).toMatchObject({ trigger: 'request', outcome: 'applied' });
    expect(codesOf(one, 'Sales')).toEqual(['A', 'B']);
    await one.stop();
  });
});
