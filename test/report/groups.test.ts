import { describe, expect, it } from 'vitest';
import type { CodeUpdate } from '../../src/domain/change.js';
import { codeId } from '../../src/domain/ids.js';
import { driftText, groupChanges, groupHeld } from '../../src/report/groups.js';
import { code, codes, heldChange, queueChange } from '../support/plans.js';
import { requirement } from '../support/policy-set.js';

const names = (groups: readonly (readonly { readonly name: string }[])[]): readonly string[] =>
  groups.map((group) => group.map(({ name }) => name).join(' '));

const update = (name: string, required: boolean): CodeUpdate => ({
  id: codeId(`id of ${name}`),
  name,
  from: requirement(!required),
  to: requirement(required),
});

describe('groupChanges', () => {
  const adds = { wrapupCodes: codes({ add: [code('X')] }) };

  it('puts together what changes alike, the largest group first', () => {
    const other = { wrapupCodes: codes({ add: [code('Y')] }) };
    const changes = [queueChange('A', other), queueChange('B', adds), queueChange('C', adds)];
    expect(names(groupChanges(changes))).toEqual(['B C', 'A']);
  });

  it.each([
    ['policies', { ...adds, policies: ['other'] }],
    ['a removal', { wrapupCodes: codes({ add: [code('X')], remove: ['Z'] }) }],
    [
      'the row of an added code',
      { wrapupCodes: codes({ add: [{ ...code('X'), requirement: requirement(true) }] }) },
    ],
    ['a row', { wrapupCodes: codes({ add: [code('X')], update: [update('Y', true)] }) }],
    ['a code still to be created', { wrapupCodes: codes({ add: [code('X', null)] }) }],
    [
      'after-call work',
      {
        ...adds,
        afterCallWork: {
          from: { prompt: null, timeoutMs: null },
          to: { prompt: 'MANDATORY', timeoutMs: null },
        },
      },
    ],
  ] as const)('keeps apart what differs in %s', (_, difference) => {
    expect(groupChanges([queueChange('A', adds), queueChange('B', difference)])).toHaveLength(2);
  });

  it('keeps apart what differs in where a row comes from or goes to', () => {
    const changes = [true, false, true].map((required, index) =>
      queueChange(`Queue ${index}`, { wrapupCodes: codes({ update: [update('Y', required)] }) }),
    );
    expect(names(groupChanges(changes))).toEqual(['Queue 0 Queue 2', 'Queue 1']);
  });

  it('does not look at how many codes stay, nor at the cause', () => {
    const changes = [
      queueChange('A', adds),
      queueChange('B', { wrapupCodes: { ...adds.wrapupCodes, unchanged: 9 }, cause: 'drift' }),
    ];
    expect(groupChanges(changes)).toHaveLength(1);
  });
});

describe('groupHeld', () => {
  it('puts together one hold, reason and end, in the order of the holds', () => {
    const held = [
      heldChange('A', { by: 'busy', reason: 'r' }),
      heldChange('B', { by: 'report', reason: 'r' }),
      heldChange('C', { by: 'busy', reason: 'other' }),
      heldChange('D', { by: 'report', reason: 'r', until: '2026-12-01T00:00:00Z' }),
      heldChange('E', { by: 'busy', reason: 'r' }),
    ];
    const groups = groupHeld(held);
    expect(groups.map(({ by }) => by)).toEqual(['report', 'report', 'busy', 'busy']);
    expect(groups.map((group) => names(group.groups).join())).toEqual(['B', 'D', 'A E', 'C']);
  });
});

describe('driftText', () => {
  it.each([
    ['', ['policy', 'unknown']],
    ['drifted', ['drift']],
    ['1 of 2 drifted', ['drift', 'unknown']],
  ] as const)('%j', (expected, causes) => {
    const [first, ...rest] = causes.map((cause) => queueChange('A', { cause }));
    expect(first === undefined ? null : driftText([first, ...rest])).toBe(expected);
  });
});
