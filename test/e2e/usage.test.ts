/** What everybody meets first: help, mistakes on the command line, and files that cannot be used. */
import { existsSync, openSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { MAIN, repository, run, start } from './cli.js';
import { BILLING, settings } from './policies.js';

const COMMANDS = [
  'init',
  'import',
  'validate',
  'plan',
  'apply',
  'compliance',
  'explain',
  'coverage',
  'doctor',
  'audit',
  'daemon',
  'simulator',
  'demo',
  'schema',
];
const NESTED = [
  ['audit', 'list'],
  ['audit', 'verify'],
  ['audit', 'replay'],
  ['audit', 'undo'],
];

const longest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

describe('help', () => {
  test.each([[[]], ...COMMANDS.map((command) => [[command]]), ...NESTED.map((words) => [words])])(
    'of %j goes to stdout, in 80 columns',
    async (words) => {
      const { exit, stdout, stderr } = await run([...words, '--help']);
      expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
      expect(stdout).toMatch(/^Usage: wrapkeeper/);
      expect(longest(stdout)).toBeLessThanOrEqual(80);
    },
  );

  test('names every command', async () => {
    const { stdout } = await run(['--help']);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
  });

  test('the version', async () => {
    const { exit, stdout } = await run(['--version']);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^wrapkeeper \d+\.\d+\.\d+\n$/);
  });
});

describe('a mistake on the command line', () => {
  const MISTAKES: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /No command was given\./],
    [['plam'], /[Uu]nknown command 'plam'; did you mean plan\?/],
    [['plan', '--quee', 'x'], /[Uu]nknown option '--quee'; did you mean --queue\?/],
    [['plan', 'extra'], /[Tt]oo many arguments/],
    [['plan', '--queue'], /'--queue <pattern>' argument missing/],
    [['plan', '--format', 'xml'], /has no format `xml`/],
    [['apply', '--format', 'markdown'], /`wrapkeeper apply` has no format `markdown`/],
    [['plan', '--log-level', 'loud'], /Allowed choices are silent, error, warn, info, debug/],
    [['apply', '--accept', 'sha256:12'], /It must be a whole digest/],
    [['simulator', '--port', '70000'], /It must be a whole number from 0 to 65535/],
    [['simulator', '--queues', '-1'], /It must be a whole number/],
    [['simulator', '--latency', '1.5'], /It must be a whole number/],
    [['simulator', '--requests-per-minute', '0'], /It must be a whole number from 1/],
    [['simulator', '--queues', '3', '--seed', 'x.json'], /cannot be used with/],
    [['-C', 'no-such-folder', 'validate'], /-C names `no-such-folder` \(.*\), which is no folder/],
    [['audit'], /`wrapkeeper audit` wants to know what to do: `audit list`, `audit verify`/],
    [['audit', 'lisst'], /[Uu]nknown command 'lisst'; did you mean list\?/],
    [['audit', 'list', '--sinse', '7d'], /[Uu]nknown option '--sinse'; did you mean --since\?/],
    [['audit', 'list', '--since', 'yesterday'], /--since "yesterday" is no time/],
    [['audit', 'list', '--since', '1d', '--until', '2d'], /--since is later than --until/],
    [['audit', 'list', '--type', 'queue.fixed'], /--type "queue.fixed" is no type of event/],
    [['audit', 'list', '--limit', '0'], /It must be a whole number from 1/],
    [['audit', 'verify', '--expect', 'sha256:12'], /It must be a hash as a report shows it/],
    [['audit', 'verify', '--format', 'csv'], /`wrapkeeper audit verify` has no format `csv`/],
    [['schema', 'polici'], /There is no schema "polici"; did you mean `policy`\?/],
  ];

  test.each(MISTAKES)('%j', async (args, message) => {
    const { exit, stdout, stderr } = await run(args);
    expect(exit).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(message);
    expect(stderr).toContain('help: ');
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test.each(MISTAKES.filter(([args]) => !args.includes('--format')))(
    '%j as JSON',
    async (args, message) => {
      const { exit, stdout, stderr } = await run([...args, '--format', 'json']);
      expect({ exit, stderr }).toEqual({ exit: 1, stderr: '' });
      const error = JSON.parse(stdout) as Record<string, unknown>;
      expect(error).toMatchObject({
        kind: 'Error',
        formatVersion: '1.0',
        exitCode: 1,
        diagnostics: [
          {
            code: 'cli.usage',
            severity: 'error',
            message: expect.stringMatching(message) as string,
          },
        ],
        correlationId: null,
      });
    },
  );
});

describe('files that cannot be used', () => {
  const CASES: readonly (readonly [
    string,
    Readonly<Record<string, string>>,
    readonly string[],
    string,
  ])[] = [
    ['no policies', {}, [], 'file.unreadable'],
    ['an empty folder of policies', { 'policies/notes.txt': '' }, [], 'file.no-policies'],
    [
      'settings that are not there',
      { 'policies/a.yaml': BILLING },
      ['--config', 'no.yaml'],
      'file.unreadable',
    ],
    [
      'settings with a typing error',
      { 'policies/a.yaml': BILLING, 'wrapkeeper.yaml': settings('regionn: x') },
      [],
      'schema.unknown-key',
    ],
    ['YAML that is none', { 'policies/a.yaml': 'a: [' }, [], 'yaml.syntax'],
    [
      'an unknown key',
      { 'policies/a.yaml': BILLING.replace('prompt:', 'promt:') },
      [],
      'schema.unknown-key',
    ],
  ];

  test.each(CASES)('%s: validate and plan exit 6', async (_, files, args, code) => {
    const cwd = await repository({ '.git/HEAD': '', ...files });
    const validate = await run(['validate', ...args], { cwd });
    expect(validate).toMatchObject({ exit: 6, stderr: '' });
    expect(validate.stdout).toContain(code);

    // Policies come before credentials: what is wrong offline is told offline.
    const plan = await run(['plan', ...args], { cwd });
    expect(plan).toMatchObject({ exit: 6, stdout: '' });
    expect(plan.stderr).toContain(code);

    const json = await run(['plan', ...args, '--format', 'json'], { cwd });
    expect(json).toMatchObject({ exit: 6, stderr: '' });
    const error = JSON.parse(json.stdout) as { diagnostics: readonly { code: string }[] };
    expect(error).toMatchObject({ kind: 'Error', exitCode: 6 });
    expect(error.diagnostics.map((diagnostic) => diagnostic.code)).toContain(code);
  });

  test('mistakes in settings and policies are told together, with the lines', async () => {
    const cwd = await repository({
      'policies/a.yaml': BILLING.replace('prompt:', 'promt:'),
      'wrapkeeper.yaml': settings('regionn: x'),
    });
    const { stdout } = await run(['plan'], { cwd }).then(({ stderr }) => ({ stdout: stderr }));
    expect(stdout).toContain('wrapkeeper.yaml:3:1');
    expect(stdout).toContain('regionn: x');
    expect(stdout).toContain('policies/a.yaml:10:5');
    expect(stdout).toContain('promt: MANDATORY_TIMEOUT');
  });
});

describe('streams', () => {
  test('a reader that has had enough is no error', async () => {
    const running = start(['schema']);
    running.child.stdout?.destroy();
    expect(await running.result).toMatchObject({ exit: 0, stderr: '' });
  });

  test.skipIf(!existsSync('/dev/full')).each([
    [['schema'], 1],
    [['schema', '--format', 'json'], 1],
    [['plam', '--format', 'json'], 1],
  ])('a full disk is one: %j', async (args, exit) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    });
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    expect(await once(child, 'close')).toEqual([exit, null]);
    expect(stderr).toContain('cli.output');
    expect(stderr).toContain('ENOSPC');
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('schema', () => {
  test('prints one, or all', async () => {
    const [policy, all] = await Promise.all([
      run(['schema', 'policy']),
      run(['schema', '--format', 'json']),
    ]);
    const parsed = JSON.parse(all.stdout) as Record<string, unknown>;
    expect(Object.keys(parsed)).toEqual(['policy', 'settings', 'journal', 'event']);
    expect(parsed['policy']).toEqual(JSON.parse(policy.stdout));
  });
});
