/** The one comment of an organization on a pull request. */
import { z } from 'zod';
import type { Secret } from '../../domain/secret.js';
import { readMarker } from '../marker.js';
import type { Marked } from '../marker.js';
import type { GitHub } from './api.js';
import { isOwn, ownText } from './own.js';
import type { Account } from './own.js';

/** A comment of ours. */
export interface OwnComment {
  readonly id: number;
  /** Its name in GraphQL. */
  readonly node: string;
  readonly body: string;
  readonly marker: Marked;
}

const ID = z.looseObject({ id: z.int().positive(), node_id: z.string().min(1) });

/** Looks through all comments; of several that are ours the last one counts. null where there is none. */
export const findComment = async (
  gitHub: GitHub,
  us: Account,
  {
    pullRequest,
    organization,
    key,
  }: {
    readonly pullRequest: number;
    readonly organization: string;
    /** With which comments are sealed, or null. */
    readonly key: Secret | null;
  },
): Promise<OwnComment | null> => {
  let last: OwnComment | null = null;
  for await (const item of gitHub.items(`${gitHub.repository}/issues/${pullRequest}/comments`)) {
    const body = ownText(item, us);
    const marker = body === null ? null : readMarker(body, key);
    if (body === null || marker?.kind !== 'plan' || marker.organization !== organization) continue;
    const { id, node_id: node } = ID.parse(item);
    if (last === null || id > last.id) last = { id, node, body, marker };
  }
  return last;
};

const EDITED = z.looseObject({
  data: z.looseObject({
    node: z.looseObject({
      body: z.string(),
      editor: z.looseObject({ login: z.string() }).nullable(),
      lastEditedAt: z.string().nullable(),
    }),
  }),
});

/**
 * Whether the comment is as we wrote it last. Whoever may write in the repository can edit it, its marker
 * included; REST does not tell who did, GraphQL does. Our own updates are edits, too: those of others count only
 * where they came last.
 */
export const isEditedByOthers = async (
  gitHub: GitHub,
  us: Account,
  { node, body }: Pick<OwnComment, 'node' | 'body'>,
): Promise<boolean> => {
  const asked =
    'query ($id: ID!) { node(id: $id) { ... on IssueComment { body lastEditedAt editor { login } } } }';
  const parsed = EDITED.safeParse(await gitHub.query(asked, { id: node }));
  // An answer without it, or an account that is gone: what cannot be told was not reviewed.
  if (!parsed.success || parsed.data.data.node.body !== body) return true;
  const { editor, lastEditedAt } = parsed.data.data.node;
  return lastEditedAt !== null && (editor === null || !isOwn(editor.login, us));
};

/** Writes the comment anew, or for the first time. */
export const writeComment = async (
  gitHub: GitHub,
  pullRequest: number,
  before: Pick<OwnComment, 'id' | 'body'> | null,
  body: string,
): Promise<void> => {
  const { repository } = gitHub;
  if (before === null)
    await gitHub.send('POST', `${repository}/issues/${pullRequest}/comments`, { body });
  else if (before.body !== body)
    await gitHub.send('PATCH', `${repository}/issues/comments/${before.id}`, { body });
};
