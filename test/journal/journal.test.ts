/** The journal of a folder, on a real disk. */
import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { JournalEntry, RunStarted } from '../../src/domain/journal.js';
import {
  CHECKPOINT_FILE,
  Journal,
  readJournalState,
  START_FILE,
} from '../../src/journal/journal.js';
import { SEGMENT_BYTES } from '../../src/journal/segments.js';
import { verifyJournal } from '../../src/journal/verify.js';
import { intent, started } from '../support/every-record.js';
import { FakeClock } from '../support/fake-clock.js';

const emptyFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'wrapkeeper-journal-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

const completed = (run: string, padding = 0): JournalEntry => ({
  kind: 'run.completed',
  run,
  planDigest: 'x'.repeat(padding),
  outcome: 'nothing',
  summary: { applied: 0, inSync: 0, failed: 0, stale: 0, held: 0, notAttempted: 0 },
  requests: { sent: 0, retried: 0, throttled: 0 },
});

const opened = async (
  folder: string,
  { clock = new FakeClock(), keepMs = null }: { clock?: FakeClock; keepMs?: number | null } = {},
) => Journal.open({ folder, clock, keepMs });

/** A journal with so many records, closed. */
const written = async (count: number, padding = 0): Promise<string> => {
  const folder = await emptyFolder();
  const { journal } = await opened(folder);
  for (let n = 1; n <= count; n += 1) await journal.append([completed(`run-${n}`, padding)]);
  await journal.close();
  return folder;
};

const fileOf = async (folder: string): Promise<string> => {
  const [name = ''] = (await readdir(folder)).filter((each) => each.endsWith('.jsonl')).sort();
  return join(folder, name);
};

describe('a journal', () => {
  it('chains every record to the one before, over runs and files', async () => {
    const folder = await written(3);
    const { journal } = await opened(folder);
    expect(await journal.append([completed('a'), completed('b')])).toEqual([4, 5]);
    await journal.close();
    const lines = (await readFile(await fileOf(folder), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual([1, 2, 3, 4, 5]);
    const result = await verifyJournal(folder);
    expect(result).toMatchObject({ records: 5, broken: null, tornBytes: 0, start: { seq: 0 } });
    expect(result.head).toEqual(journal.state.head);
  });

  it('begins a new file beyond a size, and reads across', async () => {
    const folder = await written(5, SEGMENT_BYTES / 2);
    expect((await readdir(folder)).filter((name) => name.endsWith('.jsonl'))).toHaveLength(3);
    expect(await verifyJournal(folder)).toMatchObject({ records: 5, broken: null });
    const { journal } = await opened(folder);
    const { record, hash } = await journal.read(4);
    expect(record).toMatchObject({ seq: 4, run: 'run-4' });
    expect((await journal.read(5)).record.prev).toBe(hash);
    await journal.close();
  });

  it('keeps appends of many at once in one chain', async () => {
    const folder = await emptyFolder();
    const { journal } = await opened(folder);
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => journal.append([completed(`${n}`), completed(`${n}b`)])),
    );
    await journal.close();
    expect(await verifyJournal(folder)).toMatchObject({ records: 100, broken: null });
  });

  it('remembers by a checkpoint what it would come to without', async () => {
    const folder = await emptyFolder();
    const { journal } = await opened(folder);
    await journal.append(
      Array.from({ length: 1200 }, (_, n) => ({
        kind: 'in-sync' as const,
        run: 'r',
        queues: [{ id: `q${n % 40}` as never, desired: `d${n}` }],
      })),
    );
    await journal.append([completed('r')]);
    await journal.close();
    expect(await readdir(folder)).toContain(CHECKPOINT_FILE);
    const quick = (await readJournalState(folder)).checkpoint();
    await rm(join(folder, CHECKPOINT_FILE));
    expect((await readJournalState(folder)).checkpoint()).toEqual(quick);
    expect(quick.head).toEqual(journal.state.head);
  });

  it('remembers which commits are in force, through checkpoints too', async () => {
    const folder = await emptyFolder();
    const { journal } = await opened(folder);
    const run = (name: string, commit: string | null, changes: Partial<RunStarted> = {}) =>
      started({ run: name, source: { ...started().source, commit }, ...changes });
    const undoes = { ...started().plan, undoes: 'first' };
    await journal.append([
      run('first', 'aaa'),
      completed('first'),
      run('second', 'bbb'),
      intent({ run: 'second' }),
      run('again', 'aaa', { branch: 'sandbox' }),
      completed('again'),
      // Refused, died before it wrote, undid, or came from no commit.
      run('refused', 'ccc'),
      { kind: 'run.refused', run: 'refused', planDigest: 'd', guards: [] },
      run('died', 'ddd'),
      run('undo', 'eee', { plan: undoes }),
      completed('undo'),
      run('none', null),
      completed('none'),
      run('last', 'bbb'),
      completed('last'),
    ]);
    const told = [
      ['bbb', 'main', 'last'],
      ['aaa', 'sandbox', 'again'],
      ['aaa', 'main', 'first'],
    ];
    const { applied } = journal.state;
    expect(applied.map(({ commit, branch, run: by }) => [commit, branch, by])).toEqual(told);
    await journal.append(Array.from({ length: 1000 }, (_, n) => completed(`${n}`)));
    await journal.close();
    expect(await readdir(folder)).toContain(CHECKPOINT_FILE);
    expect((await readJournalState(folder)).applied).toEqual(applied);
  });

  it('does not believe a checkpoint whose record is not there', async () => {
    const folder = await written(1001);
    const file = await fileOf(folder);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.slice(0, text.lastIndexOf('{')));
    expect((await readJournalState(folder)).head.seq).toBe(1000);
  });
});

describe('a torn last line', () => {
  it('is taken away and told, wherever it was cut', async () => {
    const whole = await written(3);
    const text = await readFile(await fileOf(whole), 'utf8');
    const lastAt = text.trimEnd().lastIndexOf('\n') + 1;
    for (let cut = lastAt + 1; cut < text.length - 1; cut += 7) {
      const folder = await written(3);
      await truncate(await fileOf(folder), cut);
      expect(await verifyJournal(folder)).toMatchObject({ records: 2, tornBytes: cut - lastAt });
      const { journal, diagnostics } = await opened(folder);
      expect(diagnostics.map(({ code }) => code)).toEqual(['journal.repaired']);
      await journal.append([completed('next')]);
      await journal.close();
      expect(await verifyJournal(folder)).toMatchObject({ records: 4, broken: null, tornBytes: 0 });
    }
  });

  it('that lacks nothing but its break counts', async () => {
    const folder = await written(3);
    const file = await fileOf(folder);
    await truncate(file, (await readFile(file)).length - 1);
    const { journal, diagnostics } = await opened(folder);
    expect(diagnostics).toEqual([]);
    await journal.append([completed('next')]);
    await journal.close();
    expect(await verifyJournal(folder)).toMatchObject({ records: 4, broken: null });
  });
});

describe('verify', () => {
  it('finds every altered, missing or moved record before the last (property)', async () => {
    const folder = await written(8);
    const file = await fileOf(folder);
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    const tampered = fc.oneof(
      fc.tuple(fc.constant('alter' as const), fc.nat(6), fc.nat()),
      fc.tuple(fc.constant('remove' as const), fc.nat(6), fc.constant(0)),
      fc.tuple(fc.constant('swap' as const), fc.nat(6), fc.nat(6)),
      fc.tuple(fc.constant('repeat' as const), fc.nat(6), fc.constant(0)),
    );
    await fc.assert(
      fc.asyncProperty(tampered, async ([how, at, other]) => {
        const copy = [...lines];
        const line = copy[at] ?? '';
        if (how === 'alter') {
          const place = other % line.length;
          const letter = line[place] === '1' ? '2' : '1';
          copy[at] = `${line.slice(0, place)}${letter}${line.slice(place + 1)}`;
        } else if (how === 'remove') copy.splice(at, 1);
        else if (how === 'repeat') copy.splice(at, 0, line);
        else {
          fc.pre(at !== other);
          [copy[at], copy[other]] = [copy[other] ?? '', line];
        }
        await writeFile(file, `${copy.join('\n')}\n`);
        expect((await verifyJournal(folder)).broken).not.toBeNull();
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  it('finds a journal that was cut at its end, or rewritten, only by a hash from elsewhere', async () => {
    const folder = await written(4);
    const { head } = await verifyJournal(folder);
    const file = await fileOf(folder);
    const anchor = { seq: null, digits: head.hash.slice('sha256:'.length) };
    const [short, numbered] = [
      { ...anchor, digits: anchor.digits.slice(0, 12) },
      { ...anchor, seq: 4 },
    ];
    for (const each of [anchor, short, numbered])
      expect((await verifyJournal(folder, each)).expected).toEqual([head]);
    expect((await verifyJournal(folder, { ...anchor, seq: 3 })).expected).toEqual([]);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.slice(0, text.trimEnd().lastIndexOf('\n') + 1));
    expect(await verifyJournal(folder, anchor)).toMatchObject({ broken: null, expected: [] });
    const other = await written(4, 1);
    expect((await verifyJournal(other, anchor)).expected).toEqual([]);
  });

  it('finds a whole file that is missing', async () => {
    const folder = await written(7, SEGMENT_BYTES / 2);
    const files = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort();
    await rm(join(folder, files[1] ?? ''));
    expect((await verifyJournal(folder)).broken?.fault).toMatch(/and 3 is due|and 4 is due/);
    await rm(join(folder, files[0] ?? ''));
    expect((await verifyJournal(folder)).broken).not.toBeNull();
  });

  it('is refused as ground to append to', async () => {
    const folder = await written(3);
    const file = await fileOf(folder);
    await writeFile(file, (await readFile(file, 'utf8')).replace('run-2', 'run-7'));
    await expect(opened(folder)).rejects.toMatchObject({ code: 'journal.broken' });
  });
});

describe('what is too old', () => {
  it('goes file by file, and the chain starts behind it', async () => {
    const folder = await emptyFolder();
    const clock = new FakeClock();
    const first = await opened(folder, { clock });
    for (let n = 1; n <= 5; n += 1)
      await first.journal.append([completed(`run-${n}`, SEGMENT_BYTES / 2)]);
    await first.journal.close();
    const before = await verifyJournal(folder);
    clock.advance(100);
    const second = await opened(folder, { clock, keepMs: 50 });
    await second.journal.append([completed('new')]);
    await second.journal.close();
    expect(await readdir(folder)).toContain(START_FILE);
    const after = await verifyJournal(folder, {
      seq: before.head.seq,
      digits: before.head.hash.slice('sha256:'.length),
    });
    expect(after).toMatchObject({
      broken: null,
      records: 2,
      start: { seq: 4 },
      expected: [before.head],
    });
    expect((await readJournalState(folder)).head).toEqual(after.head);
  });

  it('goes with the next run where a run died between the new start and the removal', async () => {
    const folder = await emptyFolder();
    const clock = new FakeClock();
    const first = await opened(folder, { clock });
    for (let n = 1; n <= 5; n += 1)
      await first.journal.append([completed(`run-${n}`, SEGMENT_BYTES / 2)]);
    await first.journal.close();
    const [oldest = ''] = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort();
    const removed = await readFile(join(folder, oldest));
    clock.advance(100);
    const second = await opened(folder, { clock, keepMs: 50 });
    await second.journal.append([completed('new')]);
    await second.journal.close();
    await writeFile(join(folder, oldest), removed);
    const third = await opened(folder, { clock, keepMs: 50 });
    await third.journal.append([completed('newer')]);
    await third.journal.close();
    expect(await readdir(folder)).not.toContain(oldest);
    expect(await verifyJournal(folder)).toMatchObject({
      broken: null,
      start: { seq: 4 },
      records: 3,
    });
  });

  it('stays while an intent in it is open', async () => {
    const folder = await emptyFolder();
    const clock = new FakeClock();
    const first = await opened(folder, { clock });
    await first.journal.append([
      {
        kind: 'code.intent',
        run: 'r',
        action: 'create',
        code: { id: null, name: 'N', from: null },
        planDigest: '',
        commit: null,
        commitAuthor: null,
      },
    ]);
    for (let n = 1; n <= 5; n += 1)
      await first.journal.append([completed(`run-${n}`, SEGMENT_BYTES / 2)]);
    await first.journal.close();
    clock.advance(100);
    const second = await opened(folder, { clock, keepMs: 50 });
    await second.journal.append([completed('new')]);
    await second.journal.close();
    expect(await verifyJournal(folder)).toMatchObject({ start: { seq: 0 }, records: 7 });
  });
});

it('reads beside somebody who appends', async () => {
  const folder = await written(3);
  await appendFile(await fileOf(folder), '{"v":1,"seq":4,');
  expect((await readJournalState(folder)).head.seq).toBe(3);
});
