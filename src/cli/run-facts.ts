/**
 * What set a run off, as its surroundings tell. All of it is a statement of the environment, which whoever
 * starts a run can set: good for people who look back, never a reason to do something.
 *
 * | where               | known by              | trigger               | actor                                          |
 * |---------------------|-----------------------|-----------------------|------------------------------------------------|
 * | GitHub Actions      | `GITHUB_ACTIONS=true` | the name of the event | who set it off, or ran it again                |
 * | {@link SERVICES}    | their own variable    | as they call it       | as they name them, else the account it runs as |
 * | another CI          | `CI=true`             | `ci`                  | the account it runs as                         |
 * | anywhere else       |                       | `manual`              | the account it runs as                         |
 *
 * The branch is that of the service, where it names one.
 */
import type { PullRequest, RunFacts } from '../domain/journal.js';
import { oneLine } from '../domain/text.js';
import { readBounded } from './bounded-file.js';
import { pullRequestOf } from './github-event.js';
import type { Environment } from './io.js';

export interface Surroundings {
  readonly env: Environment;
  /** The account that the process runs as, or null where it has no name. */
  readonly user: string | null;
  readonly host: string | null;
  /** The OAuth client of the run, or null where only a token was given. */
  readonly oauthClientId: string | null;
  /** Reads the file of the event. */
  readonly readFile?: typeof readBounded;
}

/** A larger event tells nothing: what is looked for in it is no reason to fail. */
const MAX_EVENT_BYTES = 5 * 1024 * 1024;
const LONGEST_NAME = 200;
const LONGEST_URL = 2_000;

/** Reads what is known about the start of this run. Never throws: what cannot be read is null. */
export const readRunFacts = async (from: Surroundings): Promise<RunFacts> => {
  const { env, user, host, oauthClientId } = from;
  const { trigger, actor, url, branch } = startOf(env);
  return {
    trigger,
    actor: actor ?? lineOf(user),
    url: pageOf(url),
    host: lineOf(host),
    oauthClientId: lineOf(oauthClientId),
    pullRequest: isGitHub(env) ? await readPullRequest(from) : null,
    branch,
  };
};

interface Start {
  readonly trigger: string;
  readonly actor: string | null;
  readonly url: string | null;
  readonly branch: string | null;
}

const startOf = (env: Environment): Start => {
  const value = (name: string): string | null => lineOf(env[name]);
  if (isGitHub(env)) {
    const actor = value('GITHUB_TRIGGERING_ACTOR') ?? value('GITHUB_ACTOR');
    const branch = branchIn(env['GITHUB_REF'] ?? '');
    return { trigger: value('GITHUB_EVENT_NAME') ?? 'ci', actor, url: gitHubRun(env), branch };
  }
  const service = SERVICES.find(({ sign, says }) => {
    const told = env[sign] ?? '';
    return says === null ? told !== '' : told.toLowerCase() === says;
  });
  if (service !== undefined) {
    const { trigger, actor, url, branch } = service;
    const ref = env[branch] ?? '';
    return {
      trigger: (trigger === null ? null : value(trigger)) ?? 'ci',
      actor: value(actor),
      url: url(env),
      branch: ref.startsWith('refs/') ? branchIn(ref) : lineOf(ref),
    };
  }
  const trigger = env['CI'] === 'true' ? 'ci' : 'manual';
  return { trigger, actor: null, url: null, branch: null };
};

interface Service {
  /** The variable that the service is known by, and what it then says; null: anything. */
  readonly sign: string;
  readonly says: string | null;
  /** The variable that names what set the run off; null where the service has none. */
  readonly trigger: string | null;
  readonly actor: string;
  readonly url: (env: Environment) => string | null;
  /** The variable that names the branch, or its reference. */
  readonly branch: string;
}

const SERVICES: readonly Service[] = [
  {
    sign: 'GITLAB_CI',
    says: 'true',
    trigger: 'CI_PIPELINE_SOURCE',
    actor: 'GITLAB_USER_LOGIN',
    url: (env) => env['CI_PIPELINE_URL'] ?? null,
    branch: 'CI_COMMIT_BRANCH',
  },
  {
    sign: 'TF_BUILD',
    says: 'true',
    trigger: 'BUILD_REASON',
    actor: 'BUILD_REQUESTEDFOR',
    url: (env) => azureRun(env),
    branch: 'BUILD_SOURCEBRANCH',
  },
  {
    sign: 'CIRCLECI',
    says: 'true',
    trigger: null,
    actor: 'CIRCLE_USERNAME',
    url: (env) => env['CIRCLE_BUILD_URL'] ?? null,
    branch: 'CIRCLE_BRANCH',
  },
  {
    // Who started a job is known to Jenkins where the plugin "build user vars" is there.
    sign: 'JENKINS_URL',
    says: null,
    trigger: null,
    actor: 'BUILD_USER_ID',
    url: (env) => env['BUILD_URL'] ?? null,
    branch: 'BRANCH_NAME',
  },
];

/** @example branchIn('refs/heads/main') // 'main' */
const branchIn = (ref: string): string | null =>
  ref.startsWith('refs/heads/') ? lineOf(ref.slice('refs/heads/'.length)) : null;

const isGitHub = (env: Environment): boolean => env['GITHUB_ACTIONS'] === 'true';

/** The page of this run on GitHub; null where the runner does not tell it. */
export const gitHubRun = (env: Environment): string | null => {
  const server = env['GITHUB_SERVER_URL'] ?? '';
  const repository = /^[\w.-]+\/[\w.-]+$/.exec(env['GITHUB_REPOSITORY'] ?? '')?.[0];
  const run = numberIn(env['GITHUB_RUN_ID']);
  const attempt = numberIn(env['GITHUB_RUN_ATTEMPT']);
  if (repository === undefined || run === null) return null;
  const page = `${server}/${repository}/actions/runs/${run}`;
  return attempt === null ? page : `${page}/attempts/${attempt}`;
};

const azureRun = (env: Environment): string | null => {
  const project = env['SYSTEM_TEAMPROJECT'] ?? '';
  const build = numberIn(env['BUILD_BUILDID']);
  return project === '' || build === null
    ? null
    : `${env['SYSTEM_COLLECTIONURI'] ?? ''}${encodeURIComponent(project)}/_build/results?buildId=${build}`;
};

const numberIn = (text: string | undefined): string | null =>
  /^\d{1,20}$/.exec(text ?? '')?.[0] ?? null;

const readPullRequest = async ({
  env,
  readFile = readBounded,
}: Surroundings): Promise<PullRequest | null> => {
  const event = env['GITHUB_EVENT_NAME'] ?? '';
  const path = env['GITHUB_EVENT_PATH'] ?? '';
  if (path === '') return null;
  try {
    const read = await readFile(path, MAX_EVENT_BYTES);
    return read.kind === 'read' ? pullRequestOf(event, JSON.parse(read.text)) : null;
  } catch {
    // Cut off, nested too deeply, or no JSON: then the event tells nothing.
    return null;
  }
};

const lineOf = (text: string | null | undefined): string | null =>
  oneLine(text ?? '', LONGEST_NAME) || null;

/** A page that can be opened; what it takes to log in does not belong into an address. */
const pageOf = (text: string | null): string | null => {
  if (text === null || text.length > LONGEST_URL || !URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
  url.username = '';
  url.password = '';
  return url.href;
};
