import { describe, expect, test } from 'vitest';
import { commitsToJudge, findSuperseding } from '../../src/plan/superseded.js';
import type { Kin, OwnCommit } from '../../src/plan/superseded.js';

const OWN = 'a'.repeat(40);
const OTHER = 'b'.repeat(40);
const AT = '2026-11-26T10:00:00.700Z';
const SECOND = Date.parse('2026-11-26T10:00:00Z');

const applied = (commit = OTHER, branch: string | null = 'main') =>
  ({ commit, branch, run: `run of ${commit[0]}`, at: AT }) as const;
const own = (changes: Partial<OwnCommit> = {}): OwnCommit => ({
  commit: OWN,
  branch: 'main',
  committedAt: SECOND - 1_000,
  ...changes,
});

describe('a run comes too late', () => {
  test.each<[string, Partial<OwnCommit>, Kin | null, boolean | null]>([
    ['after a newer commit', {}, 'after', true],
    [
      'after a newer commit, however late it was made itself',
      { committedAt: Infinity },
      'after',
      true,
    ],
    ['never after an older one, or one beside it', {}, 'other', null],
    ['perhaps, where nobody knows', {}, 'unknown', false],
    ['perhaps, where nobody has asked', {}, null, false],
    ['not if its commit was made since', { committedAt: SECOND }, 'unknown', null],
    ['perhaps, where nobody knows when it was made', { committedAt: null }, 'unknown', false],
    ['not after a commit of another branch', { branch: 'sandbox' }, 'after', null],
    ['after a newer commit, where its own branch is not known', { branch: null }, 'after', true],
  ])('%s', (_what, changes, kin, isCertain) => {
    const found = findSuperseding(
      own(changes),
      [applied()],
      new Map(kin === null ? [] : [[OTHER, kin]]),
    );
    expect(found).toEqual(isCertain === null ? null : { by: applied(), isCertain });
  });

  test('not after its own commit, and after none at all', () => {
    expect(findSuperseding(own(), [applied(OWN)], new Map([[OWN, 'after']]))).toBeNull();
    expect(findSuperseding(own(), [], new Map())).toBeNull();
  });

  test('for certain, where one is certain and another is not', () => {
    const third = 'c'.repeat(40);
    const kin = new Map<string, Kin>([
      [OTHER, 'unknown'],
      [third, 'after'],
    ]);
    const found = findSuperseding(own(), [applied(), applied(third)], kin);
    expect(found).toEqual({ by: applied(third), isCertain: true });
  });

  test('and git is asked about no other branch', () => {
    const all = [applied(), applied(OWN), applied('c'.repeat(40), 'sandbox'), applied('d', null)];
    expect(commitsToJudge(own(), all).map(({ commit }) => commit)).toEqual([OTHER, 'd']);
  });
});
