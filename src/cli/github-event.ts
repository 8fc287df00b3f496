/**
 * Which pull request a GitHub event tells of.
 *
 * | event                                 | number, title                                  | author, merged by | approved by                     |
 * |---------------------------------------|------------------------------------------------|-------------------|---------------------------------|
 * | `pull_request`, `pull_request_target` | of the pull request                            | of it             | not told                        |
 * | `pull_request_review`                 | of the pull request                            | of it             | the reviewer, where it approves |
 * | `push`                                | as the message of the newest commit has them   | not told          | not told                        |
 * | `merge_group`                         | the last of the group, by the queue's branch   | not told          | not told                        |
 *
 * The payload is GitHub's, the texts in it are anybody's: whoever may push can write any message.
 */
import type { PullRequest } from '../domain/journal.js';
import { oneLine } from '../domain/text.js';

const LONGEST_TITLE = 300;
const LONGEST_LOGIN = 100;

/** The pull request of an event, or null where the event tells of none, or is not of the form that GitHub sends. */
export const pullRequestOf = (event: string, payload: unknown): PullRequest | null => {
  switch (event) {
    case 'pull_request':
    case 'pull_request_target':
      return ofPullRequest(payload, []);
    case 'pull_request_review':
      return ofPullRequest(payload, approversIn(payload));
    case 'push':
      return ofMessage(at(payload, 'head_commit', 'message'));
    case 'merge_group':
      return ofMergeGroup(at(payload, 'merge_group'));
    default:
      return null;
  }
};

const ofPullRequest = (payload: unknown, approvedBy: readonly string[]): PullRequest | null => {
  const number = at(payload, 'pull_request', 'number');
  if (typeof number !== 'number' || !isPullRequestNumber(number)) return null;
  return {
    number,
    title: lineOf(at(payload, 'pull_request', 'title'), LONGEST_TITLE),
    author: lineOf(at(payload, 'pull_request', 'user', 'login'), LONGEST_LOGIN),
    mergedBy: lineOf(at(payload, 'pull_request', 'merged_by', 'login'), LONGEST_LOGIN),
    approvedBy,
  };
};

const approversIn = (payload: unknown): readonly string[] => {
  const reviewer = lineOf(at(payload, 'review', 'user', 'login'), LONGEST_LOGIN);
  return at(payload, 'review', 'state') === 'approved' && reviewer !== null ? [reviewer] : [];
};

/** A merge by a commit has the title below its first line; one by squashing has it there, before the number. */
const ofMessage = (message: unknown): PullRequest | null => {
  if (typeof message !== 'string') return null;
  const [first = '', ...rest] = message.split(/\r?\n/);
  const merged = /^Merge pull request #(\d{1,9}) from \S/.exec(first);
  if (merged !== null) return claimed(merged[1], rest.find((line) => line.trim() !== '') ?? null);
  const squashed = /^(.*\S) \(#(\d{1,9})\)\s*$/.exec(first);
  return squashed === null ? null : claimed(squashed[2], squashed[1]);
};

const ofMergeGroup = (group: unknown): PullRequest | null => {
  const branch = at(group, 'head_ref');
  if (typeof branch !== 'string') return null;
  const number = /^refs\/heads\/gh-readonly-queue\/.+\/pr-(\d{1,9})-[0-9a-f]+$/.exec(branch)?.[1];
  const told = claimed(number, null);
  const written = ofMessage(at(group, 'head_commit', 'message'));
  return told !== null && told.number === written?.number ? written : told;
};

const claimed = (digits: string | undefined, title: unknown): PullRequest | null => {
  const number = Number(digits);
  return isPullRequestNumber(number)
    ? { number, title: lineOf(title, LONGEST_TITLE), author: null, mergedBy: null, approvedBy: [] }
    : null;
};

const isPullRequestNumber = (number: number): boolean => Number.isSafeInteger(number) && number > 0;

const lineOf = (value: unknown, most: number): string | null =>
  (typeof value === 'string' && oneLine(value, most)) || null;

/** What stands at the end of a path of own keys. */
const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (here, key) =>
      typeof here === 'object' && here !== null && Object.hasOwn(here, key)
        ? (here as Readonly<Record<string, unknown>>)[key]
        : undefined,
    value,
  );
