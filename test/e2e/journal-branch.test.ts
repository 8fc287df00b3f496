/** `journal.branch`: a journal that survives runners which keep nothing, as processes and real repositories. */
import { readdirSync, renameSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../../src/cli/program.js';
import type { Anchor } from '../../src/domain/audit.js';
import type { ApplyReport } from '../../src/domain/change.js';
import type { Clock } from '../../src/domain/clock.js';
import type { JournalEntry, JournalRecord } from '../../src/domain/journal.js';
import { Journal } from '../../src/journal/journal.js';
import { SEGMENT_BYTES } from '../../src/journal/segments.js';
import { verifyJournal } from '../../src/journal/verify.js';
import type { FaultRequest } from '../../src/simulator/faults.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { FakeClock } from '../support/fake-clock.js';
import { BRANCH, Remote } from './clones.js';
import { environmentFor, repository, run, start } from './cli.js';
import type { Result, Running } from './cli.js';
import { BILLING, settings } from './policies.js';

const QUEUES = ['Billing DE', 'Billing EN', 'Billing FR'];
/** Longer than a lease lasts. */
const LATER_MS = 121_000;
const ON_BRANCH = `journal: { branch: ${BRANCH} }`;

let simulator: Simulator;
let remote: Remote;

const simulate = (queues: readonly string[]): Promise<Simulator> =>
  startSimulator({
    seed: {
      organization: { name: 'Example Contact Centre' },
      codes: ['Resolved', 'Escalated', 'Call back', 'Other'],
      queues: queues.map((name) => ({ name, codes: ['Resolved', 'Other'] })),
    },
  });

const filesWith = (...lines: readonly string[]): Record<string, string> => ({
  'policies/billing.yaml': BILLING,
  // What a test does not wait for should not be waited for.
  'wrapkeeper.yaml': settings('settleFor: 1s', ...lines),
});

beforeEach(async () => {
  simulator = await simulate(QUEUES);
  remote = await Remote.with(filesWith(ON_BRANCH));
});
afterEach(() => simulator.close());

const env = (): Record<string, string> => ({
  ...environmentFor(simulator),
  HOME: remote.base,
  TMPDIR: remote.temporary,
});
const APPLY = ['apply', '--auto-approve', '--format', 'json'] as const;
const apply = (cwd: string, ...args: readonly string[]): Promise<Result> =>
  run([...APPLY, ...args], { cwd, env: env() });
const reportOf = ({ stdout }: Pick<Result, 'stdout'>): ApplyReport => {
  const report = JSON.parse(stdout) as ApplyReport;
  expect(report.kind).toBe('ApplyReport');
  return report;
};
/** The first finding of a run that ended without a report. */
const errorOf = ({
  stdout,
}: Pick<Result, 'stdout'>): { code: string; message: string; remedy: string } => {
  const error = JSON.parse(stdout) as {
    kind: string;
    diagnostics: { code: string; message: string; remedy: string }[];
  };
  expect(error.kind).toBe('Error');
  return error.diagnostics[0]!;
};
const codesOf = ({ diagnostics }: ApplyReport): readonly string[] =>
  diagnostics.map(({ code }) => code);

/** The clock on the wall, so much ahead. */
const ahead = (ms: () => number): Clock => ({
  now: () => Date.now() + ms(),
  sleep: (forMs, signal) => sleep(forMs, undefined, { signal }).catch(() => undefined),
});

/** The same program, by a clock of the test: nobody waits for a lease to be over. */
const applyBy = async (clock: Clock, cwd: string): Promise<Pick<Result, 'exit' | 'stdout'>> => {
  const printed: string[] = [];
  const exit = await runCli({
    argv: APPLY,
    env: { PATH: process.env['PATH'], ...env() },
    cwd,
    stdin: Readable.from([]),
    stdout: {
      write: (text, done) => {
        printed.push(text);
        done();
      },
    },
    stderr: { write: (_, done) => done() },
    clock,
    signal: new AbortController().signal,
    random: () => Math.random(),
    newId: () => crypto.randomUUID(),
  });
  return { exit, stdout: printed.join('') };
};
const applyLater = (cwd: string) =>
  applyBy(
    ahead(() => LATER_MS),
    cwd,
  );

const isWrite = ({ method, path }: Pick<FaultRequest, 'method' | 'path'>): boolean =>
  method !== 'GET' && path.startsWith('/api/v2/routing/');
const writes = (): number => simulator.requests.all().filter(isWrite).length;
/** Whoever asks anything logs in first; the requests of a run that hangs may still be arriving. */
const logins = (): number | undefined => simulator.requests.counts()['POST /oauth/token'];
/** Something happens when the first write arrives. */
const atFirstWrite = (act: () => void): void =>
  void simulator.faults.add({ match: isWrite, times: 1, effect: { kind: 'edit', act } });

/** An apply that hangs in its first write. */
const inTheMiddle = async (cwd: string): Promise<Running> => {
  const arrived = new Promise<void>((resolve) => {
    simulator.faults.add({
      match: isWrite,
      effect: [
        { kind: 'edit', act: () => resolve() },
        { kind: 'latency', ms: 60_000 },
      ],
    });
  });
  const running = start(APPLY, { cwd, env: env() });
  await arrived;
  return running;
};

const kill = async (running: Running): Promise<void> => {
  running.child.kill('SIGKILL');
  await running.result;
};

const of = <Kind extends JournalEntry['kind']>(
  records: readonly JournalRecord[],
  kind: Kind,
): readonly JournalRecord<Extract<JournalEntry, { readonly kind: Kind }>>[] =>
  records.filter(
    (record): record is JournalRecord<Extract<JournalEntry, { readonly kind: Kind }>> =>
      record.kind === kind,
  );
const kindsOf = (records: readonly JournalRecord[]): readonly string[] =>
  records.map(({ kind }) => kind);

/** Every record on the branch follows the one before, and the queues are as the policies want them. */
const mustHold = async (): Promise<void> => {
  const verified = await verifyJournal(await remote.takeOut());
  expect(verified).toMatchObject({ broken: null, tornBytes: 0 });
  for (const name of simulator.state.queueNames())
    expect(simulator.state.codesOf(name)).toEqual(['Call back', 'Escalated', 'Resolved']);
};

/** The head that a report names, as a person would ask for it. */
const anchorOf = ({ journal }: ApplyReport): Anchor => ({
  seq: null,
  digits: journal?.hash.replace('sha256:', '') ?? '',
});

describe('an apply', () => {
  test('pushes all intents before its first write, and the rest at its end', async () => {
    const clone = remote.clone();
    const before = await remote.stateOf(clone);
    let atWrite: readonly JournalRecord[] = [];
    atFirstWrite(() => (atWrite = remote.records()));
    const result = await apply(clone);
    expect([result.exit, result.stderr]).toEqual([0, '']);
    const report = reportOf(result);

    expect(kindsOf(atWrite)).toEqual(['run.started', ...QUEUES.map(() => 'queue.intent'), 'lease']);
    expect(of(atWrite, 'queue.intent').map(({ queue }) => queue.name)).toEqual(QUEUES);
    expect(of(atWrite, 'lease')).toMatchObject([{ run: report.run, until: expect.any(String) }]);

    const records = remote.records();
    expect(kindsOf(records.slice(atWrite.length))).toEqual([
      ...QUEUES.map(() => 'queue.outcome'),
      'run.completed',
      'lease',
    ]);
    expect(records.at(-1)).toMatchObject({ until: null });
    expect(remote.commits()).toBe(2);

    const verified = await verifyJournal(await remote.takeOut(), anchorOf(report));
    expect(verified).toMatchObject({ broken: null, expected: [report.journal] });
    expect(report.diagnostics).toEqual([]);
    await mustHold();

    // The branch shares nothing with the policies.
    expect(remote.git('rev-list', '--max-parents=0', BRANCH).split('\n')).toHaveLength(1);
    expect(() => remote.git('merge-base', 'main', BRANCH)).toThrow();
    expect(await remote.stateOf(clone)).toEqual(before);
    expect(await readdir(remote.temporary)).toEqual([]);
  });

  test('goes on from there in a fresh clone', async () => {
    await apply(remote.clone());
    const first = remote.records();
    simulator.admin.removeCode('Billing EN', 'Resolved');
    const result = await apply(remote.clone());
    expect(result.exit).toBe(0);
    const records = remote.records();
    expect(records.slice(0, first.length)).toEqual(first);
    const added = records.slice(first.length);
    // What was removed by somebody else had been there: the journal knows.
    expect(of(added, 'queue.intent')).toMatchObject([
      { queue: { name: 'Billing EN' }, cause: 'drift' },
    ]);
    expect(of(first, 'queue.intent').map(({ cause }) => cause)).not.toContain('drift');
    await mustHold();
  });

  test('with nothing to write tells that it was there', async () => {
    await apply(remote.clone());
    const { exit } = await apply(remote.clone());
    expect(exit).toBe(0);
    expect(kindsOf(remote.records()).slice(-2)).toEqual(['run.started', 'run.completed']);
    expect(remote.commits()).toBe(3);
  });

  test('that nobody approved leaves no branch', async () => {
    const { exit } = await run(['apply'], { cwd: remote.clone(), env: env() });
    expect(exit).toBe(1);
    expect(remote.has(BRANCH)).toBe(false);
  });

  test('works where a checkout left a detached head, no history, and credentials', async () => {
    await apply(remote.clone());
    const clone = remote.clone('--depth', '1', '--no-tags', '--single-branch');
    remote.in(clone, 'checkout', '--quiet', '--detach', 'origin/main');
    remote.in(clone, 'branch', '--quiet', '--delete', '--force', 'main');
    const header = 'http.https://example.org/.extraheader';
    remote.in(clone, 'config', '--local', header, 'AUTHORIZATION: basic eDp5');
    const before = await remote.stateOf(clone);
    simulator.admin.removeCode('Billing EN', 'Resolved');
    const result = await apply(clone);
    expect(result.exit).toBe(0);
    expect(reportOf(result)).toMatchObject({ outcome: 'applied', diagnostics: [] });
    expect(of(remote.records(), 'run.started').at(-1)).toMatchObject({
      source: { commit: remote.git('rev-parse', 'main'), author: 'Jo Doe <jo@example.org>' },
    });
    await mustHold();
    expect(await remote.stateOf(clone)).toEqual(before);
  });

  test('that is stopped by a signal tells so on the branch, and gives the lease back', async () => {
    const clone = remote.clone();
    atFirstWrite(() => running.child.kill('SIGINT'));
    const running = start(APPLY, { cwd: clone, env: env() });
    const result = await running.result;
    expect(result.exit).toBe(130);
    expect(codesOf(reportOf(result))).toContain('cli.interrupted');
    const records = remote.records();
    expect(of(records, 'queue.outcome')).toHaveLength(QUEUES.length);
    expect(records.at(-1)).toMatchObject({ kind: 'lease', until: null });
    // Nobody has to wait, and nothing is open.
    const next = await apply(remote.clone());
    expect(next.exit).toBe(0);
    expect(codesOf(reportOf(next))).toEqual([]);
    await mustHold();
  });
});

describe('a run that takes its time', () => {
  const ONE_AT_A_TIME = 'limits: { concurrency: 1 }';
  const RENEW_EVERY_MS = 20_000;
  /** Something happens when the first write of the second queue arrives: the first is done by then. */
  const atSecondQueue = (act: () => void): void => {
    const { id } = simulator.state.queue('Billing EN');
    simulator.faults.add({
      match: (request) => isWrite(request) && request.path.includes(id ?? ''),
      times: 1,
      effect: { kind: 'edit', act },
    });
  };

  beforeEach(async () => {
    await remote.commit(remote.clone(), filesWith(ON_BRANCH, ONE_AT_A_TIME));
  });

  test('renews its lease, and pushes what it has done by then', async () => {
    let tick = (): void => undefined;
    const renewal = new Promise<void>((resolve) => (tick = resolve));
    const clock = ahead(() => 0);
    let renewals = 0;
    atSecondQueue(tick);
    const { exit } = await applyBy(
      {
        ...clock,
        sleep: async (ms, signal) => {
          if (ms !== RENEW_EVERY_MS) return clock.sleep(ms, signal);
          renewals += 1;
          return renewals === 1 ? renewal : clock.sleep(ms, signal);
        },
      },
      remote.clone(),
    );
    expect(exit).toBe(0);
    expect(remote.commits()).toBe(3);
    const byThen = remote.records(`${BRANCH}~1`);
    expect(of(byThen, 'queue.outcome').map(({ queue }) => queue.name)).toEqual(['Billing DE']);
    expect(byThen.at(-1)).toMatchObject({ kind: 'lease', until: expect.any(String) });
    expect(of(byThen, 'lease')).toHaveLength(2);
    await mustHold();
  });

  test('stops before its lease is over for others, where the remote has gone', async () => {
    let aheadMs = 0;
    atSecondQueue(() => {
      renameSync(remote.path, `${remote.path}.away`);
      aheadMs = 91_000;
    });
    const result = await applyBy(
      ahead(() => aheadMs),
      remote.clone(),
    );
    renameSync(`${remote.path}.away`, remote.path);
    expect(result.exit).toBe(3);
    const report = reportOf(result);
    expect(report.queues.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['Billing DE', 'applied'],
      ['Billing EN', 'failed'],
      ['Billing FR', 'not-attempted'],
    ]);
    expect(report.queues[1]?.reason).toContain('the lease was lost');
    expect(codesOf(report)).toEqual(['lease.lost', 'journal.branch-unreachable']);
    expect(report.diagnostics[0]?.message).toContain('it could not be renewed in time');

    const next = await applyLater(remote.clone());
    expect(next.exit).toBe(0);
    const settled = of(remote.records(), 'queue.settled');
    expect(settled.map(({ queue, verdict }) => [queue.name, verdict])).toEqual([
      ['Billing DE', 'applied'],
      ['Billing EN', 'partial'],
      ['Billing FR', 'not-applied'],
    ]);
    await mustHold();
  });
});

describe('two runs at once', () => {
  test('one is refused while the other holds the lease', async () => {
    const first = await inTheMiddle(remote.clone());
    const tip = remote.git('rev-parse', BRANCH);
    const second = await apply(remote.clone());
    expect(second.exit).toBe(1);
    const error = errorOf(second);
    const [lease] = of(remote.records(), 'lease');
    expect(error.code).toBe('lease.held');
    expect(error.message).toContain(`The run ${lease?.run} (on ${lease?.holder}) holds the lease`);
    expect(error.remedy).toMatch(/within 1[012]\d s\.$/);
    expect(logins()).toBe(1);
    expect(remote.git('rev-parse', BRANCH)).toBe(tip);
    expect(await run(['plan'], { cwd: remote.clone(), env: env() })).toMatchObject({
      exit: 0,
    });
    await kill(first);
  });

  test.each([
    ['of a branch that is new', false],
    ['of a branch that is there', true],
  ])('both have read before either has pushed, %s: one writes', async (_, isThere) => {
    await simulator.close();
    simulator = await simulate(['Billing EN']);
    // A remote that would take whatever it is told to.
    remote.git('config', 'receive.denyNonFastForwards', 'false');
    if (isThere) {
      expect((await apply(remote.clone())).exit).toBe(0);
      simulator.admin.removeCode('Billing EN', 'Resolved');
    }
    // The loser is halted in the last read before its plan: it has the branch, and the queue as it was.
    const halted = new Promise<void>((resolve) => {
      simulator.faults.add({
        match: { method: 'GET', path: '/api/v2/routing/queues/{queueId}/wrapupcodes' },
        times: 1,
        effect: {
          kind: 'edit',
          act: () => {
            loser.child.kill('SIGSTOP');
            resolve();
          },
        },
      });
    });
    const loser = start(APPLY, { cwd: remote.clone(), env: env() });
    await halted;
    const before = writes();
    const winner = await apply(remote.clone());
    expect(winner.exit).toBe(0);
    const tip = remote.git('rev-parse', BRANCH);
    const byWinner = writes();
    expect(byWinner).toBeGreaterThan(before);

    loser.child.kill('SIGCONT');
    const lost = await loser.result;
    expect(lost.exit).toBe(1);
    const report = reportOf(lost);
    expect(codesOf(report)).toEqual(['journal.branch-moved', 'lease.lost']);
    expect(report.diagnostics[1]?.message).toContain('another run has pushed to it');
    expect(report).toMatchObject({ outcome: 'failed', summary: { applied: 0 } });
    expect(writes()).toBe(byWinner);
    expect(remote.git('rev-parse', BRANCH)).toBe(tip);
    expect(codesOf(reportOf(winner))).toEqual([]);
    await mustHold();
    expect(await readdir(remote.temporary)).toEqual([]);
  });
});

describe('another writer in the middle of a run', () => {
  /** Somebody who knows nothing of leases puts a commit of his onto the branch. */
  const interfere = (): void => {
    const commit = remote.git('commit-tree', `${BRANCH}^{tree}`, '-p', BRANCH, '-m', 'Mine');
    remote.git('update-ref', `refs/heads/${BRANCH}`, commit);
  };

  test('keeps its end from the branch: that is told, and the next run settles it', async () => {
    atFirstWrite(interfere);
    const result = await apply(remote.clone());
    expect(result.exit).toBe(0);
    const report = reportOf(result);
    expect(report).toMatchObject({ outcome: 'applied', summary: { applied: 3 } });
    // Nothing was stopped: that the lease was lost says nothing here.
    expect(codesOf(report)).toEqual(['journal.branch-moved']);
    expect(report.diagnostics[0]?.message).toContain('The end of this run could not be kept');
    expect(remote.git('log', '-1', '--format=%s', BRANCH)).toBe('Mine');
    const before = writes();
    const next = await applyLater(remote.clone());
    expect(codesOf(reportOf(next))).toEqual(QUEUES.map(() => 'journal.settled'));
    expect(writes()).toBe(before);
    await mustHold();
  });
});

describe('a remote that cannot be reached', () => {
  const away = (): void => renameSync(remote.path, `${remote.path}.away`);
  const back = (): void => renameSync(`${remote.path}.away`, remote.path);

  test('at first: nothing is read or written', async () => {
    const clone = remote.clone();
    away();
    const result = await apply(clone);
    expect(result.exit).toBe(1);
    expect(errorOf(result)).toMatchObject({ code: 'journal.branch-unreachable' });
    expect(simulator.requests.all()).toEqual([]);
    expect(await readdir(remote.temporary)).toEqual([]);
  });

  test('for the intents: nothing is written', async () => {
    const clone = remote.clone();
    simulator.faults.add({
      match: { method: 'GET', path: '/api/v2/routing/queues' },
      times: 1,
      effect: { kind: 'edit', act: away },
    });
    const result = await apply(clone);
    expect(result.exit).toBe(1);
    expect(codesOf(reportOf(result))).toEqual(['journal.branch-unreachable']);
    expect(writes()).toBe(0);
    back();
    expect(remote.has(BRANCH)).toBe(false);
  });

  test('from the first write on: the run ends truly, and the next one settles the rest', async () => {
    const clone = remote.clone();
    atFirstWrite(away);
    const result = await apply(clone);
    expect(result.exit).toBe(0);
    const report = reportOf(result);
    expect(report).toMatchObject({ outcome: 'applied', summary: { applied: 3 } });
    expect(report.diagnostics).toMatchObject([{ code: 'journal.branch-unreachable' }]);
    // The report names no record that nobody will ever find.
    expect(report.journal?.seq).toBe(1 + QUEUES.length + 1);
    const [{ message, remedy } = { message: '', remedy: '' }] = report.diagnostics;
    expect(message).toContain('The end of this run could not be kept in the journal: ');
    expect(message).toContain(`the branch "${BRANCH}" of "origin" could not be `);
    expect(remedy).toContain('The next run settles what is missing');

    back();
    const before = writes();
    const soon = await apply(remote.clone());
    expect(errorOf(soon).code).toBe('lease.held');
    const next = await applyLater(remote.clone());
    expect(next.exit).toBe(0);
    expect(codesOf(reportOf(next))).toEqual(QUEUES.map(() => 'journal.settled'));
    expect(writes()).toBe(before);
    const settled = of(remote.records(), 'queue.settled');
    expect(settled.map(({ queue }) => queue.name).sort()).toEqual(QUEUES);
    for (const record of settled)
      expect(record).toMatchObject({
        of: report.run,
        verdict: 'applied',
        compliant: true,
        evidence: { read: 'after', words: expect.stringContaining('the whole change') },
      });
    await mustHold();
    const { expected } = await verifyJournal(await remote.takeOut(), anchorOf(report));
    expect(expected).toEqual([report.journal]);
  });
});

describe('a run that was killed', () => {
  test('keeps the others waiting as long as its lease, then its queues are settled', async () => {
    const first = await inTheMiddle(remote.clone());
    await kill(first);
    simulator.faults.clear();
    const soon = await apply(remote.clone());
    expect([soon.exit, errorOf(soon).code]).toEqual([1, 'lease.held']);
    expect(errorOf(soon).remedy).toMatch(
      /^Wait until it is done\. Should it have died, its lease ends by itself within 1\d\d s\.$/,
    );
    const later = await applyLater(remote.clone());
    expect(later.exit).toBe(0);
    const records = remote.records();
    const settled = of(records, 'queue.settled');
    expect(settled).toHaveLength(QUEUES.length);
    // Nobody answered the first write; what reading shows of it counts.
    for (const { evidence, verdict } of settled) {
      expect(['before', 'between']).toContain(evidence.read);
      expect(['not-applied', 'partial', 'unknown']).toContain(verdict);
    }
    expect(records.at(-1)).toMatchObject({ kind: 'lease', until: null });
    await mustHold();
    const after = await applyLater(remote.clone());
    expect(codesOf(reportOf(after))).toEqual([]);
  });
});

describe('a saved plan', () => {
  test('is spent for every clone', async () => {
    const [one, two] = [remote.clone(), remote.clone()];
    await run(['plan', '--out', 'plan.json'], { cwd: one, env: env() });
    await copyFile(join(one, 'plan.json'), join(two, 'plan.json'));
    const first = await apply(one, 'plan.json');
    expect([first.exit, reportOf(first).outcome]).toEqual([0, 'applied']);
    simulator.admin.removeCode('Billing EN', 'Resolved');
    const asked = simulator.requests.all().length;
    const second = await apply(two, 'plan.json');
    expect([second.exit, errorOf(second).code]).toEqual([5, 'plan.spent']);
    expect(errorOf(second).message).toContain(reportOf(first).run);
    expect(simulator.requests.all()).toHaveLength(asked);
  });
});

const DAY_MS = 24 * 60 * 60 * 1000;
const RECORDS_PER_RUN = 3;

/** A journal of so many runs, some of them behind the last checkpoint. */
const journalOf = async (runs: number, at: number, padding: number): Promise<string> => {
  const folder = join(remote.base, 'history');
  await mkdir(folder);
  const clock = new FakeClock(at);
  for (const [first, last] of [
    [1, runs - 100],
    [runs - 99, runs],
  ] as const) {
    const { journal } = await Journal.open({ folder, clock, keepMs: null });
    let entries: JournalEntry[] = [];
    for (let n = first; n <= last; n += 1) {
      const id = `run-${n}`;
      entries.push(
        { kind: 'lease', run: id, holder: 'runner', until: new Date(at).toISOString() },
        {
          kind: 'run.completed',
          run: id,
          planDigest: `sha256:${'x'.repeat(padding)}`,
          outcome: 'nothing',
          summary: { applied: 0, inSync: 0, failed: 0, stale: 0, held: 0, notAttempted: 0 },
          requests: { sent: 0, retried: 0, throttled: 0 },
        },
        { kind: 'lease', run: id, holder: 'runner', until: null },
      );
      if (entries.length < 1000 && n < last) continue;
      await journal.append(entries);
      entries = [];
    }
    await journal.close();
  }
  return folder;
};

/** The journal's branch with so many commits, the last of which has the files of a folder. */
const historyOf = async (commits: number, folder: string): Promise<void> => {
  const by = 'wrapkeeper <wrapkeeper@localhost> 1700000000 +0000';
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const files = await Promise.all(
    (await readdir(folder)).map(
      async (name) => [name, await readFile(join(folder, name), 'utf8')] as const,
    ),
  );
  let stream = '';
  for (let n = 1; n <= commits; n += 1) {
    stream += `commit refs/heads/${BRANCH}\ncommitter ${by}\n${data(`Run ${n}`)}`;
    const now = n < commits ? [['journal.000000000001.jsonl', `run ${n}\n`] as const] : files;
    for (const [name, text] of now) stream += `M 100644 inline ${name}\n${data(text)}`;
  }
  remote.feed(stream, 'fast-import', '--quiet');
};

describe('a long history', () => {
  test('of 10,000 runs: what a run needs of it is fetched, and no more', async () => {
    const folder = await journalOf(10_000, Date.now() - DAY_MS, 400);
    await historyOf(10_000, folder);
    expect(remote.commits()).toBe(10_000);
    const segments = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort();
    expect(segments.length).toBeGreaterThan(5);
    const clone = remote.clone('--single-branch');

    let here: readonly string[] = [];
    let fetched: { readonly commits: number; readonly bytes: number } | null = null;
    atFirstWrite(() => {
      const [copy = ''] = readdirSync(remote.temporary).filter((name) => /-journal-/.test(name));
      here = readdirSync(join(remote.temporary, copy)).sort();
      const [bare = ''] = readdirSync(remote.temporary).filter((name) => /-branch-/.test(name));
      const repo = join(remote.temporary, bare, 'repository');
      const sizes = remote
        .in(repo, 'cat-file', '--batch-all-objects', '--batch-check=%(objecttype) %(objectsize)')
        .split('\n')
        .map((line) => line.split(' '));
      fetched = {
        commits: sizes.filter(([type]) => type === 'commit').length,
        bytes: sizes.reduce((sum, [, size]) => sum + Number(size), 0),
      };
    });
    const begunAt = performance.now();
    const result = await apply(clone);
    const tookMs = performance.now() - begunAt;
    expect(result.exit).toBe(0);
    expect(here).toContain('journal-checkpoint.json');
    expect(segments.filter((name) => here.includes(name))).toEqual(segments.slice(-1));
    // The tip that was fetched, and the one that was pushed, each with its last file.
    expect(fetched).toMatchObject({ commits: 2 });
    expect(fetched!.bytes).toBeLessThan(3 * SEGMENT_BYTES);
    expect(tookMs).toBeLessThan(20_000);

    expect(remote.names()).toEqual(expect.arrayContaining(segments));
    expect(remote.commits()).toBe(10_002);
    const { records } = await verifyJournal(await remote.takeOut(), anchorOf(reportOf(result)));
    expect(records).toBeGreaterThan(10_000 * RECORDS_PER_RUN);
    await mustHold();
  });

  test('is cut where `journal.keep` says so', async () => {
    await remote.commit(remote.clone(), filesWith(`journal: { branch: ${BRANCH}, keep: 30d }`));
    const folder = await journalOf(1_000, Date.now() - 40 * DAY_MS, 3_000);
    const segments = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort();
    expect(segments.length).toBeGreaterThan(2);
    await historyOf(5, folder);
    const result = await apply(remote.clone());
    expect(result.exit).toBe(0);
    expect(reportOf(result).diagnostics).toEqual([]);
    const [checkpoint, chainStart, first = '', ...rest] = remote.names();
    expect([checkpoint, chainStart]).toEqual(['journal-checkpoint.json', 'journal-start.json']);
    // What was written just now stays, and the file in which it stands.
    expect([first, ...rest].some((name) => segments.slice(0, -1).includes(name))).toBe(false);
    const out = await remote.takeOut();
    const verified = await verifyJournal(out, anchorOf(reportOf(result)));
    expect(verified).toMatchObject({ broken: null, expected: [reportOf(result).journal] });
    expect(verified.start.seq).toBe(Number(/\d+/.exec(first)?.[0]) - 1);

    simulator.admin.removeCode('Billing EN', 'Resolved');
    expect((await apply(remote.clone())).exit).toBe(0);
    expect(of(remote.records(), 'queue.intent').at(-1)).toMatchObject({ cause: 'drift' });
    await mustHold();
  });
});

describe('a branch that cannot keep the journal', () => {
  const refused = async (cwd: string): Promise<ReturnType<typeof errorOf>> => {
    const result = await apply(cwd);
    expect(result.exit).toBe(1);
    expect(simulator.requests.all()).toEqual([]);
    expect(await readdir(remote.temporary)).toEqual([]);
    return errorOf(result);
  };

  test('where there is no remote', async () => {
    const clone = remote.clone();
    remote.in(clone, 'remote', 'remove', 'origin');
    const { code, message, remedy } = await refused(clone);
    expect(code).toBe('journal.branch-unusable');
    expect(message).toContain('has no remote "origin"');
    expect(remedy).toContain('git remote add origin URL');
  });

  test('where there is no repository', async () => {
    const { code, message, remedy } = await refused(await repository(filesWith(ON_BRANCH)));
    expect(code).toBe('journal.branch-unusable');
    expect(message).toContain('not a git repository');
    expect(remedy).toContain('a clone of the repository');
  });

  test('where somebody else uses it', async () => {
    const clone = remote.clone();
    await remote.commit(remote.clone(), { 'README.md': 'Ours\n' }, BRANCH);
    const tip = remote.git('rev-parse', BRANCH);
    const { code, message, remedy } = await refused(clone);
    expect(code).toBe('journal.branch-unusable');
    expect(message).toContain('holds something else than a journal');
    expect(remedy).toContain('Name a branch in `journal.branch`');
    expect(remote.git('rev-parse', BRANCH)).toBe(tip);
  });

  test('where a rule of the remote forbids it: nothing is written', async () => {
    const clone = remote.clone();
    const hook = join(remote.path, 'hooks', 'pre-receive');
    await writeFile(hook, '#!/bin/sh\necho "GH006: Protected branch" >&2\nexit 1\n', {
      mode: 0o755,
    });
    const result = await apply(clone);
    expect(result.exit).toBe(1);
    const [finding, ...others] = reportOf(result).diagnostics;
    expect(others).toEqual([]);
    expect(finding?.code).toBe('journal.branch-unusable');
    expect(finding?.message).toContain('GH006: Protected branch');
    expect(finding?.remedy).toContain('allow ordinary pushes to this branch');
    expect(writes()).toBe(0);
  });
});
