import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { printed, repository, run, start } from './cli.js';
import { BILLING, settings } from './policies.js';

/** The variables of `export NAME=value` lines. */
const exported = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );

test('its output can be pasted into a shell, and leads every command there', async () => {
  const running = start(['simulator', '--queues', '12']);
  await printed(running, 'stdout', 'wrapkeeper plan');
  const { stdout } = running.output;
  expect(stdout).toContain('12 queues');
  for (const line of stdout.trimEnd().split('\n'))
    expect(line).toMatch(/^(?:# .*|export \w+=[\w.-]+)$/);

  const cwd = await repository({ 'policies/billing.yaml': BILLING.replace('remove', 'keep') });
  const plan = await run(['plan', '--format', 'json'], { cwd, env: exported(stdout) });
  expect(plan).toMatchObject({ exit: 0, stderr: '' });
  expect(JSON.parse(plan.stdout)).toHaveProperty('kind', 'Plan');

  running.child.kill('SIGINT');
  expect(await running.result).toMatchObject({ exit: 130, stderr: '' });
});

test('as JSON, from a seed, with a rate limit', async () => {
  const cwd = await repository({
    'org.json': JSON.stringify({
      organization: { name: 'From a file' },
      codes: ['Resolved', 'Escalated', 'Call back'],
      queues: [{ name: 'Billing EN', codes: ['Resolved'] }],
    }),
    'policies/billing.yaml': BILLING,
  });
  const options = ['--seed', 'org.json', '--requests-per-minute', '50', '--latency', '1'];
  const running = start(['simulator', '--format', 'json', ...options], { cwd });
  await printed(running, 'stdout', '\n}\n');
  const simulator = JSON.parse(running.output.stdout) as { environment: Record<string, string> };
  expect(simulator).toMatchObject({
    kind: 'Simulator',
    formatVersion: '1.0',
    organization: { name: 'From a file' },
    queues: 1,
  });
  const plan = await run(['plan'], { cwd, env: simulator.environment });
  expect(plan.stdout).toContain('From a file');
  running.child.kill('SIGTERM');
  expect((await running.result).exit).toBe(143);
});

test('as the gateway of another contract', async () => {
  const cwd = await repository({
    'policies/billing.yaml': BILLING.replace('remove', 'keep'),
    'wrapkeeper.yaml': settings('api: wrapupcodes-put'),
  });
  const running = start(['simulator', '--api', 'wrapupcodes-put', '--queues', '12']);
  await printed(running, 'stdout', 'wrapkeeper plan');
  const plan = await run(['plan'], { cwd, env: exported(running.output.stdout) });
  expect(plan).toMatchObject({ exit: 0, stderr: '' });
  expect(plan.stdout).toContain('through wrapupcodes-put');
  running.child.kill('SIGINT');
  await running.result;
});

test('a port in use', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { exit, stdout, stderr } = await run(['simulator', '--port', String(port)]);
  server.close();
  expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
  expect(stderr).toContain(`Port ${port} is in use.`);
});

test.each([
  ['no file', {}, 'ENOENT'],
  ['no JSON', { 'org.json': '{' }, 'org.json'],
  ['an unknown key', { 'org.json': '{ "queue": [] }' }, 'queue'],
  [
    'a code that it does not have',
    { 'org.json': '{ "queues": [{ "name": "Q", "codes": ["Nope"] }] }' },
    'Nope',
  ],
])('a seed that is %s', async (_, files, message) => {
  const cwd = await repository(files);
  const { exit, stdout, stderr } = await run(['simulator', '--seed', 'org.json'], { cwd });
  expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/\n\s+at /);
});
