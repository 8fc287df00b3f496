import { describe, expect, it } from 'vitest';
import { nextBoundary, phaseAt } from '../../src/resolve/periods.js';
import { policy } from '../support/policy-set.js';

const FROM = 1_000;
const UNTIL = 2_000;

describe('phaseAt', () => {
  it.each([
    // from, until, afterwards, now, phase
    [null, null, 'remove', 0, 'active'],
    [FROM, null, 'remove', FROM - 1, 'absent'],
    [FROM, null, 'remove', FROM, 'active'],
    [null, UNTIL, 'keep', UNTIL - 1, 'active'],
    [null, UNTIL, 'keep', UNTIL, 'absent'],
    [null, UNTIL, 'remove', UNTIL, 'ended'],
    [FROM, UNTIL, 'remove', FROM - 1, 'absent'],
    [FROM, UNTIL, 'remove', UNTIL - 1, 'active'],
  ] as const)(
    'from %s until %s, afterwards %s, at %d: %s',
    (from, until, afterwards, now, phase) => {
      expect(phaseAt({ active: { from, until, afterwards } }, now)).toBe(phase);
    },
  );

  it('is always active without a period', () => {
    expect(phaseAt({ active: null }, 0)).toBe('active');
  });
});

describe('nextBoundary', () => {
  const suspension = (until: number) => ({ reason: 'Audit', by: 'j.doe', until });

  it('is the nearest instant ahead at which a period or a suspension begins or ends', () => {
    const policies = [
      policy('a', { active: { from: 500, until: 900, afterwards: 'keep' } }),
      policy('b', { suspend: suspension(700) }),
    ];
    const next = (now: number, orgUntil: number | null = null): number | null =>
      nextBoundary(policies, { suspend: orgUntil === null ? null : suspension(orgUntil) }, now);
    expect(next(100)).toBe(500);
    expect(next(500)).toBe(700);
    expect(next(700)).toBe(900);
    expect(next(100, 300)).toBe(300);
    expect(next(900)).toBeNull();
    expect(next(900, 900)).toBeNull();
  });
});
