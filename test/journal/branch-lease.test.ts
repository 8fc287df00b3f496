/** The lease of a branch: a real journal in a folder, and a remote that a test answers for. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AppError } from '../../src/domain/errors.js';
import type { JournalEntry, JournalRecord } from '../../src/domain/journal.js';
import { BranchLease, mustBeFree } from '../../src/journal/branch-lease.js';
import { Journal, START_FILE } from '../../src/journal/journal.js';
import { ManualClock } from '../support/manual-clock.js';

const RUN = 'run-1';
const BRANCH = 'wrapkeeper-journal';
const completed: JournalEntry = {
  kind: 'run.completed',
  run: RUN,
  planDigest: 'sha256:0',
  outcome: 'nothing',
  summary: { applied: 0, inSync: 0, failed: 0, stale: 0, held: 0, notAttempted: 0 },
  requests: { sent: 0, retried: 0, throttled: 0 },
};

const moved = (): AppError => new AppError('journal.branch-moved', 'Another writer has pushed.');
const unreachable = (): AppError => new AppError('journal.branch-unreachable', 'Nobody answers.');

/** Lets everything run that waits for nothing but its turn and the disk. */
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
};

class World {
  readonly clock = new ManualClock();
  /** What each push that arrived has brought: the records of the journal by then. */
  readonly arrived: (readonly JournalRecord[])[] = [];
  /** Every push, also those that failed. */
  pushes = 0;
  /** What becomes of the next pushes. */
  answer: () => Promise<void> = () => Promise.resolve();
  readonly folder: string;
  readonly journal: Journal;
  readonly lease: BranchLease;

  private constructor(folder: string, journal: Journal, clock: ManualClock) {
    this.folder = folder;
    this.journal = journal;
    this.clock = clock;
    this.lease = new BranchLease({
      branch: BRANCH,
      journal,
      run: RUN,
      holder: 'runner-7',
      clock,
      push: async () => {
        this.pushes += 1;
        await this.answer();
        this.arrived.push(await this.records());
      },
    });
  }

  static async open({ keepMs = null }: { keepMs?: number | null } = {}): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'wrapkeeper-lease-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const clock = new ManualClock();
    const { journal } = await Journal.open({ folder, clock, keepMs });
    onTestFinished(() => journal.close().catch(() => undefined));
    return new World(folder, journal, clock);
  }

  async records(): Promise<readonly JournalRecord[]> {
    const texts = await Promise.all(
      (await readdir(this.folder))
        .filter((name) => name.endsWith('.jsonl'))
        .sort()
        .map((name) => readFile(join(this.folder, name), 'utf8')),
    );
    return texts
      .join('')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as JournalRecord);
  }

  /** Passes so much time that the holder looks after its lease, and waits until it has. */
  async renew(ms = 20_000): Promise<void> {
    const before = this.pushes;
    this.clock.advance(ms);
    await until(() => this.pushes > before && (this.clock.sleeping > 0 || this.lease.lost.aborted));
  }
}

const refusal = async (does: Promise<unknown>): Promise<AppError> => {
  const error = await does.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AppError)) throw new Error(`not refused: ${String(error)}`);
  return error;
};

const kinds = (records: readonly JournalRecord[] | undefined): readonly string[] =>
  (records ?? []).map(({ kind }) => kind);

describe('a lease on a branch', () => {
  it('is taken with the first push, which brings what was appended before', async () => {
    const { journal, lease, arrived, clock } = await World.open();
    await journal.append([completed]);
    expect(arrived).toHaveLength(0);
    await expect(lease.mustBeHeld()).rejects.toThrow('a write before the lease was taken');
    await lease.publish();
    await lease.mustBeHeld();
    expect(kinds(arrived[0])).toEqual(['run.completed', 'lease']);
    expect(journal.state.lease).toEqual({
      run: RUN,
      holder: 'runner-7',
      until: new Date(clock.now() + 120_000).toISOString(),
    });
    await lease.finish();
  });

  it('is renewed every 20 seconds, with what was appended meanwhile', async () => {
    const world = await World.open();
    const { journal, lease, arrived, clock } = world;
    await lease.publish();
    for (let times = 1; times <= 15; times += 1) {
      await journal.append([completed]);
      await world.renew();
      await lease.mustBeHeld();
      expect(arrived).toHaveLength(1 + times);
      expect(kinds(arrived.at(-1)).slice(-2)).toEqual(['run.completed', 'lease']);
      expect(journal.state.lease?.until).toBe(new Date(clock.now() + 120_000).toISOString());
    }
    await lease.finish();
  });

  it('is given back at the end, with everything that was not pushed yet', async () => {
    const { journal, lease, arrived, clock } = await World.open();
    await lease.publish();
    await journal.append([completed]);
    await lease.finish();
    expect(kinds(arrived.at(-1))).toEqual(['lease', 'run.completed', 'lease']);
    expect(arrived.at(-1)?.at(-1)).toMatchObject({ run: RUN, until: null });
    expect(journal.state.lease).toBeNull();
    expect(clock.sleeping).toBe(0);
  });

  it('is not taken, and nothing is pushed, where nothing was appended', async () => {
    const world = await World.open();
    await world.lease.finish();
    expect(world.pushes).toBe(0);
    expect(await world.records()).toEqual([]);
  });

  it('is not taken by a run that writes down its end alone', async () => {
    const { journal, lease, arrived } = await World.open();
    await journal.append([completed]);
    await lease.finish();
    expect(arrived.map(kinds)).toEqual([['run.completed']]);
  });
});

describe('a lease is lost', () => {
  it('when somebody else has pushed: the holder stops, and does not try again', async () => {
    const world = await World.open();
    const { lease } = world;
    await lease.publish();
    world.answer = () => Promise.reject(moved());
    await world.renew();
    expect(lease.lost.aborted).toBe(true);
    const error = await refusal(lease.mustBeHeld());
    expect(error.code).toBe('lease.lost');
    expect(error.message).toBe(
      'The lease on the branch "wrapkeeper-journal" was lost: another run has pushed to it. Nothing more was written.',
    );
    expect(await refusal(lease.publish())).toBe(error);
    world.clock.advance(120_000);
    expect(world.pushes).toBe(2);
  });

  it('with the first push, where somebody else was first', async () => {
    const world = await World.open();
    world.answer = () => Promise.reject(moved());
    expect((await refusal(world.lease.publish())).code).toBe('journal.branch-moved');
    expect(world.lease.lost.aborted).toBe(true);
    expect(world.clock.sleeping).toBe(0);
    expect((await refusal(world.lease.finish())).code).toBe('journal.branch-moved');
    expect(world.arrived).toEqual([]);
  });

  it('before it is over for others, where pushes do not arrive', async () => {
    const world = await World.open();
    const { lease, clock } = world;
    await lease.publish();
    world.answer = () => Promise.reject(unreachable());
    for (let times = 1; times <= 4; times += 1) {
      await world.renew();
      await lease.mustBeHeld();
    }
    clock.advance(10_000);
    await lease.mustBeHeld();
    const stops = new Promise((resolve) => lease.lost.addEventListener('abort', resolve));
    // Nobody asks for a write now: the run is told all the same.
    clock.advance(10_000);
    await stops;
    expect((await refusal(lease.mustBeHeld())).message).toContain('could not be renewed in time');
    expect(world.arrived).toHaveLength(1);
  });

  it('while a push hangs', async () => {
    const world = await World.open();
    const { lease, clock } = world;
    await lease.publish();
    let letGo = (): void => undefined;
    world.answer = () => new Promise((resolve) => (letGo = resolve));
    clock.advance(20_000);
    await until(() => world.pushes === 2);
    clock.advance(70_000);
    await lease.mustBeHeld();
    clock.advance(1);
    expect((await refusal(lease.mustBeHeld())).code).toBe('lease.lost');
    world.answer = () => Promise.resolve();
    letGo();
    await lease.finish();
  });

  it('not by a push that fails once', async () => {
    const world = await World.open();
    const { lease, journal } = world;
    await lease.publish();
    world.answer = () => Promise.reject(unreachable());
    await world.renew();
    await world.renew();
    world.answer = () => Promise.resolve();
    await journal.append([completed]);
    await world.renew();
    for (let times = 1; times <= 4; times += 1) await world.renew();
    await lease.mustBeHeld();
    expect(kinds(world.arrived[1])).toEqual(['lease', 'lease', 'lease', 'run.completed', 'lease']);
    await lease.finish();
  });
});

describe('at the end', () => {
  it('what was done is pushed although the lease was over: nobody has taken it', async () => {
    const world = await World.open();
    const { lease, journal, clock } = world;
    await lease.publish();
    world.answer = () => Promise.reject(unreachable());
    await journal.append([completed]);
    await world.renew(100_000);
    expect(lease.lost.aborted).toBe(true);
    world.answer = () => Promise.resolve();
    await lease.finish();
    expect(world.arrived.at(-1)).toContainEqual(expect.objectContaining({ kind: 'run.completed' }));
    expect(world.arrived.at(-1)?.at(-1)).toMatchObject({ kind: 'lease', until: null });
    expect(clock.sleeping).toBe(0);
  });

  it('a lease is given back that may have been taken by a push without an answer', async () => {
    const world = await World.open();
    world.answer = () => Promise.reject(unreachable());
    expect((await refusal(world.lease.publish())).code).toBe('journal.branch-unreachable');
    expect(world.lease.lost.aborted).toBe(false);
    world.answer = () => Promise.resolve();
    await world.lease.finish();
    expect(world.arrived.at(-1)?.map((record) => record.kind === 'lease' && record.until)).toEqual([
      expect.any(String),
      null,
    ]);
  });

  it('a remote that is still away is told, and what it had before is known', async () => {
    const world = await World.open();
    const { lease, journal } = world;
    await journal.append([completed]);
    expect(lease.kept.seq).toBe(0);
    await lease.publish();
    const kept = journal.state.head;
    expect(lease.kept).toEqual(kept);
    await journal.append([completed]);
    world.answer = () => Promise.reject(unreachable());
    expect((await refusal(lease.finish())).code).toBe('journal.branch-unreachable');
    expect(lease.kept).toEqual(kept);
  });

  it('what was done is pushed although the folder could not be tidied up', async () => {
    const world = await World.open({ keepMs: 1 });
    const { lease, folder, journal } = world;
    await lease.publish();
    await journal.append([completed]);
    await writeFile(join(folder, START_FILE), 'no JSON');
    expect((await refusal(lease.finish())).code).toBe('journal.broken');
    expect(kinds(world.arrived.at(-1))).toEqual(['lease', 'run.completed', 'lease']);
  });
});

describe('a lease that was found', () => {
  const found = (run: string, leftMs: number, clock: ManualClock) => ({
    run,
    holder: 'runner-7',
    until: new Date(clock.now() + leftMs).toISOString(),
  });

  it.each([
    ['none', null],
    ['one that is over', { run: 'run-0', leftMs: 0 }],
    ['one’s own', { run: RUN, leftMs: 60_000 }],
  ])('%s is in nobody’s way', (_, lease) => {
    const clock = new ManualClock();
    const held = lease === null ? null : found(lease.run, lease.leftMs, clock);
    expect(() => mustBeFree(held, { branch: BRANCH, run: RUN, clock })).not.toThrow();
  });

  it('is another run’s: who holds it is told, and for how long', async () => {
    const clock = new ManualClock();
    const held = found('run-0', 41_500, clock);
    const error = await refusal(
      // oxlint-disable-next-line require-await -- what it throws becomes a rejection
      (async () => mustBeFree(held, { branch: BRANCH, run: RUN, clock }))(),
    );
    expect(error).toMatchObject({ code: 'lease.held', exitCode: 1 });
    expect(error.message).toBe(
      'The run run-0 (on runner-7) holds the lease on the branch "wrapkeeper-journal". One run at a time may write; nothing was read or written.',
    );
    expect(error.diagnostics[0]?.remedy).toContain('within 42 s');
  });
});
