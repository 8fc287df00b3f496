import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pullRequestOf } from '../../src/cli/github-event.js';
import type { Environment } from '../../src/cli/io.js';
import { readRunFacts } from '../../src/cli/run-facts.js';
import type { PullRequest, RunFacts } from '../../src/domain/journal.js';

const EVENTS = resolve(import.meta.dirname, 'github-events');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wrapkeeper-facts-'));
});
afterEach(() => rm(folder, { recursive: true }));

const read = (env: Environment, rest: Partial<Parameters<typeof readRunFacts>[0]> = {}) =>
  readRunFacts({ env, user: 'ada', host: 'build-7', oauthClientId: 'client-1', ...rest });

const GITHUB = {
  CI: 'true',
  GITHUB_ACTIONS: 'true',
  GITHUB_EVENT_NAME: 'push',
  GITHUB_ACTOR: 'ben-lead',
  GITHUB_TRIGGERING_ACTOR: 'cleo-qa',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme-care/queue-policies',
  GITHUB_RUN_ID: '11223344556',
  GITHUB_RUN_ATTEMPT: '2',
};

describe('what set the run off', () => {
  it.each<[string, Environment, Partial<RunFacts>]>([
    ['a person', {}, { trigger: 'manual', actor: 'ada', url: null, pullRequest: null }],
    ['a machine that says no more', { CI: 'true' }, { trigger: 'ci', actor: 'ada', url: null }],
    [
      'GitHub Actions, and who ran it again',
      GITHUB,
      {
        trigger: 'push',
        actor: 'cleo-qa',
        url: 'https://github.com/acme-care/queue-policies/actions/runs/11223344556/attempts/2',
      },
    ],
    [
      'GitHub Actions of an older server',
      {
        ...GITHUB,
        GITHUB_TRIGGERING_ACTOR: '',
        GITHUB_RUN_ATTEMPT: undefined,
        GITHUB_SERVER_URL: 'https://git.acme.example:8443',
      },
      {
        actor: 'ben-lead',
        url: 'https://git.acme.example:8443/acme-care/queue-policies/actions/runs/11223344556',
      },
    ],
    [
      'GitHub Actions with nothing that can be used',
      {
        GITHUB_ACTIONS: 'true',
        GITHUB_EVENT_NAME: ' ',
        GITHUB_REPOSITORY: 'acme/../../evil',
        GITHUB_RUN_ID: '1?x',
      },
      { trigger: 'ci', actor: 'ada', url: null, pullRequest: null },
    ],
    [
      'GitLab',
      {
        CI: 'true',
        GITLAB_CI: 'true',
        CI_PIPELINE_SOURCE: 'schedule',
        GITLAB_USER_LOGIN: 'ben',
        CI_PIPELINE_URL: 'https://gitlab.example/acme/policies/-/pipelines/77',
      },
      {
        trigger: 'schedule',
        actor: 'ben',
        url: 'https://gitlab.example/acme/policies/-/pipelines/77',
      },
    ],
    [
      'Azure Pipelines',
      {
        TF_BUILD: 'True',
        BUILD_REASON: 'IndividualCI',
        BUILD_REQUESTEDFOR: 'Ben Lead',
        SYSTEM_COLLECTIONURI: 'https://dev.azure.com/acme/',
        SYSTEM_TEAMPROJECT: 'Contact Center',
        BUILD_BUILDID: '512',
      },
      {
        trigger: 'IndividualCI',
        actor: 'Ben Lead',
        url: 'https://dev.azure.com/acme/Contact%20Center/_build/results?buildId=512',
      },
    ],
    [
      'CircleCI',
      {
        CI: 'true',
        CIRCLECI: 'true',
        CIRCLE_USERNAME: 'ben',
        CIRCLE_BUILD_URL: 'https://circleci.com/gh/acme/policies/9',
      },
      { trigger: 'ci', actor: 'ben', url: 'https://circleci.com/gh/acme/policies/9' },
    ],
    [
      'Jenkins, which does not tell by whom',
      { JENKINS_URL: 'http://jenkins:8080/', BUILD_URL: 'http://jenkins:8080/job/policies/12/' },
      { trigger: 'ci', actor: 'ada', url: 'http://jenkins:8080/job/policies/12/' },
    ],
  ])('is %s', async (_what, env, expected) => {
    expect(await read(env)).toMatchObject({
      ...expected,
      host: 'build-7',
      oauthClientId: 'client-1',
    });
  });

  it('is told as far as it is known', async () => {
    expect(await read({}, { user: null, host: '', oauthClientId: null })).toEqual({
      trigger: 'manual',
      actor: null,
      url: null,
      host: null,
      oauthClientId: null,
      pullRequest: null,
      branch: null,
    });
  });

  it.each<[Environment, string | null]>([
    [{ ...GITHUB, GITHUB_REF: 'refs/heads/release/2' }, 'release/2'],
    [{ ...GITHUB, GITHUB_REF: 'refs/pull/7/merge' }, null],
    [{ ...GITHUB, GITHUB_REF: 'refs/tags/v1' }, null],
    [{ GITLAB_CI: 'true', CI_COMMIT_BRANCH: 'main' }, 'main'],
    [{ TF_BUILD: 'True', BUILD_SOURCEBRANCH: 'refs/heads/main' }, 'main'],
    [{ TF_BUILD: 'True', BUILD_SOURCEBRANCH: 'refs/pull/7/merge' }, null],
    [{ CIRCLECI: 'true', CIRCLE_BRANCH: 'main' }, 'main'],
    [{ JENKINS_URL: 'http://jenkins/', BRANCH_NAME: 'main' }, 'main'],
    [{ CI: 'true', GITHUB_REF: 'refs/heads/main' }, null],
  ])('works on the branch that the service names (%#)', async (env, expected) => {
    expect((await read(env)).branch).toBe(expected);
  });

  it.each([
    ['javascript:alert(1)', null],
    ['file:///etc/passwd', null],
    ['no address', null],
    [`https://ci.example/${'x'.repeat(2_000)}`, null],
    ['https://token:x@ci.example/12', 'https://ci.example/12'],
  ])('has a page that can be opened and holds no password (%#)', async (written, expected) => {
    const { url } = await read({ GITLAB_CI: 'true', CI_PIPELINE_URL: written });
    expect(url).toBe(expected);
  });

  it('is one line, whatever somebody is called', async () => {
    const { actor, trigger, host } = await read(
      {
        GITLAB_CI: 'true',
        GITLAB_USER_LOGIN: 'ada\n\u001B[31m\u202Egnp',
        CI_PIPELINE_SOURCE: 'x'.repeat(999),
      },
      { host: '\u0000' },
    );
    expect(actor).toBe('ada [31m gnp');
    expect(trigger).toHaveLength(201);
    expect(host).toBeNull();
  });
});

const withEvent = (event: string, file: string) =>
  read({ ...GITHUB, GITHUB_EVENT_NAME: event, GITHUB_EVENT_PATH: file });

const PULL_REQUEST: PullRequest = {
  number: 42,
  title: 'Require a code in the billing queues',
  author: 'ada-admin',
  mergedBy: null,
  approvedBy: [],
};
const CLAIMED: PullRequest = { ...PULL_REQUEST, author: null };

describe('the pull request', () => {
  it.each<[string, string, PullRequest | null]>([
    ['pull_request', 'pull-request-opened', PULL_REQUEST],
    ['pull_request_target', 'pull-request-opened', PULL_REQUEST],
    ['pull_request', 'pull-request-merged', { ...PULL_REQUEST, mergedBy: 'ben-lead' }],
    ['pull_request_review', 'review-approved', { ...PULL_REQUEST, approvedBy: ['cleo-qa'] }],
    ['push', 'push-of-a-merge', CLAIMED],
    ['merge_group', 'merge-group', CLAIMED],
    ['schedule', 'schedule', null],
    ['workflow_dispatch', 'pull-request-opened', null],
  ])('of a %s (%s)', async (event, file, expected) => {
    const facts = await withEvent(event, join(EVENTS, `${file}.json`));
    expect(facts).toMatchObject({ trigger: event, pullRequest: expected });
  });

  const wrote = async (event: string, payload: unknown): Promise<PullRequest | null> => {
    const file = join(folder, 'event.json');
    await writeFile(file, typeof payload === 'string' ? payload : JSON.stringify(payload));
    return (await withEvent(event, file)).pullRequest;
  };
  const pushed = (message: string) => wrote('push', { head_commit: { message } });

  it.each<[string, Pick<PullRequest, 'number' | 'title'> | null]>([
    ['Require a code (#12)', { number: 12, title: 'Require a code' }],
    ['Revert "Require a code (#12)" (#13)', { number: 13, title: 'Revert "Require a code (#12)"' }],
    ['Require a code (#12)\r\n\r\n* one\r\n* two (#9)', { number: 12, title: 'Require a code' }],
    ['Merge pull request #7 from acme/branch', { number: 7, title: null }],
    ['Merge pull request #7 from acme/a\r\n\r\nA title', { number: 7, title: 'A title' }],
    ['Require a code', null],
    ['Fixes #12', null],
    ['Require a code\n\nAs said (#12)', null],
    ['Merge pull request #0 from acme/branch', null],
    ['Too many (#99999999999999999999)', null],
    ["Merge branch 'main' into billing", null],
    ['', null],
  ])('of a push is what the message claims: %j', async (message, expected) => {
    expect(await pushed(message)).toEqual(
      expected === null ? null : { ...expected, author: null, mergedBy: null, approvedBy: [] },
    );
  });

  it('of a push that deletes a branch is none', async () => {
    expect(await wrote('push', { head_commit: null, deleted: true })).toBeNull();
  });

  it('of a merge group has no title where the message is of another', async () => {
    const merge_group = {
      head_ref: 'refs/heads/gh-readonly-queue/release/1.x/pr-104-929f8209d40f77f4abc622a499c93a83',
      head_commit: { message: 'Something else (#7)' },
    };
    expect(await wrote('merge_group', { merge_group })).toMatchObject({ number: 104, title: null });
  });

  it.each(['changes_requested', 'commented', 'dismissed'])(
    'is approved by nobody where a review is %s',
    async (state) => {
      const payload = { review: { state, user: { login: 'x' } }, pull_request: { number: 1 } };
      expect(await wrote('pull_request_review', payload)).toMatchObject({ approvedBy: [] });
    },
  );

  it('has an author no more where the account is gone', async () => {
    const pull_request = { number: 1, title: 'T', user: null, merged_by: null };
    expect(await wrote('pull_request', { pull_request })).toMatchObject({ author: null });
  });
});

describe('a hostile event', () => {
  const told = async (text: string): Promise<PullRequest | null> => {
    const file = join(folder, 'event.json');
    await writeFile(file, text);
    return (await withEvent('pull_request', file)).pullRequest;
  };

  it.each([
    ['that is cut off', '{"pull_request":{"number":1,'],
    ['that is empty', ''],
    ['that is null', 'null'],
    ['that is a list', '[{"pull_request":{"number":1}}]'],
    ['that is nested deeply', '['.repeat(1_000_000)],
    ['whose number is a text', '{"pull_request":{"number":"1; rm -rf /"}}'],
    ['whose number is a fraction', '{"pull_request":{"number":1.5}}'],
    ['whose number is negative', '{"pull_request":{"number":-1}}'],
    ['whose number is huge', '{"pull_request":{"number":1e300}}'],
    ['that is too large', `{"pull_request":{"number":1},"x":"${'x'.repeat(5 * 1024 * 1024)}"}`],
  ])('%s tells nothing', async (_what, text) => {
    expect(await told(text)).toBeNull();
  });

  it('leaves one line of its texts, and not too long a one', async () => {
    const pull_request = {
      number: 1,
      title: `Fix\r\n::set-output name=x::y\u001B[2J \u202E${'a'.repeat(999)}`,
      user: { login: { login: 'x' } },
      merged_by: { login: 'ben\u0000\u200B' },
    };
    const { title, ...rest } = (await told(JSON.stringify({ pull_request }))) ?? {};
    expect(title).toMatch(/^Fix ::set-output name=x::y \[2J a+…$/);
    expect(title).toHaveLength(301);
    expect(rest).toEqual({ number: 1, author: null, mergedBy: 'ben', approvedBy: [] });
  });

  it.skipIf(process.platform === 'win32')('does not hold up a run by having no end', async () => {
    expect((await withEvent('pull_request', '/dev/zero')).pullRequest).toBeNull();
  });

  it.each(['missing.json', '.'])('is not there: %s', async (name) => {
    expect((await withEvent('pull_request', join(folder, name))).pullRequest).toBeNull();
  });

  it('has no parts that it only inherits', () => {
    const payload: unknown = Object.create({ pull_request: { number: 1 } });
    expect(pullRequestOf('pull_request', payload)).toBeNull();
  });

  it('is none where it cannot even be asked for', async () => {
    const facts = await read(
      { ...GITHUB, GITHUB_EVENT_PATH: '/event.json' },
      { readFile: () => Promise.reject(new Error('no disk')) },
    );
    expect(facts.pullRequest).toBeNull();
  });
});
