/** `wrapkeeper simulator`: a Genesys Cloud of one's own, until it is stopped. */
import { once } from 'node:events';
import { resolve } from 'node:path';
import { PLAN_FORMAT } from '../domain/change.js';
import { EXIT } from '../domain/codes.js';
import type { ExitCode } from '../domain/codes.js';
import { AppError } from '../domain/errors.js';
import { renderJson } from '../report/json.js';
import { visible } from '../report/visible.js';
import { count } from '../report/words.js';
import type { SimulatorOptions as StartOptions } from '../simulator/options.js';
import { readSeed } from '../simulator/seed.js';
import type { SimulatorSeed } from '../simulator/seed.js';
import { startSimulator } from '../simulator/simulator.js';
import type { Simulator } from '../simulator/simulator.js';
import { DEMO_SEED } from './demo-org.js';
import type { Session } from './session.js';

export interface SimulatorOptions {
  readonly port: number;
  readonly queues?: number;
  readonly seed?: string;
  readonly api: NonNullable<StartOptions['api']>;
  readonly latency?: number;
  readonly requestsPerMinute?: number;
}

export const runSimulator = async (
  session: Session,
  options: SimulatorOptions,
): Promise<ExitCode> => {
  const { io, screen, format } = session;
  const simulator = await start(session, options);
  try {
    await screen.print(format === 'json' ? renderJson(describe(simulator)) : usage(simulator));
    if (!io.signal.aborted) await once(io.signal, 'abort');
  } finally {
    await simulator.close();
  }
  return EXIT.done;
};

const start = async (session: Session, options: SimulatorOptions): Promise<Simulator> => {
  const { port, api, queues, seed: file, latency, requestsPerMinute } = options;
  try {
    return await startSimulator({
      port,
      api,
      ...(queues === undefined ? { seed: await seedOf(session, file) } : { size: { queues } }),
      ...(latency === undefined ? {} : { latencyMs: latency }),
      ...(requestsPerMinute === undefined ? {} : { limits: { perToken: requestsPerMinute } }),
    });
  } catch (error) {
    throw startFailure(error, options);
  }
};

/** Without a file, the organization that the sample policies are about: `wrapkeeper plan` works at once. */
const seedOf = async (session: Session, file: string | undefined): Promise<SimulatorSeed> =>
  file === undefined ? DEMO_SEED : readSeed(resolve(session.folder, file));

/** A port or a seed that cannot be used is somebody's input; anything else is a bug. */
const startFailure = (error: unknown, { port, seed }: SimulatorOptions): unknown => {
  if (!(error instanceof Error)) return error;
  const code = 'code' in error ? error.code : null;
  if (code === 'EADDRINUSE' || code === 'EACCES') {
    const why = code === 'EACCES' ? 'may not be used' : 'is in use';
    return new AppError('cli.usage', `Port ${port} ${why}.`, {
      remedy: 'Choose another --port, or leave it out: any free one is taken.',
      cause: error,
    });
  }
  if (seed === undefined) return error;
  return new AppError('cli.usage', `--seed ${seed}: ${error.message}`, {
    remedy: 'Name a JSON file with an organization; docs/simulator.md has an example.',
    cause: error,
  });
};

/** Variables that lead this tool, and the vendor's own, to the simulator. */
export const environmentOf = ({ clientId, clientSecret, host, port }: Simulator) => ({
  GENESYSCLOUD_OAUTHCLIENT_ID: clientId,
  GENESYSCLOUD_OAUTHCLIENT_SECRET: clientSecret,
  GENESYSCLOUD_GATEWAY_PROTOCOL: 'http',
  GENESYSCLOUD_GATEWAY_HOST: host,
  GENESYSCLOUD_GATEWAY_PORT: String(port),
});

const describe = (simulator: Simulator) => ({
  kind: 'Simulator',
  formatVersion: PLAN_FORMAT,
  url: simulator.url,
  organization: {
    id: simulator.state.organization.id,
    name: simulator.state.organization.name,
  },
  queues: simulator.state.queueNames().length,
  environment: environmentOf(simulator),
});

/** The whole text can be pasted into a shell. */
const usage = (simulator: Simulator): string => {
  const { url, state } = simulator;
  const name = visible(state.organization.name ?? '');
  return [
    `# ${name}, ${count(state.queueNames().length, 'queue')}, answers at ${url}`,
    '# until Ctrl-C stops it. Paste this into another terminal:',
    ...Object.entries(environmentOf(simulator)).map(([key, value]) => `export ${key}=${value}`),
    '# Then try: wrapkeeper plan',
    '',
  ].join('\n');
};
