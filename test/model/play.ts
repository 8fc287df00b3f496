/**
 * Plays a script: the real pass, with the real SDK, over real HTTP, against the simulator. Client and
 * simulator live by one clock, which stands still while anything is under way and jumps when everybody
 * sleeps; the client's own time-out, which is one of real time, is made to follow it.
 */
import { vi } from 'vitest';
import type { QueueId } from '../../src/domain/ids.js';
import type { Clock } from '../../src/domain/clock.js';
import { Secret } from '../../src/domain/secret.js';
import { connect } from '../../src/genesys/client.js';
import type { GenesysConnection } from '../../src/genesys/client.js';
import { reconcile } from '../../src/reconcile.js';
import type { Admin } from '../../src/simulator/admin.js';
import type { FaultEffect, FaultRequest, FaultRule } from '../../src/simulator/faults.js';
import { seededRandom } from '../../src/simulator/random.js';
import type { LoggedRequest } from '../../src/simulator/request-log.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { VirtualClock } from '../genesys/virtual-clock.js';
import { NOW } from '../support/fake-clock.js';
import { settings } from '../support/policy-set.js';
import { changedQueues, makeEdit, orgState, queueOf } from './org-state.js';
import { SETTLE_FOR_MS, TIMEOUT_MS } from './script.js';
import type { Edit, Fault, HostileRun, Script, Trouble } from './script.js';
import { endpointOf, idsIn, WRITES } from './trace.js';
import type { Edited, Ending, QueueState, Run, Sent, Trace } from './trace.js';
import { Traffic } from './traffic.js';
import type { Arrival, Moment } from './traffic.js';
import { queueIdOf, simulatorSeed } from './world.js';

/** Longer than anything that a run leaves behind: writes that are late, reads that lag, limits. */
const CALM_AFTER_MS = 120_000;

export const play = async (script: Script): Promise<Trace> => {
  const clock = new VirtualClock(NOW);
  const traffic = new Traffic(clock);
  const showTimers = followClock(clock);
  const { platform } = script;
  const pageCap = platform.pages;
  const simulator = await startSimulator({
    clock: traffic.simulatorClock(),
    seed: simulatorSeed(script.world, platform.staleQueues),
    clients: script.runs.concat(CALM_RUN, CALM_RUN, CALM_RUN).map((_, run) => clientOf(run)),
    assignments: {
      onPresent: platform.onPresent,
      onAbsent: platform.onAbsent,
      movesDateModified: platform.movesDateModified,
    },
    pageCaps: { queues: pageCap, codes: pageCap, queueCodes: pageCap },
    tokenTtlSeconds: platform.tokenTtlSeconds,
    limits: {
      perToken: script.limits.requestsPerMinute,
      queueEndpointsPerOrg: platform.queueRequestsPerOrg,
    },
  });
  traffic.watch(simulator.port);
  try {
    return await new Stage(script, simulator, clock, traffic).play();
  } finally {
    traffic.close();
    showTimers();
    await simulator.close();
  }
};

const clientOf = (run: number): { readonly id: string; readonly secret: string } => ({
  id: `run-${run}`,
  secret: 'secret',
});

const CALM_RUN: HostileRun = { pauseMs: CALM_AFTER_MS, edits: [], troubles: [] };

/** Timers of exactly the client's time-out follow the clock; all others are none of ours. */
const followClock = (clock: Clock): (() => void) => {
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  vi.stubGlobal(
    'setTimeout',
    (callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
      if (ms !== TIMEOUT_MS) return set(callback, ms, ...args);
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

/** A run of the client, from its start to its end or its death. */
interface Actor {
  readonly index: number;
  readonly connection: GenesysConnection;
  readonly clock: Clock;
  readonly stop: AbortController;
  /** SIGKILL: its connections are gone, and it does nothing any more. */
  readonly kill: () => void;
  readonly killed: Promise<Ending>;
}

class Stage {
  readonly #script: Script;
  readonly #simulator: Simulator;
  readonly #clock: VirtualClock;
  readonly #traffic: Traffic;
  readonly #runs: Run[] = [];
  readonly #edits: Edited[] = [];
  readonly #after = new Map<Arrival, QueueState>();
  #editNumber = 0;
  /** The simulator's count of changes, as far as they were seen here. */
  #version = 0;

  constructor(script: Script, simulator: Simulator, clock: VirtualClock, traffic: Traffic) {
    this.#script = script;
    this.#simulator = simulator;
    this.#clock = clock;
    this.#traffic = traffic;
  }

  async play(): Promise<Trace> {
    await this.#run('rehearsal', { ...CALM_RUN, pauseMs: 0 });
    await this.#pass(CALM_AFTER_MS);
    for (const run of this.#script.runs) await this.#run('hostile', run);
    await this.#run('calm', CALM_RUN);
    await this.#run('check', CALM_RUN);
    const logged = new Map(this.#simulator.requests.all().map((entry) => [entry.seq, entry]));
    return {
      script: this.#script,
      runs: this.#runs,
      requests: this.#traffic.arrivals.flatMap((arrival) => {
        const log = logged.get(arrival.seq);
        // Who is killed while it sends has sent nothing that anybody could act on.
        const isWhole = log !== undefined && (log.route !== null || arrival.isAnswered);
        return isWhole ? [this.#sent(arrival, log)] : [];
      }),
      edits: this.#edits,
      codeIds: new Map(
        this.#simulator.state
          .codeNames()
          .map((name) => [name, this.#simulator.state.code(name).id ?? '']),
      ),
    };
  }

  #sent(arrival: Arrival, log: LoggedRequest): Sent {
    return {
      kind: 'request',
      endpoint: endpointOf(log.method, log.route),
      ...idsIn(log.path),
      ...arrival,
      log,
      after: this.#after.get(arrival) ?? null,
    };
  }

  async #run(kind: Run['kind'], { pauseMs, edits, troubles }: HostileRun): Promise<void> {
    await this.#pass(pauseMs);
    const index = this.#runs.length;
    this.#traffic.run = index;
    for (const edit of edits) this.#edit(edit);
    const actor = await this.#connect(index);
    this.#simulator.faults.clear();
    this.#simulator.faults.add(this.#witness());
    for (const trouble of troubles) this.#simulator.faults.add(this.#rule(trouble, actor));

    const before = orgState(this.#simulator);
    const began = this.#traffic.moment();
    const finished = new Map<string, Moment>();
    let planned: Moment | null = null;
    const ending = await this.#clock.until(
      Promise.race([
        actor.killed,
        this.#reconcile(actor, kind, {
          planned: () => (planned = this.#traffic.moment()),
          finished: (queue) => finished.set(queue, this.#traffic.moment()),
        }),
      ]),
      () => this.#traffic.isBusy(),
    );
    await actor.connection.close();
    this.#runs.push({
      index,
      kind,
      began,
      planned,
      finished,
      ended: this.#traffic.moment(),
      wasStopped: actor.stop.signal.aborted,
      ending,
      before,
      after: orgState(this.#simulator),
    });
  }

  async #connect(index: number): Promise<Actor> {
    let isDead = false;
    let die: (ending: Ending) => void = () => undefined;
    const killed = new Promise<Ending>((resolve) => (die = resolve));
    const forever = new Promise<never>(() => undefined);
    const clock: Clock = {
      now: () => this.#clock.now(),
      sleep: async (ms, signal) => {
        await (isDead ? forever : this.#clock.sleep(ms, signal));
        if (isDead) await forever;
      },
    };
    const { id, secret } = clientOf(index);
    const connection = await connect({
      credentials: { clientId: id, clientSecret: new Secret(secret) },
      gateway: { host: this.#simulator.host, port: this.#simulator.port, protocol: 'http' },
      limits: this.#script.limits,
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
    return { index, connection, clock, stop: new AbortController(), kill, killed };
  }

  async #reconcile(
    { connection, clock, stop, index }: Actor,
    kind: Run['kind'],
    told: { readonly planned: () => void; readonly finished: (queue: QueueId) => void },
  ): Promise<Ending> {
    const isApply = kind === 'hostile' || kind === 'calm';
    try {
      const { plan, report } = await reconcile({
        policySet: this.#script.world.set,
        diagnostics: [],
        settings: settings({ limits: this.#script.limits, settleForMs: SETTLE_FOR_MS }),
        region: 'us-east-1',
        source: { commit: null, dirty: false },
        tool: 'wrapkeeper/0.1.0',
        reader: connection.reader,
        clock,
        onUnresolved: 'hold',
        selects: () => true,
        planKey: null,
        ...(isApply && {
          apply: {
            writer: connection.writer,
            saved: null,
            approve: () => {
              told.planned();
              return Promise.resolve(true);
            },
            accept: null,
            ignoreWindows: null,
            run: `run-${index}`,
            signal: stop.signal,
            observer: { queueFinished: ({ id }) => told.finished(id) },
          },
        }),
      });
      return { kind: 'done', plan, report };
    } catch (error) {
      return { kind: 'threw', error };
    }
  }

  /** Time passes, and whatever was still to come happens. */
  async #pass(ms: number): Promise<void> {
    await this.#clock.until(this.#clock.sleep(ms), () => this.#traffic.isBusy());
  }

  /** Sees every request at the very moment when the simulator has acted on it; it must be the first rule. */
  #witness(): FaultRule<Admin> {
    return {
      effect: {
        kind: 'edit',
        when: 'after',
        act: () => {
          const arrival = this.#traffic.handled();
          if (arrival === null || this.#simulator.state.version() === this.#version) return;
          this.#version = this.#simulator.state.version();
          const { queue } = idsIn(arrival.url);
          const state = queue === null ? null : queueOf(this.#simulator, queue);
          if (state !== null) this.#after.set(arrival, state);
        },
      },
    };
  }

  #rule({ on, queue, skip, times, fault }: Trouble, actor: Actor): FaultRule<Admin> {
    const id = queue === null ? null : queueIdOf(this.#script.world, queue);
    const match = ({ method, route, path }: FaultRequest): boolean => {
      const endpoint = endpointOf(method, route);
      const isMeant =
        on === 'any' ||
        on === endpoint ||
        (on === 'write' && WRITES.has(endpoint)) ||
        (on === 'read' && endpoint !== 'login' && !WRITES.has(endpoint));
      return isMeant && (id === null || idsIn(path).queue === id);
    };
    return { match, skip, ...(times !== null && { times }), effect: this.#effect(fault, actor) };
  }

  #effect(fault: Fault, actor: Actor): FaultEffect<Admin> | readonly FaultEffect<Admin>[] {
    const act = (does: () => void): FaultEffect<Admin> => ({ kind: 'edit', act: does });
    switch (fault.kind) {
      case 'slow':
        return { kind: 'latency', ms: fault.ms, when: fault.when };
      case 'edit':
        return { kind: 'edit', when: fault.when, act: () => this.#edit(fault.edit) };
      case 'expire':
        return act(() => this.#simulator.expireTokens());
      case 'stop':
        return act(() => actor.stop.abort());
      case 'kill':
        return fault.taken ? act(actor.kill) : [act(actor.kill), { kind: 'cut' }];
      case 'error':
      case 'html':
      case 'cut':
      case 'lag':
      case 'tear':
        return fault;
    }
  }

  #edit(edit: Edit): void {
    const before = orgState(this.#simulator);
    this.#editNumber += 1;
    makeEdit(this.#simulator, this.#script.world, edit, this.#editNumber);
    if (this.#simulator.state.version() === this.#version) return;
    this.#version = this.#simulator.state.version();
    this.#edits.push({
      kind: 'edit',
      run: this.#traffic.run,
      edit,
      handled: this.#traffic.moment(),
      queues: changedQueues(before, orgState(this.#simulator)),
    });
  }
}
