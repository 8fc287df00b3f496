import { describe, expect, it } from 'vitest';
import { codeId } from '../../src/domain/ids.js';
import type { CodeId } from '../../src/domain/ids.js';
import { mergePolicies } from '../../src/resolve/merge.js';
import type { Merged, ResolvedPolicy } from '../../src/resolve/merge.js';
import { isUnmanaged } from '../../src/policy/model.js';
import type { ListedCode } from '../../src/policy/model.js';
import { at, policy } from '../support/policy-set.js';
import type { PolicySpec } from '../support/policy-set.js';

/** A policy whose codes all exist, with `id of …` as their ids; a name with `+` is still to be created. */
const resolved = (
  name: string,
  spec: PolicySpec & Partial<Pick<ResolvedPolicy, 'phase' | 'unresolved'>>,
): ResolvedPolicy => {
  const { phase = 'active', unresolved = null, ...rest } = spec;
  const made = policy(name, rest);
  const rule = made.wrapupCodes === null || isUnmanaged(made.wrapupCodes) ? null : made.wrapupCodes;
  const known = ({ name: code }: { readonly name: string | null }) =>
    code?.startsWith('+') === true
      ? { key: `new:${code}`, id: null, name: code }
      : { key: `id of ${code}`, id: codeId(`id of ${code}`), name: code ?? '' };
  return {
    policy: made,
    phase,
    unresolved,
    listed: (rule?.codes ?? []).map((code: ListedCode) => {
      const { key, ...identity } = known(code);
      const { requirement, from } = code;
      const wanted = { ...identity, requirement, from: [from] };
      return { key, priority: made.priority, from, wanted };
    }),
    forbidden: (rule?.forbidden ?? []).map((code) => ({ ...code, code: known(code) })),
  };
};

const merge = (
  policies: readonly ResolvedPolicy[],
  context: { readonly retired?: readonly string[]; readonly protect?: readonly string[] } = {},
): Merged =>
  mergePolicies(
    policies.toSorted((a, b) => b.policy.priority - a.policy.priority),
    {
      retired: new Map(
        (context.retired ?? []).map((name) => [
          codeId(`id of ${name}`),
          { name, from: at('catalog') },
        ]),
      ),
      protected: new Set<CodeId>((context.protect ?? []).map((name) => codeId(`id of ${name}`))),
    },
  );

const listed = ({ sections }: Merged): readonly string[] =>
  [...(sections.wrapupCodes?.listed.values() ?? [])].map(({ name }) => name).sort();
const unwanted = ({ sections }: Merged): readonly string[] =>
  [...(sections.wrapupCodes?.unwanted.values() ?? [])].map(({ name }) => name).sort();
const work = ({ sections }: Merged): unknown =>
  sections.afterCallWork && [sections.afterCallWork.prompt, sections.afterCallWork.timeoutMs];

describe('after-call work', () => {
  it('comes whole from the highest priority', () => {
    const merged = merge([
      resolved('low', { work: ['MANDATORY_TIMEOUT', 30_000] }),
      resolved('high', { priority: 5, work: 'MANDATORY' }),
    ]);
    expect(work(merged)).toEqual(['MANDATORY', null]);
    expect(merged.sections.afterCallWork?.from).toEqual([at('high', 10)]);
    expect(merged.conflicts).toEqual([]);
  });

  it('does not take the timer of a lower priority', () => {
    const merged = merge([
      resolved('low', { work: ['MANDATORY_TIMEOUT', 30_000] }),
      resolved('high', { priority: 5, work: 'MANDATORY_TIMEOUT' }),
    ]);
    expect(work(merged)).toEqual(['MANDATORY_TIMEOUT', null]);
  });

  it('may come from equals that agree, and then from all of them', () => {
    const merged = merge([
      resolved('a', { work: 'OPTIONAL' }),
      resolved('b', { work: 'OPTIONAL' }),
    ]);
    expect(merged.sections.afterCallWork?.from).toEqual([at('a', 10), at('b', 10)]);
    expect(merged.conflicts).toEqual([]);
  });

  it.each<[string, PolicySpec, PolicySpec]>([
    ['prompts', { work: 'OPTIONAL' }, { work: 'MANDATORY' }],
    ['timers', { work: ['MANDATORY_TIMEOUT', 1_000] }, { work: ['MANDATORY_TIMEOUT', 2_000] }],
    ['a timer and none', { work: ['MANDATORY_TIMEOUT', 1_000] }, { work: 'MANDATORY_TIMEOUT' }],
  ])(
    'of equals that disagree about %s is a conflict that names both files and lines',
    (_what, a, b) => {
      const { conflicts } = merge([resolved('a', a), resolved('b', b)]);
      expect(conflicts).toHaveLength(1);
      expect(conflicts[0]).toMatchObject({
        code: 'policy.conflict',
        severity: 'error',
        span: at('a', 10).span,
        related: [{ span: at('b', 10).span }],
      });
      expect(conflicts[0]?.message).toContain('"a" (policies/a.yaml:10)');
      expect(conflicts[0]?.message).toContain('"b" (policies/b.yaml:10)');
    },
  );

  it('of lower priorities may disagree: nobody asks them', () => {
    const { conflicts } = merge([
      resolved('top', { priority: 9, work: 'OPTIONAL' }),
      resolved('a', { work: 'OPTIONAL' }),
      resolved('b', { work: 'MANDATORY' }),
    ]);
    expect(conflicts).toEqual([]);
  });

  it('is made of the policies that say what counts', () => {
    const merged = merge([
      resolved('top', { priority: 9, work: 'OPTIONAL' }),
      resolved('equal', { priority: 9, work: 'OPTIONAL' }),
      resolved('low', { work: 'MANDATORY' }),
      resolved('silent', { priority: 9, codes: { codes: ['A'] } }),
    ]);
    expect(merged.contributors.afterCallWork.map(({ policy: { name } }) => name)).toEqual([
      'top',
      'equal',
    ]);
  });
});

describe('wrap-up codes', () => {
  it('are united', () => {
    const merged = merge([
      resolved('a', { codes: { codes: ['A', 'B'], unlisted: 'keep' } }),
      resolved('b', { priority: 3, codes: { codes: ['B', 'C'], unlisted: 'keep' } }),
    ]);
    expect(listed(merged)).toEqual(['A', 'B', 'C']);
    expect(merged.sections.wrapupCodes?.unlisted).toBe('keep');
    const both = merged.sections.wrapupCodes?.listed.get('id of B');
    expect(both?.from.map(({ policy: name }) => name)).toEqual(['b', 'a']);
  });

  it('are pruned where any policy says so', () => {
    const merged = merge([
      resolved('a', { codes: { codes: ['A'], unlisted: 'keep' } }),
      resolved('b', { priority: -1, codes: { codes: ['B'], unlisted: 'remove' } }),
    ]);
    expect(merged.sections.wrapupCodes?.unlisted).toBe('remove');
  });

  it('are forbidden whatever another policy lists, and whatever its priority', () => {
    const merged = merge([
      resolved('low', { codes: { codes: [], forbidden: ['A'], unlisted: 'keep' } }),
      resolved('high', { priority: 9, codes: { codes: ['A', 'B'] } }),
    ]);
    expect(listed(merged)).toEqual(['B']);
    expect(unwanted(merged)).toEqual(['A']);
    expect(merged.sections.wrapupCodes?.unwanted.get(codeId('id of A'))?.from).toEqual([
      at('low', 90),
    ]);
  });

  it('are forbidden before they exist', () => {
    const merged = merge([
      resolved('a', { codes: { codes: ['+A', 'B'] } }),
      resolved('b', { codes: { codes: [], forbidden: ['+A'] } }),
    ]);
    expect(listed(merged)).toEqual(['B']);
  });

  it('are retired wherever codes are governed, and nowhere else', () => {
    const governed = merge([resolved('a', { codes: { codes: ['A'], unlisted: 'keep' } })], {
      retired: ['Old'],
    });
    expect(unwanted(governed)).toEqual(['Old']);
    expect(
      merge([resolved('a', { work: 'OPTIONAL' })], { retired: ['Old'] }).sections.wrapupCodes,
    ).toBeNull();
    const ended = merge([resolved('a', { phase: 'ended', codes: { codes: ['A'] } })], {
      retired: ['Old'],
    });
    expect(unwanted(ended)).toEqual(['A']);
  });

  it('take the row of the requirement matrix from the highest priority that lists them', () => {
    const merged = merge([
      resolved('a', { codes: { codes: [{ name: 'A', required: true }] } }),
      resolved('b', { priority: 1, codes: { codes: [{ name: 'A', bypass: { transfer: true } }] } }),
      resolved('c', { priority: 2, codes: { codes: ['B'] } }),
    ]);
    expect(merged.conflicts).toEqual([]);
    expect(merged.sections.wrapupCodes?.listed.get('id of A')?.requirement).toMatchObject({
      required: false,
      bypass: { transfer: true },
    });
  });

  it('conflict per row, naming both files and lines and what differs', () => {
    const { conflicts } = merge([
      resolved('a', { codes: { codes: ['X', { name: 'A', required: true }] } }),
      resolved('b', { codes: { codes: ['X', { name: 'A', bypass: { transfer: true } }] } }),
    ]);
    expect(conflicts).toHaveLength(1);
    expect(conflicts[0]?.message).toContain('"A"');
    expect(conflicts[0]?.message).toContain('"a" (policies/a.yaml:31)');
    expect(conflicts[0]?.message).toContain('"b" (policies/b.yaml:31)');
    expect(conflicts[0]?.message).toContain(
      'required: true against false, transfer: false against true',
    );
    expect(conflicts[0]?.span).toEqual(at('a', 31).span);
  });

  it('do not conflict about a row of a code that is forbidden', () => {
    const { conflicts } = merge([
      resolved('a', { codes: { codes: [{ name: 'A', required: true }, 'B'] } }),
      resolved('b', { codes: { codes: ['A', 'B'] } }),
      resolved('c', { codes: { codes: ['B'], forbidden: ['A'] } }),
    ]);
    expect(conflicts).toEqual([]);
  });

  it('are an explicit list where one was written and all of it is understood', () => {
    const explicit = (...policies: readonly ResolvedPolicy[]) =>
      merge(policies).sections.wrapupCodes?.explicit;
    expect(explicit(resolved('a', { codes: { codes: [] } }))).toBe(true);
    expect(explicit(resolved('a', { codes: { forbidden: ['A'] } }))).toBe(false);
    expect(explicit(resolved('a', { codes: { codes: [] }, unresolved: 'gone' }))).toBe(false);
    expect(
      explicit(
        resolved('a', { codes: { codes: [] } }),
        resolved('b', { codes: { forbidden: ['A'] } }),
      ),
    ).toBe(true);
  });
});

describe('combine: replace', () => {
  it('ignores lower priorities, section by section', () => {
    const merged = merge([
      resolved('low', { work: 'MANDATORY', codes: { codes: ['A'], forbidden: ['C'] } }),
      resolved('high', {
        priority: 1,
        combine: 'replace',
        codes: { codes: ['B'], unlisted: 'keep' },
      }),
    ]);
    expect(listed(merged)).toEqual(['B']);
    expect(unwanted(merged)).toEqual([]);
    expect(merged.sections.wrapupCodes?.unlisted).toBe('keep');
    expect(work(merged)).toEqual(['MANDATORY', null]);
    expect(merged.contributors.wrapupCodes.map(({ policy: { name } }) => name)).toEqual(['high']);
  });

  it('does not ignore equals and higher priorities', () => {
    const merged = merge([
      resolved('equal', { priority: 1, codes: { codes: ['A'] } }),
      resolved('replacing', { priority: 1, combine: 'replace', codes: { codes: ['B'] } }),
      resolved('higher', { priority: 2, codes: { codes: ['C'] } }),
      resolved('low', { codes: { codes: ['D'] } }),
    ]);
    expect(listed(merged)).toEqual(['A', 'B', 'C']);
  });

  it('without a section replaces nothing of it', () => {
    const merged = merge([
      resolved('low', { codes: { codes: ['A'] } }),
      resolved('high', { priority: 1, combine: 'replace', work: 'OPTIONAL' }),
    ]);
    expect(listed(merged)).toEqual(['A']);
  });
});

describe('unmanaged', () => {
  const handsOff = (priority: number): ResolvedPolicy =>
    resolved('hands-off', { priority, combine: 'replace', work: 'unmanaged', codes: 'unmanaged' });

  it('takes both sections out of lower hands', () => {
    const merged = merge([
      resolved('low', { work: 'MANDATORY', codes: { codes: ['A'] } }),
      resolved('over', { phase: 'ended', priority: 5, codes: { codes: ['B'] } }),
      handsOff(1),
    ]);
    expect(merged.sections).toEqual({ afterCallWork: null, wrapupCodes: null });
    expect(merged.conflicts).toEqual([]);
  });

  it('gives way to a higher priority that manages', () => {
    const merged = merge([handsOff(1), resolved('high', { priority: 2, codes: { codes: ['A'] } })]);
    expect(listed(merged)).toEqual(['A']);
    expect(merged.sections.afterCallWork).toBeNull();
    expect(merged.conflicts).toEqual([]);
  });

  it('conflicts with an equal that manages', () => {
    const { conflicts } = merge([
      handsOff(1),
      resolved('equal', { priority: 1, codes: { codes: ['A'] } }),
    ]);
    expect(conflicts).toMatchObject([{ code: 'policy.conflict' }]);
    expect(conflicts[0]?.message).toContain('"hands-off" (policies/hands-off.yaml:20)');
    expect(conflicts[0]?.message).toContain('"equal" (policies/equal.yaml:20)');
  });
});

describe('a policy that has ended', () => {
  const over = (rest: PolicySpec = {}): ResolvedPolicy =>
    resolved('over', { phase: 'ended', work: 'MANDATORY', codes: { codes: ['A', 'B'] }, ...rest });

  it('leaves its codes unwanted where no other policy lists them', () => {
    const merged = merge([
      over(),
      resolved('a', { codes: { codes: ['B', 'C'], unlisted: 'keep' } }),
    ]);
    expect(unwanted(merged)).toEqual(['A']);
    expect(listed(merged)).toEqual(['B', 'C']);
    expect(merged.sections.afterCallWork).toBeNull();
  });

  it('leaves them unwanted where nobody governs codes any more', () => {
    const merged = merge([over()]);
    expect(unwanted(merged)).toEqual(['A', 'B']);
    expect(merged.sections.wrapupCodes).toMatchObject({ unlisted: 'keep', explicit: false });
  });

  it('leaves those alone that are protected', () => {
    expect(unwanted(merge([over()], { protect: ['A'] }))).toEqual(['B']);
  });

  it('prunes nothing else, and forbids nothing', () => {
    const merged = merge([
      over({ codes: { codes: ['A'], forbidden: ['F'], unlisted: 'remove' } }),
      resolved('a', { codes: { codes: ['F'], unlisted: 'keep' } }),
    ]);
    expect(listed(merged)).toEqual(['F']);
    expect(unwanted(merged)).toEqual(['A']);
    expect(merged.sections.wrapupCodes?.unlisted).toBe('keep');
  });

  it('leaves nothing behind where it was ignored while it lasted', () => {
    const merged = merge([
      over(),
      resolved('high', {
        priority: 1,
        combine: 'replace',
        codes: { codes: ['C'], unlisted: 'keep' },
      }),
    ]);
    expect(unwanted(merged)).toEqual([]);
    expect(merged.contributors.wrapupCodes.map(({ policy: { name } }) => name)).toEqual(['high']);
  });
});
