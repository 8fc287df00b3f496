import { describe, expect, test } from 'vitest';
import { exitOfPlan, exitOfReport, exitOfSignal } from '../../src/cli/exit.js';
import { heldChange, plan, queueChange } from '../support/plans.js';

describe('a plan', () => {
  const code = { name: 'New', description: null, divisionId: null };
  test.each([
    ['nothing', plan(), 0],
    ['a change', plan({ queues: [queueChange('Billing EN')] }), 2],
    ['a held change', plan({ held: [heldChange('Billing EN', { by: 'report', reason: '' })] }), 2],
    ['a code to create', plan({ catalog: { create: [code], rename: [] } }), 2],
  ])('with %s', (_, made, detailed) => {
    expect(exitOfPlan(made, true)).toBe(detailed);
    expect(exitOfPlan(made, false)).toBe(0);
  });
});

test.each([
  ['applied', 0],
  ['nothing', 0],
  ['held', 0],
  ['partial', 3],
  ['failed', 1],
  ['refused', 4],
  ['stale', 5],
] as const)('a report whose outcome is %s', (outcome, exit) => {
  expect(exitOfReport({ outcome })).toBe(exit);
});

test('a signal', () => {
  expect(exitOfSignal(new AbortController().signal)).toBeNull();
  expect(exitOfSignal(AbortSignal.abort('SIGINT'))).toBe(130);
  expect(exitOfSignal(AbortSignal.abort('SIGTERM'))).toBe(143);
});
