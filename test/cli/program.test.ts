/** The command line in this process, on streams that say they are a terminal. */
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Output } from '../../src/cli/io.js';
import { runCli } from '../../src/cli/program.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { BILLING } from '../e2e/policies.js';

const CODES = ['Resolved', 'Escalated', 'Call back'];
const CLEAR_LINE = '\r\u001b[2K';
const QUESTION = 'Apply these changes to Example Contact Centre? Only "yes" is accepted: ';

/** A terminal of 100 columns that remembers what was written to it. */
class Terminal implements Output {
  readonly isTTY = true;
  readonly columns = 100;
  text = '';
  readonly #heard: { readonly words: string; readonly resolve: () => void }[] = [];

  write(text: string, done: () => void): void {
    this.text += text;
    for (const { words, resolve } of this.#heard) if (this.text.includes(words)) resolve();
    done();
  }

  /** Resolves once these words were written. */
  hears(words: string): Promise<void> {
    return new Promise((resolve) => this.#heard.push({ words, resolve }));
  }
}

let simulator: Simulator;
let cwd: string;
beforeEach(async () => {
  simulator = await startSimulator({
    seed: {
      organization: { name: 'Example Contact Centre' },
      codes: CODES,
      queues: [
        { name: 'Billing DE', codes: ['Resolved'] },
        { name: 'Billing EN', codes: ['Resolved'] },
      ],
    },
  });
  cwd = await mkdtemp(join(tmpdir(), 'wrapkeeper-cli-'));
  await mkdir(join(cwd, 'policies'));
  await writeFile(join(cwd, 'policies', 'billing.yaml'), BILLING);
});
afterEach(async () => {
  await simulator.close();
  await rm(cwd, { recursive: true });
});

const atTerminal = (...argv: readonly string[]) => {
  const stop = new AbortController();
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const [stdout, stderr] = [new Terminal(), new Terminal()];
  const exit = runCli({
    argv,
    env: {
      GENESYSCLOUD_OAUTHCLIENT_ID: simulator.clientId,
      GENESYSCLOUD_OAUTHCLIENT_SECRET: simulator.clientSecret,
      GENESYSCLOUD_GATEWAY_HOST: simulator.host,
      GENESYSCLOUD_GATEWAY_PORT: String(simulator.port),
      GENESYSCLOUD_GATEWAY_PROTOCOL: 'http',
    },
    cwd,
    stdin,
    stdout,
    stderr,
    clock: {
      now: () => Date.now(),
      sleep: (ms, signal) => sleep(ms, undefined, signal && { signal }).catch(() => undefined),
    },
    signal: stop.signal,
    random: () => 0.5,
    newId: () => 'the-run',
  });
  return { exit, stdin, stdout, stderr, stop };
};

describe('apply at a terminal', () => {
  test('shows the plan, asks on stderr, and applies after `yes`', async () => {
    const { exit, stdin, stdout, stderr } = atTerminal('apply');
    await stderr.hears(QUESTION);
    expect(stdout.text).toBe('');
    expect(stderr.text).toContain('Plan: 2 queues to change');
    expect(simulator.requests.effective()).toEqual([]);
    stdin.write('yes\n');
    expect(await exit).toBe(0);
    expect(stdout.text).toContain('Applied: 2 queues changed');
    expect(stdout.text).toContain('Run the-run');
    expect(simulator.state.codesOf('Billing EN')).toEqual([...CODES].sort());
  });

  test('a line tells how far it has come, and is gone in the end', async () => {
    const { exit, stdin, stderr } = atTerminal('apply', '--no-color');
    await stderr.hears(QUESTION);
    stdin.write('yes\n');
    await exit;
    const [, progress = ''] = stderr.text.split(QUESTION);
    const lines = progress.split(CLEAR_LINE);
    expect(lines).toContain('applying 0/2 · Billing DE');
    expect(lines.at(-2)).toMatch(/^applying 2\/2/);
    expect(lines.at(-1)).toBe('');
  });

  test.each(['no', 'y', 'YES', ' ', 'yes please'])('%j is no', async (answer) => {
    const { exit, stdin, stdout, stderr } = atTerminal('apply');
    await stderr.hears(QUESTION);
    stdin.write(`${answer}\n`);
    expect(await exit).toBe(1);
    expect(stdout.text).toContain('apply.not-approved');
    expect(simulator.requests.effective()).toEqual([]);
  });

  test('the end of the input is no', async () => {
    const { exit, stdin, stderr } = atTerminal('apply');
    await stderr.hears(QUESTION);
    stdin.end();
    expect(await exit).toBe(1);
    expect(simulator.requests.effective()).toEqual([]);
  });

  test('Ctrl-C at the question writes nothing', async () => {
    const { exit, stop, stdout, stderr } = atTerminal('apply', '--format', 'json');
    await stderr.hears(QUESTION);
    stop.abort('SIGINT');
    expect(await exit).toBe(130);
    expect(JSON.parse(stdout.text)).toMatchObject({
      kind: 'ApplyReport',
      summary: { notAttempted: 2 },
      diagnostics: [{ code: 'cli.interrupted' }],
    });
    expect(simulator.requests.effective()).toEqual([]);
  });

  test('--auto-approve asks nothing', async () => {
    const { exit, stderr } = atTerminal('apply', '--auto-approve');
    expect(await exit).toBe(0);
    expect(stderr.text).not.toContain('Only "yes"');
  });
});

test('colour on a terminal, unless somebody objects', async () => {
  const colored = atTerminal('plan');
  expect(await colored.exit).toBe(0);
  expect(colored.stdout.text).toContain('\u001b[');
  const plain = atTerminal('plan', '--no-color');
  expect(await plain.exit).toBe(0);
  expect(plain.stdout.text).not.toContain('\u001b[');
});

test('logs on a terminal are lines for people', async () => {
  const { exit, stderr } = atTerminal('plan', '--log-level', 'debug');
  expect(await exit).toBe(0);
  const lines = stderr.text.replaceAll(CLEAR_LINE, '\n').split('\n');
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^\d\d:\d\d:\d\d debug GET \/api\/v2\/organizations\/me: 200 after \d+ ms$/,
    ),
  );
  // While nothing else is told, there is a line that says what goes on.
  expect(lines).toContainEqual(expect.stringMatching(/^connecting to 127\.0\.0\.1:/));
  expect(lines).toContain('reading · 1 request');
  expect(lines.at(-1)).toBe('');
});

test('a bug is one line and a request to report it, and a stack for those who asked', async () => {
  // A clock that fails is nothing that anybody expects.
  const broken = (...argv: readonly string[]) => {
    const [stdout, stderr] = [new Terminal(), new Terminal()];
    const fail = (): never => {
      throw new Error('the clock has stopped');
    };
    const exit = runCli({
      argv,
      env: {},
      cwd,
      stdin: new PassThrough(),
      stdout,
      stderr,
      clock: { now: fail, sleep: fail },
      signal: new AbortController().signal,
      random: fail,
      newId: fail,
    });
    return { exit, stdout, stderr };
  };
  const text = broken('validate');
  expect(await text.exit).toBe(1);
  expect(text.stdout.text).toBe('');
  expect(text.stderr.text).toMatch(
    /^An unexpected error: the clock has stopped\. This is a bug: please report it.*\n$/,
  );
  const loud = broken('validate', '--log-level', 'debug');
  await loud.exit;
  expect(loud.stderr.text).toMatch(/\n\s+at /);
  const json = broken('validate', '--format', 'json');
  expect(await json.exit).toBe(1);
  expect(JSON.parse(json.stdout.text)).toMatchObject({
    kind: 'Error',
    exitCode: 1,
    diagnostics: [{ code: 'cli.internal' }],
  });
});
