/**
 * SIGKILL at every point between the first intent of a run and its last delivery, and a run after it: every
 * change that reached the API has an event that arrived, none claims more than is known, and the journal holds.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { verifyJournal } from '../../src/journal/verify.js';
import { startReceiver } from '../webhooks/receiver.js';
import type { Receiver } from '../webhooks/receiver.js';
import { environmentFor, repository, run } from './cli.js';
import type { Result } from './cli.js';
import { settings } from './policies.js';

const POINTS = new URL('kill-points.mjs', import.meta.url).href;
const SECRET = `whsec_${Buffer.from('a secret for the kill test').toString('base64')}`;
/** At a time: each is a process. */
const AT_ONCE = 2;

const POLICIES = `apiVersion: wrapkeeper/v1
kind: WrapupCodeCatalog
metadata: { name: catalog }
spec: { create: true, codes: [{ name: New }] }
---
apiVersion: wrapkeeper/v1
kind: QueuePolicy
metadata: { name: billing }
spec:
  queues: { include: [{ name: Billing }] }
  afterCallWork: { prompt: MANDATORY_TIMEOUT, timeout: 45s }
  wrapupCodes: { unlisted: remove, codes: [New] }
---
apiVersion: wrapkeeper/v1
kind: QueuePolicy
metadata: { name: support }
spec:
  queues: { include: [{ name: Support }] }
  wrapupCodes: { unlisted: keep, codes: [Resolved] }
`;

interface World {
  readonly simulator: Simulator;
  readonly receiver: Receiver;
  readonly cwd: string;
  readonly apply: (env?: Readonly<Record<string, string>>) => Promise<Result>;
  readonly close: () => Promise<void>;
}

const world = async (): Promise<World> => {
  const simulator = await startSimulator({
    seed: {
      codes: ['Resolved', 'Old'],
      queues: [
        { name: 'Billing', codes: ['Old'], acwSettings: { wrapupPrompt: 'OPTIONAL' } },
        { name: 'Support', codes: ['Old'] },
      ],
    },
  });
  const receiver = await startReceiver();
  const cwd = await repository({
    'policies/all.yaml': POLICIES,
    'wrapkeeper.yaml': settings(
      'settleFor: 20ms',
      'webhooks:',
      `  - { name: reporting, url: "${receiver.url}", secrets: [{ env: HOOK }], allowPrivateNetwork: true }`,
    ),
  });
  return {
    simulator,
    receiver,
    cwd,
    apply: (env = {}) =>
      run(['apply', '--auto-approve', '--format', 'json'], {
        cwd,
        env: { ...environmentFor(simulator), HOOK: SECRET, ...env },
        nodeOptions: 'KILL_AT' in env || 'KILL_COUNT' in env ? ['--import', POINTS] : [],
      }),
    close: async () => {
      await receiver.close();
      await simulator.close();
    },
  };
};

interface Event {
  readonly id: string;
  readonly type: string;
  readonly data: {
    readonly queue_id?: string;
    readonly code_name?: string;
    readonly compliance_met?: boolean;
    readonly sequence?: number;
  };
}

/** What arrived, each event once; every body is signed. */
const eventsOf = ({ received }: Receiver): readonly Event[] => {
  const verifier = new Webhook(SECRET);
  const events = received.map(({ body, headers }) => {
    const event = verifier.verify(body, headers as Record<string, string>) as Event;
    expect(headers['webhook-id']).toBe(event.id);
    return event;
  });
  return [...new Map(events.map((event) => [event.id, event])).values()];
};

/** Queues and codes that changed, as the simulator knows. */
const changed = ({ simulator }: World): ReadonlySet<string> =>
  new Set(
    simulator.requests.effective().map(({ path, requestBody }) => {
      const [, queue] = /\/queues\/([^/]+)/.exec(path) ?? [];
      return queue ?? (requestBody as { readonly name: string }).name;
    }),
  );

const seqOf = ({ data }: Event): number => data.sequence ?? 0;

test(
  'everything that was changed is told, wherever the run is killed',
  { timeout: 900_000 },
  async () => {
    const calm = await world();
    const counted = join(calm.cwd, 'points');
    const { exit, stderr } = await calm.apply({ KILL_COUNT: counted });
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const points = Number(await readFile(counted, 'utf8'));
    const all = changed(calm);
    expect(all.size).toBe(3);
    expect(points).toBeGreaterThan(50);
    await calm.close();

    const at = async (point: number): Promise<void> => {
      const here = await world();
      try {
        const killed = await here.apply({ KILL_AT: String(point) });
        expect({ point, exit: killed.exit }).toEqual({ point, exit: 'SIGKILL' });
        const before = changed(here);
        const next = await here.apply();
        expect({ point, exit: next.exit, out: next.exit === 0 ? '' : next.stdout }).toEqual({
          point,
          exit: 0,
          out: '',
        });
        expect(changed(here)).toEqual(all);
        const journal = await verifyJournal(join(here.cwd, '.wrapkeeper'));
        expect({ point, broken: journal.broken, torn: journal.tornBytes }).toEqual({
          point,
          broken: null,
          torn: 0,
        });

        const events = eventsOf(here.receiver);
        const about = new Map<string, Event[]>();
        for (const event of events) {
          const key = event.data.queue_id ?? event.data.code_name ?? 'run';
          about.set(key, [...(about.get(key) ?? []), event]);
        }
        for (const key of all) {
          const told = about.get(key) ?? [];
          expect({ point, key, told: told.map(({ type }) => type) }).toMatchObject({
            told: expect.arrayContaining([
              key === 'New' ? 'wrapkeeper.code.created' : 'wrapkeeper.queue.corrected',
            ]) as unknown,
          });
          // In order, without a gap and without a double.
          const sequences = told.filter(({ data }) => data.queue_id !== undefined).map(seqOf);
          expect({ point, key, sequences }).toEqual({
            point,
            key,
            sequences: sequences.map((_, index) => index + 1),
          });
        }
        // A code that the first run did not create is created once, and told once.
        expect(about.get('New')?.length, `point ${point}`).toBe(1);
        // Nothing is told of what did not happen.
        for (const key of about.keys()) if (key !== 'run') expect(all.has(key)).toBe(true);
        for (const key of before) expect(about.has(key), `point ${point}: ${key}`).toBe(true);
      } finally {
        await here.close();
      }
    };
    const left = Array.from({ length: points }, (_, index) => index + 1);
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let point = left.shift(); point !== undefined; point = left.shift()) await at(point);
      }),
    );
  },
);
