import { describe, expect, it } from 'vitest';
import { splitDrift } from '../../src/plan/split.js';
import type { Sections } from '../../src/plan/split.js';
import type { QueuePolicy } from '../../src/policy/model.js';
import type { Settings } from '../../src/policy/settings.js';
import { driftOver } from '../support/drift.js';
import { NOW } from '../support/fake-clock.js';
import { liveQueue } from '../support/live.js';
import { policy, policySet } from '../support/policy-set.js';

type Live = Parameters<typeof liveQueue>[1] & { readonly codes?: readonly string[] | null };

const CATALOG = ['A', 'B', 'C', 'X'];
const ENDED = { from: null, until: NOW - 1, afterwards: 'remove' } as const;
const SUSPENDED = { reason: 'Audit', by: 'j.doe', until: NOW + 1 };

/** A section as a short text: `work OPTIONAL`, `codes +A -X`. */
const text = ({ afterCallWork, wrapupCodes }: Sections): string =>
  [
    ...(afterCallWork === null ? [] : [`work ${afterCallWork.to.prompt}`]),
    ...(wrapupCodes === null
      ? []
      : [
          [
            'codes',
            ...wrapupCodes.add.map(({ name }) => `+${name}`),
            ...wrapupCodes.remove.map(({ name }) => `-${name}`),
          ].join(' '),
        ]),
  ].join(', ');

const split = (
  policies: readonly QueuePolicy[],
  { codes = [], ...live }: Live,
  rest: Partial<Settings> = {},
) => {
  const { drifts } = driftOver(
    policySet(...policies),
    { queues: [[liveQueue('Billing', live), codes]], codes: CATALOG },
    rest,
  );
  expect(drifts).toHaveLength(1);
  return drifts.map((drift) => {
    const { change, held } = splitDrift(drift);
    return {
      change: text(change),
      held: held.map((entry) => `${entry.by}: ${text(entry)}`),
      reasons: held.map(({ reason }) => reason),
    };
  })[0] as {
    readonly change: string;
    readonly held: readonly string[];
    readonly reasons: readonly string[];
  };
};

describe('splitDrift', () => {
  it.each<[string, readonly QueuePolicy[], Live, string, readonly string[]]>([
    [
      'writes what the enforced merge wants',
      [policy('p', { work: 'MANDATORY', codes: { codes: ['A'] } })],
      { codes: ['X'] },
      'work MANDATORY, codes +A -X',
      [],
    ],
    [
      'writes nothing where all is well',
      [policy('p', { work: 'OPTIONAL', codes: { codes: ['A'] } })],
      { codes: ['A'] },
      '',
      [],
    ],
    [
      'holds the section that a suspended policy contributes to',
      [
        policy('p', { work: 'MANDATORY' }),
        policy('s', { suspend: SUSPENDED, codes: { codes: ['A'] } }),
      ],
      { codes: ['X'] },
      'work MANDATORY',
      ['suspend: codes +A -X'],
    ],
    [
      'holds both sections over a conflict',
      [
        policy('p', { work: 'MANDATORY' }),
        policy('q', { work: 'OPTIONAL', codes: { codes: ['A'] } }),
      ],
      { codes: ['X'] },
      '',
      ['conflict: work MANDATORY, codes +A -X'],
    ],
    [
      'holds the codes over an unknown one, and after-call work goes on',
      [policy('p', { work: 'MANDATORY', codes: { codes: ['A', 'Nope'] } })],
      { codes: ['X'] },
      'work MANDATORY',
      ['unresolved: codes +A -X'],
    ],
    [
      'holds a timed prompt without a legal timer',
      [policy('p', { work: 'MANDATORY_TIMEOUT', codes: { codes: ['A'] } })],
      { codes: ['X'] },
      'codes +A -X',
      ['unsafe: work MANDATORY_TIMEOUT'],
    ],
    [
      'holds after-call work of a queue with a number that would be lost, and only that',
      [policy('p', { work: 'MANDATORY', codes: { codes: ['A'] } })],
      { codes: ['X'], unsafeNumber: '/outboundId' },
      'codes +A -X',
      ['unsafe: work MANDATORY'],
    ],
    [
      'shows what a policy in report mode would do',
      [policy('r', { enforcement: 'report', work: 'MANDATORY', codes: { codes: ['A'] } })],
      { codes: ['X'] },
      '',
      ['report: work MANDATORY, codes +A -X'],
    ],
    [
      'shows of a report only what goes beyond the enforced merge',
      [
        policy('p', { work: 'MANDATORY', codes: { codes: ['A'] } }),
        policy('r', { enforcement: 'report', codes: { codes: ['B'] } }),
      ],
      { codes: ['X'] },
      'work MANDATORY, codes +A -X',
      ['report: codes +B'],
    ],
    [
      'shows the removals that a report would add',
      [
        policy('p', { codes: { codes: ['A'], unlisted: 'keep' } }),
        policy('r', { enforcement: 'report', codes: { codes: ['B'] } }),
      ],
      { codes: ['A', 'X'] },
      '',
      ['report: codes +B -X'],
    ],
    [
      'never prunes what a report lists',
      [
        policy('p', { codes: { codes: ['A'] } }),
        policy('r', { enforcement: 'report', codes: { codes: ['X'] } }),
      ],
      { codes: ['A', 'X'] },
      '',
      [],
    ],
    [
      'shows another prompt that a report wants in place of the enforced one',
      [
        policy('p', { work: 'OPTIONAL' }),
        policy('r', { priority: 1, enforcement: 'report', work: 'MANDATORY' }),
      ],
      { prompt: 'AGENT_REQUESTED', codes: null },
      'work OPTIONAL',
      ['report: work MANDATORY'],
    ],
  ])('%s', (_what, policies, live, change, held) => {
    expect(split(policies, live)).toMatchObject({ change, held });
  });

  it('holds everything while the organization is suspended', () => {
    const found = split(
      [policy('p', { work: 'MANDATORY', codes: { codes: ['A'] } })],
      { codes: ['X'] },
      { suspend: SUSPENDED },
    );
    expect(found).toEqual({
      change: '',
      held: ['suspend: work MANDATORY, codes +A -X'],
      reasons: ['the organization is suspended by j.doe: Audit'],
    });
  });

  it('names the policies that only report', () => {
    const report = (name: string, code: string): QueuePolicy =>
      policy(name, { enforcement: 'report', codes: { codes: [code] } });
    const base = policy('base', { codes: { codes: ['C'] } });
    expect(split([report('r', 'A'), base], {}).reasons).toEqual([
      '"r" only reports (`enforcement: report`)',
    ]);
    expect(split([report('r', 'A'), base, report('s', 'B')], {}).reasons).toEqual([
      '"r" and "s" only report (`enforcement: report`)',
    ]);
  });
});

describe('a MANDATORY* queue needs a code', () => {
  const empty = policy('empty', { codes: { codes: [], allowEmpty: true } });
  const over = policy('over', { active: ENDED, codes: { codes: ['A'] } });

  it.each<[string, readonly QueuePolicy[], Live, string, readonly string[]]>([
    [
      'by plan, codes unmanaged, none there',
      [policy('p', { work: 'MANDATORY' })],
      { codes: [] },
      '',
      ['unsafe: work MANDATORY'],
    ],
    [
      'by plan, codes unmanaged, one there',
      [policy('p', { work: 'MANDATORY' })],
      { codes: ['X'] },
      'work MANDATORY',
      [],
    ],
    [
      'by plan, which adds the first',
      [policy('p', { work: 'MANDATORY', codes: { codes: ['A'] } })],
      { codes: [] },
      'work MANDATORY, codes +A',
      [],
    ],
    [
      'by plan, whose first code is held',
      [policy('p', { work: 'MANDATORY', codes: { codes: ['A', 'Nope'] } })],
      { codes: [] },
      '',
      ['unresolved: codes +A', 'unsafe: work MANDATORY'],
    ],
    [
      'by plan, which takes the last',
      [policy('p', { work: ['MANDATORY_TIMEOUT', 9_000] }), over],
      { codes: ['A'] },
      'work MANDATORY_TIMEOUT',
      ['unsafe: codes -A'],
    ],
    [
      'live, and the plan takes the last',
      [empty],
      { prompt: 'MANDATORY', codes: ['X'] },
      '',
      ['unsafe: codes -X'],
    ],
    [
      'live, and a period that ended takes the last',
      [over],
      { prompt: 'MANDATORY_FORCED_TIMEOUT', timeoutMs: 9_000, codes: ['A'] },
      '',
      ['unsafe: codes -A'],
    ],
    [
      'live, and the plan leaves one',
      [over],
      { prompt: 'MANDATORY', codes: ['A', 'X'] },
      'codes -A',
      [],
    ],
    [
      'live, and the plan makes it OPTIONAL',
      [empty, policy('p', { work: 'OPTIONAL' })],
      { prompt: 'MANDATORY', codes: ['X'] },
      'work OPTIONAL, codes -X',
      [],
    ],
    [
      'live, and what would make it OPTIONAL is held',
      [empty, policy('p', { work: 'OPTIONAL' })],
      { prompt: 'MANDATORY', codes: ['X'], unsafeNumber: '/n' },
      '',
      ['unsafe: work OPTIONAL', 'unsafe: codes -X'],
    ],
    ['no: it is OPTIONAL', [empty], { prompt: 'OPTIONAL', codes: ['X'] }, 'codes -X', []],
    [
      'no: it is AGENT_REQUESTED',
      [empty],
      { prompt: 'AGENT_REQUESTED', codes: ['X'] },
      'codes -X',
      [],
    ],
    [
      'no: it has none and gets none',
      [policy('p', { codes: { codes: [], unlisted: 'keep' } })],
      { prompt: 'MANDATORY', codes: [] },
      '',
      [],
    ],
  ])('%s', (_what, policies, live, change, held) => {
    expect(split(policies, live)).toMatchObject({ change, held });
  });
});
