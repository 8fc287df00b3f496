import { describe, expect, test } from 'vitest';
import { lastWords } from '../../src/git/last-words.js';

describe('the last words of git', () => {
  test.each([
    ['', 'no word from git'],
    ['fatal: a\nfatal: b\n\n', 'fatal: b'],
    [
      'ERROR: Repository not found.\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n',
      'ERROR: Repository not found.',
    ],
    [
      "To https://example.org/a\n!\tx:y\t[rejected] (a)\nDone\nfatal: b\nerror: failed to push some refs to 'https://example.org/a'\nhint: pull\n",
      'fatal: b',
    ],
    [
      'fatal: Could not read from remote repository.\n',
      'fatal: Could not read from remote repository.',
    ],
    ['Error: spawn git ENOENT\n    at a (b:1:2)\n', 'Error: spawn git ENOENT'],
    ['remote: 50%\rremote: done\u001b[K', 'remote: done<U+001B>[K'],
  ])('of %j are those that say why', (output, words) => {
    expect(lastWords(output)).toBe(words);
  });

  test.each([
    [
      "fatal: unable to access 'https://user:hunter2@example.org/a.git/': 403",
      "https://•••@example.org/a.git/': 403",
    ],
    ['fatal: https://hunter2@example.org', 'https://•••@example.org'],
    ['fatal: https://a:hunter2@b@example.org', 'https://•••@example.org'],
    ['> Authorization: Basic hunter2==', 'Authorization: Basic •••'],
    ['> authorization: token hunter2', 'authorization: token •••'],
    ['> AUTHORIZATION: hunter2', 'AUTHORIZATION: •••'],
    ['sent bearer hunter2', 'bearer •••'],
    ['https://example.org/?private_token=hunter2&a=b', '?private_token=•••&a=b'],
    ['bad token ghp_hunter2hunter2', 'bad token •••'],
    ['bad token github_pat_11hunter2', 'bad token •••'],
    ['bad token glpat-hunter2-x', 'bad token •••'],
  ])('show no credentials: %s', (output, covered) => {
    const words = lastWords(output);
    expect(words).toContain(covered);
    expect(words).not.toContain('hunter2');
  });

  test('leave what is none', () => {
    const words =
      "remote: HTTP Basic: Access denied. fatal: Authentication failed for 'https://example.org/a@b'";
    expect(lastWords(words)).toBe(words);
  });

  test('are at most 300 characters', () => {
    expect(Array.from(lastWords('😀'.repeat(301)))).toHaveLength(300);
    expect(lastWords('x'.repeat(300))).toBe('x'.repeat(300));
  });
});
