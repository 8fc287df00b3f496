import { describe, expect, it } from 'vitest';
import { CodeIndex } from '../../src/resolve/code-index.js';
import type { LiveCode } from '../../src/domain/state.js';
import { division, liveCode } from '../support/live.js';
import { at, catalog } from '../support/policy-set.js';

const DIVISIONS = [division('Home'), division('Retail')];

const index = (
  codes: Parameters<typeof catalog>[0],
  live: readonly (string | LiveCode)[],
  create = true,
): CodeIndex =>
  new CodeIndex(
    [catalog(codes, { create })],
    live.map((code) => (typeof code === 'string' ? liveCode(code) : code)),
    DIVISIONS,
  );

const find = (from: CodeIndex, reference: { readonly name?: string; readonly id?: string }) =>
  from.find({ name: null, id: null, ...reference, from: at('p', 7) });

/** What the catalog makes of one entry: what it creates, renames and says. */
const outcome = (found: CodeIndex): unknown => ({
  create: found.create.map(({ name }) => name),
  rename: found.rename.map(({ from, to }) => `${from} → ${to}`),
  found: found.diagnostics.map(({ code }) => code),
  retired: [...found.retired.keys()],
});

describe('the catalog', () => {
  const nothing = { create: [], rename: [], found: [], retired: [] };
  const renamed = { name: 'New', previously: 'Old' };

  it.each<[string, Parameters<typeof catalog>[0], readonly string[], boolean, object]>([
    ['name, there', ['New'], ['New'], true, {}],
    ['name, missing, create', ['New'], [], true, { create: ['New'] }],
    ['name, missing, no create', ['New'], [], false, { found: ['catalog.missing-code'] }],
    ['rename, old there', [renamed], ['Old'], false, { rename: ['Old → New'] }],
    ['rename, both there', [renamed], ['Old', 'New'], true, { found: ['catalog.rename-blocked'] }],
    ['rename, done before', [renamed], ['New'], false, {}],
    ['rename, neither there, create', [renamed], [], true, { create: ['New'] }],
    ['rename, neither there, no create', [renamed], [], false, { found: ['catalog.missing-code'] }],
    ['retired, there', [{ name: 'New', retired: true }], ['New'], true, { retired: ['id of New'] }],
    ['retired, missing', [{ name: 'New', retired: true }], [], true, {}],
    [
      'retired and renamed',
      [{ ...renamed, retired: true }],
      ['Old'],
      true,
      { rename: ['Old → New'], retired: ['id of Old'] },
    ],
  ])('%s', (_what, codes, live, create, expected) => {
    expect(outcome(index(codes, live, create))).toEqual({ ...nothing, ...expected });
  });

  it('creates in the division that it names, in all of them, or in the default one', () => {
    const found = index(
      [
        { name: 'A', division: 'Retail', description: 'About A' },
        { name: 'B', division: '*' },
        { name: 'C' },
      ],
      [],
    );
    expect(found.create).toEqual([
      { name: 'A', description: 'About A', divisionId: 'id of Retail' },
      { name: 'B', description: null, divisionId: '*' },
      { name: 'C', description: null, divisionId: null },
    ]);
  });

  it('creates nothing in a division that does not exist: nobody could move it later', () => {
    const found = index([{ name: 'A', division: 'Retial' }], []);
    expect(outcome(found)).toEqual({ ...nothing, found: ['reference.unknown-division'] });
    expect(found.diagnostics[0]?.remedy).toContain('"Retail"');
    expect(find(found, { name: 'A' })).toMatchObject({ kind: 'absent' });
  });

  it('does not choose between two codes that both could be the old one', () => {
    const found = index(
      [{ name: 'Caf\u00E9 new', previously: 'Caf\u00E9' }],
      [liveCode('Caf\u00E9', 'c1'), liveCode('Cafe\u0301', 'c2')],
    );
    expect(outcome(found)).toEqual({ ...nothing, found: ['reference.ambiguous-code'] });
  });

  it('retires every code of a name', () => {
    const found = index(
      [{ name: 'Caf\u00E9', retired: true }],
      [liveCode('Caf\u00E9', 'c1'), liveCode('Cafe\u0301', 'c2')],
    );
    expect([...found.retired.keys()]).toEqual(['c1', 'c2']);
  });

  it('remembers what has to be looked for before it is created or missed', () => {
    expect(index([{ name: 'New', previously: 'Old' }], []).absent).toEqual([
      { name: 'Old' },
      { name: 'New' },
    ]);
  });

  it('plans in the order of names, whatever the order of entries', () => {
    const found = index(
      ['B', 'A', { name: 'Y', previously: 'Z' }, { name: 'W', previously: 'X' }],
      ['X', 'Z'],
    );
    expect(found.create.map(({ name }) => name)).toEqual(['A', 'B']);
    expect(found.rename.map(({ from }) => from)).toEqual(['X', 'Z']);
  });
});

describe('a reference to a code', () => {
  it.each([
    [{ name: 'Resolved' }, 'id of Resolved'],
    [{ id: 'id of Resolved' }, 'id of Resolved'],
    [{ id: 'id of Resolved', name: 'Resolved' }, 'id of Resolved'],
    [{ name: 'R\u00E9solu' }, 'id of Re\u0301solu'],
  ])('%j is known', (reference, id) => {
    expect(find(index([], ['Resolved', 'Re\u0301solu']), reference)).toMatchObject({
      kind: 'known',
      code: { id },
    });
  });

  it.each([
    [{ name: 'Reslved' }, 'reference.unknown-code', '"Reslved"', 'Did you mean "Resolved"?'],
    [{ name: 'Wrong number' }, 'reference.unknown-code', '"Wrong number"', 'U+00A0 NO-BREAK SPACE'],
    [{ name: 'Xyz' }, 'reference.unknown-code', '"Xyz"', 'create: true'],
    [{ id: 'c0' }, 'reference.unknown-code', 'id c0', 'by its name'],
    [
      { id: 'id of Resolved', name: 'Solved' },
      'reference.renamed',
      'is named "Resolved", not "Solved"',
      'name: "Resolved"',
    ],
    [{ name: 'Caf\u00E9' }, 'reference.ambiguous-code', 'c1 and c2', '`id:`'],
  ])('%j is an error', (reference, code, message, remedy) => {
    const codes = index(
      [],
      [
        liveCode('Resolved'),
        liveCode('Wrong\u00A0number'),
        liveCode('Caf\u00E9', 'c1'),
        liveCode('Cafe\u0301', 'c2'),
      ],
    );
    const answer = find(codes, reference);
    expect(answer).toMatchObject({ kind: 'unknown', diagnostic: { code, severity: 'error' } });
    if (answer.kind !== 'unknown') return;
    expect(answer.diagnostic.message).toContain(message);
    expect(answer.diagnostic.remedy).toContain(remedy);
    expect(answer.diagnostic.span).toEqual(at('p', 7).span);
  });

  it('finds a code under the name that the catalog will give it, and no longer under the old one', () => {
    const codes = index([{ name: 'New', previously: 'Old' }], ['Old']);
    expect(find(codes, { name: 'New' })).toMatchObject({
      kind: 'known',
      code: { id: 'id of Old' },
    });
    expect(find(codes, { name: 'Old' })).toMatchObject({
      kind: 'unknown',
      diagnostic: { message: 'The catalog renames "Old" to "New".' },
    });
    expect(find(codes, { id: 'id of Old', name: 'New' })).toMatchObject({ kind: 'known' });
  });

  it('finds a code that is to be created, without an id', () => {
    expect(find(index(['New'], []), { name: 'New' })).toEqual({
      kind: 'known',
      code: { key: 'new:New', id: null, name: 'New' },
    });
  });

  it.each<[string, CodeIndex]>([
    ['is missing and may not be created', index(['New'], [], false)],
    ['is retired and gone', index([{ name: 'New', retired: true }], [])],
    [
      'takes part in a rename that is blocked',
      index([{ name: 'New', previously: 'Old' }], ['Old', 'New']),
    ],
  ])('is absent, with a reason, where it %s', (_what, codes) => {
    expect(find(codes, { name: 'New' })).toMatchObject({
      kind: 'absent',
      reason: expect.stringContaining('"New"') as string,
    });
  });

  it('remembers what was not found', () => {
    const codes = index([], ['Resolved']);
    find(codes, { name: 'Nope' });
    find(codes, { id: 'c0' });
    find(codes, { name: 'Resolved' });
    expect(codes.absent).toEqual([{ name: 'Nope' }, { id: 'c0' }]);
  });
});
