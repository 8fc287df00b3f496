import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/domain/change.js';
import { codeId } from '../../src/domain/ids.js';
import { guardSentence, planSentence, worstOf } from '../../src/report/plan-words.js';
import { code, codes, guard, heldChange, plan, queueChange } from '../support/plans.js';

describe('planSentence', () => {
  const add = { wrapupCodes: codes({ add: [code('A')] }) };
  const held = (name: string) => heldChange(name, { by: 'busy', reason: 'busy', ...add });
  const create = { name: 'A', description: null, divisionId: null };
  const rename = { id: codeId('c'), from: 'A', to: 'B' };
  it.each<readonly [string, Plan]>([
    ['Nothing to compare. No queue is governed by a policy.', plan()],
    ['No changes. The only governed queue matches the policies.', plan({ inSync: 1 })],
    ['No changes. All 42 governed queues match the policies.', plan({ inSync: 42 })],
    [
      'Plan: 1 queue to change (+1 code); 1 in sync.',
      plan({ queues: [queueChange('A', add)], inSync: 1 }),
    ],
    [
      'Plan: 2 queues to change (+2 codes, -1 code, 1 after-call work), 1 code to create, 1 code to rename; 1 held.',
      plan({
        catalog: { create: [create], rename: [rename] },
        queues: [
          queueChange('A', { wrapupCodes: codes({ add: [code('A'), code('B')], remove: ['C'] }) }),
          queueChange('B', {
            afterCallWork: {
              from: { prompt: 'OPTIONAL', timeoutMs: null },
              to: { prompt: 'MANDATORY', timeoutMs: null },
            },
          }),
        ],
        held: [held('C')],
      }),
    ],
    [
      'Plan: 2 codes to create; 5 in sync.',
      plan({ catalog: { create: [create, create], rename: [] }, inSync: 5 }),
    ],
    [
      'Plan: nothing to write; 2 held; 40 in sync.',
      plan({ held: [held('A'), held('B')], inSync: 40 }),
    ],
  ])('%s', (expected, value) => {
    expect(planSentence(value)).toBe(expected);
  });
});

describe('guardSentence', () => {
  it.each([
    [
      'Guard queuesChanged refuses: 85 of 188 governed queues would lose a code or change their prompt; the limit is 30 % or 100.',
      guard('queuesChanged', { actual: 85, of: 188, limit: '30 % or 100', verdict: 'refuse' }),
    ],
    [
      'Guard codesRemoved passes: 145 of 902 codes would be removed; the limit is 145 by allowance.',
      guard('codesRemoved', {
        actual: 145,
        of: 902,
        limit: '145 by allowance',
        verdict: 'allowed',
      }),
    ],
    [
      'Guard codesRemovedPerQueue refuses: 5 of the 8 codes of one queue would be removed; the limit is 50 %.',
      guard('codesRemovedPerQueue', { actual: 5, of: 8, limit: '50 %', verdict: 'refuse' }),
    ],
    [
      'Guard codesPerQueue refuses: a queue would have 61 codes; the limit is 50.',
      guard('codesPerQueue', { actual: 61, limit: '50', verdict: 'refuse' }),
    ],
    [
      'Guard later refuses: 7 of 9; the limit is 5.',
      guard('later', { actual: 7, of: 9, limit: '5', verdict: 'refuse' }),
    ],
  ])('%s', (expected, verdict) => {
    expect(guardSentence(verdict)).toBe(expected);
  });
});

describe('worstOf', () => {
  it('says nothing where all weigh one', () => {
    expect(worstOf(guard('queuesChanged', { worst: [{ queue: 'A', count: 1 }] }))).toEqual([]);
    expect(worstOf(guard('codesRemoved', { worst: [{ queue: 'A', count: 3 }] }))).toHaveLength(1);
  });
});
