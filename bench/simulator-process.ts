/** A simulator in a process of its own, so that it takes nothing from the one that is measured. */
import { once } from 'node:events';
import type { SimulatorOptions } from '../src/simulator/options.js';
import { startSimulator } from '../src/simulator/simulator.js';

/** What the process says once it listens. */
export interface Listening {
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What was asked since the last answer, as the simulator's log counts it. */
export interface Asked {
  /** By method and path of the contract. */
  readonly counts: Readonly<Record<string, number>>;
  /** Requests to the API, token requests left out. */
  readonly total: number;
  /** The most of them that fell into any 60 s. */
  readonly peakPerMinute: number;
  /** Answered with 429. */
  readonly refused: number;
}

const [options] = (await once(process, 'message')) as [SimulatorOptions];
const simulator = await startSimulator(options);
const { host, port, clientId, clientSecret, requests } = simulator;
process.send?.({ host, port, clientId, clientSecret } satisfies Listening);
process.on('message', () => {
  process.send?.({
    counts: requests.counts(),
    total: requests.total(),
    peakPerMinute: requests.peak(60_000),
    refused: requests.all().filter(({ status }) => status === 429).length,
  } satisfies Asked);
  requests.clear();
});
process.once('disconnect', () => void simulator.close());
