/** A soak: all its parts, how they are made to do what a script says, and what is looked at meanwhile. */
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as realSleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import type { DaemonStatus } from '../../src/daemon/status.js';
import type { JournalRecord } from '../../src/domain/journal.js';
import { recentRecords } from '../../src/journal/recent.js';
import { seededRandom } from '../../src/simulator/random.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { ScaledClock } from '../support/scaled-clock.js';
import { announcement, Authors } from './authors.js';
import { Accepted } from './connections.js';
import { followGitEdit } from './git-edits.js';
import { makeHandEdit } from './hand-edits.js';
import { Lives } from './lives.js';
import { startSoakReceiver } from './receiver.js';
import type { SoakReceiver } from './receiver.js';
import { measure, SignalWatch } from './resources.js';
import type { Holdings } from './resources.js';
import type { Operation, Script, Step } from './script.js';
import { contradictions, TrafficWatch } from './watch.js';
import { strike } from './weather.js';
import { familyOf, SECRETS, seedOfOrg, UNGOVERNED } from './wishes.js';

/** So many times faster than the clock on the wall. */
const FACTOR = 40;
/** Twice as many as requests at once: a pool that was asked in the moment of an answer opens another. */
const MOST_CONNECTIONS = 8;

export interface SoakOptions {
  readonly seed: number;
  readonly auditLagMs: number;
}

export class Soak {
  readonly clock: ScaledClock;
  readonly simulator: Simulator;
  readonly receiver: SoakReceiver;
  readonly authors: Authors;
  readonly lives: Lives;
  readonly traffic: TrafficWatch;
  /** What should not have been, in words. */
  readonly breaches: string[] = [];
  /** How often what was done, and seen. */
  readonly tally = new Map<string, number>();
  /** Codes that have borne two names. */
  readonly renamed = new Set<string>();
  readonly ungoverned: ReadonlySet<string>;
  /** Called once in each pass: what it leaves behind must be found. */
  leak = (): void => undefined;
  /** How many passes were seen to end. */
  passes = 0;
  #lastPassAt = '';
  #codesAreLeft: Promise<void> = Promise.resolve();
  readonly #base: string;
  readonly #signals: SignalWatch;
  readonly #accepted: Accepted;
  readonly #random: () => number;

  private constructor(
    parts: Pick<Soak, 'clock' | 'simulator' | 'receiver' | 'authors'> & {
      readonly base: string;
      readonly signals: SignalWatch;
      readonly accepted: Accepted;
    },
    { seed }: SoakOptions,
  ) {
    const { clock, simulator, receiver, authors, base } = parts;
    this.clock = clock;
    this.simulator = simulator;
    this.receiver = receiver;
    this.authors = authors;
    this.#base = base;
    this.#signals = parts.signals;
    this.#accepted = parts.accepted;
    this.#random = seededRandom(seed);
    this.traffic = new TrafficWatch(simulator);
    this.ungoverned = new Set(UNGOVERNED.map((name) => simulator.state.queue(name).id ?? ''));
    const random = seededRandom(seed + 1);
    this.lives = new Lives({
      clock,
      random: () => {
        this.leak();
        return random();
      },
      home: join(base, 'home'),
      repo: authors.remote,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: base,
        GIT_CONFIG_NOSYSTEM: '1',
        GENESYSCLOUD_OAUTHCLIENT_ID: simulator.clientId,
        GENESYSCLOUD_OAUTHCLIENT_SECRET: simulator.clientSecret,
        GENESYSCLOUD_GATEWAY_HOST: simulator.host,
        GENESYSCLOUD_GATEWAY_PORT: String(simulator.port),
        GENESYSCLOUD_GATEWAY_PROTOCOL: 'http',
      },
    });
  }

  static async begin(options: SoakOptions): Promise<Soak> {
    const signals = new SignalWatch();
    const accepted = new Accepted();
    const clock = new ScaledClock(FACTOR);
    const base = await mkdtemp(join(tmpdir(), 'wrapkeeper-soak-'));
    await mkdir(join(base, 'home'));
    const simulator = await startSimulator({
      seed: seedOfOrg(),
      clock,
      audits: { lagMs: options.auditLagMs },
      logLimit: 10,
      limits: { perToken: 6_000 },
    });
    const receiver = await startSoakReceiver(clock);
    const authors = await Authors.begin(base, receiver.url);
    return new Soak({ clock, simulator, receiver, authors, base, signals, accepted }, options);
  }

  async end(): Promise<void> {
    if (this.lives.isUp) await this.lives.stop();
    await this.simulator.close();
    await this.receiver.close();
    this.clock.stop();
    this.#signals.close();
    this.#accepted.close();
    await rm(this.#base, { recursive: true, force: true });
  }

  count(what: string): void {
    this.tally.set(what, (this.tally.get(what) ?? 0) + 1);
  }

  chance(): number {
    return this.#random();
  }

  // While it goes on.

  /** Does all of a script, and looks at the daemon from outside meanwhile. */
  async play(script: Script, forMs: number): Promise<void> {
    const over = new AbortController();
    const until = this.clock.now() + forMs;
    const watching = this.#watch(over.signal);
    await Promise.all([
      this.#track(until, script.people, (edit) => makeHandEdit(this, edit)),
      this.#track(until, script.authors, (edit) => followGitEdit(this, edit)),
      this.#track(until, script.weather, (weather) => strike(this, weather)),
      this.#track(until, script.operators, (operation) => this.#operate(operation)),
    ]);
    over.abort();
    await watching;
    this.simulator.faults.clear();
    this.receiver.mood = 'well';
  }

  async #track<What extends { readonly do: string }>(
    until: number,
    steps: readonly Step<What>[],
    does: (what: What) => Promise<void>,
  ): Promise<void> {
    for (const { afterMs, what } of steps) {
      await this.clock.sleep(afterMs);
      // A story that was begun is told to its end, and moves those behind it.
      if (this.clock.now() >= until) return;
      await does(what);
      this.count(what.do);
    }
  }

  async #operate({ do: what }: Operation): Promise<void> {
    switch (what) {
      case 'restart':
        return this.restart();
      case 'reload':
        return this.lives.reload();
      case 'ask':
        return void (await this.lives.reconcile());
      case 'tell':
        return this.#tell();
    }
  }

  async restart(): Promise<void> {
    const exit = await this.lives.stop();
    if (exit !== 0) this.breaches.push(`a drained daemon ended with ${exit}`);
    await this.lives.start();
  }

  /** Another system says what it has enforced. */
  async #tell(): Promise<void> {
    const id = `msg_${this.tally.get('tell') ?? 0}`;
    const body = JSON.stringify({ queue_id: 'elsewhere', compliance_met: true });
    const now = new Date(this.clock.now());
    const answer = await this.lives.ask('/webhooks/enforcement-sync', {
      body,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
        'webhook-signature': new Webhook(SECRETS.INBOUND).sign(id, now, body),
      },
    });
    if (answer?.status !== 200) this.breaches.push(`an event was answered ${answer?.status}`);
  }

  /** Does something while nobody else does anything to the codes of the organization that policies name. */
  async alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const before = this.#codesAreLeft;
    let leave = (): void => undefined;
    this.#codesAreLeft = new Promise((resolve) => (leave = resolve));
    await before;
    try {
      return await work();
    } finally {
      leave();
    }
  }

  /** Tells the daemon of a push, or lets it find out. */
  async announce(): Promise<void> {
    if (this.chance() < 0.3) return;
    const answer = await this.lives.ask('/webhooks/git', announcement());
    // Before the first pass it has read no secret.
    if (answer !== null && answer.status !== 202 && answer.status !== 403)
      this.breaches.push(`a push was answered ${answer.status}: ${answer.body}`);
  }

  /** Asks until a status fits; null where that takes too long. */
  async until(
    fits: (status: DaemonStatus) => boolean,
    withinMs: number,
  ): Promise<DaemonStatus | null> {
    const deadline = this.clock.now() + withinMs;
    while (this.clock.now() < deadline) {
      const status = await this.lives.status();
      if (status !== null && fits(status)) return status;
      await this.clock.sleep(1_500);
    }
    return null;
  }

  async #watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const life = this.lives.signal;
      const before = await this.lives.status();
      const queues = await this.lives.queues();
      const after = await this.lives.status();
      const lives = life !== null && this.lives.signal === life;
      if (lives && (before === null || queues === null || after === null))
        this.breaches.push('the daemon lives, and does not answer');
      if (before !== null && after !== null) {
        const isCalm =
          !before.isRunning &&
          !after.isRunning &&
          before.lastPass?.endedAt === after.lastPass?.endedAt;
        const found = contradictions(before, isCalm ? queues : null);
        if (found.length > 0)
          this.breaches.push(
            `${found.join('; ')}: ${JSON.stringify({ ...before, diagnostics: [], queues })}`,
          );
        this.#note(before);
        for (const { heldBy } of queues ?? [])
          if (heldBy !== null) this.count(`seen held by ${heldBy}`);
      }
      await this.clock.sleep(4_000, signal);
    }
  }

  #note({ source, detection, ready, lastPass }: DaemonStatus): void {
    if (lastPass !== null && lastPass.endedAt !== this.#lastPassAt) {
      this.#lastPassAt = lastPass.endedAt;
      this.passes += 1;
    }
    this.count(`seen ${source.state}`);
    this.count(`seen by ${detection.by}`);
    if (!ready) this.count('seen not ready');
    if (lastPass?.outcome === 'error') this.count(`seen error ${lastPass.problem?.code ?? ''}`);
  }

  // At rest.

  /** Lets the daemon catch up: what the head says is in force, and all queues are as it says. */
  async settle(): Promise<void> {
    if (this.authors.head.may !== 'valid') await this.authors.wants(this.authors.wish);
    const { commit } = this.authors.head;
    await this.lives.reconcile();
    const deadline = this.clock.now() + 12 * 60_000;
    for (;;) {
      const status = await this.until(
        ({ source, queues, sinks, lastPass, isRunning }) =>
          source.refusal !== null ||
          (!isRunning &&
            lastPass !== null &&
            lastPass.outcome !== 'error' &&
            source.state === 'following' &&
            source.accepted?.commit === commit &&
            queues.drifting + queues.held + queues.failing === 0 &&
            sinks.every(({ undelivered }) => undelivered === 0)),
        deadline - this.clock.now(),
      );
      if (status === null) {
        const last = await this.lives.status();
        const rows = (await this.lives.queues())?.filter(({ state }) => state !== 'in-sync');
        throw new Error(
          `it does not settle: ${JSON.stringify({ last, rows }, null, 1)}\n${this.lives.log.slice(-30).join('\n')}`,
        );
      }
      if (status.source.refusal === null) return;
      // As a person would, who has looked at it.
      this.count('accepted while settling');
      await this.pass(status.source.refusal.digest);
    }
  }

  /** One more pass, from now to its end. */
  async pass(accept: string | null = null): Promise<DaemonStatus> {
    const from = new Date(this.clock.now()).toISOString();
    await this.lives.reconcile(accept);
    const status = await this.until(
      ({ lastPass, isRunning }) => !isRunning && lastPass !== null && lastPass.startedAt >= from,
      10 * 60_000,
    );
    if (status === null) throw new Error('there is no pass within ten minutes');
    return status;
  }

  /** So many passes, one after the other. */
  async more(passes: number): Promise<void> {
    for (let pass = 0; pass < passes; pass += 1) await this.pass();
  }

  /** Waits for so many passes that nobody asks for. */
  async interval(passes: number): Promise<void> {
    for (let pass = 0; pass < passes; pass += 1) {
      const from = new Date(this.clock.now()).toISOString();
      const status = await this.until(
        ({ lastPass }) => lastPass?.trigger === 'interval' && lastPass.startedAt >= from,
        10 * 60_000,
      );
      if (status === null) throw new Error('there is no pass within ten minutes');
    }
  }

  /** What is held right after a pass, while nothing is under way. */
  async atRest(): Promise<Holdings> {
    for (;;) {
      await this.pass();
      const before = await this.until(
        ({ sinks, isRunning }) => !isRunning && sinks.every(({ undelivered }) => undelivered === 0),
        10 * 60_000,
      );
      await this.#endIdleConnections();
      const held = await measure(this.#signals, () => this.clock.sleeping);
      const after = await this.lives.status();
      if (after?.isRunning === false && after.lastPass?.endedAt === before?.lastPass?.endedAt)
        return held;
    }
  }

  /** What is held while no daemon runs. */
  async without(): Promise<Holdings> {
    await this.#endIdleConnections();
    return measure(this.#signals, () => this.clock.sleeping);
  }

  /** How many a pool keeps open depends on what it last did; that they are few does not. */
  async #endIdleConnections(): Promise<void> {
    for (const name of ['simulator', 'receiver'] as const) {
      const { port } = this[name];
      const open = this.#accepted.at(port);
      if (open > MOST_CONNECTIONS) this.breaches.push(`${open} connections to the ${name}`);
      await this.#accepted.end(port);
    }
    // The other ends learn of it.
    await realSleep(30);
  }

  // In the end.

  /** Where the organization is not what the head wants. */
  differences(): readonly string[] {
    const { state } = this.simulator;
    const { families } = this.authors.wish;
    return state.queueNames().flatMap((name) => {
      const family = familyOf(name);
      if (family === null) return [];
      const { codes, timeoutS } = families[family];
      const { wrapupPrompt, timeoutMs } = state.queue(name).acwSettings ?? {};
      const is = `${state.codesOf(name).join(' ')} ${wrapupPrompt} ${timeoutMs}`;
      const wanted = `${[...codes].sort().join(' ')} MANDATORY_TIMEOUT ${timeoutS * 1_000}`;
      return is === wanted ? [] : [`${name}: ${is}, and ${wanted} is wanted`];
    });
  }

  /** Names by id of the codes that have had one name all the time. */
  codes(): ReadonlyMap<string, string> {
    const { state } = this.simulator;
    return new Map(
      state
        .codeNames()
        .map((name) => [state.code(name).id ?? '', name] as const)
        .filter(([id]) => !this.renamed.has(id)),
    );
  }

  async journal(): Promise<readonly JournalRecord[]> {
    const records: JournalRecord[] = [];
    for await (const record of recentRecords(join(this.#base, 'home', '.wrapkeeper')))
      records.push(record);
    return records;
  }
}
