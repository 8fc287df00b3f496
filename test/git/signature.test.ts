import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RemoteRig } from './remote-rig.js';

const canSign =
  spawnSync('git', ['--version']).status === 0 &&
  spawnSync('ssh-keygen', ['-?']).error === undefined;

const makeKey = (rig: RemoteRig, name: string): string => {
  const path = join(rig.base, name);
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path]);
  return path;
};

/** A person who signs with a key of his own, and a daemon that trusts whom the file names. */
const makeSigner = async (): Promise<{
  rig: RemoteRig;
  key: string;
  trust: (...lines: string[]) => Promise<void>;
}> => {
  const rig = await RemoteRig.make();
  const key = makeKey(rig, 'jo');
  rig.git('config', 'gpg.format', 'ssh');
  rig.git('config', 'user.signingKey', key);
  rig.git('config', 'commit.gpgSign', 'true');
  const trust = (...lines: string[]): Promise<void> =>
    writeFile(join(rig.base, 'allowed'), `${lines.join('\n')}\n`);
  await writeFile(join(rig.base, '.gitconfig'), '[gpg "ssh"]\n\tallowedSignersFile = ~/allowed\n');
  return { rig, key, trust };
};

const publicKey = async (key: string): Promise<string> => {
  const { stdout } = spawnSync('ssh-keygen', ['-y', '-f', key], { encoding: 'utf8' });
  return stdout.trim().split(' ').slice(0, 2).join(' ');
};

describe.skipIf(!canSign)(
  `only signed commits${canSign ? '' : ' (skipped: there is no git or no ssh-keygen here)'}`,
  () => {
    test('a good signature, none, one of a stranger, and one that is not allowed any more', async () => {
      const { rig, key, trust } = await makeSigner();
      await trust(`jo@example.org ${await publicKey(key)}`);
      const branch = await rig.open({ verifyCommits: 'signed' });

      const unsigned = rig.head();
      expect(await branch.look()).toEqual({
        kind: 'unsigned',
        commit: unsigned,
        why: `Commit ${unsigned.slice(0, 12)} is not taken: it is not signed.`,
      });
      expect(await (await rig.open()).look()).toMatchObject({ kind: 'at', commit: unsigned });

      const signed = await rig.push({ 'policies/sales.yaml': 'signed\n' });
      expect(await branch.look()).toMatchObject({
        kind: 'at',
        commit: signed,
        author: 'Jo Doe <jo@example.org>',
      });
      await branch.accept(signed);

      rig.git('config', 'user.signingKey', makeKey(rig, 'stranger'));
      const strange = await rig.push({ 'policies/sales.yaml': 'strange\n' });
      expect(await branch.look()).toMatchObject({
        kind: 'unsigned',
        commit: strange,
        why: expect.stringContaining('not one of the allowed signers') as string,
      });
      // A signature does not make a rewrite a push.
      rig.git('config', 'user.signingKey', key);
      rig.git('reset', '--quiet', '--hard', unsigned);
      const other = await rig.push({ 'policies/sales.yaml': 'other\n' });
      expect(await branch.look()).toMatchObject({ kind: 'rewritten', commit: other });
      await branch.follow(other);
      expect(await branch.look()).toMatchObject({ kind: 'at', commit: other });
      await trust(`jo@example.org valid-before="20200101" ${await publicKey(key)}`);
      expect(await branch.look()).toMatchObject({
        kind: 'unsigned',
        why: expect.stringMatching(
          /allowed signers, or was not at that time|signature is bad/,
        ) as string,
      });
    });

    test('a commit that was changed after it was signed', async () => {
      const { rig, key, trust } = await makeSigner();
      await trust(`jo@example.org ${await publicKey(key)}`);
      await rig.push({ 'policies/sales.yaml': 'signed\n' });
      const forged = rig.git('cat-file', 'commit', 'HEAD').replace(/Policies$/, 'Forged');
      const commit = rig.in(
        rig.work,
        ['hash-object', '-t', 'commit', '-w', '--stdin'],
        `${forged}\n`,
      );
      rig.git('push', '--quiet', '--force', 'origin', `${commit}:main`);
      const branch = await rig.open({ verifyCommits: 'signed' });
      expect(await branch.look()).toMatchObject({
        kind: 'unsigned',
        commit,
        why: expect.stringContaining('its signature is bad') as string,
      });
    });

    test('signers may be named by the environment, and where nobody is, that is said', async () => {
      const { rig, key, trust } = await makeSigner();
      await trust(`jo@example.org ${await publicKey(key)}`);
      await writeFile(join(rig.base, '.gitconfig'), '');
      const commit = await rig.push({ 'policies/sales.yaml': 'signed\n' });
      const look = await (await rig.open({ verifyCommits: 'signed' })).look();
      expect(look).toMatchObject({
        kind: 'unsigned',
        why: expect.stringContaining('git needs `gpg.ssh.allowedSignersFile`') as string,
      });
      const env = {
        ...rig.env,
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'gpg.ssh.allowedSignersFile',
        GIT_CONFIG_VALUE_0: join(rig.base, 'allowed'),
      };
      const trusting = await rig.open({ verifyCommits: 'signed', env });
      expect(await trusting.look()).toMatchObject({ kind: 'at', commit });
    });
  },
);
