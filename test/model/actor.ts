/** The client of one run: what it connects with, how it is killed, and the real time that it lives by. */
import { vi } from 'vitest';
import type { RunJournal } from '../../src/apply/ports.js';
import type { Clock } from '../../src/domain/clock.js';
import { Secret } from '../../src/domain/secret.js';
import { connect } from '../../src/genesys/client.js';
import type { GenesysConnection } from '../../src/genesys/client.js';
import { seededRandom } from '../../src/simulator/random.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { AUDITS_MS, TIMEOUT_MS } from './script.js';
import type { Script } from './script.js';
import type { Ending } from './trace.js';

/** Timers of exactly the client's time-outs follow the clock; all others are none of ours. */
export const followClock = (clock: Clock): (() => void) => {
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  vi.stubGlobal(
    'setTimeout',
    (callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
      if (ms !== TIMEOUT_MS && ms !== AUDITS_MS) return set(callback, ms, ...args);
      const stop = new AbortController();
      const ring = async (): Promise<void> => {
        await clock.sleep(ms, stop.signal);
        if (!stop.signal.aborted) callback(...args);
      };
      void ring();
      return stop;
    },
  );
  vi.stubGlobal('clearTimeout', (timer: AbortController | NodeJS.Timeout | undefined) => {
    if (timer instanceof AbortController) timer.abort();
    else clear(timer);
  });
  return () => void vi.unstubAllGlobals();
};

/** The OAuth client of a run. */
export const clientOf = (run: number): { readonly id: string; readonly secret: string } => ({
  id: `run-${run}`,
  secret: 'secret',
});

/** A run of the client, from its start to its end or its death. */
export interface Actor {
  readonly index: number;
  readonly connection: GenesysConnection;
  readonly clock: Clock;
  readonly stop: AbortController;
  /** SIGKILL: its connections are gone, and it does nothing any more. */
  readonly kill: () => void;
  readonly killed: Promise<Ending>;
  /** A journal in which the dead write nothing. */
  readonly mortal: (journal: RunJournal) => RunJournal;
}

/** Connects the client of a run; until it is killed it lives by the clock of all. */
export const enter = async (
  index: number,
  limits: Script['limits'],
  simulator: Simulator,
  shared: Clock,
): Promise<Actor> => {
  let isDead = false;
  let die: (ending: Ending) => void = () => undefined;
  const killed = new Promise<Ending>((resolve) => (die = resolve));
  const forever = new Promise<never>(() => undefined);
  const clock: Clock = {
    now: () => shared.now(),
    sleep: async (ms, signal) => {
      await (isDead ? forever : shared.sleep(ms, signal));
      if (isDead) await forever;
    },
  };
  const { id, secret } = clientOf(index);
  const connection = await connect({
    credentials: { clientId: id, clientSecret: new Secret(secret) },
    gateway: { host: simulator.host, port: simulator.port, protocol: 'http' },
    limits,
    clock,
    random: seededRandom(index),
    environment: {},
    timeoutMs: TIMEOUT_MS,
  });
  const kill = (): void => {
    isDead = true;
    void connection.close();
    die({ kind: 'killed' });
  };
  const mortal = (journal: RunJournal): RunJournal => ({
    wantsAllIntents: journal.wantsAllIntents,
    organizationId: journal.organizationId,
    get head() {
      return journal.head;
    },
    openIntents: journal.openIntents,
    doubts: journal.doubts,
    queue: (queue) => journal.queue(queue),
    append: (entries) => (isDead ? forever : journal.append(entries)),
    publish: () => (isDead ? forever : journal.publish()),
  });
  return { index, connection, clock, stop: new AbortController(), kill, killed, mortal };
};
