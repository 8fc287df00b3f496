import { expect, test } from 'vitest';
import { repository, run } from './cli.js';
import { BILLING, settings } from './policies.js';

const BROKEN = BILLING.replace('prompt: MANDATORY_TIMEOUT', 'prompt: MANDATORY_TIMOUT');
/** Matches nothing yet: a warning that can be told offline. */
const EXPIRED = BILLING.replace('name: billing', 'name: expired').replace(
  'spec:',
  'spec:\n  suspend: { reason: Audit, by: j.doe, until: 2020-01-01T00:00:00Z }',
);

test('text: what was read, and that all is well', async () => {
  const cwd = await repository({
    'wrapkeeper.yaml': settings('region: eu-west-1'),
    'policies/a.yaml': BILLING,
    'policies/deeper/b.yml': `${BILLING.replace('billing', 'b')}---\n${BILLING.replace('billing', 'c')}`,
  });
  expect(await run(['validate'], { cwd })).toEqual({
    exit: 0,
    stdout: 'Valid: 4 documents in 3 files.\n',
    stderr: '',
  });
});

test('it needs no network, no credentials and no git', async () => {
  const cwd = await repository({ 'policies/a.yaml': BILLING });
  const result = await run(['validate'], {
    cwd,
    env: { PATH: '', GENESYSCLOUD_REGION: 'nowhere' },
  });
  expect(result).toMatchObject({ exit: 0, stderr: '' });
});

test('text: each error with file, line, column, snippet, rule and remedy', async () => {
  const cwd = await repository({ 'policies/a.yaml': BROKEN });
  const { exit, stdout, stderr } = await run(['validate'], { cwd });
  expect({ exit, stderr }).toEqual({ exit: 6, stderr: '' });
  expect(stdout).toMatch(/^policies\/a\.yaml:10:13 error schema\.invalid-value\n/);
  expect(stdout).toContain('prompt: MANDATORY_TIMOUT');
  expect(stdout).toContain('^');
  expect(stdout).toContain('MANDATORY_TIMEOUT');
  expect(stdout).toContain('help: ');
  expect(stdout).toMatch(/1 error in 1 file\n$/);
});

test('warnings alone are exit 0', async () => {
  const cwd = await repository({ 'policies/a.yaml': EXPIRED });
  const { exit, stdout } = await run(['validate'], { cwd });
  expect(exit).toBe(0);
  expect(stdout).toContain('warning policy.expired');
  expect(stdout).toContain('Valid: 1 document in 1 file.');
});

test('where CI=true, settings without an organization are told, and stop only plan and apply', async () => {
  const cwd = await repository({ 'policies/a.yaml': BILLING });
  const { exit, stdout } = await run(['validate'], { cwd, env: { CI: 'true' } });
  expect(exit).toBe(0);
  expect(stdout).toContain('warning settings.organization-required');
});

test('JSON of a valid repository', async () => {
  const cwd = await repository({ 'policies/a.yaml': EXPIRED });
  const { exit, stdout, stderr } = await run(['validate', '--format', 'json'], { cwd });
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    kind: 'Validation',
    formatVersion: '1.0',
    valid: true,
    files: 1,
    documents: 1,
    diagnostics: [
      { code: 'policy.expired', severity: 'warning', file: 'policies/a.yaml', line: 6 },
    ],
  });
});

test('JSON of an invalid one is an Error with every finding', async () => {
  const cwd = await repository({ 'policies/a.yaml': BROKEN, 'policies/b.yaml': EXPIRED });
  const { exit, stdout, stderr } = await run(['validate', '--format', 'json'], { cwd });
  expect({ exit, stderr }).toEqual({ exit: 6, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    kind: 'Error',
    formatVersion: '1.0',
    exitCode: 6,
    diagnostics: [
      {
        code: 'schema.invalid-value',
        severity: 'error',
        file: 'policies/a.yaml',
        line: 10,
        column: 13,
        queue: null,
      },
      { code: 'policy.expired', severity: 'warning', file: 'policies/b.yaml' },
    ],
    correlationId: null,
  });
});

test('GitHub annotations', async () => {
  const cwd = await repository({ 'policies/a.yaml': BROKEN });
  const { exit, stdout } = await run(['validate', '--format', 'github'], { cwd });
  expect(exit).toBe(6);
  expect(stdout).toMatch(
    /^::error file=policies\/a\.yaml,line=10,col=13,.*title=schema\.invalid-value::/,
  );
});

test('SARIF', async () => {
  const cwd = await repository({ 'policies/a.yaml': BROKEN });
  const { exit, stdout } = await run(['validate', '--format', 'sarif'], { cwd });
  expect(exit).toBe(6);
  expect(JSON.parse(stdout)).toMatchObject({
    version: '2.1.0',
    runs: [{ results: [{ ruleId: 'schema.invalid-value', level: 'error' }] }],
  });
});

test('the nearest settings upwards are the root, wherever it is called', async () => {
  const cwd = await repository({
    'wrapkeeper.yaml': settings('policies: [common, prod]'),
    'common/a.yaml': BILLING,
    'prod/b.yaml': BROKEN.replace('billing', 'other'),
  });
  for (const args of [
    ['-C', `${cwd}/prod`],
    ['-C', cwd],
  ]) {
    const { exit, stdout } = await run([...args, 'validate']);
    expect(exit).toBe(6);
    expect(stdout).toMatch(/^prod\/b\.yaml:10:13 /);
  }
});

test('--config names other settings', async () => {
  const cwd = await repository({
    'policies/a.yaml': BROKEN,
    'orgs/prod.yaml': settings('policies: [prod]'),
    'prod/b.yaml': BILLING,
  });
  const { exit, stdout } = await run(['--config', 'orgs/prod.yaml', 'validate'], { cwd });
  expect({ exit, stdout }).toEqual({ exit: 0, stdout: 'Valid: 2 documents in 2 files.\n' });
});

test('annotations and SARIF name files from the top of the git repository', async () => {
  const cwd = await repository({
    '.git/HEAD': '',
    'tools/genesys/wrapkeeper.yaml': settings(),
    'tools/genesys/policies/a.yaml': BROKEN,
  });
  const validate = (format: string) =>
    run(['-C', 'tools/genesys', 'validate', '--format', format], { cwd });
  const [github, sarif, text] = await Promise.all(['github', 'sarif', 'text'].map(validate));
  expect(github?.stdout).toMatch(/^::error file=tools\/genesys\/policies\/a\.yaml,/);
  expect(sarif?.stdout).toContain('"tools/genesys/policies/a.yaml"');
  expect(text?.stdout).toMatch(/^policies\/a\.yaml:10:13 /);
});

test('settings under a name that is not read are no settings, and an error', async () => {
  const cwd = await repository({
    'wrapkeeper.yml': settings('organization: { id: 8f1c0000-0000-4000-8000-000000000000 }'),
    'policies/a.yaml': BILLING,
  });
  const { exit, stdout } = await run(['validate'], { cwd });
  expect(exit).toBe(6);
  expect(stdout).toContain('settings.misnamed');
  expect((await run(['--config', 'wrapkeeper.yml', 'validate'], { cwd })).exit).toBe(0);
});
