/**
 * What is to be done, given what the workflow asks and what set it off.
 *
 * | event              | validate | plan                                     | apply                                  |
 * |--------------------|----------|------------------------------------------|----------------------------------------|
 * | pull request       | validate | against its base; the comment            | refused: it is not merged              |
 * | … without secrets  | validate | validate, and a note                     | validate, and a note                   |
 * | merge group        | validate | against its base                         | refused: it is not merged              |
 * | push               | validate | against the branch before                | what was reviewed, where it was        |
 * | schedule           | validate | the issue                                | all drift                              |
 * | dispatch, others   | validate | plan                                     | all; with `accept-digest` this plan    |
 * | set off by anybody | refused  | refused                                  | refused                                |
 */
import { AppError } from '../domain/errors.js';
import type { ActionEvent } from './event.js';
import type { Inputs } from './inputs.js';

/** What is to be done. */
export type Course =
  | {
      readonly command: 'validate';
      /** Why no more is done than that; null where no more was asked. */
      readonly note: string | null;
    }
  | {
      readonly command: 'plan';
      readonly base: Base | null;
      /** The pull request that is commented, or null. */
      readonly pullRequest: { readonly number: number; readonly head: string } | null;
      /** Whether an issue tells of drift. */
      readonly tellsDrift: boolean;
    }
  | {
      readonly command: 'apply';
      readonly base: Base | null;
      /** The commit whose pull request may have been reviewed, or null. */
      readonly merged: string | null;
    };

/** What a change is compared with, and what people call it. */
export type Base =
  | { readonly kind: 'ref'; readonly ref: string; readonly name: string }
  /** What the checked-out merge of `head` was made onto; `base` where something else is checked out. */
  | {
      readonly kind: 'merge';
      readonly head: string;
      readonly base: string;
      readonly name: string;
    };

/**
 * Decides; pure.
 *
 * @throws AppError `action.event`
 */
export const chooseCourse = (
  { command, base: asked, comment, issue }: Pick<Inputs, 'command' | 'base' | 'comment' | 'issue'>,
  event: ActionEvent,
): Course => {
  if (event.kind === 'strangers') throw strangersRefused(event.event);
  if (command === 'validate') return { command, note: null };
  if (event.kind === 'pull-request' && event.withoutSecrets !== null)
    return { command: 'validate', note: withoutSecrets(command, event.withoutSecrets) };
  if (command === 'apply') {
    if (event.kind === 'pull-request' || event.kind === 'merge-group') throw unmergedRefused();
    return {
      command,
      base: baseOf(asked, event),
      merged: event.kind === 'push' ? event.after : null,
    };
  }
  const { kind } = event;
  return {
    command,
    base: baseOf(asked, event),
    pullRequest:
      kind === 'pull-request' && comment !== 'never'
        ? { number: event.number, head: event.head }
        : null,
    tellsDrift: kind === 'schedule' && issue !== 'never',
  };
};

const baseOf = (asked: string | null, event: ActionEvent): Base | null => {
  if (asked !== null) return { kind: 'ref', ref: asked, name: asked };
  if (event.kind === 'pull-request')
    return { kind: 'merge', head: event.head, base: event.base, name: event.branch };
  if (event.kind === 'merge-group') return { kind: 'ref', ref: event.base, name: event.branch };
  if (event.kind !== 'push' || event.before === null) return null;
  return { kind: 'ref', ref: event.before, name: event.branch };
};

const withoutSecrets = (command: string, why: string): string =>
  `\`${command}\` needs credentials, and GitHub gives none to this pull request: ${why}. The policies were only validated; what they would change is known once somebody plans it from a branch of this repository.`;

const strangersRefused = (event: string): AppError =>
  new AppError(
    'action.event',
    `The event \`${event}\` runs with secrets for whoever set it off, a stranger perhaps, and is refused.`,
    {
      remedy:
        'Use `pull_request`: forks are validated, branches of this repository are planned. Apply on `push`, `schedule` or `workflow_dispatch`; on `workflow_run` only after a workflow that ran on a push.',
    },
  );

const unmergedRefused = (): AppError =>
  new AppError('action.event', 'What is not merged is not applied.', {
    remedy: 'Run `plan` on pull requests and merge groups, and `apply` on pushes to the branch.',
  });
