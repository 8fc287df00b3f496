/** Does one thing with a journal, in a process that does nothing else, and prints what it took. */
import { performance } from 'node:perf_hooks';
import type { JournalEntry } from '../src/domain/journal.js';
import { queueId } from '../src/domain/ids.js';
import { Journal } from '../src/journal/journal.js';
import { queryJournal } from '../src/journal/query.js';
import { verifyJournal } from '../src/journal/verify.js';

/** What it took; `grownBytes` is by how much the memory of the process grew meanwhile, at its highest. */
export interface JournalRun {
  readonly ms: number;
  readonly grownBytes: number;
  readonly records: number;
}

const QUEUES = 5_000;
/** So many records are appended at once: syncing each would measure the disk. */
const BATCH = 500;

/** An outcome as an apply writes it: two steps, three policies, codes before and after. */
const outcome = (number: number): JournalEntry => {
  const queue = number % QUEUES;
  const codes = Array.from({ length: 8 }, (_, code) => ({
    id: `7fb334b0-0000-4000-8000-${String(code).padStart(12, '0')}`,
    name: `Reason ${code}`,
  }));
  const snapshot = { afterCallWork: { prompt: 'OPTIONAL', timeoutMs: null }, wrapupCodes: codes };
  const entry = {
    kind: 'queue.outcome',
    run: `run-${Math.floor(number / 100)}`,
    queue: {
      id: queueId(`5c3f7e2a-0000-4000-8000-${String(queue).padStart(12, '0')}`),
      name: `Queue ${queue}`,
      division: 'Home',
    },
    cause: 'drift',
    policies: ['common', 'billing', 'retail'].map((name) => ({
      name,
      file: `policies/${name}.yaml`,
      line: 12,
    })),
    planDigest: `sha256:${'b'.repeat(64)}`,
    commit: '4f6c0b1e5f5f0c4de4d6d3f2b0a6f3ad5a2c1e77',
    commitAuthor: 'Jane Doe <jane@example.com>',
    intent: null,
    sequence: Math.floor(number / QUEUES) + 1,
    desired: `sha256:${'c'.repeat(64)}`,
    outcome: 'applied',
    steps: [
      { action: 'add-codes', detail: 'Reason 7', result: 'applied', correlationId: null },
      { action: 'remove-code', detail: 'Reason 8', result: 'applied', correlationId: null },
    ],
    reason: null,
    latencyMs: 812,
    correlationId: null,
    before: snapshot,
    after: snapshot,
    compliant: true,
    changedBy: { by: 'unknown', why: null },
  };
  // The ids are as good as any.
  return entry as unknown as JournalEntry;
};

const clock = { now: () => Date.now() };

/** Appends so many records, in batches. */
const append = async (folder: string, count: number): Promise<number> => {
  const { journal } = await Journal.open({ folder, clock, keepMs: null });
  const from = journal.state.head.seq;
  for (let at = 0; at < count; at += BATCH) {
    const size = Math.min(BATCH, count - at);
    await journal.append(Array.from({ length: size }, (_, index) => outcome(from + at + index)));
  }
  await journal.close();
  return count;
};

/** Appends so many records one by one, and leaves the syncing to the system: what the journal itself costs. */
const appendSingly = async (folder: string, count: number): Promise<JournalRun> => {
  const { journal } = await Journal.open({ folder, clock, keepMs: null });
  const entries = Array.from({ length: count }, (_, index) => outcome(index));
  const run = await measured(async () => {
    for (const entry of entries) await journal.append([entry], { lazy: true });
    return count;
  });
  await journal.close();
  return run;
};

const list = async (folder: string): Promise<number> => {
  const query = { since: null, until: null, queues: [], types: [], run: null, undelivered: false };
  let rows = 0;
  for await (const listed of await queryJournal(folder, { ...query, limit: null }))
    if (listed.kind === 'row') rows += 1;
  return rows;
};

const verify = async (folder: string): Promise<number> => {
  const { broken, records } = await verifyJournal(folder);
  if (broken !== null) throw new Error(`broken at ${broken.at}`);
  return records;
};

const open = async (folder: string): Promise<number> => {
  const { journal } = await Journal.open({ folder, clock, keepMs: null });
  const { seq } = journal.state.head;
  await journal.close();
  return seq;
};

const measured = async (does: () => Promise<number>): Promise<JournalRun> => {
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const startedAt = performance.now();
  const records = await does();
  const ms = performance.now() - startedAt;
  const peak = process.resourceUsage().maxRSS * 1024;
  return { ms, grownBytes: Math.max(0, peak - before), records };
};

const [task, folder = '', count = '0'] = process.argv.slice(2);
const TASKS: Readonly<Record<string, () => Promise<JournalRun>>> = {
  append: () => measured(() => append(folder, Number(count))),
  singly: () => appendSingly(folder, Number(count)),
  list: () => measured(() => list(folder)),
  verify: () => measured(() => verify(folder)),
  open: () => measured(() => open(folder)),
};
const does = TASKS[task ?? ''];
if (does === undefined) throw new Error(`no such task: ${task}`);
process.stdout.write(JSON.stringify(await does()));
