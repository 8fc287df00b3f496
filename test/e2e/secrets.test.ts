/** A secret or token appears nowhere, whatever happens and however much is logged. */
import { afterEach, expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentFor, repository, run } from './cli.js';
import { BILLING } from './policies.js';

const SECRET = 'canary-secret-5e1c8b';
const ID = 'client-of-the-canary';

let simulator: Simulator;
afterEach(() => simulator.close());

test.each<[string, (org: Simulator) => void]>([
  ['when all goes well', () => undefined],
  [
    'when the login is refused',
    (org) =>
      void org.faults.add({
        match: { path: '/oauth/token' },
        effect: { kind: 'error', status: 400 },
      }),
  ],
  ['when a proxy answers', (org) => void org.faults.add({ effect: { kind: 'html' } })],
  [
    'when connections are cut',
    (org) => void org.faults.add({ match: { method: 'POST' }, times: 3, effect: { kind: 'cut' } }),
  ],
  [
    'when the platform fails',
    (org) =>
      void org.faults.add({ match: { method: 'PUT' }, effect: { kind: 'error', status: 500 } }),
  ],
])('%s', async (_, prepare) => {
  simulator = await startSimulator({
    clients: [{ id: ID, secret: SECRET }],
    seed: {
      codes: ['Resolved', 'Escalated', 'Call back'],
      queues: [{ name: 'Billing EN', codes: ['Resolved'] }],
    },
  });
  const token = simulator.issueToken();
  prepare(simulator);
  const cwd = await repository({
    'policies/billing.yaml': BILLING,
    'wrapkeeper.yaml': 'apiVersion: wrapkeeper/v1\nkind: Settings\nsettleFor: 1s\n',
  });
  const client = environmentFor(simulator);
  const debug = (...args: readonly string[]): readonly string[] => [
    ...args,
    '--log-level',
    'debug',
  ];
  const results = await Promise.all([
    run(debug('apply', '--auto-approve'), { cwd, env: client }),
    run(debug('plan', '--format', 'json'), {
      cwd,
      env: { ...client, GENESYSCLOUD_ACCESS_TOKEN: token },
    }),
    run(debug('plan'), {
      cwd,
      env: { ...client, GENESYSCLOUD_OAUTHCLIENT_SECRET: `${SECRET}-wrong` },
    }),
  ]);
  const everything = results.map(({ stdout, stderr }) => stdout + stderr).join('\n');
  // Of every request there is a line, so that a header in it would be seen.
  expect(everything).toContain('"level":"');
  for (const secret of [SECRET, token, Buffer.from(`${ID}:${SECRET}`).toString('base64')])
    expect(everything).not.toContain(secret);
});
