import { describe, expect, test } from 'vitest';
import { parseAddress, publicLocation } from '../../src/git/address.js';

describe('what may be shown of an address', () => {
  test.each([
    ['https://git.example.org/a/b.git', 'https://git.example.org/a/b.git'],
    ['https://jo:s3cret@git.example.org:8443/b.git', 'https://git.example.org:8443/b.git'],
    ['https://s3cret@git.example.org/@scope/b.git', 'https://git.example.org/@scope/b.git'],
    ['https://jo:s3%40cret@git.example.org/b', 'https://git.example.org/b'],
    ['https://git.example.org/b?access_token=s3cret#s3cret', 'https://git.example.org/b'],
    ['https://jo:s3/cret@git.example.org/b', 'https://git.example.org/b'],
    ['https://jo:s3 cret@git.example.org/b', 'https://git.example.org/b'],
    ['ssh://git:s3cret@git.example.org:22/b.git', 'ssh://git.example.org:22/b.git'],
    ['git@git.example.org:a/b.git', 'git.example.org:a/b.git'],
    ['/srv/git/b@2.git', '/srv/git/b@2.git'],
    ['file:///srv/git/b.git', 'file:///srv/git/b.git'],
    ['ext::curl https://jo:s3cret@git.example.org', 'ext::curl https://•••@git.example.org'],
  ])('%s', (url, shown) => {
    expect(publicLocation(url)).toBe(shown);
  });
});

test.each([
  [
    'https://jo:s3%40cret@git.example.org:8443/b.git',
    'https://git.example.org:8443/b.git',
    { at: 'https://git.example.org:8443', user: 'jo', password: 's3@cret' },
  ],
  [
    'https://jo@git.example.org/b.git',
    'https://git.example.org/b.git',
    { at: 'https://git.example.org', user: 'jo', password: null },
  ],
  ['https://git.example.org/b.git', 'https://git.example.org/b.git', null],
  ['http://127.0.0.1:8080/b.git', 'http://127.0.0.1:8080/b.git', null],
  ['ssh://git:s3cret@git.example.org:22/b.git', 'ssh://git@git.example.org:22/b.git', null],
  ['git@git.example.org:a/b.git', 'git@git.example.org:a/b.git', null],
  ['/srv/git/b.git', '/srv/git/b.git', null],
  ['file:///srv/git/b.git', 'file:///srv/git/b.git', null],
])('git is given no secret: %s', (url, forGit, login) => {
  expect(parseAddress(url)).toEqual({ forGit, login, location: publicLocation(url) });
});

test.each([
  'ext::sh -c id',
  'fd::17',
  'codecommit::eu-west-1://policies',
  '--upload-pack=id',
  '-oProxyCommand=id',
  '-oProxyCommand=id:path',
  'git@-oProxyCommand=id:path',
  'host:--upload-pack=id',
  'ssh://-oProxyCommand=id/path',
  'ssh://-oProxyCommand=id@host/path',
  'ssh://%2doProxyCommand=id@host/path',
  'git://git.example.org/b.git',
  'ftp://git.example.org/b.git',
  'http://git.example.org/b.git',
  'https://git.example.org/b.git?token=s3cret',
  'https://jo:s3%0Acret@git.example.org/b.git',
  'https://jo:s3%zzcret@git.example.org/b.git',
  'https://',
  'https://git.example.org/b\n.git',
  'policies',
  './policies.git',
  '',
])('is refused: %s', (url) => {
  const refusal = expect(() => parseAddress(url));
  refusal.toThrow(expect.objectContaining({ code: 'source.unusable' }) as Error);
  refusal.not.toThrow(/s3.?cret/);
});
