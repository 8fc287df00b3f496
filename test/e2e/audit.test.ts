/** `audit list` and `audit verify` as people run them, after real applies. */
import { execFileSync } from 'node:child_process';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApplyReport } from '../../src/domain/change.js';
import { Journal } from '../../src/journal/journal.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentFor, repository, run } from './cli.js';
import type { Result } from './cli.js';
import { told } from '../support/records.js';
import { BILLING, settings } from './policies.js';

const JOURNAL = '.wrapkeeper';
/** Variables that say who runs it, as in a job on GitHub. */
const JOB = { GITHUB_ACTIONS: 'true', GITHUB_EVENT_NAME: 'schedule', GITHUB_ACTOR: 'octocat' };

let simulator: Simulator;
let cwd: string;
beforeEach(async () => {
  simulator = await startSimulator({
    seed: {
      organization: { name: 'Example Contact Centre' },
      codes: ['Resolved', 'Escalated', 'Call back', 'Other'],
      queues: ['Billing DE', 'Billing EN', 'Billing FR'].map((name) => ({
        name,
        codes: ['Resolved', 'Other'],
      })),
    },
  });
  cwd = await repository({
    'policies/billing.yaml': BILLING,
    'wrapkeeper.yaml': settings('settleFor: 1s'),
  });
});
afterEach(() => simulator.close());

const cli = (...args: readonly string[]): Promise<Result> =>
  run(args, { cwd, env: { ...environmentFor(simulator), ...JOB } });
const audit = (...args: readonly string[]): Promise<Result> => cli('audit', ...args);

const apply = async (): Promise<ApplyReport> => {
  const { stdout } = await cli('apply', '--auto-approve', '--format', 'json');
  return JSON.parse(stdout) as ApplyReport;
};

interface Record {
  readonly id: string | null;
  readonly seq: number;
  readonly type: string;
  readonly run: string | null;
  readonly queue: { readonly id: string; readonly name: string } | null;
  readonly sentence: string;
}

const list = async (...args: readonly string[]): Promise<readonly Record[]> => {
  const { exit, stdout, stderr } = await audit('list', '--format', 'json', ...args);
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  const answer = JSON.parse(stdout) as {
    readonly kind: string;
    readonly records: readonly Record[];
  };
  expect(answer.kind).toBe('AuditList');
  return answer.records;
};

const journalFile = async (): Promise<string> => {
  const names = await readdir(join(cwd, JOURNAL));
  return join(cwd, JOURNAL, names.find((name) => name.endsWith('.jsonl')) ?? '');
};

describe('audit list', () => {
  test('tells a run in sentences, with who set it off and how it ended', async () => {
    const { run: id } = await apply();
    const { exit, stdout, stderr } = await audit('list');
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const words = stdout.replaceAll(/\s+/g, ' ');
    expect(words).toContain(`Run ${id} · `);
    expect(words).toContain('schedule by octocat');
    expect(words).toContain('· applied ');
    expect(words).toContain(
      '3 queues: Billing DE, Billing EN, Billing FR codes added: Call back, Escalated;',
    );
    expect(words).toContain('a read afterwards showed it as the policies want it.');
    expect(words).toMatch(/evt_[0-9a-f]{32}/);
    expect(words).toMatch(
      / 5 records of 1 run\. `--queue NAME` and `--format json` tell each queue/,
    );
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    for (const character of ['\r', '\u001b']) expect(stdout).not.toContain(character);
  });

  test('as JSON and CSV says the same', async () => {
    await apply();
    const records = await list();
    expect(records.map(({ type }) => type)).toEqual([
      'run.started',
      'wrapkeeper.queue.corrected',
      'wrapkeeper.queue.corrected',
      'wrapkeeper.queue.corrected',
      'wrapkeeper.run.completed',
    ]);
    const { exit, stdout } = await audit('list', '--format', 'csv');
    expect(exit).toBe(0);
    const lines = stdout.split('\r\n');
    expect(lines[0]).toMatch(/^at,type,run,queue_id,/);
    expect(lines).toHaveLength(records.length + 2);
    for (const [index, { seq, run: id }] of records.entries()) {
      expect(lines[index + 1]).toContain(`,${id},`);
      expect(lines[index + 1]).toContain(`,${seq},sha256:`);
    }
  });

  test('follows a queue through its names', async () => {
    await apply();
    simulator.admin.renameQueue('Billing EN', 'Billing Ireland');
    simulator.admin.removeCode('Billing Ireland', 'Escalated');
    const { run: second } = await apply();
    for (const name of ['Billing EN', 'Billing Ireland', 'Billing I*']) {
      const records = await list('--queue', name);
      expect(records.map(({ queue }) => queue?.name)).toEqual(['Billing EN', 'Billing Ireland']);
      expect(new Set(records.map(({ queue }) => queue?.id)).size).toBe(1);
    }
    const [, later] = await list('--queue', 'Billing EN', '--type', 'queue.*');
    expect(later).toMatchObject({ run: second, type: 'wrapkeeper.queue.corrected' });
    expect(later?.sentence).toContain('codes added: Escalated');
    expect(await list('--run', second.slice(0, 8), '--type', 'run.*')).toHaveLength(2);
    const none = await audit('list', '--queue', 'Billing Irland');
    expect(none).toMatchObject({ exit: 1, stdout: '' });
    expect(none.stderr).toContain('Did you mean "Billing Ireland"?');
  });

  test('takes times, types and a limit', async () => {
    await apply();
    expect(await list('--since', '1h', '--until', '2099-01-01')).toHaveLength(5);
    expect(await list('--until', '1h')).toHaveLength(0);
    expect(await list('--limit', '2')).toHaveLength(2);
    const { stdout } = await audit('list', '--limit', '1');
    expect(stdout).toContain(
      '1 record of 1 run; 4 older records are not shown: --limit shows more.',
    );
    expect(await list('--undelivered')).toEqual([]);
  });

  test('tells what another system told, and never as a write of ours', async () => {
    await apply();
    const folder = join(cwd, JOURNAL);
    const clock = { now: () => Date.now(), sleep: () => Promise.resolve() };
    const { journal } = await Journal.open({ folder, clock, keepMs: null });
    await journal.append([
      told({
        queue_id: String(simulator.state.queue('Billing DE').id),
        queue_name: 'Billing DE',
        audit_log: 'We set it.',
      }),
    ]);
    await journal.close();
    const [record, ...others] = await list('--type', 'external');
    expect(others).toEqual([]);
    expect(record).toMatchObject({
      id: null,
      run: null,
      type: 'external',
      queue: { name: 'Billing DE', division: null },
    });
    expect(record?.sentence).toMatch(/^Another system says, and it was not checked: "Billing DE"/);
    expect((await list('--queue', 'Billing DE')).map(({ type }) => type)).toEqual([
      'wrapkeeper.queue.corrected',
      'external',
    ]);
    const text = (await audit('list')).stdout;
    expect(text).toContain('\nOther systems · ');
    expect(text).toContain('\n6 records of 1 run and of other systems (1). `--queue NAME`');
    const line = (await audit('list', '--format', 'csv')).stdout.split('\r\n').at(-2) ?? '';
    expect(line).toMatch(/Z,external,,[0-9a-f-]{36},Billing DE,,,,,,"?Another system says/);
  });

  test('lists bookkeeping by the whole name of its kind', async () => {
    await apply();
    expect((await list('--type', 'queue.intent')).map(({ type }) => type)).toEqual(
      Array.from({ length: 3 }, () => 'queue.intent'),
    );
    const wrong = await audit('list', '--type', 'queue.intents');
    expect(wrong).toMatchObject({ exit: 1, stdout: '' });
    expect(wrong.stderr.replaceAll(/\s+/g, ' ')).toContain('Did you mean `queue.intent`?');
  });

  test('of no journal is a sentence, and an empty list', async () => {
    for (const command of ['list', 'verify']) {
      const { exit, stdout, stderr } = await audit(command);
      expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
      expect(stdout).toBe('The journal in ".wrapkeeper" is empty: nothing was recorded yet.\n');
    }
    expect(await list()).toEqual([]);
    expect((await audit('list', '--format', 'csv')).stdout).toMatch(/^at,.*,hash\r\n$/);
    expect(await readdir(cwd)).not.toContain(JOURNAL);
  });

  test('needs no policies, no credentials, and no lease', async () => {
    await apply();
    await writeFile(join(cwd, 'policies', 'billing.yaml'), 'kind: [');
    const { exit, stdout } = await run(['audit', 'list'], { cwd, env: { CI: 'true' } });
    expect(exit).toBe(0);
    expect(stdout).toContain('5 records of 1 run.');
  });

  test('of settings with a mistake is refused: the journal may be elsewhere', async () => {
    await writeFile(join(cwd, 'wrapkeeper.yaml'), settings('journl: {}'));
    expect(await audit('list')).toMatchObject({ exit: 6, stdout: '' });
  });
});

describe('audit verify', () => {
  test('says what the journal holds, and finds a hash that a report told', async () => {
    const { journal } = await apply();
    const hash = journal?.hash ?? '';
    await apply();
    for (const expected of [hash, `${journal?.seq}:${hash}`, hash.slice(7, 7 + 12)]) {
      const { exit, stdout } = await audit('verify', '--expect', expected);
      expect(exit).toBe(0);
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`record ${journal?.seq}, ${hash}`);
      expect(stdout).toMatch(/The journal in ".wrapkeeper" holds\.\n$/);
    }
    const { stdout } = await audit('verify', '--format', 'json', '--expect', hash);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'AuditVerification',
      formatVersion: '1.0',
      valid: true,
      broken: null,
      start: { seq: 0 },
      expected: journal,
      diagnostics: [],
    });
  });

  test('finds a record that was altered, and the list ends there', async () => {
    await apply();
    const file = await journalFile();
    await writeFile(file, (await readFile(file, 'utf8')).replace('octocat', 'nobody1'));
    const verify = await audit('verify');
    expect(verify).toMatchObject({ exit: 1, stderr: '' });
    expect(verify.stdout).toContain('journal.broken');
    expect(verify.stdout.replaceAll(/\s+/g, ' ')).toContain(
      '.wrapkeeper/journal.000000000001.jsonl, line 2: it does not hold the hash of the record before it',
    );
    const json = await audit('verify', '--format', 'json');
    expect(json.exit).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      kind: 'Error',
      exitCode: 1,
      verification: {
        valid: false,
        broken: { at: '.wrapkeeper/journal.000000000001.jsonl, line 2' },
      },
      diagnostics: [{ code: 'journal.broken', severity: 'error' }],
    });
    const listed = await audit('list');
    expect(listed).toMatchObject({ exit: 0, stderr: '' });
    expect(listed.stdout).toContain('warning journal.broken');
    expect(listed.stdout).toMatch(/\n1 record of 1 run\.\n$/);
    const csv = await audit('list', '--format', 'csv');
    expect(csv.stderr).toContain('journal.broken');
    expect(csv.stdout.split('\r\n')).toHaveLength(3);
  });

  test('finds a journal that was cut at its end by a hash alone', async () => {
    const { journal } = await apply();
    const file = await journalFile();
    const text = await readFile(file, 'utf8');
    await truncate(file, Buffer.byteLength(text.slice(0, text.trimEnd().lastIndexOf('\n') + 1)));
    expect((await audit('verify')).exit).toBe(0);
    for (const expected of [journal?.hash ?? '', `${journal?.seq}:${journal?.hash}`]) {
      const { exit, stdout, stderr } = await audit('verify', '--expect', expected);
      expect({ exit, stderr }).toEqual({ exit: 1, stderr: '' });
      expect(stdout).toContain('error journal.unexpected');
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
        `It ends at record ${(journal?.seq ?? 0) - 1}.`,
      );
    }
  });

  test('tells of a torn last line, which is no harm', async () => {
    await apply();
    const file = await journalFile();
    await truncate(file, (await readFile(file)).length - 20);
    const { exit, stdout } = await audit('verify');
    expect(exit).toBe(0);
    expect(stdout).toContain('warning journal.torn');
    expect((await audit('list')).stdout).not.toContain('warning');
  });
});

test('a journal on a branch is read from there, and nothing stays behind', async () => {
  const remote = await repository({});
  const git = (...args: readonly string[]): void => {
    execFileSync('git', args, { cwd, stdio: 'pipe' });
  };
  execFileSync('git', ['init', '--quiet', '--bare'], { cwd: remote });
  await writeFile(
    join(cwd, 'wrapkeeper.yaml'),
    settings('settleFor: 1s', 'journal: { branch: wrapkeeper-journal }'),
  );
  git('init', '--quiet', '--initial-branch=main');
  git('remote', 'add', 'origin', remote);
  git('add', '--all');
  git('-c', 'user.name=A', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', 'Policies');
  const before = await audit('list');
  expect(before.stdout.replaceAll(/\s+/g, ' ')).toBe(
    'The journal on the branch "wrapkeeper-journal" is empty: nothing was recorded yet. ',
  );
  const { journal } = await apply();
  const records = await list('--queue', 'Billing EN');
  expect(records).toHaveLength(1);
  const verify = await audit('verify', '--expect', `${journal?.seq}:${journal?.hash}`);
  expect(verify.stdout).toContain('The journal on the branch "wrapkeeper-journal" holds.');
  expect(verify.exit).toBe(0);
  expect(await readdir(cwd)).not.toContain(JOURNAL);
});
