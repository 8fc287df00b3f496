/** CODEOWNERS: what it names, and that no folder can add a line to it. */
import { expect, test } from 'vitest';
import { codeOwnersText, protectedPaths } from '../../src/cli/code-owners.js';

const FACTS = { folder: '', policies: ['policies'], owners: ['@acme/leads'] };
const rulesOf = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

test.each([
  [{}, ['/wrapkeeper.yaml', '/policies/allowances/', '/.github/']],
  [{ policies: ['.'] }, ['/wrapkeeper.yaml', '/allowances/', '/.github/']],
  [
    { folder: 'teams/prod', policies: ['./common/', 'own'] },
    [
      '/teams/prod/wrapkeeper.yaml',
      '/teams/prod/common/allowances/',
      '/teams/prod/own/allowances/',
      '/.github/',
    ],
  ],
  [
    { folder: 'a b', policies: ['x\n* @mallory', '[y]'] },
    ['/a*b/wrapkeeper.yaml', '/a*b/x*mallory/allowances/', '/a*b/*y*/allowances/', '/.github/'],
  ],
])('%j names settings, allowances and workflows', (facts, paths) => {
  expect(protectedPaths({ ...FACTS, ...facts })).toEqual(paths);
  const rules = rulesOf(codeOwnersText({ ...FACTS, ...facts }));
  expect(rules.map((rule) => rule.split(/ +/))).toEqual(paths.map((path) => [path, '@acme/leads']));
});

test('without owners no line counts yet', () => {
  const text = codeOwnersText({ ...FACTS, owners: [] });
  expect(rulesOf(text)).toEqual([]);
  expect(text).toContain('\n# /policies/allowances/ @your-organization/your-team\n');
});
