/** The pull requests that a commit of the branch came by. */
import { z } from 'zod';
import type { GitHub } from './api.js';

const PULL = z.looseObject({
  number: z.int().positive(),
  merged_at: z.string().nullable(),
  merge_commit_sha: z.string().nullable(),
});

/**
 * The merged pull requests of a commit: the one whose merge it is, or all that it belongs to where none claims it.
 */
export const findMergedPulls = async (
  gitHub: GitHub,
  commit: string,
): Promise<readonly number[]> => {
  const merged: z.infer<typeof PULL>[] = [];
  for await (const item of gitHub.items(`${gitHub.repository}/commits/${commit}/pulls`)) {
    const parsed = PULL.safeParse(item);
    if (parsed.success && parsed.data.merged_at !== null) merged.push(parsed.data);
  }
  const exact = merged.filter((pull) => pull.merge_commit_sha === commit);
  return (exact.length > 0 ? exact : merged).map(({ number }) => number);
};
