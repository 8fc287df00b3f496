import { describe, expect, it } from 'vitest';
import { diffAfterCallWork, effectiveAfterCallWork } from '../../src/diff/after-call-work.js';
import type { LiveAfterCallWork, WrapupPrompt } from '../../src/domain/state.js';

const diff = (wanted: readonly [WrapupPrompt, number | null], live: LiveAfterCallWork) =>
  diffAfterCallWork({ prompt: wanted[0], timeoutMs: wanted[1], from: [] }, live);

type Work = readonly [string | null, number | null];
const live = ([prompt, timeoutMs]: Work): LiveAfterCallWork => ({ prompt, timeoutMs });

describe('after-call work', () => {
  it.each<[readonly [WrapupPrompt, number | null], Work]>([
    [
      ['OPTIONAL', null],
      ['OPTIONAL', null],
    ],
    [
      ['OPTIONAL', null],
      ['OPTIONAL', 30_000],
    ], // the platform ignores it
    [
      ['MANDATORY', null],
      ['MANDATORY', 0],
    ],
    [
      ['MANDATORY_TIMEOUT', 30_000],
      ['MANDATORY_TIMEOUT', 30_000],
    ],
    [
      ['MANDATORY_TIMEOUT', null],
      ['MANDATORY_TIMEOUT', 30_000],
    ],
    [
      ['MANDATORY_TIMEOUT', null],
      ['MANDATORY_TIMEOUT', 0],
    ], // old, and nobody asked
    [
      ['AGENT_REQUESTED', null],
      ['AGENT_REQUESTED', null],
    ],
  ])('%j is what %j is', (wanted, now) => {
    expect(diff(wanted, live(now))).toBeNull();
  });

  it.each<[readonly [WrapupPrompt, number | null], Work, Work]>([
    [
      ['MANDATORY', null],
      ['OPTIONAL', null],
      ['MANDATORY', null],
    ],
    [
      ['MANDATORY', null],
      [null, null],
      ['MANDATORY', null],
    ],
    [
      ['OPTIONAL', null],
      ['SOMETHING_NEW', 5],
      ['OPTIONAL', null],
    ],
    [
      ['OPTIONAL', null],
      ['MANDATORY_TIMEOUT', 30_000],
      ['OPTIONAL', null],
    ],
    [
      ['MANDATORY_TIMEOUT', 45_000],
      ['MANDATORY_TIMEOUT', 30_000],
      ['MANDATORY_TIMEOUT', 45_000],
    ],
    [
      ['MANDATORY_TIMEOUT', 45_000],
      ['MANDATORY_TIMEOUT', null],
      ['MANDATORY_TIMEOUT', 45_000],
    ],
    [
      ['MANDATORY_TIMEOUT', 45_000],
      ['OPTIONAL', 45_000],
      ['MANDATORY_TIMEOUT', 45_000],
    ],
    [
      ['MANDATORY_FORCED_TIMEOUT', null],
      ['MANDATORY_TIMEOUT', 30_000],
      ['MANDATORY_FORCED_TIMEOUT', 30_000],
    ],
    [
      ['MANDATORY_TIMEOUT', null],
      ['OPTIONAL', 30_000],
      ['MANDATORY_TIMEOUT', 30_000],
    ],
  ])('%j changes %j to %j', (wanted, now, to) => {
    expect(diff(wanted, live(now))).toEqual({
      change: { from: live(now), to: live(to) },
      unsafe: null,
    });
  });

  it.each<[Work, string]>([
    [['OPTIONAL', null], 'none'],
    [['MANDATORY', 0], '0s'],
    [['MANDATORY', 999], '999ms'],
    [['OPTIONAL', 7_200_000], '2h'],
  ])('a timed prompt without a timer cannot replace %j, and asks for one', (now, has) => {
    const drift = diff(['MANDATORY_TIMEOUT', null], live(now));
    expect(drift?.change.to).toEqual({ prompt: 'MANDATORY_TIMEOUT', timeoutMs: null });
    expect(drift?.unsafe).toBe(
      `MANDATORY_TIMEOUT needs a timer of 1s to 60m, the policy names none and the queue has ${has}; write \`timeout:\``,
    );
  });

  it('is left alone where nobody manages it', () => {
    expect(diffAfterCallWork(null, live(['OPTIONAL', null]))).toBeNull();
  });
});

describe('effectiveAfterCallWork', () => {
  it('has a timer only where the platform looks at it', () => {
    expect(effectiveAfterCallWork(live(['OPTIONAL', 30_000]))).toEqual(live(['OPTIONAL', null]));
    expect(effectiveAfterCallWork(live(['AGENT_REQUESTED', 30_000]))).toEqual(
      live(['AGENT_REQUESTED', 30_000]),
    );
  });
});
