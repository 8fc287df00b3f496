/** `init` on a terminal: what it asks, and what it makes of the answers. */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { runCli } from '../../src/cli/program.js';

/** Runs `init` on a terminal on which these lines are typed ahead; `signal` stops it. */
const initAtTerminal = async (typed: string, signal = new AbortController().signal) => {
  const cwd = await mkdtemp(join(tmpdir(), 'wrapkeeper-init-'));
  onTestFinished(() => rm(cwd, { recursive: true }));
  const printed = { stdout: '', stderr: '' };
  const terminal = (name: keyof typeof printed) => ({
    isTTY: true,
    columns: 100,
    write: (text: string, done: () => void) => {
      printed[name] += text;
      done();
    },
  });
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  stdin.end(typed);
  const exit = await runCli({
    argv: ['init', '--no-color'],
    env: {},
    cwd,
    stdin,
    stdout: terminal('stdout'),
    stderr: terminal('stderr'),
    clock: { now: () => Date.now(), sleep: () => Promise.resolve() },
    signal,
    random: () => 0.5,
    newId: () => 'id',
  });
  return { exit, cwd, ...printed };
};

test('asks again where an answer cannot be taken, and uses what it was told', async () => {
  const { exit, cwd, stderr } = await initAtTerminal(
    'eu-west-9\neu-central-1\nacme\n\nSupport *\nperhaps\nyes\n@acme/leads\n',
  );
  expect(exit).toBe(0);
  expect(stderr).toContain('Region of the organization [us-east-1]: ');
  expect(stderr).toContain('"acme" is no id such as');
  expect(stderr).toContain('Id of the organization [later]: ');
  expect(stderr).toContain('Answer yes or no.');
  expect(await readFile(join(cwd, 'wrapkeeper.yaml'), 'utf8')).toContain('region: eu-central-1');
  expect(await readFile(join(cwd, 'policies/pilot.yaml'), 'utf8')).toContain("name: 'Support *'");
  expect(await readFile(join(cwd, '.github/CODEOWNERS'), 'utf8')).toContain('@acme/leads');
});

test('takes the defaults where nobody answers any more', async () => {
  const { exit, cwd } = await initAtTerminal('');
  expect(exit).toBe(0);
  expect(await readdir(cwd)).toContain('wrapkeeper.yaml');
});

test('writes nothing where it is stopped while it asks', async () => {
  const stop = new AbortController();
  stop.abort('SIGINT');
  const { exit, cwd } = await initAtTerminal('us-east-1\n', stop.signal);
  expect(exit).toBe(130);
  expect(await readdir(cwd)).toEqual([]);
});
