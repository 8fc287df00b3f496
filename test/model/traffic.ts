/**
 * The HTTP traffic of this process, watched from both ends: which request of the client is which request
 * of the simulator, in what order things happened, and whether anything is still on its way. Nothing is
 * put in between: Node and undici tell of it by themselves (`node:diagnostics_channel`).
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../src/domain/clock.js';
import type { SimulatorClock } from '../../src/simulator/clock.js';

/** An instant, and its place in the order of everything that was watched. */
export interface Moment {
  readonly tick: number;
  /** Milliseconds of the shared clock. */
  readonly at: number;
}

/** A request as it arrived at the simulator; `seq` is its number in the simulator's own log. */
export interface Arrival {
  readonly seq: number;
  /** The client's end of the connection. */
  readonly port: number;
  readonly run: number;
  /** The target, query included. */
  readonly url: string;
  readonly arrived: Moment;
  /** When the simulator acted on it; null where a fault came first. */
  handled: Moment | null;
  /** When the client had its answer, or gave up; null where it was killed before. */
  ended: Moment | null;
  /** Whether the client had a whole answer. */
  isAnswered: boolean;
}

export class Traffic {
  /** Every request so far, in order of arrival. */
  readonly arrivals: Arrival[] = [];
  /** The run that sends what is sent now. */
  run = 0;
  readonly #clock: Clock;
  readonly #here = new AsyncLocalStorage<Arrival>();
  /** Requests of the client that have not ended, and the port that each left by. */
  readonly #underWay = new Map<object, number | null>();
  readonly #runOfPort = new Map<number, number>();
  readonly #latestOfPort = new Map<number, Arrival>();
  readonly #asleep = new Set<Arrival>();
  #serverPort: number | null = null;
  #tick = 0;

  readonly #listeners: Readonly<Record<string, (message: unknown) => void>> = {
    'undici:request:create': (message) => {
      this.#underWay.set((message as { request: object }).request, null);
    },
    'undici:client:sendHeaders': (message) => {
      const { request, socket } = message as { request: object; socket: Socket };
      const port = socket.localPort ?? 0;
      this.#underWay.set(request, port);
      this.#runOfPort.set(port, this.run);
    },
    'undici:request:trailers': (message) => this.#end(message as { request: object }, true),
    'undici:request:error': (message) => this.#end(message as { request: object }, false),
    'http.server.request.start': (message) => {
      this.#arrive((message as { request: IncomingMessage }).request);
    },
  };

  constructor(clock: Clock) {
    this.#clock = clock;
    for (const [name, listener] of Object.entries(this.#listeners)) subscribe(name, listener);
  }

  /** Tells which server is watched. */
  watch(serverPort: number): void {
    this.#serverPort = serverPort;
  }

  close(): void {
    for (const [name, listener] of Object.entries(this.#listeners)) unsubscribe(name, listener);
  }

  /** The next place in the order of things. */
  moment(): Moment {
    this.#tick += 1;
    return { tick: this.#tick, at: this.#clock.now() };
  }

  /** The simulator acts on a request: called from within. */
  handled(): Arrival | null {
    const arrival = this.#here.getStore() ?? null;
    if (arrival !== null) arrival.handled = this.moment();
    return arrival;
  }

  /**
   * Whether the client waits for something other than a sleep of the simulator. As long as it does, no
   * time passes.
   */
  isBusy(): boolean {
    const asleep = new Set([...this.#asleep].map(({ port }) => port));
    return [...this.#underWay.values()].some((port) => port === null || !asleep.has(port));
  }

  /** The same time for the simulator, whose sleeps are seen here. */
  simulatorClock(): SimulatorClock {
    return {
      now: () => this.#clock.now(),
      sleep: async (ms) => {
        const arrival = this.#here.getStore();
        if (arrival !== undefined) this.#asleep.add(arrival);
        await this.#clock.sleep(ms);
        if (arrival !== undefined) this.#asleep.delete(arrival);
      },
    };
  }

  #arrive({ socket, url = '' }: IncomingMessage): void {
    if (socket.localPort !== this.#serverPort) return;
    const port = socket.remotePort ?? 0;
    const arrival: Arrival = {
      seq: this.arrivals.length + 1,
      port,
      run: this.#runOfPort.get(port) ?? this.run,
      url,
      arrived: this.moment(),
      handled: null,
      ended: null,
      isAnswered: false,
    };
    this.arrivals.push(arrival);
    this.#latestOfPort.set(port, arrival);
    this.#here.enterWith(arrival);
  }

  #end({ request }: { request: object }, isAnswered: boolean): void {
    const port = this.#underWay.get(request) ?? null;
    this.#underWay.delete(request);
    const arrival = port === null ? undefined : this.#latestOfPort.get(port);
    if (arrival === undefined || arrival.ended !== null) return;
    arrival.ended = this.moment();
    arrival.isAnswered = isAnswered;
  }
}
