/** The one comment of an organization on a pull request. */
import { z } from 'zod';
import { readMarker } from '../marker.js';
import type { Marked } from '../marker.js';
import type { GitHub } from './api.js';
import { ownText } from './own.js';
import type { Account } from './own.js';

/** A comment of ours. */
export interface OwnComment {
  readonly id: number;
  readonly body: string;
  readonly marker: Marked;
}

const ID = z.looseObject({ id: z.int().positive() });

/** Looks through all comments; of several that are ours the last one counts. null where there is none. */
export const findComment = async (
  gitHub: GitHub,
  us: Account,
  pullRequest: number,
  organization: string,
): Promise<OwnComment | null> => {
  let last: OwnComment | null = null;
  for await (const item of gitHub.items(`${gitHub.repository}/issues/${pullRequest}/comments`)) {
    const body = ownText(item, us);
    const marker = body === null ? null : readMarker(body);
    if (body === null || marker?.kind !== 'plan' || marker.organization !== organization) continue;
    const { id } = ID.parse(item);
    if (last === null || id > last.id) last = { id, body, marker };
  }
  return last;
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
