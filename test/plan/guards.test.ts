import { describe, expect, it } from 'vitest';
import type { GuardVerdict, QueueChange } from '../../src/domain/change.js';
import { codeId, queueId } from '../../src/domain/ids.js';
import { judgeGuards, refusals } from '../../src/plan/guards.js';
import type { GuardInput } from '../../src/plan/guards.js';
import type { GuardMeasure } from '../../src/policy/model.js';
import { NOW } from '../support/fake-clock.js';
import { allowance, DEFAULT_GUARDS } from '../support/policy-set.js';

interface Loss {
  readonly removed?: number;
  readonly added?: number;
  readonly kept?: number;
  readonly prompt?: boolean;
  readonly timer?: boolean;
}

const change = (
  name: string,
  { removed = 0, added = 0, kept = 0, prompt, timer }: Loss,
): QueueChange => {
  const codes = (letter: string, count: number) =>
    Array.from({ length: count }, (_, index) => ({
      id: codeId(`${letter}${index}`),
      name: `${letter}${index}`,
    }));
  return {
    id: queueId(name),
    name,
    division: 'Home',
    policies: ['p'],
    liveDigest: 'sha256:0',
    cause: 'unknown',
    ...(prompt === true && {
      afterCallWork: {
        from: { prompt: 'OPTIONAL', timeoutMs: null },
        to: { prompt: 'MANDATORY', timeoutMs: null },
      },
    }),
    ...(timer === true && {
      afterCallWork: {
        from: { prompt: 'MANDATORY_TIMEOUT', timeoutMs: 1_000 },
        to: { prompt: 'MANDATORY_TIMEOUT', timeoutMs: 2_000 },
      },
    }),
    ...(removed + added > 0 && {
      wrapupCodes: { add: codes('a', added), remove: codes('r', removed), unchanged: kept },
    }),
  };
};

const changes = (count: number, loss: Loss): readonly QueueChange[] =>
  Array.from({ length: count }, (_, index) =>
    change(`Queue ${String(index).padStart(4, '0')}`, loss),
  );

const judge = (input: Partial<GuardInput>): ReadonlyMap<GuardMeasure, GuardVerdict> =>
  new Map(
    judgeGuards({
      changes: [],
      queuesGoverned: 1_000_000,
      codesRead: 1_000_000,
      guards: DEFAULT_GUARDS,
      allowances: [],
      now: NOW,
      ...input,
    }).map((verdict) => [verdict.measure as GuardMeasure, verdict]),
  );

const verdictOf = (measure: GuardMeasure, input: Partial<GuardInput>): string | undefined =>
  judge(input).get(measure)?.verdict;

describe('queuesChanged: 30 % or 100, floor 5', () => {
  it.each([
    // governed, changed, verdict
    [1, 1, 'pass by the floor'],
    [2, 2, 'pass by the floor'],
    [5, 5, 'pass by the floor'],
    [9, 5, 'pass by the floor'], // up to it no percentage is looked at
    [9, 6, 'refuse'],
    [10, 5, 'pass by the floor'],
    [20, 5, 'pass'],
    [10, 6, 'refuse'],
    [20, 6, 'pass'],
    [20, 7, 'refuse'],
    [333, 99, 'pass'],
    [334, 100, 'pass'],
    [400, 101, 'refuse'], // the stricter of percent and count
    [100_000, 101, 'refuse'],
  ])('of %d governed queues %d change: %s', (queuesGoverned, count, verdict) => {
    const found = judge({ queuesGoverned, changes: changes(count, { prompt: true }) }).get(
      'queuesChanged',
    );
    expect(found).toMatchObject({
      verdict: verdict.split(' ')[0],
      actual: count,
      of: queuesGoverned,
      limit: verdict.endsWith('floor') ? '30 % or 100, at least 5' : '30 % or 100',
    });
  });

  it.each<[string, Loss, number]>([
    ['a changed prompt', { prompt: true }, 1],
    ['a lost code', { removed: 1 }, 1],
    ['both on one queue', { prompt: true, removed: 3 }, 1],
    ['a changed timer', { timer: true }, 0],
    ['an added code', { added: 5 }, 0],
  ])('counts %s', (_what, loss, actual) => {
    expect(judge({ changes: [change('Billing', loss)] }).get('queuesChanged')?.actual).toBe(actual);
  });
});

describe('codesRemoved: 25 % or 200, floor 3', () => {
  it.each([
    // codes read, removed, verdict
    [1, 1, 'pass by the floor'],
    [3, 3, 'pass by the floor'],
    [4, 4, 'refuse'],
    [10, 3, 'pass by the floor'],
    [12, 3, 'pass'],
    [10, 4, 'refuse'],
    [16, 4, 'pass'],
    [800, 200, 'pass'],
    [10_000, 201, 'refuse'],
  ])('of %d codes %d go: %s', (codesRead, removed, verdict) => {
    const found = judge({ codesRead, changes: [change('Billing', { removed, kept: 1_000 })] });
    expect(found.get('codesRemoved')).toMatchObject({
      verdict: verdict.split(' ')[0],
      actual: removed,
      of: codesRead,
      limit: verdict.endsWith('floor') ? '25 % or 200, at least 3' : '25 % or 200',
    });
  });

  it('adds up what many queues lose one by one', () => {
    expect(
      verdictOf('codesRemoved', { codesRead: 40, changes: changes(11, { removed: 1, kept: 3 }) }),
    ).toBe('refuse');
  });
});

describe('codesRemovedPerQueue: 50 %, floor 3', () => {
  it.each([
    // removed, kept, verdict
    [3, 0, 'pass'],
    [4, 4, 'pass'],
    [4, 3, 'refuse'],
    [4, 0, 'refuse'],
    [25, 25, 'pass'],
    [26, 24, 'refuse'],
  ])('a queue loses %d and keeps %d: %s', (removed, kept, verdict) => {
    const found = judge({ changes: [change('Billing', { removed, kept })] }).get(
      'codesRemovedPerQueue',
    );
    expect(found).toMatchObject({ verdict, actual: removed, of: removed + kept, limit: '50 %' });
  });

  it('is refused for one queue among many, and names the worst', () => {
    const found = judge({
      changes: [...changes(50, { removed: 9, kept: 91 }), change('Worst', { removed: 8, kept: 1 })],
    }).get('codesRemovedPerQueue');
    expect(found).toMatchObject({
      verdict: 'refuse',
      actual: 8,
      of: 9,
      worst: [{ queue: 'Worst', count: 8 }],
    });
  });
});

describe('codesPerQueue: 50', () => {
  it.each([
    // kept, added, removed, verdict
    [40, 10, 0, 'pass'],
    [50, 1, 0, 'refuse'],
    [59, 1, 0, 'refuse'],
    [60, 0, 1, 'pass'], // on its way down
    [55, 5, 5, 'pass'], // no more than before
    [55, 6, 5, 'refuse'],
  ])('a queue keeps %d, gets %d and loses %d: %s', (kept, added, removed, verdict) => {
    const guards = { ...DEFAULT_GUARDS, codesRemovedPerQueue: { percent: 100, floor: 0 } };
    expect(
      verdictOf('codesPerQueue', {
        guards,
        changes: [change('Billing', { kept, added, removed })],
      }),
    ).toBe(verdict);
  });
});

describe('an allowance', () => {
  const four = { codesRead: 10, changes: [change('Billing', { removed: 4, kept: 6 })] };

  it.each([
    // numbers, until, verdict
    [[4], NOW + 1, 'allowed'],
    [[3], NOW + 1, 'refuse'],
    [[4], NOW, 'refuse'],
    [[3, 9, 2], NOW + 1, 'allowed'],
  ])('for %j codes until %d: %s', (numbers, until, verdict) => {
    const allowances = numbers.map((codesRemoved, index) =>
      allowance({ codesRemoved }, until, `a${index}`),
    );
    const found = judge({ ...four, allowances }).get('codesRemoved');
    expect(found?.verdict).toBe(verdict);
    expect(found?.limit).toBe(
      verdict === 'allowed' ? `${Math.max(...numbers)} by allowance` : '25 % or 200',
    );
  });

  it('says nothing where nothing would be refused', () => {
    const allowances = [allowance({ queuesChanged: 500 }, NOW + 1)];
    expect(judge({ ...four, allowances }).get('queuesChanged')).toMatchObject({
      verdict: 'pass',
      limit: '30 % or 100',
    });
  });

  it('leaves other measures their limits', () => {
    const allowances = [allowance({ queuesChanged: 500 }, NOW + 1)];
    expect(verdictOf('codesRemoved', { ...four, allowances })).toBe('refuse');
  });

  it.each<[GuardMeasure, Loss]>([
    ['queuesChanged', { prompt: true }],
    ['codesRemoved', { removed: 10, kept: 90 }],
    ['codesRemovedPerQueue', { removed: 10 }],
    ['codesPerQueue', { kept: 50, added: 10 }],
  ])('may name %s', (measure, loss) => {
    const input = { queuesGoverned: 10, codesRead: 10, changes: changes(10, loss) };
    expect(verdictOf(measure, input)).toBe('refuse');
    const allowances = [allowance({ [measure]: 100 }, NOW + 1)];
    expect(verdictOf(measure, { ...input, allowances })).toBe('allowed');
  });
});

describe('the verdicts', () => {
  it('stand in one order, each measure once, with at most five of the worst', () => {
    const verdicts = judge({ queuesGoverned: 9, changes: changes(9, { removed: 2 }) });
    expect([...verdicts.keys()]).toEqual([
      'queuesChanged',
      'codesRemoved',
      'codesRemovedPerQueue',
      'codesPerQueue',
    ]);
    expect(verdicts.get('codesRemoved')?.worst).toHaveLength(5);
  });

  it('of an empty plan all pass, in an empty organization too', () => {
    const verdicts = [...judge({ queuesGoverned: 0, codesRead: 0 }).values()];
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['pass', 'pass', 'pass', 'pass']);
    expect(refusals(verdicts)).toEqual([]);
  });

  it('that refuse are refusals', () => {
    const verdicts = [
      ...judge({ codesRead: 4, changes: [change('Billing', { removed: 4 })] }).values(),
    ];
    expect(refusals(verdicts).map(({ measure }) => measure)).toEqual([
      'codesRemoved',
      'codesRemovedPerQueue',
    ]);
  });
});
