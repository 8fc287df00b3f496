import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AppError } from '../../src/domain/errors.js';
import { acquireLease } from '../../src/journal/lease.js';
import type { Lease } from '../../src/journal/lease.js';
import { hasEnded, identifyProcess } from '../../src/journal/machine.js';
import { ManualClock } from '../support/manual-clock.js';

const HAS_PROC = existsSync('/proc/self/stat');

const place = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'wrapkeeper-lease-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'journal');
};

const take = async (
  folder: string,
  clock: ManualClock,
  run = 'run-1',
  pid = process.pid,
): Promise<Lease> => {
  const lease = await acquireLease({ folder, run, clock, pid });
  onTestFinished(() => lease.release());
  return lease;
};

/** A process that lives until it is told to end. */
const live = async (): Promise<ChildProcess> => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log(1)'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
};

const kill = async (child: ChildProcess): Promise<void> => {
  child.kill('SIGKILL');
  await once(child, 'close');
};

const refusal = async (taking: Promise<unknown>): Promise<AppError> => {
  const error = await taking.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AppError)) throw new Error(`not refused: ${String(error)}`);
  return error;
};

const leases = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith('lease.')).sort();

/** Passes time in steps in which the holder renews, as it does while it is alive. */
const passWhileRenewing = async (clock: ManualClock, path: string, ms: number): Promise<void> => {
  const end = clock.now() + ms;
  while (clock.now() < end) {
    clock.advance(10_000);
    const now = clock.now();
    while ((await stat(path)).mtimeMs !== now || clock.sleeping === 0)
      await new Promise((resolve) => setImmediate(resolve));
  }
};

describe('a lease', () => {
  it('is taken in a folder that is made for it, and says who holds it', async () => {
    const folder = await place();
    await take(folder, new ManualClock());
    expect(await leases(folder)).toEqual(['lease.1.json']);
    const path = join(folder, 'lease.1.json');
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({
      run: 'run-1',
      pid: process.pid,
    });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await readFile(join(folder, '.gitignore'), 'utf8')).toBe('*\n');
  });

  it('is refused while another holds it, who is named', async () => {
    const folder = await place();
    const clock = new ManualClock();
    await take(folder, clock);
    clock.advance(9_000);
    const error = await refusal(acquireLease({ folder, run: 'run-2', clock }));
    expect(error.code).toBe('lease.held');
    expect(error.exitCode).toBe(1);
    expect(error.message).toContain(`The run run-1 (process ${process.pid} on `);
    expect(error.diagnostics[0]?.remedy).toContain('within 51 s');
    expect(await leases(folder)).toEqual(['lease.1.json']);
  });

  it('is renewed for as long as it is held', async () => {
    const folder = await place();
    const clock = new ManualClock();
    const lease = await take(folder, clock);
    await passWhileRenewing(clock, join(folder, 'lease.1.json'), 300_000);
    await lease.mustBeHeld();
    expect((await refusal(acquireLease({ folder, run: 'run-2', clock }))).code).toBe('lease.held');
  });

  it('is free at once when it is released, and its number is not used again', async () => {
    const folder = await place();
    const clock = new ManualClock();
    await (await take(folder, clock)).release();
    expect(clock.sleeping).toBe(0);
    await take(folder, clock, 'run-2');
    expect(await leases(folder)).toEqual(['lease.2.json']);
  });

  it('is free a minute after the last sign of life of a holder elsewhere', async () => {
    const folder = await place();
    const clock = new ManualClock();
    const lease = await take(folder, clock);
    await lease.release();
    const elsewhere = { run: 'run-1', host: 'other', pid: 1, boot: 'other', startedAt: '1' };
    const path = join(folder, 'lease.1.json');
    await writeFile(path, JSON.stringify(elsewhere));
    await utimes(path, clock.now() / 1000, clock.now() / 1000);
    clock.advance(59_999);
    expect((await refusal(acquireLease({ folder, run: 'run-2', clock }))).code).toBe('lease.held');
    clock.advance(1);
    await take(folder, clock, 'run-2');
    expect(await leases(folder)).toEqual(['lease.2.json']);
  });

  it('counts as held while its file is not yet written whole', async () => {
    const folder = await place();
    const clock = new ManualClock();
    await (await take(folder, clock)).release();
    const path = join(folder, 'lease.2.json');
    await writeFile(path, '{"run":');
    await utimes(path, clock.now() / 1000, clock.now() / 1000);
    const error = await refusal(acquireLease({ folder, run: 'run-3', clock }));
    expect(error.message).toMatch(/^Another run holds the lease/);
  });

  it.skipIf(!HAS_PROC)('is free at once when its process on this machine is gone', async () => {
    const folder = await place();
    const clock = new ManualClock();
    const child = await live();
    await take(folder, clock, 'run-1', child.pid);
    expect((await refusal(acquireLease({ folder, run: 'run-2', clock }))).code).toBe('lease.held');
    await kill(child);
    await take(folder, clock, 'run-2');
    expect(await leases(folder)).toEqual(['lease.2.json']);
  });

  it('is taken by one of many who want it at the same time', async () => {
    const folder = await place();
    const clock = new ManualClock();
    for (let round = 1; round <= 10; round += 1) {
      const tries = await Promise.allSettled(
        Array.from({ length: 8 }, (_, index) =>
          acquireLease({ folder, run: `run-${index}`, clock }),
        ),
      );
      const held = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(held).toHaveLength(1);
      const refused = tries.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      expect(refused.every((error) => error.code === 'lease.held')).toBe(true);
      for (const lease of held) {
        await lease.mustBeHeld();
        await lease.release();
      }
    }
  });
});

describe('a holder', () => {
  it('finds its lease lost once another has taken it', async () => {
    const folder = await place();
    const clock = new ManualClock();
    const lease = await take(folder, clock);
    await lease.mustBeHeld();
    await writeFile(join(folder, 'lease.2.json'), '{}');
    expect(lease.lost.aborted).toBe(false);
    const error = await refusal(lease.mustBeHeld());
    expect(error.code).toBe('lease.lost');
    expect(error.message).toContain('another run has taken it');
    expect(lease.lost.aborted).toBe(true);
    expect(await refusal(lease.mustBeHeld())).toBe(error);
  });

  it('is told when the other has removed its file', async () => {
    const folder = await place();
    const clock = new ManualClock();
    const lease = await take(folder, clock);
    await rm(join(folder, 'lease.1.json'));
    const lost = once(lease.lost, 'abort');
    clock.advance(10_000);
    await lost;
    expect((await refusal(lease.mustBeHeld())).code).toBe('lease.lost');
  });

  it('that slept for too long does not believe in it any more', async () => {
    const folder = await place();
    const clock = new ManualClock();
    const lease = await take(folder, clock);
    // The machine was asleep: no renewal came between.
    await lease.release();
    clock.advance(50_001);
    expect((await refusal(lease.mustBeHeld())).message).toContain('could not be renewed in time');
  });
});

describe('a folder that cannot be used', () => {
  it('is refused with the reason', async () => {
    const folder = await place();
    await writeFile(folder, 'a file');
    const error = await refusal(acquireLease({ folder, run: 'run-1', clock: new ManualClock() }));
    expect(error.code).toBe('journal.unwritable');
    expect(error.message).toContain('it is no folder');
  });

  it.skipIf(process.getuid?.() === 0)('is refused where nobody may write', async () => {
    const folder = await place();
    await (await take(folder, new ManualClock())).release();
    await chmod(folder, 0o500);
    onTestFinished(() => chmod(folder, 0o700));
    const error = await refusal(acquireLease({ folder, run: 'run-1', clock: new ManualClock() }));
    expect(error.message).toContain('permission denied');
  });
});

describe.skipIf(!HAS_PROC)('a process', () => {
  it('has ended once it is gone, and not before', async () => {
    const child = await live();
    const identity = await identifyProcess(child.pid!);
    expect(await hasEnded(identity)).toBe(false);
    await kill(child);
    expect(await hasEnded(identity)).toBe(true);
  });

  it('is not another one that later got its number', async () => {
    const identity = await identifyProcess(process.pid);
    expect(await hasEnded(identity)).toBe(false);
    expect(await hasEnded({ ...identity, startedAt: '1' })).toBe(true);
  });

  it('of another machine, or another container, may still be there', async () => {
    const identity = await identifyProcess(process.pid);
    expect(await hasEnded({ ...identity, startedAt: '1', boot: 'another' })).toBe(false);
    expect(await hasEnded({ ...identity, startedAt: null })).toBe(false);
  });
});
