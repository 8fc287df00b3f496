/** What git said when it failed, as a message may show it: one line, and nothing that opens a door. */
import { spellInvisible } from '../domain/text.js';

const LONGEST = 300;

/** Lines that say nothing about the cause. */
const EMPTY_WORDS =
  /^(?:\s+at |hint:|To |Done$|Please make sure you have|and the repository exists|error: failed to push some refs|fatal: Could not read from remote repository|fatal: the remote end hung up|remote:\s*$|warning:|[!=*+ -]?\t)/;

/** Users and passwords in addresses, headers, and the tokens of the great hosts of git. */
const CREDENTIALS = [
  /(:\/\/)[^\s/'"]*(?=@)/g,
  /(\bauthorization:\s*(?:(?:basic|bearer|token)\s+)?|\b(?:basic|bearer)\s+)[^\s'"]+/gi,
  /([?&][\w-]*(?:token|secret|key|password)[\w-]*=)[^\s&'"]+/gi,
  /()\b(?:gh[a-z]_|github_pat_|glpat-|ATBB|ATCTT)[\w=-]+/g,
];

/** The text without credentials. */
export const coverCredentials = (text: string): string =>
  CREDENTIALS.reduce((covered, secret) => covered.replace(secret, '$1•••'), text);

/**
 * The last line of git's that says why, without credentials, at most 300 characters.
 *
 * @example lastWords("fatal: unable to access 'https://x:token@host/': 403\n") // "fatal: unable to access 'https://•••@host/': 403"
 */
export const lastWords = (output: string): string => {
  const lines = output.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  const telling = lines.filter((line) => !EMPTY_WORDS.test(line));
  const line = spellInvisible((telling.at(-1) ?? lines.at(-1) ?? 'no word from git').trim());
  const covered = coverCredentials(line);
  const points = Array.from(covered);
  return points.length > LONGEST ? `${points.slice(0, LONGEST - 1).join('')}…` : covered;
};
