/**
 * Plays a script: the real pass, with the real SDK, over real HTTP, against the simulator. Client and
 * simulator live by one clock, which stands still while anything is under way and jumps when everybody
 * sleeps; the client's own time-out, which is one of real time, is made to follow it.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Plan } from '../../src/domain/change.js';
import type { ChangeWindow } from '../../src/policy/settings.js';
import { reconcile } from '../../src/reconcile.js';
import type { ApplyRequest } from '../../src/reconcile.js';
import type { Admin } from '../../src/simulator/admin.js';
import type { FaultEffect, FaultRequest, FaultRule } from '../../src/simulator/faults.js';
import type { LoggedRequest } from '../../src/simulator/request-log.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { VirtualClock } from '../genesys/virtual-clock.js';
import { NOW } from '../support/fake-clock.js';
import { ABOUT, MemoryJournal } from '../support/memory-journal.js';
import { allowance, OPEN_GUARDS, selector, settings } from '../support/policy-set.js';
import { clientOf, enter, followClock } from './actor.js';
import type { Actor } from './actor.js';
import { changedQueues, makeEdit, orgState, queueOf } from './org-state.js';
import { SETTLE_FOR_MS } from './script.js';
import type { Edit, Fault, HostileRun, Script, ScriptedWindow, Trouble } from './script.js';
import { endpointOf, idsIn, WRITES } from './trace.js';
import type { Edited, Ending, QueueState, Run, Sent, Trace } from './trace.js';
import { Traffic } from './traffic.js';
import type { Arrival, Moment } from './traffic.js';
import { FAR_FUTURE, queueIdOf, simulatorSeed } from './world.js';

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
    // A rehearsal, a review, the calm and a check beside them.
    clients: Array.from({ length: script.runs.length + 4 }, (_, run) => clientOf(run)),
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

const CALM_RUN: HostileRun = {
  pauseMs: CALM_AFTER_MS,
  edits: [],
  troubles: [],
  accept: 'last',
};

/** The digest of no plan. */
const OTHER_PLAN = `sha256:${'0'.repeat(64)}`;

const changeWindow = ({
  kind,
  everyMinutes,
  durationMs,
  queues,
}: ScriptedWindow): ChangeWindow => ({
  kind,
  durationMs,
  schedule: `*/${everyMinutes} * * * *`,
  timeZone: 'UTC',
  queues: queues === '' ? [] : [selector('windows', `${queues}*`)],
});

class Stage {
  readonly #script: Script;
  readonly #simulator: Simulator;
  readonly #clock: VirtualClock;
  readonly #traffic: Traffic;
  readonly #runs: Run[] = [];
  readonly #edits: Edited[] = [];
  readonly #after = new Map<Arrival, QueueState>();
  readonly #journal: MemoryJournal;
  #editNumber = 0;
  /** The digest of the plan that was made last. */
  #lastPlan: string | null = null;
  /** The simulator's count of changes, as far as they were seen here. */
  #version = 0;

  constructor(script: Script, simulator: Simulator, clock: VirtualClock, traffic: Traffic) {
    this.#script = script;
    this.#simulator = simulator;
    this.#clock = clock;
    this.#journal = new MemoryJournal(clock);
    this.#traffic = traffic;
  }

  async play(): Promise<Trace> {
    await this.#run('rehearsal', { ...CALM_RUN, pauseMs: 0 });
    await this.#pass(CALM_AFTER_MS);
    for (const run of this.#script.runs) await this.#run('hostile', run);
    await this.#pass(CALM_AFTER_MS);
    this.#hangUp();
    if (!isDeepStrictEqual(this.#script.rules.guards, OPEN_GUARDS))
      await this.#run('review', CALM_RUN);
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
      journal: this.#journal.records,
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

  /** All calls end, so that no queue is busy. */
  #hangUp(): void {
    const { admin, state } = this.#simulator;
    for (const queue of state.queueNames()) admin.setActivity(queue, { interacting: 0 });
    this.#version = state.version();
  }

  async #run(kind: Run['kind'], run: HostileRun): Promise<void> {
    const { pauseMs, edits, troubles } = run;
    await this.#pass(pauseMs);
    const index = this.#runs.length;
    this.#traffic.run = index;
    for (const edit of edits) this.#edit(edit);
    const actor = await enter(index, this.#script.limits, this.#simulator, this.#clock);
    this.#simulator.faults.clear();
    this.#simulator.faults.add(this.#witness());
    let stopped: Moment | null = null;
    actor.stop.signal.addEventListener('abort', () => (stopped = this.#traffic.moment()));
    for (const trouble of troubles) this.#simulator.faults.add(this.#rule(trouble, actor));

    const before = orgState(this.#simulator);
    const began = this.#traffic.moment();
    const [started, finished] = [new Map<string, Moment>(), new Map<string, Moment>()];
    let planned: Moment | null = null;
    let approved: Plan | null = null;
    const accepted = { none: null, last: this.#lastPlan, other: OTHER_PLAN }[run.accept];
    const ignoresWindows = kind === 'calm';
    const request: ApplyRequest = {
      writer: actor.connection.writer,
      saved: null,
      approve: (plan) => {
        planned = this.#traffic.moment();
        approved = plan;
        return Promise.resolve(true);
      },
      accept: accepted,
      ignoreWindows: ignoresWindows ? 'It is calm.' : null,
      run: `run-${index}`,
      journal: actor.mortal(this.#journal),
      about: ABOUT,
      signal: actor.stop.signal,
      observer: {
        queueStarted: ({ id }) => started.set(id, this.#traffic.moment()),
        queueFinished: ({ id }) => finished.set(id, this.#traffic.moment()),
      },
    };
    const isApply = kind === 'hostile' || kind === 'calm';
    const ending = await this.#clock.until(
      Promise.race([actor.killed, this.#reconcile(actor, isApply ? request : undefined)]),
      () => this.#traffic.isBusy(),
    );
    await actor.connection.close();
    const plan = ending.kind === 'done' ? ending.plan : approved;
    this.#lastPlan = plan?.digest ?? this.#lastPlan;
    this.#runs.push({
      index,
      kind,
      began,
      planned,
      plan,
      accepted,
      ignoresWindows,
      started,
      finished,
      ended: this.#traffic.moment(),
      stopped,
      ending,
      before,
      after: orgState(this.#simulator),
    });
  }

  async #reconcile({ connection, clock }: Actor, apply: ApplyRequest | undefined): Promise<Ending> {
    const { world, limits, rules } = this.#script;
    const { set } = world;
    const { guards, allows, windows, activity } = rules;
    const allowances = Object.keys(allows).length === 0 ? [] : [allowance(allows, FAR_FUTURE)];
    try {
      const { plan, report } = await reconcile({
        policySet: { ...set, allowances: [...set.allowances, ...allowances] },
        diagnostics: [],
        settings: settings({
          limits,
          guards,
          activity,
          changeWindows: windows.map(changeWindow),
          settleForMs: SETTLE_FOR_MS,
        }),
        region: 'us-east-1',
        source: { commit: null, dirty: false },
        tool: 'wrapkeeper/0.1.0',
        reader: connection.reader,
        clock,
        onUnresolved: 'hold',
        selects: () => true,
        planKey: null,
        remembered: (id) => this.#journal.queue(id),
        ...(apply !== undefined && { apply }),
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
