/** The address of a repository that a person gave: what git is told of it, what logs may show, and what is secret. */
import { isAbsolute } from 'node:path';
import { AppError } from '../domain/errors.js';
import { findInvisible } from '../domain/text.js';
import { coverCredentials } from './last-words.js';

/** An address that is safe to give to git. */
export interface Address {
  /** Without what it takes to log in: git would show it in the arguments of its helpers. */
  readonly forGit: string;
  /** What logs, statuses and messages may show. */
  readonly location: string;
  /** What stood in the address to log in over HTTP; null: nothing. */
  readonly login: {
    /** Scheme, host and port: where it holds. */
    readonly at: string;
    readonly user: string;
    /** Null where it has to come from elsewhere. */
    readonly password: string | null;
  } | null;
}

/** A scheme, two slashes, and perhaps a user. `ext::…` and other helpers have none of the four schemes. */
const URL_LIKE = /^([a-z][a-z0-9+.-]*):\/\//i;
/** `git@host:path`. Neither part begins like an option; `host::…` would be a helper. */
const SCP_LIKE =
  /^(?:[A-Za-z0-9_][^\s@:/]*@)?(?:[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\]):(?![:-]|\/\/)\S/;
const THIS_MACHINE = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The address without user, password and query, for people.
 *
 * @example publicLocation('https://jo:s3cret@git.example.org/policies.git') // 'https://git.example.org/policies.git'
 * @example publicLocation('git@git.example.org:policies.git') // 'git.example.org:policies.git'
 */
export const publicLocation = (url: string): string => {
  if (!URL_LIKE.test(url)) {
    if (isAbsolute(url)) return url;
    return coverCredentials(SCP_LIKE.test(url) ? url.replace(/^[^@:]*@/, '') : url);
  }
  // Where it is no address, an at sign anywhere may end a password.
  const user = URL.canParse(url) ? /(:\/\/)[^/?#]*@/ : /(:\/\/).*@/s;
  return coverCredentials(url.replace(user, '$1').replace(/[?#].*$/s, ''));
};

/**
 * Takes an address apart.
 *
 * @throws AppError `source.unusable` where it is none of https, ssh, `git@host:path`, `file:` and an absolute path;
 * http is for this machine alone
 */
export const parseAddress = (url: string): Address => {
  const location = publicLocation(url);
  const refuse = (why: string): AppError =>
    new AppError('source.unusable', `\`${location}\` cannot be followed: ${why}.`, {
      remedy:
        'Give an https or ssh address, `git@host:path`, or the absolute path of a repository.',
    });
  if (findInvisible(url) !== null) throw refuse('it holds characters that cannot be seen');
  if (isAbsolute(url) || SCP_LIKE.test(url)) return { forGit: url, location, login: null };
  const scheme = URL_LIKE.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined || !URL.canParse(url)) throw refuse('it is no address of a repository');
  const parsed = new URL(url);
  if (parsed.search !== '' || parsed.hash !== '') throw refuse('it has a query or a fragment');
  if (scheme === 'file') return { forGit: url, location, login: null };
  if (!/^[A-Za-z0-9[]/.test(parsed.hostname) || /^(?:-|%2d)/i.test(parsed.username))
    throw refuse('git would take a part of it for an option');
  if (scheme === 'ssh') {
    // ssh takes no password from there.
    parsed.password = '';
    return { forGit: parsed.href, location, login: null };
  }
  if (scheme !== 'https' && scheme !== 'http') throw refuse(`\`${scheme}\` is not spoken here`);
  if (scheme === 'http' && !THIS_MACHINE.has(parsed.hostname))
    throw refuse('plain http is for this machine alone');
  const login = loginOf(parsed);
  if (login === undefined)
    throw refuse('its user or password is not encoded as an address demands');
  parsed.username = '';
  parsed.password = '';
  return { forGit: parsed.href, location, login };
};

/** Undefined where it cannot be decoded, or would say more to git than a name and a password. */
const loginOf = ({ username, password, protocol, host }: URL): Address['login'] | undefined => {
  if (username === '' && password === '') return null;
  try {
    const user = decodeURIComponent(username);
    const secret = decodeURIComponent(password);
    if (/\p{Cc}/u.test(user + secret)) return undefined;
    return { at: `${protocol}//${host}`, user, password: secret === '' ? null : secret };
  } catch {
    return undefined;
  }
};
