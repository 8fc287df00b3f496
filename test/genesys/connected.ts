import { onTestFinished } from 'vitest';
import type { Clock } from '../../src/domain/clock.js';
import { Secret } from '../../src/domain/secret.js';
import { connect } from '../../src/genesys/client.js';
import type { ConnectOptions, GenesysConnection } from '../../src/genesys/client.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import type { SimulatorOptions } from '../../src/simulator/options.js';
import { FakeClock } from '../support/fake-clock.js';

export interface Connected extends GenesysConnection {
  readonly simulator: Simulator;
  /** Both sides live by it. */
  readonly clock: FakeClock;
}

/** How to reach a simulator as its first client. */
export const towards = (
  simulator: Pick<Simulator, 'clientId' | 'clientSecret' | 'host' | 'port'>,
  clock: Clock,
): ConnectOptions => ({
  credentials: {
    clientId: simulator.clientId,
    clientSecret: new Secret(simulator.clientSecret),
  },
  gateway: { host: simulator.host, port: simulator.port, protocol: 'http' },
  limits: { requestsPerMinute: 300, concurrency: 8 },
  clock,
  random: () => 0.5,
  environment: {},
});

/** A simulator for this test alone, on a clock that only sleeping moves. */
export const simulate = async (
  options: SimulatorOptions = {},
): Promise<{ simulator: Simulator; clock: FakeClock }> => {
  const clock = new FakeClock();
  const simulator = await startSimulator({ clock, ...options });
  onTestFinished(() => simulator.close());
  return { simulator, clock };
};

/** A connection to a simulator of its own. */
export const connected = async (
  options: SimulatorOptions = {},
  more: Partial<ConnectOptions> = {},
): Promise<Connected> => {
  const { simulator, clock } = await simulate(options);
  const connection = await connect({ ...towards(simulator, clock), ...more });
  onTestFinished(() => connection.close());
  return { ...connection, simulator, clock };
};
