/**
 * Whether what would be applied was reviewed.
 *
 * | `require-reviewed-plan` | a comment of ours on the pull request | then                                        |
 * |-------------------------|----------------------------------------|---------------------------------------------|
 * | `false`                 | (nobody looks)                         | all of the plan is applied                  |
 * | not set                 | none                                   | all of the plan is applied                  |
 * | `true`                  | none                                   | refused: not reviewed                       |
 * | not set, or `true`      | cut, edited, or without a digest       | refused: not reviewed                       |
 * | not set, or `true`      | with a digest                          | the rows of that digest, and nothing else   |
 */
import { AppError } from '../domain/errors.js';
import type { Secret } from '../domain/secret.js';
import { findComment, isEditedByOthers } from './github/comments.js';
import type { OwnComment } from './github/comments.js';
import type { GitHub } from './github/api.js';
import { whoAmI } from './github/own.js';
import { findMergedPulls } from './github/pulls.js';

/** What may be applied. */
export type Review =
  | { readonly kind: 'not-required' }
  /** Why not, part of a sentence. */
  | { readonly kind: 'missing'; readonly why: string }
  /** The digest that was reviewed. */
  | { readonly kind: 'reviewed'; readonly digest: string };

/** What is asked on GitHub about a push. */
interface Asked {
  /** `require-reviewed-plan`. */
  readonly required: boolean | null;
  /** The commit that was pushed; null where nothing was. */
  readonly merged: string | null;
  /** null where the organization is not known: then no comment can be its own. */
  readonly organization: string | null;
  /** With which comments are sealed (WRAPKEEPER_PLAN_KEY), or null. */
  readonly key: Secret | null;
}

/**
 * Looks for the review of a push.
 *
 * @throws AppError `action.github`, unless nobody has to look: what cannot be looked up was not reviewed
 */
export const findReview = async (
  open: () => GitHub,
  { required, merged, organization, key }: Asked,
): Promise<Review> => {
  if (required === false || merged === null) return { kind: 'not-required' };
  const comment =
    organization === null ? null : await commentOf(open(), merged, { organization, key });
  return judgeReview({ required, comment });
};

/** The last comment about this organization on what the commit came by. */
const commentOf = async (
  gitHub: GitHub,
  commit: string,
  about: { readonly organization: string; readonly key: Secret | null },
): Promise<Judged | null> => {
  const us = await whoAmI(gitHub);
  let last: OwnComment | null = null;
  for (const pullRequest of await findMergedPulls(gitHub, commit)) {
    const comment = await findComment(gitHub, us, { ...about, pullRequest });
    if (comment !== null && (last === null || comment.id > last.id)) last = comment;
  }
  return last === null
    ? null
    : { marker: last.marker, isEdited: await isEditedByOthers(gitHub, us, last) };
};

interface Judged extends Pick<OwnComment, 'marker'> {
  /** Whether somebody else edited it last. */
  readonly isEdited: boolean;
}

/** The table above; pure. */
export const judgeReview = ({
  required,
  comment,
}: {
  readonly required: boolean | null;
  readonly comment: Judged | null;
}): Review => {
  if (comment === null) {
    return required === true
      ? {
          kind: 'missing',
          why: 'no comment of ours stands on a pull request that brought this commit',
        }
      : { kind: 'not-required' };
  }
  const { cut, isAsWritten, reviewed } = comment.marker;
  if (cut)
    return { kind: 'missing', why: 'the comment was cut, and shows only a part of the plan' };
  if (comment.isEdited || !isAsWritten)
    return {
      kind: 'missing',
      why: 'the comment was edited after it was written, or sealed with another WRAPKEEPER_PLAN_KEY',
    };
  if (reviewed === null) return { kind: 'missing', why: 'the comment shows no plan' };
  return { kind: 'reviewed', digest: reviewed };
};

/** Why what was reviewed cannot be found again. */
export const NO_BASE = 'nobody knows what the branch was before this push';

/** What is told where nothing can have been reviewed. */
export const notReviewed = (why: string): AppError =>
  new AppError('action.not-reviewed', `The plan was not reviewed: ${why}. Nothing was written.`);
