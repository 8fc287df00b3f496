/** The one issue that tells of an organization's drift. */
import { z } from 'zod';
import { readMarker } from '../marker.js';
import type { GitHub } from './api.js';
import { ownText } from './own.js';
import type { Account } from './own.js';

/** An open issue of ours. */
export interface OwnIssue {
  readonly number: number;
  readonly body: string;
}

const ISSUE = z.looseObject({ number: z.int().positive(), pull_request: z.unknown().optional() });

/** Looks through all open issues; of several that are ours the first one counts. null where there is none. */
export const findIssue = async (
  gitHub: GitHub,
  us: Account,
  organization: string,
): Promise<OwnIssue | null> => {
  let first: OwnIssue | null = null;
  for await (const item of gitHub.items(`${gitHub.repository}/issues?state=open`)) {
    const body = ownText(item, us);
    const marker = body === null ? null : readMarker(body, null);
    if (body === null || marker?.kind !== 'drift' || marker.organization !== organization) continue;
    const { number, pull_request: pull } = ISSUE.parse(item);
    if (pull === undefined && (first === null || number < first.number)) first = { number, body };
  }
  return first;
};

/** Writes the issue anew, or opens it. */
export const writeIssue = async (
  gitHub: GitHub,
  before: OwnIssue | null,
  issue: { readonly title: string; readonly body: string },
): Promise<void> => {
  if (before === null) await gitHub.send('POST', `${gitHub.repository}/issues`, issue);
  else await gitHub.send('PATCH', `${gitHub.repository}/issues/${before.number}`, issue);
};

/** Closes the issue, its text being what there is to say last. */
export const closeIssue = async (
  gitHub: GitHub,
  { number }: OwnIssue,
  body: string,
): Promise<void> => {
  await gitHub.send('PATCH', `${gitHub.repository}/issues/${number}`, {
    body,
    state: 'closed',
    state_reason: 'completed',
  });
};
