import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tellLateness } from '../../src/cli/superseded.js';
import { committedAt, kinOf } from '../../src/git/ancestry.js';

let base = '';
let folder = '';
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'wrapkeeper-ancestry-'));
  folder = join(base, 'whole');
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', folder]);
});
afterEach(() => rm(base, { recursive: true }));

const git = (...args: readonly string[]): string =>
  execFileSync('git', args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      PATH: process.env['PATH'],
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_AUTHOR_NAME: 'Jo',
      GIT_AUTHOR_EMAIL: 'jo@example.org',
      GIT_COMMITTER_NAME: 'Jo',
      GIT_COMMITTER_EMAIL: 'jo@example.org',
      GIT_COMMITTER_DATE: '2026-11-26T10:00:00+02:00',
    },
  }).trim();
const commit = (message: string): string => {
  git('commit', '--quiet', '--allow-empty', '--message', message);
  return git('rev-parse', 'HEAD');
};
const here = (at = folder) => ({
  folder: at,
  env: process.env,
  // Nothing takes so long that it would be stopped.
  clock: { now: () => 0, sleep: () => new Promise<void>(() => undefined) },
  signal: new AbortController().signal,
});

test('a commit has another one in its history, or not', async () => {
  const first = commit('first');
  const second = commit('second');
  git('checkout', '--quiet', '-b', 'side', first);
  const side = commit('side');
  git('checkout', '--quiet', 'main');
  git('merge', '--quiet', '--no-ff', '--message', 'merge', 'side');
  const merge = git('rev-parse', 'HEAD');
  const kin = (own: string, other: string) => kinOf(here(), own, other);
  expect(await kin(first, second)).toBe('after');
  expect(await kin(side, merge)).toBe('after');
  expect(await kin(second, first)).toBe('other');
  expect(await kin(second, side)).toBe('other');
  expect(await kin(first, first)).toBe('other');
  expect(await kin(first, 'f'.repeat(40))).toBe('unknown');
  expect(await kin(first, '--all')).toBe('unknown');
  expect(await kin('main', second)).toBe('unknown');
});

test('a shallow clone knows what it has, and says so where it has not', async () => {
  const first = commit('first');
  const second = commit('second');
  const third = commit('third');
  const fourth = commit('fourth');
  const shallow = join(base, 'shallow');
  git('clone', '--quiet', '--depth=2', `file://${folder}`, shallow);
  expect(await kinOf(here(shallow), third, fourth)).toBe('after');
  expect(await kinOf(here(shallow), fourth, third)).toBe('other');
  expect(await kinOf(here(shallow), fourth, second)).toBe('unknown');
  // Both are here, and the way from one to the other is not.
  execFileSync('git', ['fetch', '--quiet', '--depth=1', 'origin', first], {
    cwd: shallow,
    stdio: 'ignore',
  });
  expect(await kinOf(here(shallow), first, fourth)).toBe('unknown');
});

test('a commit was made at a time', async () => {
  expect(await committedAt(here(), commit('first'))).toBe(Date.parse('2026-11-26T08:00:00Z'));
  expect(await committedAt(here(), 'f'.repeat(40))).toBeNull();
  expect(await committedAt(here(), 'HEAD')).toBeNull();
});

test('whoever is asked before anything is written is warned; nobody else goes back', async () => {
  const first = commit('first');
  const second = commit('second');
  const applied = [
    { commit: second, branch: 'main', run: 'run-9', at: '2026-11-26T10:00:00.000Z' },
  ];
  const tell = (commitOf: string | null, isAsked: boolean) =>
    tellLateness(here(), { commit: commitOf, branch: 'main', applied }, { isAsked });
  expect(await tell(first, true)).toMatchObject([{ code: 'plan.superseded', severity: 'warning' }]);
  await expect(tell(first, false)).rejects.toMatchObject({
    code: 'plan.superseded',
    exitCode: 5,
    message: `The commit ${first.slice(0, 12)} comes too late: ${second.slice(0, 12)}, which came after it, was applied at 2026-11-26 10:00 UTC by the run run-9. Nothing was written.`,
  });
  expect(await tell(second, false)).toEqual([]);
  expect(await tell(commit('third'), false)).toEqual([]);
  expect(await tell(null, false)).toEqual([]);
});
