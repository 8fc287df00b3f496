/** The pure parts of the Action: what is decided, marked, limited and waited for. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { limitAnnotations, prefixOf, renderAnnotations } from '../../src/action/annotations.js';
import type { Annotation } from '../../src/action/annotations.js';
import { chooseCourse } from '../../src/action/course.js';
import { readEvent } from '../../src/action/event.js';
import type { ActionEvent } from '../../src/action/event.js';
import { pauseAfter } from '../../src/action/github/pause.js';
import { ownText } from '../../src/action/github/own.js';
import { readInputs } from '../../src/action/inputs.js';
import { mark, readMarker } from '../../src/action/marker.js';
import type { Marker } from '../../src/action/marker.js';
import { maskCredentials } from '../../src/action/masks.js';
import { judgeReview } from '../../src/action/review.js';
import { Secret } from '../../src/domain/secret.js';
import { parseHunks } from '../../src/git/changed-lines.js';

const HEAD = 'a'.repeat(40);
const BASE = 'b'.repeat(40);
const DIGEST = `sha256:${'c'.repeat(64)}`;
const OTHER = `sha256:${'d'.repeat(64)}`;
const codeOf = async (does: () => unknown): Promise<unknown> => {
  try {
    await does();
    return null;
  } catch (error) {
    return (error as { code: unknown }).code;
  }
};

describe('inputs', () => {
  const read = (inputs: Readonly<Record<string, string>>) =>
    readInputs(
      Object.fromEntries(
        Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
      ),
    );

  test('an empty input is none, and the token cannot be printed', () => {
    const inputs = read({ command: ' plan ', base: '', 'github-token': 'ghs_secret' });
    expect(inputs).toMatchObject({ command: 'plan', base: null, requireReviewedPlan: null });
    expect(JSON.stringify(inputs)).not.toContain('ghs_secret');
  });

  test.each([
    {},
    { command: 'destroy' },
    { command: 'plan', comment: 'perhaps' },
    { command: 'apply', 'require-reviewed-plan': 'yes' },
    { command: 'apply', 'accept-digest': 'sha256:12' },
  ])('%j is refused', async (inputs) => {
    expect(await codeOf(() => read(inputs))).toBe('action.input');
  });
});

describe('events', () => {
  const event = async (
    name: string,
    payload: unknown,
    env: Readonly<Record<string, string>> = {},
  ): Promise<ActionEvent> => {
    const folder = await mkdtemp(join(tmpdir(), 'wrapkeeper-event-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'event.json');
    await writeFile(path, JSON.stringify(payload));
    return readEvent({ GITHUB_EVENT_NAME: name, GITHUB_EVENT_PATH: path, ...env });
  };
  const pull = (head: unknown) => ({
    pull_request: {
      number: 7,
      head: { sha: HEAD, repo: head },
      base: { sha: BASE, ref: 'main', repo: { full_name: 'example/policies' } },
    },
  });
  const own = { full_name: 'example/policies' };

  test.each([
    [own, {}, null],
    [{ full_name: 'stranger/policies' }, {}, 'it comes from a fork'],
    [null, {}, 'it comes from a fork'],
    [own, { GITHUB_ACTOR: 'dependabot[bot]' }, 'it comes from Dependabot'],
  ])('a pull request of %j with %j: %s', async (head, env, withoutSecrets) => {
    expect(await event('pull_request', pull(head), env)).toEqual({
      kind: 'pull-request',
      number: 7,
      head: HEAD,
      base: BASE,
      branch: 'main',
      withoutSecrets,
    });
  });

  test('a branch that was not there has no state before', async () => {
    const before = '0'.repeat(40);
    expect(await event('push', { before, after: HEAD, ref: 'refs/heads/main' })).toMatchObject({
      before: null,
    });
  });

  const after = (runOn: string, head: unknown) => ({
    workflow_run: { event: runOn, head_repository: head },
    repository: own,
  });
  test.each([
    ['pull_request_target', {}, 'strangers'],
    ['issue_comment', {}, 'strangers'],
    ['workflow_run', after('pull_request', own), 'strangers'],
    ['workflow_run', after('push', { full_name: 'stranger/policies' }), 'strangers'],
    ['workflow_run', after('push', null), 'strangers'],
    ['workflow_run', after('push', own), 'other'],
    ['release', {}, 'other'],
  ])('%s with %j is an event of %s', async (name, payload, kind) => {
    expect(await event(name, payload)).toMatchObject({ kind });
  });

  test.each([
    ['pull_request', {}],
    ['workflow_run', {}],
    ['push', { before: '--upload-pack=x', after: HEAD }],
    ['merge_group', { merge_group: { base_sha: 'main' } }],
  ])('a payload of %s that GitHub would not send is refused', async (name, payload) => {
    expect(await codeOf(() => event(name, payload))).toBe('action.event');
  });
});

describe('courses', () => {
  const inputs = { base: null, comment: 'auto', issue: 'auto' } as const;
  const course = (command: 'validate' | 'plan' | 'apply', event: ActionEvent) =>
    chooseCourse({ ...inputs, command }, event);
  const pull = { kind: 'pull-request', number: 7, head: HEAD, base: BASE, branch: 'main' } as const;

  test('follow the table', async () => {
    expect(course('plan', { ...pull, withoutSecrets: null })).toEqual({
      command: 'plan',
      base: { kind: 'merge', head: HEAD, base: BASE, name: 'main' },
      pullRequest: { number: 7, head: HEAD },
      tellsDrift: false,
    });
    for (const command of ['plan', 'apply'] as const)
      expect(course(command, { ...pull, withoutSecrets: 'why' })).toMatchObject({
        command: 'validate',
        note: expect.stringContaining('why') as string,
      });
    expect(course('plan', { kind: 'schedule' })).toMatchObject({ tellsDrift: true, base: null });
    expect(course('apply', { kind: 'push', before: BASE, after: HEAD, branch: 'main' })).toEqual({
      command: 'apply',
      base: { kind: 'ref', ref: BASE, name: 'main' },
      merged: HEAD,
    });
    expect(course('apply', { kind: 'schedule' })).toMatchObject({ merged: null, base: null });
    for (const event of [
      { ...pull, withoutSecrets: null },
      { kind: 'merge-group', base: BASE, branch: 'main' },
    ] as const)
      expect(await codeOf(() => course('apply', event))).toBe('action.event');
    for (const command of ['validate', 'plan', 'apply'] as const)
      expect(await codeOf(() => course(command, { kind: 'strangers', event: 'issues' }))).toBe(
        'action.event',
      );
  });
});

describe('markers', () => {
  const marker: Marker = {
    kind: 'plan',
    organization: '8f1c2d3e-4a5b-4c6d-8e7f-901234567890',
    head: HEAD,
    reviewed: DIGEST,
    cut: false,
  };

  test.each([null, new Secret('a key')])(
    'are read from the first line alone, and know whether all is as it was, with the key %s',
    (key) => {
      fc.assert(
        fc.property(fc.string(), (text) => {
          const body = mark(marker, text, key);
          expect(readMarker(body, key)).toEqual({ ...marker, isAsWritten: true });
          expect(readMarker(body.replaceAll('\n', '\r\n'), key)).toMatchObject(marker);
          expect(readMarker(`${body}!`, key)).toMatchObject({ isAsWritten: false });
          expect(readMarker(`\n${body}`, key)).toBeNull();
          // Neither what it says, nor by whom it was sealed.
          const forged = body.replace(DIGEST, OTHER).replace('"cut":true', '"cut":false');
          expect(readMarker(forged, key)).toMatchObject({ reviewed: OTHER, isAsWritten: false });
          const resealed = mark({ ...marker, reviewed: OTHER }, text, null);
          expect(readMarker(resealed, key)?.isAsWritten).toBe(key === null);
          expect(readMarker(body, new Secret('another'))?.isAsWritten).toBe(false);
        }),
      );
    },
  );

  test('count for nothing in a comment of somebody else', () => {
    const body = mark(marker, 'text', null);
    const by = (login: string, type: string) => ({ user: { login, type }, body });
    expect(ownText(by('github-actions[bot]', 'Bot'), { login: 'github-actions[bot]' })).toBe(body);
    expect(ownText(by('keeper[bot]', 'Bot'), { login: 'keeper' })).toBe(body);
    expect(ownText(by('keeper[bot]', 'User'), { login: 'keeper' })).toBeNull();
    expect(ownText(by('jo-doe', 'User'), { login: 'github-actions[bot]' })).toBeNull();
    expect(ownText({ user: null, body }, { login: 'github-actions[bot]' })).toBeNull();
  });

  test.each([
    [null, null, 'not-required'],
    [true, null, 'missing'],
    [null, { ...marker, isAsWritten: true }, 'reviewed'],
    [true, { ...marker, isAsWritten: true }, 'reviewed'],
    [null, { ...marker, isAsWritten: false }, 'missing'],
    [null, { ...marker, isAsWritten: true, isEdited: true }, 'missing'],
    [null, { ...marker, cut: true, isAsWritten: true }, 'missing'],
    [null, { ...marker, reviewed: null, isAsWritten: true }, 'missing'],
  ])('review: required %s, comment %j: %s', (required, found, kind) => {
    const comment = found === null ? null : { marker: found, isEdited: 'isEdited' in found };
    expect(judgeReview({ required, comment }).kind).toBe(kind);
  });
});

describe('annotations', () => {
  const annotation = (kind: Annotation['kind'], at: number): Annotation => ({
    kind,
    title: 'title',
    text: `text ${at}`,
    place: null,
  });

  test('are ten of a kind at most, and the rest is counted', () => {
    const all = Array.from({ length: 25 }, (_, at) => annotation(at < 15 ? 'error' : 'notice', at));
    const limited = limitAnnotations(all);
    expect(limited.filter(({ kind }) => kind === 'error')).toHaveLength(10);
    expect(limited[9]?.text).toBe('And 6 more of this kind: the job summary has them.');
    expect(limited.filter(({ kind }) => kind === 'notice')).toHaveLength(10);
  });

  test('are one command on one line each, whatever they hold', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (title, text, file) => {
        const place = { file, line: 1 };
        const printed = renderAnnotations([{ kind: 'error', title, text, place }], 'a/');
        expect(printed.trimEnd().split(/[\n\r]/)).toHaveLength(1);
        expect(printed.startsWith('::error file=a/')).toBe(true);
      }),
    );
  });

  test('begin at the workspace', () => {
    expect(prefixOf('/w/repo', '/w/repo')).toBe('');
    expect(prefixOf('/w/repo', '/w/repo/a/b')).toBe('a/b/');
    expect(prefixOf('/w/repo', '/elsewhere')).toBe('');
  });
});

test('hunks are read as lines of the newer file', () => {
  const diff = [
    'diff --git a/policies/a b.yaml b/policies/a b.yaml',
    '--- a/policies/a b.yaml',
    '+++ b/policies/a b.yaml\t',
    '@@ -3 +3,2 @@ spec:',
    '-old',
    '+new',
    '+++ b/not/a/file',
    '@@ -9,2 +10,0 @@ x',
    'diff --git a/gone b/gone',
    '--- a/gone',
    '+++ /dev/null',
    '@@ -1 +0,0 @@',
  ].join('\n');
  expect(parseHunks(diff)[0]).toEqual({ file: 'policies/a b.yaml', lines: [3, 4, 10] });
});

test.each([
  [{ status: 403, headers: {}, body: { message: 'no' } }, 'GET', null],
  [{ status: 403, headers: { 'retry-after': '7' }, body: {} }, 'POST', 7_000],
  [{ status: 429, headers: {}, body: {} }, 'GET', 60_000],
  [{ status: 403, headers: {}, body: { message: 'a secondary rate limit' } }, 'GET', 60_000],
  [
    {
      status: 403,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '130' },
      body: {},
    },
    'GET',
    30_000,
  ],
  [{ status: 502, headers: {}, body: null }, 'PATCH', 2_000],
  [{ status: 502, headers: {}, body: null }, 'POST', null],
  ['lost', 'GET', 2_000],
  ['lost', 'POST', null],
  [{ status: 404, headers: {}, body: null }, 'GET', null],
])('after %j a %s waits %s ms', (answer, method, pause) => {
  expect(pauseAfter(answer, { method, attempt: 2, now: 100_000 })).toBe(pause);
});

test('every line of a secret is covered', () => {
  const env = {
    GENESYSCLOUD_ACCESS_TOKEN: 'first line\nsecond%line\n',
    WRAPKEEPER_PLAN_KEY: 'abc',
  };
  expect(maskCredentials(env)).toBe('::add-mask::first line\n::add-mask::second%25line\n');
});
