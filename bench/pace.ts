/** Benchmark: how close plan and apply come to what latency, or the rate limit, allows at best. */
import { performance } from 'node:perf_hooks';
import { Pool } from 'undici';
import {
  AS_IT_IS,
  NEW_CODE,
  repositoryOf,
  runCommand,
  seedOf,
  withSimulator,
} from './simulator.js';
import type { SimulatorProcess, Wish } from './simulator.js';
import { duration, ratio, whole } from './section.js';
import type { Section, Target } from './section.js';

const CONCURRENCY = 8;
/**
 * Targets are held where a plan is busy for ten seconds, so that its start does not tip the scale; the last
 * row shows what it weighs in a small organization.
 */
const LATENCIES = [
  { latencyMs: 0, queues: 4_000, sample: 4_000, hasTarget: false },
  { latencyMs: 20, queues: 4_000, sample: 1_600, hasTarget: true },
  { latencyMs: 100, queues: 800, sample: 320, hasTarget: true },
  { latencyMs: 100, queues: 100, sample: 320, hasTarget: false },
] as const;
const NO_LIMIT = 1_000_000;
/** A code more on every fourth queue. */
const ONE_MORE: Wish = { ...AS_IT_IS, billing: [NEW_CODE] };

interface Paced {
  readonly row: readonly string[];
  readonly targets: readonly Target[];
}

/** Nothing but latency in the way. */
export const benchLatency = async (): Promise<Section> => {
  const paced: Paced[] = [];
  for (const latency of LATENCIES) paced.push(...(await underLatency(latency)));
  return {
    title: 'Latency',
    text: `\`plan\`, and \`apply\` of a code more on every fourth queue, at ${CONCURRENCY} requests at once, against a simulator in a process of its own that lets every answer wait. The bound is requests × latency / concurrency, and the ratio is against it. It allows the simulator no time to answer in: how long as many requests take a bare HTTP client that does nothing with the answers stands beside it (measured over some of them), and in its place where there is no latency. The time is that of the whole command, once, with the start of Node and of the vendor's SDK; the smaller an organization, the more these weigh.`,
    columns: ['command', 'queues', 'latency', 'requests', 'bound', 'bare client', 'took', 'ratio'],
    rows: paced.map(({ row }) => row),
    targets: paced.flatMap(({ targets }) => targets),
  };
};

const underLatency = async ({
  latencyMs,
  queues,
  sample,
  hasTarget,
}: (typeof LATENCIES)[number]): Promise<readonly Paced[]> => {
  const options = {
    seed: seedOf(queues),
    limits: { perToken: null, perClient: null },
    ...(latencyMs === 0 ? {} : { latencyMs }),
  };
  const files = repositoryOf(ONE_MORE, {
    requestsPerMinute: NO_LIMIT,
    concurrency: CONCURRENCY,
  });
  return withSimulator(options, async (simulator) => {
    const bareMs = (await bareClientMs(simulator, sample)) / sample;
    const paced: Paced[] = [];
    for (const command of ['plan', 'apply'] as const) {
      const { ms, total } = await runCommand(command, files, simulator);
      const boundMs = (total * latencyMs) / CONCURRENCY;
      const measured = ms / (latencyMs === 0 ? total * bareMs : boundMs);
      const what = `\`${command}\` at ${latencyMs} ms against the bound`;
      paced.push({
        row: [
          command,
          whole(queues),
          `${latencyMs} ms`,
          whole(total),
          latencyMs === 0 ? '–' : duration(boundMs),
          duration(total * bareMs),
          duration(ms),
          ratio(measured),
        ],
        targets: hasTarget ? [{ what, measured, limit: 1.3, unit: '×' }] : [],
      });
    }
    return paced;
  });
};

/** How long so many reads take a client that knows no limits, no retries and no JSON. */
const bareClientMs = async (simulator: SimulatorProcess, requests: number): Promise<number> => {
  const { host, port, clientId, clientSecret } = simulator;
  const pool = new Pool(`http://${host}:${port}`, { connections: CONCURRENCY });
  const login = await pool.request({
    method: 'POST',
    path: '/oauth/token',
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  });
  const { access_token: token } = (await login.body.json()) as { readonly access_token: string };
  const get = async (path: string): Promise<string> => {
    const { body } = await pool.request({
      method: 'GET',
      path,
      headers: { authorization: `Bearer ${token}` },
    });
    return body.text();
  };
  const { entities } = JSON.parse(await get('/api/v2/routing/queues?pageSize=500')) as {
    readonly entities: readonly { readonly id: string }[];
  };
  const startedAt = performance.now();
  let sent = 0;
  const worker = async (): Promise<void> => {
    for (let at = sent++; at < requests; at = sent++)
      await get(`/api/v2/routing/queues/${entities[at % entities.length]?.id ?? ''}/wrapupcodes`);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const ms = performance.now() - startedAt;
  await pool.close();
  return ms;
};

/** A token's default limit, and a larger one. */
const LIMITED = [
  { command: 'apply', requestsPerMinute: 300, queues: 300, wish: ONE_MORE },
  { command: 'plan', requestsPerMinute: 1_000, queues: 1_495, wish: AS_IT_IS },
] as const;

/** Nothing but the rate limit in the way. The runs wait nearly all the time, and so they run at once. */
export const benchRateLimit = async (): Promise<Section> => {
  const paced = await Promise.all(LIMITED.map(underLimit));
  return {
    title: 'The rate limit',
    text: `Runs with more requests than one minute allows, with the same limit on both sides. The first minute's requests may go at once; every further one has to wait until 60 s after the one whose place it takes, so that n requests take at least 60 s × (⌈n / limit⌉ − 1). An \`apply\` that had to wait reads again what it read more than 60 s before; that is in the count. Both runs ran at the same time. *Most in 60 s* is what the simulator counted on arrival.`,
    columns: ['command', 'limit', 'requests', 'most in 60 s', 'refused', 'bound', 'took', 'ratio'],
    rows: paced.map(({ row }) => row),
    targets: paced.flatMap(({ targets }) => targets),
  };
};

const underLimit = async ({
  command,
  requestsPerMinute,
  queues,
  wish,
}: (typeof LIMITED)[number]): Promise<Paced> =>
  withSimulator(
    { seed: seedOf(queues), limits: { perToken: requestsPerMinute } },
    async (simulator) => {
      const files = repositoryOf(wish, { requestsPerMinute, concurrency: CONCURRENCY });
      const { ms, total, peakPerMinute, refused } = await runCommand(command, files, simulator);
      const boundMs = 60_000 * (Math.ceil(total / requestsPerMinute) - 1);
      return {
        row: [
          command,
          `${whole(requestsPerMinute)} a minute`,
          whole(total),
          whole(peakPerMinute),
          whole(refused),
          duration(boundMs),
          duration(ms),
          ratio(ms / boundMs),
        ],
        targets: [
          {
            what: `\`${command}\` at ${whole(requestsPerMinute)} requests a minute against the bound`,
            measured: ms / boundMs,
            limit: 1.03,
            unit: '×',
          },
        ],
      };
    },
  );
