/** Whether a commit is signed by somebody whom the person's configuration of git trusts. */
import { lastWords } from './last-words.js';
import type { RepositoryGit } from './remote-git.js';
import { GitFailure } from './run-git.js';

/** What gpg says in the words of a machine, and what ssh says, in the order in which it is looked for. */
const REASONS: readonly (readonly [sign: RegExp, why: string])[] = [
  [
    /allowedSignersFile needs to be configured/,
    'nobody is trusted: git needs `gpg.ssh.allowedSignersFile`',
  ],
  [/^\[GNUPG:\] BADSIG/m, 'its signature is bad: the commit was changed after it was signed'],
  [/^\[GNUPG:\] REVKEYSIG/m, 'the key that signed it was revoked'],
  [/^\[GNUPG:\] EXPKEYSIG/m, 'the key that signed it has expired'],
  [/^\[GNUPG:\] EXPSIG/m, 'its signature has expired'],
  [/^\[GNUPG:\] (?:NO_PUBKEY|ERRSIG)/m, 'the key that signed it is not known here'],
  [
    /No principal matched/i,
    'the key that signed it is not one of the allowed signers, or was not at that time',
  ],
  [
    /Signature verification failed|incorrect signature|Could not verify signature/i,
    'its signature is bad: the commit was changed after it was signed',
  ],
];

/**
 * Null where `git verify-commit` finds a good signature, and otherwise why it does not: half a sentence.
 *
 * @throws GitFailure where the commit is not here
 * @example await findSignatureFault(here, commit) // 'it is not signed'
 */
export const findSignatureFault = async (
  here: RepositoryGit,
  commit: string,
): Promise<string | null> => {
  const [headers = ''] = (await here.run(['cat-file', 'commit', commit])).split('\n\n', 1);
  if (!/^gpgsig(?:-sha256)? /m.test(headers)) return 'it is not signed';
  try {
    await here.run(['verify-commit', '--raw', commit]);
    return null;
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    const known = REASONS.find(([sign]) => sign.test(error.message));
    return known?.[1] ?? `git finds no good signature: ${lastWords(error.message)}`;
  }
};
