/** Benchmark: the journal, by its size. */
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JournalRun } from './journal-process.js';
import { repeat, runNode, withFolder } from './run.js';
import { duration, megabytes, whole } from './section.js';
import type { Section } from './section.js';

const SIZES = [1_000, 10_000, 100_000];
const RUNS = 3;
const APPENDED = 2_000;
const PROCESS = fileURLToPath(new URL('journal-process.js', import.meta.url));

type Task = 'append' | 'singly' | 'list' | 'verify' | 'open';

interface Measured {
  readonly records: number;
  readonly verify: JournalRun;
  readonly list: JournalRun;
  readonly open: JournalRun;
  readonly append: JournalRun;
}

export const benchJournal = async (): Promise<Section> => {
  const measured: Measured[] = [];
  for (const records of SIZES)
    measured.push(await withFolder([], (folder) => measure(folder, records)));
  const [small, , large] = measured;
  const against = (of: (size: Measured) => number): number =>
    large === undefined || small === undefined ? NaN : of(large) / of(small);
  return {
    title: 'The journal',
    text: `Records of about 2 kB, as an apply writes them for a queue, over 5,000 queues. Each figure is that of a process of its own: the fastest of ${RUNS}. Memory is by how much the process grew at its highest while it verified. A list without a limit reads the journal twice. Opening is what every apply does first; appending is ${whole(APPENDED)} records, one by one, without the disk's own syncing.`,
    columns: ['records', 'verify', 'its memory', 'list all', 'its memory', 'open', 'an append'],
    rows: measured.map(({ records, verify, list, open, append }) => [
      whole(records),
      duration(verify.ms),
      `${whole(megabytes(verify.grownBytes))} MB`,
      duration(list.ms),
      `${whole(megabytes(list.grownBytes))} MB`,
      duration(open.ms),
      `${whole((append.ms * 1000) / APPENDED)} µs`,
    ]),
    targets: [
      {
        what: '`audit verify`, 100,000 records',
        measured: large?.verify.ms ?? NaN,
        limit: 5_000,
        unit: 'ms',
      },
      {
        what: 'its memory',
        measured: megabytes(large?.verify.grownBytes ?? NaN),
        limit: 50,
        unit: 'MB',
      },
      {
        what: '`audit list`, 100,000 records: memory',
        measured: megabytes(large?.list.grownBytes ?? NaN),
        limit: 100,
        unit: 'MB',
      },
      {
        what: 'an append behind 100,000 records against one behind 1,000',
        measured: against(({ append }) => append.ms),
        limit: 1.5,
        unit: '×',
      },
      {
        what: 'opening a journal of 100,000 records',
        measured: large?.open.ms ?? NaN,
        limit: 500,
        unit: 'ms',
      },
    ],
  };
};

const measure = async (folder: string, records: number): Promise<Measured> => {
  const [journal, copy] = [join(folder, 'journal'), join(folder, 'copy')];
  await mkdir(journal);
  await run('append', journal, records);
  const verify = await fastest('verify', journal);
  const list = await fastest('list', journal);
  const open = await fastest('open', journal);
  const appends = await repeat(RUNS, async () => {
    await rm(copy, { recursive: true, force: true });
    await cp(journal, copy, { recursive: true });
    return await run('singly', copy, APPENDED);
  });
  return { records, verify, list, open, append: leastOf(appends) };
};

const fastest = async (task: Task, folder: string): Promise<JournalRun> =>
  leastOf(await repeat(RUNS, () => run(task, folder)));

const run = async (task: Task, folder: string, count = 0): Promise<JournalRun> => {
  const { stdout } = await runNode(['--expose-gc', PROCESS, task, folder, String(count)]);
  return JSON.parse(stdout) as JournalRun;
};

/** The least time, and the least memory: whatever else goes on can only add to both. */
const leastOf = (runs: readonly JournalRun[]): JournalRun => ({
  ms: Math.min(...runs.map(({ ms }) => ms)),
  grownBytes: Math.min(...runs.map(({ grownBytes }) => grownBytes)),
  records: runs[0]?.records ?? 0,
});
