import { describe, expect, it } from 'vitest';
import { codeScope, diffWrapupCodes, inScope } from '../../src/diff/wrapup-codes.js';
import type { WrapupCodesChange } from '../../src/domain/change.js';
import { codeId } from '../../src/domain/ids.js';
import type { CodeId } from '../../src/domain/ids.js';
import { REQUIREMENT_FLAGS, requirementOf } from '../../src/domain/requirement.js';
import type { Requirement } from '../../src/domain/requirement.js';
import type { DesiredCode, DesiredCodes } from '../../src/resolve/model.js';
import { liveCode, liveRows } from '../support/live.js';
import { requirement } from '../support/policy-set.js';

const id = (name: string): CodeId => codeId(`id of ${name}`);

const listed = (name: string, known: CodeId | null): DesiredCode => ({
  id: known,
  name,
  requirement: requirement(false),
  from: [],
});

const wanted = (spec: {
  readonly unlisted?: 'remove' | 'keep';
  readonly listed?: readonly string[];
  readonly created?: readonly string[];
  readonly unwanted?: readonly string[];
  readonly protect?: readonly string[];
}): DesiredCodes => ({
  unlisted: spec.unlisted ?? 'remove',
  allowEmpty: false,
  explicit: true,
  listed: new Map<string, DesiredCode>([
    ...(spec.listed ?? []).map((name) => [id(name), listed(name, id(name))] as const),
    ...(spec.created ?? []).map((name) => [`new:${name}`, listed(name, null)] as const),
  ]),
  unwanted: new Map((spec.unwanted ?? []).map((name) => [id(name), { name, from: [] }])),
  protected: new Set((spec.protect ?? []).map(id)),
  from: [],
});

const diff = (desired: DesiredCodes | null, ...live: readonly string[]) => {
  const change = diffWrapupCodes(desired, {
    codes: live.map((name) => liveCode(name)),
    tellsRows: false,
  });
  return (
    change && {
      add: change.add.map(({ name }) => name).join(),
      remove: change.remove.map(({ name }) => name).join(),
      unchanged: change.unchanged,
    }
  );
};

describe('the codes of a queue', () => {
  it.each<[string, Parameters<typeof wanted>[0], readonly string[], object | null]>([
    ['not there, listed', { listed: ['A'] }, [], { add: 'A', remove: '', unchanged: 0 }],
    ['there, listed', { listed: ['A'] }, ['A'], null],
    [
      'there, unwanted, keep',
      { unlisted: 'keep', unwanted: ['X'] },
      ['X'],
      { add: '', remove: 'X', unchanged: 0 },
    ],
    [
      'there, unwanted and protected',
      { unwanted: ['X'], protect: ['X'] },
      ['X'],
      { add: '', remove: 'X', unchanged: 0 },
    ],
    [
      'there, unlisted, remove',
      { listed: ['A'] },
      ['A', 'X'],
      { add: '', remove: 'X', unchanged: 1 },
    ],
    ['there, unlisted, remove, protected', { listed: ['A'], protect: ['X'] }, ['A', 'X'], null],
    ['there, unlisted, keep', { unlisted: 'keep', listed: ['A'] }, ['A', 'X'], null],
    ['not there, unwanted', { unwanted: ['X'] }, [], null],
    ['not there, protected', { protect: ['X'] }, [], null],
    ['to be created', { created: ['N'] }, [], { add: 'N', remove: '', unchanged: 0 }],
    [
      'all at once',
      { listed: ['C', 'B'], created: ['A'] },
      ['C', 'Z', 'Y'],
      { add: 'A,B', remove: 'Y,Z', unchanged: 1 },
    ],
  ])('%s', (_what, desired, live, expected) => {
    expect(diff(wanted(desired), ...live)).toEqual(expected);
  });

  it('are left alone where nobody manages them', () => {
    expect(diff(null, 'X')).toBeNull();
  });

  it('are told by id from others of the same name', () => {
    const change = diffWrapupCodes(wanted({ listed: ['A'] }), {
      codes: [{ id: codeId('other'), name: 'A' }],
      tellsRows: false,
    });
    expect(change).toEqual({
      add: [{ id: id('A'), name: 'A' }],
      remove: [{ id: 'other', name: 'A' }],
      unchanged: 0,
    });
  });
});

describe('the rows of the requirement matrix', () => {
  const required = requirement(true, { transfer: true });
  const open = requirement(false);
  const codes = (rows: Readonly<Record<string, Requirement | null>>) => ({
    codes: liveRows(rows).codes,
    tellsRows: true,
  });
  const desired = (rows: Readonly<Record<string, Requirement>>, rest = {}): DesiredCodes => ({
    ...wanted(rest),
    listed: new Map(
      Object.entries(rows).map(([name, row]) => [
        id(name),
        { ...listed(name, id(name)), requirement: row },
      ]),
    ),
  });

  it.each<
    [string, DesiredCodes, Readonly<Record<string, Requirement | null>>, WrapupCodesChange | null]
  >([
    ['listed, with the same row', desired({ A: required }), { A: required }, null],
    [
      'listed, with another row',
      desired({ A: required, B: open }),
      { A: open, B: open },
      {
        add: [],
        update: [{ id: id('A'), name: 'A', from: open, to: required }],
        remove: [],
        unchanged: 1,
      },
    ],
    [
      'listed, with a row that nobody understands',
      desired({ A: open }),
      { A: null },
      {
        add: [],
        update: [{ id: id('A'), name: 'A', from: null, to: open }],
        remove: [],
        unchanged: 0,
      },
    ],
    [
      'added with its row, beside a removal',
      desired({ B: open, A: required }),
      { X: required },
      {
        add: [
          { id: id('A'), name: 'A', requirement: required },
          { id: id('B'), name: 'B', requirement: open },
        ],
        update: [],
        remove: [{ id: id('X'), name: 'X' }],
        unchanged: 0,
      },
    ],
    [
      'kept without being listed: whatever row it has stays',
      desired({ A: open }, { unlisted: 'keep' }),
      { A: open, X: required, Y: null },
      null,
    ],
    [
      'protected: whatever row it has stays',
      desired({ A: open }, { protect: ['X'] }),
      { A: open, X: required },
      null,
    ],
  ])('%s', (_what, policies, live, expected) => {
    expect(diffWrapupCodes(policies, codes(live))).toEqual(expected);
  });

  it.each(REQUIREMENT_FLAGS)('differ where %s alone differs', (flag) => {
    const other = requirementOf((name) => name === flag);
    expect(diffWrapupCodes(desired({ A: other }), codes({ A: open }))?.update).toEqual([
      { id: id('A'), name: 'A', from: open, to: other },
    ]);
  });

  it('stand sorted by the names of their codes', () => {
    const change = diffWrapupCodes(
      desired({ B: required, A: required }),
      codes({ B: open, A: open }),
    );
    expect(change?.update?.map(({ name }) => name)).toEqual(['A', 'B']);
  });

  it('are nothing to a change where the API tells none', () => {
    const change = diffWrapupCodes(desired({ A: required, B: required }), {
      codes: [liveCode('A')],
      tellsRows: false,
    });
    expect(JSON.stringify(change)).toBe(
      JSON.stringify({ add: [{ id: id('B'), name: 'B' }], remove: [], unchanged: 1 }),
    );
  });
});

describe('codeScope', () => {
  it('is everything where others are removed', () => {
    expect(inScope(codeScope(wanted({ listed: ['A'] })), id('X'))).toBe(true);
  });

  it('is what is listed or unwanted where others are kept', () => {
    const scope = codeScope(
      wanted({ unlisted: 'keep', listed: ['A'], created: ['N'], unwanted: ['X'] }),
    );
    expect([...(scope as ReadonlySet<string>)].sort()).toEqual([id('A'), id('X')]);
    expect(inScope(scope, id('Y'))).toBe(false);
  });
});
