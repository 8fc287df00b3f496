import { Console } from 'node:console';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Environment } from '../../src/cli/io.js';
import { resolveSecret, resolveWebhooks } from '../../src/cli/secrets.js';
import { AppError } from '../../src/domain/errors.js';
import type { Secret } from '../../src/domain/secret.js';
import type { SecretReference, Webhook } from '../../src/policy/settings.js';

const CANARY = 'canary-2f7c';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'wrapkeeper-secrets-'));
});
afterEach(() => rm(root, { recursive: true }));

const read = async (reference: SecretReference, env: Environment = {}): Promise<string> =>
  (await resolveSecret(reference, { env, root })).reveal();

const failure = async (work: Promise<unknown>): Promise<AppError> => {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AppError)) throw new Error('an AppError was expected', { cause: error });
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain(CANARY);
  return error;
};

const wrote = async (name: string, content: string | Uint8Array): Promise<SecretReference> => {
  await writeFile(join(root, name), content);
  return { file: name };
};

describe('a secret in the environment', () => {
  it.each([
    [CANARY, CANARY],
    [`${CANARY}\n`, CANARY],
    [`${CANARY}\r\n`, CANARY],
    [`${CANARY}\n\n`, `${CANARY}\n`],
    [` ${CANARY} `, ` ${CANARY} `],
  ])('%j is %j', async (value, secret) => {
    expect(await read({ env: 'HOOK' }, { HOOK: value })).toBe(secret);
  });

  it.each<[string, Environment, string]>([
    ['HOOK', {}, 'The variable HOOK, which should hold a secret, is not there.'],
    ['toString', {}, 'The variable toString, which should hold a secret, is not there.'],
    ['HOOK', { HOOK: '' }, 'The variable HOOK, which should hold a secret, is empty.'],
    ['HOOK', { HOOK: ' \t\n' }, 'The variable HOOK, which should hold a secret, is empty.'],
    [
      'HOOK',
      { OTHER: CANARY, hook: CANARY },
      'The variable HOOK, which should hold a secret, is not there.',
    ],
  ])('that is missing is told by its name (%#)', async (name, env, message) => {
    const error = await failure(read({ env: name }, env));
    expect(error).toMatchObject({ code: 'secret.missing', message, exitCode: 1 });
  });
});

describe('a secret in a file', () => {
  it('is found from the root of the repository, or by its whole path', async () => {
    await mkdir(join(root, 'keys'));
    await writeFile(join(root, 'keys', 'hook'), `${CANARY}\n`);
    expect(await read({ file: 'keys/hook' })).toBe(CANARY);
    expect(await read({ file: './keys/../keys/hook' })).toBe(CANARY);
    expect(await read({ file: join(root, 'keys', 'hook') })).toBe(CANARY);
  });

  it('may lie behind a link, as Kubernetes mounts them', async () => {
    await writeFile(join(root, 'data'), CANARY);
    await symlink(join(root, 'data'), join(root, 'hook'));
    expect(await read({ file: 'hook' })).toBe(CANARY);
  });

  it('has no byte order mark, and is as long as may be', async () => {
    expect(await read(await wrote('bom', `\uFEFF${CANARY}\r\n`))).toBe(CANARY);
    expect(await read(await wrote('long', 'x'.repeat(64 * 1024)))).toHaveLength(64 * 1024);
  });

  it.each<[string, string | Uint8Array, string, string]>([
    ['is empty', '', 'secret.missing', 'is empty'],
    ['is an empty line', '\n', 'secret.missing', 'is empty'],
    [
      'is too large',
      CANARY.repeat(64 * 1024),
      'secret.unreadable',
      'cannot be used: it has more than 65536 bytes',
    ],
    [
      'is of another encoding',
      Buffer.from(`\uFEFF${CANARY}`, 'utf16le'),
      'secret.unreadable',
      'cannot be used: it is no text in UTF-8',
    ],
  ])('that %s is told by its path', async (_what, content, code, what) => {
    const error = await failure(read(await wrote('hook', content)));
    expect(error).toMatchObject({
      code,
      message: `The file "hook", which should hold a secret, ${what}.`,
    });
  });

  it.each([
    ['nowhere', 'secret.missing', 'is not there'],
    ['.', 'secret.unreadable', 'cannot be used: it is no ordinary file'],
    ['file/below', 'secret.unreadable', 'cannot be used: a part of the path is no folder'],
    ['a\u0000b', 'secret.unreadable', 'cannot be used: it cannot be opened'],
  ])('at %j is told by its path', async (file, code, what) => {
    await writeFile(join(root, 'file'), CANARY);
    const error = await failure(read({ file }));
    expect(error.code).toBe(code);
    expect(error.message).toContain(`which should hold a secret, ${what}.`);
  });

  it.skipIf(process.platform === 'win32')('that has no end is not read', async () => {
    expect((await failure(read({ file: '/dev/zero' }))).message).toContain('no ordinary file');
  });

  it.skipIf(process.getuid?.() === 0)('that may not be read is told', async () => {
    const reference = await wrote('hook', CANARY);
    await chmod(join(root, 'hook'), 0);
    expect((await failure(read(reference))).message).toContain('permission denied');
  });
});

describe('a secret that was read', () => {
  it.each<[string, (secret: Secret) => unknown]>([
    ['JSON', (value) => JSON.stringify({ value, list: [value] })],
    // oxlint-disable-next-line typescript/restrict-template-expressions -- what somebody may write by mistake
    ['a template', (value) => `${value}`],
    ['a text', (value) => String(value)],
    [
      'an inspection',
      (value) =>
        inspect({ deep: { deeper: [value] } }, { depth: null, showHidden: true, getters: true }),
    ],
    [
      'an inspection that asks nobody',
      (value) => inspect(value, { depth: null, showHidden: true, customInspect: false }),
    ],
    ['the cause of an error', (value) => inspect(new Error('x', { cause: value }))],
    ['a thrown error as text', (value) => String(new Error(String(value)).stack)],
    ['a structured clone', (value) => inspect(structuredClone(value), { showHidden: true })],
    ['its entries', (value) => inspect([Object.entries(value), Object.assign({}, value)])],
    ['its keys', (value) => inspect(Reflect.ownKeys(value))],
    ['a map', (value) => inspect(new Map([[value, value]]), { showHidden: true })],
  ])('is not shown by %s', async (_what, show) => {
    const secret = await resolveSecret({ env: 'HOOK' }, { env: { HOOK: CANARY }, root });
    expect(String(show(secret))).not.toContain(CANARY);
    expect(secret.reveal()).toBe(CANARY);
  });

  it('is not shown by a console', async () => {
    const secret = await resolveSecret({ env: 'HOOK' }, { env: { HOOK: CANARY }, root });
    const shown: string[] = [];
    const stream = new Writable({
      write: (chunk, _encoding, done) => {
        shown.push(String(chunk));
        done();
      },
    });
    const console = new Console(stream, stream);
    console.log(secret, { secret }, [secret]);
    console.log('%o %O %j %s %d', secret, secret, secret, secret, secret);
    console.error(new Error('x', { cause: { secret } }));
    console.dir(secret, { depth: null, showHidden: true });
    console.table([{ secret }]);
    expect(shown).toHaveLength(5);
    expect(shown.join('')).not.toContain(CANARY);
  });
});

const webhook = (name: string, ...secrets: readonly SecretReference[]): Webhook => ({
  name,
  url: `https://${name}.example/hooks`,
  secrets,
  events: ['*'],
  allowPrivateNetwork: false,
});

describe('webhooks', () => {
  it('get their secrets in order, and keep everything else', async () => {
    const { ready } = await resolveWebhooks(
      [webhook('reporting', { env: 'NEW' }, await wrote('old', 'old-one\n')), webhook('audit')],
      { env: { NEW: CANARY }, root },
    );
    expect(ready).toMatchObject([
      {
        name: 'reporting',
        url: 'https://reporting.example/hooks',
        events: ['*'],
        allowPrivateNetwork: false,
      },
      { name: 'audit', secrets: [] },
    ]);
    expect(ready[0]?.secrets.map((secret) => secret.reveal())).toEqual([CANARY, 'old-one']);
    expect(inspect(ready, { depth: null, showHidden: true })).not.toContain(CANARY);
  });

  it('that lack secrets are told, and of no harm to others', async () => {
    const { ready, findings } = await resolveWebhooks(
      [
        webhook('reporting', { env: 'A' }, { env: 'B' }),
        webhook('audit', { file: '.' }, { env: 'HOOK' }),
        webhook('good', { env: 'HOOK' }),
      ],
      { env: { A: '', HOOK: CANARY }, root },
    );
    expect(ready.map(({ name }) => name)).toEqual(['good']);
    expect(findings.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'secret.missing: The webhook "reporting" cannot be signed for, and its events wait in the journal. The variable A, which should hold a secret, is empty.',
      'secret.unreadable: The webhook "audit" cannot be signed for, and its events wait in the journal. The file ".", which should hold a secret, cannot be used: it is no ordinary file.',
    ]);
    expect(
      findings.every(({ remedy, severity }) => remedy !== null && severity === 'warning'),
    ).toBe(true);
  });

  it('where there are none need nothing', async () => {
    expect(await resolveWebhooks([], { env: {}, root })).toEqual({ ready: [], findings: [] });
  });
});
