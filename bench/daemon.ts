/** Benchmark: what a daemon costs while nothing happens, by the size of the organization. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { DaemonStatus, PassStatus } from '../src/daemon/status.js';
import { withFolder, WRAPKEEPER } from './run.js';
import { duration, whole } from './section.js';
import type { Section } from './section.js';
import { AS_IT_IS, repositoryOf, seedOf, withSimulator } from './simulator.js';
import type { SimulatorProcess } from './simulator.js';

const SIZES = [100, 5_000];
const LIMITS = { requestsPerMinute: 1_000_000, concurrency: 8 };
const QUIET_PASSES = 5;

interface Measured {
  readonly first: PassStatus;
  /** The dearest of some. */
  readonly quiet: { readonly requests: number; readonly ms: number };
  /** Resident, at the end; null where the system does not tell. */
  readonly megabytes: number | null;
}

/** A daemon over organizations of two sizes, where the audit log answers at once, and where it has to be waited for. */
export const benchDaemon = async (): Promise<Section> => {
  const rows: string[][] = [];
  const dearest = { realtime: 0, asynchronous: 0 };
  for (const queues of SIZES) {
    for (const kind of ['realtime', 'asynchronous'] as const) {
      const { first, quiet, megabytes } = await measure(queues, kind === 'realtime');
      dearest[kind] = Math.max(dearest[kind], quiet.requests);
      rows.push([
        whole(queues),
        kind,
        whole(first.requests.sent),
        whole(quiet.requests),
        duration(quiet.ms),
        megabytes === null ? '' : `${megabytes} MB`,
      ]);
    }
  }
  return {
    title: 'The daemon',
    text: `All queues are governed, with their codes, and nothing is to be done. The first pass reads everything; a quiet one asks the audit log what changed (the dearest of ${QUIET_PASSES}, whether the log answers in realtime or by queries that are polled). Memory is what the process has then.`,
    columns: [
      'queues',
      'audit log',
      'first pass: requests',
      'a quiet pass: requests',
      'it takes',
      'memory',
    ],
    rows,
    targets: [
      {
        what: 'a quiet pass of the daemon, in realtime',
        measured: dearest.realtime,
        limit: 8,
        unit: 'requests',
      },
      {
        what: 'a quiet pass of the daemon, with queries',
        measured: dearest.asynchronous,
        limit: 20,
        unit: 'requests',
      },
    ],
  };
};

const measure = (queues: number, realtime: boolean): Promise<Measured> =>
  withSimulator(
    { seed: seedOf(queues), limits: { perToken: null, perClient: null }, audits: { realtime } },
    (simulator) =>
      withFolder(repositoryOf(AS_IT_IS, LIMITS), async (cwd) => {
        const daemon = spawn(
          process.execPath,
          [WRAPKEEPER, 'daemon', '--listen', '127.0.0.1:0', '--interval', '1s'],
          { cwd, env: environmentOf(simulator), stdio: ['ignore', 'ignore', 'pipe'] },
        );
        const ended = once(daemon, 'exit');
        try {
          const url = await urlOf(daemon);
          const passes = await passesOf(url, 2 + QUIET_PASSES);
          const [first, , ...quiet] = passes;
          if (first === undefined) throw new Error('there was no pass');
          return {
            first,
            quiet: {
              requests: Math.max(...quiet.map(({ requests }) => requests.sent)),
              ms: Math.max(
                ...quiet.map((pass) => Date.parse(pass.endedAt) - Date.parse(pass.startedAt)),
              ),
            },
            megabytes: await residentMegabytes(daemon.pid),
          };
        } finally {
          daemon.kill('SIGTERM');
          await ended;
        }
      }),
  );

const environmentOf = (simulator: SimulatorProcess): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'] ?? '',
  HOME: tmpdir(),
  GENESYSCLOUD_OAUTHCLIENT_ID: simulator.clientId,
  GENESYSCLOUD_OAUTHCLIENT_SECRET: simulator.clientSecret,
  GENESYSCLOUD_GATEWAY_PROTOCOL: 'http',
  GENESYSCLOUD_GATEWAY_HOST: simulator.host,
  GENESYSCLOUD_GATEWAY_PORT: String(simulator.port),
});

/** Where it listens, as it logs. */
const urlOf = (daemon: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let printed = '';
    daemon.stderr?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const [, url] = /listening on (http:[^"]+)/.exec(printed) ?? [];
      if (url !== undefined) resolve(url);
    });
    daemon.once('exit', () => reject(new Error(`the daemon ended: ${printed}`)));
  });

/** So many passes, one after the other. */
const passesOf = async (url: string, count: number): Promise<readonly PassStatus[]> => {
  const passes = new Map<string, PassStatus>();
  while (passes.size < count) {
    const { lastPass } = (await (await fetch(`${url}/api/status`)).json()) as DaemonStatus;
    if (lastPass !== null) passes.set(lastPass.run, lastPass);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return [...passes.values()];
};

const residentMegabytes = async (pid: number | undefined): Promise<number | null> => {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8').catch(() => '');
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(status) ?? [];
  return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024);
};
