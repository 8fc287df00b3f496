/**
 * What set the workflow off, as far as the Action goes by it. The payload is GitHub's; of what people write, only
 * the name of the branch that a change is for is read, and only shown.
 */
import { z } from 'zod';
import { readBounded } from '../cli/bounded-file.js';
import type { Environment } from '../cli/io.js';
import { AppError } from '../domain/errors.js';

/** An event; commits are full ids. */
export type ActionEvent =
  | {
      readonly kind: 'pull-request';
      readonly number: number;
      /** The newest commit of the branch that is to be merged. */
      readonly head: string;
      /** The commit that it is to be merged onto, as the event knows it, and the name of that branch. */
      readonly base: string;
      readonly branch: string;
      /** Why GitHub gives it no secrets, part of a sentence; null where it does. */
      readonly withoutSecrets: string | null;
    }
  /** Anybody can set it off; it runs with secrets and a token that may write, perhaps beside code that they sent. */
  | { readonly kind: 'strangers'; readonly event: string }
  | { readonly kind: 'merge-group'; readonly base: string; readonly branch: string }
  | {
      readonly kind: 'push';
      /** What the branch was before; null where it was not there. */
      readonly before: string | null;
      readonly after: string;
      readonly branch: string;
    }
  | { readonly kind: 'schedule' | 'dispatch' | 'other' };

const MAX_EVENT_BYTES = 25 * 1024 * 1024;
const NOTHING = /^0+$/;

const commit = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);
const repository = z.looseObject({ full_name: z.string() }).nullish();
const PULL_REQUEST = z.looseObject({
  pull_request: z.looseObject({
    number: z.int().positive(),
    head: z.looseObject({ sha: commit, repo: repository }),
    base: z.looseObject({ sha: commit, ref: z.string(), repo: repository }),
  }),
});
const MERGE_GROUP = z.looseObject({
  merge_group: z.looseObject({ base_sha: commit, base_ref: z.string() }),
});
/** A workflow that follows another one: what that one ran on counts. */
const WORKFLOW_RUN = z.looseObject({
  workflow_run: z.looseObject({ event: z.string(), head_repository: repository }),
  repository: z.looseObject({ full_name: z.string() }),
});
const PUSH = z.looseObject({ before: commit, after: commit, ref: z.string() });

/**
 * Reads the event of this run.
 *
 * @throws AppError `action.event` where its file is not what GitHub sends
 */
export const readEvent = async (env: Environment): Promise<ActionEvent> => {
  const name = env['GITHUB_EVENT_NAME'] ?? '';
  switch (name) {
    case 'pull_request':
    case 'pull_request_review':
      return pullRequest(await payload(env, name, PULL_REQUEST), env);
    case 'pull_request_target':
    case 'issue_comment':
    case 'issues':
    case 'discussion':
    case 'discussion_comment':
    case 'fork':
    case 'watch':
      return { kind: 'strangers', event: name };
    case 'workflow_run': {
      const { workflow_run: before, repository: here } = await payload(env, name, WORKFLOW_RUN);
      const isOwn =
        before.head_repository?.full_name === here.full_name &&
        !before.event.startsWith('pull_request');
      return isOwn ? { kind: 'other' } : { kind: 'strangers', event: name };
    }
    case 'merge_group': {
      const { merge_group: group } = await payload(env, name, MERGE_GROUP);
      return { kind: 'merge-group', base: group.base_sha, branch: branchOf(group.base_ref) };
    }
    case 'push': {
      const { before, after, ref } = await payload(env, name, PUSH);
      const branch = branchOf(ref);
      return { kind: 'push', before: NOTHING.test(before) ? null : before, after, branch };
    }
    case 'schedule':
      return { kind: 'schedule' };
    case 'workflow_dispatch':
    case 'repository_dispatch':
      return { kind: 'dispatch' };
    default:
      return { kind: 'other' };
  }
};

const pullRequest = (
  { pull_request: { number, head, base } }: z.infer<typeof PULL_REQUEST>,
  env: Environment,
): ActionEvent => ({
  kind: 'pull-request',
  number,
  head: head.sha,
  base: base.sha,
  branch: base.ref,
  withoutSecrets: whyWithoutSecrets(
    head.repo?.full_name ?? null,
    base.repo?.full_name ?? null,
    env,
  ),
});

const branchOf = (ref: string): string => ref.replace(/^refs\/heads\//, '');

/** A fork that was deleted is one, and so is whatever cannot be told from one. */
const whyWithoutSecrets = (
  head: string | null,
  base: string | null,
  env: Environment,
): string | null => {
  if (head === null || head !== base) return 'it comes from a fork';
  return env['GITHUB_ACTOR'] === 'dependabot[bot]' ? 'it comes from Dependabot' : null;
};

const payload = async <Schema extends z.ZodType>(
  env: Environment,
  event: string,
  schema: Schema,
): Promise<z.infer<Schema>> => {
  const read = await readBounded(env['GITHUB_EVENT_PATH'] ?? '', MAX_EVENT_BYTES);
  const parsed = read.kind === 'read' ? schema.safeParse(jsonOf(read.text)) : null;
  if (parsed?.success === true) return parsed.data;
  const why = read.kind === 'unreadable' ? `: ${read.why}` : '';
  throw new AppError(
    'action.event',
    `The file of the event \`${event}\` (GITHUB_EVENT_PATH) does not hold what GitHub sends${why}.`,
    { remedy: 'Run the Action in a workflow of GitHub Actions.' },
  );
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
