/** What was asked and answered: the memory that tests and the contract check look into. */

/** One request, whole. */
export interface LoggedRequest {
  /** The order of arrival, from 1. */
  readonly seq: number;
  /** When it arrived, in milliseconds of the simulator's clock. */
  readonly at: number;
  readonly method: string;
  /** The path without query. */
  readonly path: string;
  /** The path of the contract, such as `/api/v2/routing/queues/{queueId}`; null where none fits. */
  readonly route: string | null;
  readonly query: Readonly<Record<string, readonly string[]>>;
  /** The OAuth client, where the request showed a good token. */
  readonly clientId: string | null;
  readonly correlationId: string;
  /** The body as parsed; undefined where there was none. Token requests keep none, secrets stay out. */
  readonly requestBody: unknown;
  /** What was answered, or null where the connection was cut. */
  readonly status: number | null;
  readonly responseBody: unknown;
  /** Whether the org changed. */
  readonly tookEffect: boolean;
  /** The kinds of the faults that touched it. */
  readonly faults: readonly string[];
}

/** The log. It keeps the latest entries, up to its limit; counts cover everything. */
export class RequestLog {
  readonly #limit: number;
  #entries: LoggedRequest[] = [];
  #counts = new Map<string, number>();
  #waiting: {
    wants: (entry: LoggedRequest) => boolean;
    resolve: (entry: LoggedRequest) => void;
  }[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The entries, in order of their answers. */
  all(): readonly LoggedRequest[] {
    return this.#entries;
  }

  /** Requests that changed the org. */
  effective(): readonly LoggedRequest[] {
    return this.#entries.filter((entry) => entry.tookEffect);
  }

  /** How often each endpoint was asked, by method and contract path: `GET /api/v2/routing/queues`. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** How many requests were sent to the API, token requests left out. */
  total(): number {
    return [...this.#counts]
      .filter(([endpoint]) => !endpoint.endsWith(' /oauth/token'))
      .reduce((sum, [, count]) => sum + count, 0);
  }

  /** The most API requests that fell into any window of so many milliseconds (half open), by time of arrival. */
  peak(windowMs: number): number {
    const arrivals = this.#entries
      .filter((entry) => entry.route !== '/oauth/token')
      .map((entry) => entry.at)
      .sort((one, other) => one - other);
    let first = 0;
    return arrivals.reduce((most, at, index) => {
      while (at - arrivals[first]! >= windowMs) first += 1;
      return Math.max(most, index - first + 1);
    }, 0);
  }

  /** Resolves with the next request that fits, counted from now. */
  next(wants: (entry: LoggedRequest) => boolean): Promise<LoggedRequest> {
    return new Promise((resolve) => {
      this.#waiting.push({ wants, resolve });
    });
  }

  /** Forgets everything so far. */
  clear(): void {
    this.#entries = [];
    this.#counts = new Map();
  }

  /** Keeps an entry. Only the server calls this. */
  record(entry: LoggedRequest): void {
    this.#entries.push(entry);
    if (this.#entries.length > this.#limit) this.#entries.shift();
    const endpoint = `${entry.method} ${entry.route ?? entry.path}`;
    this.#counts.set(endpoint, (this.#counts.get(endpoint) ?? 0) + 1);
    const [met, still] = [true, false].map((fits) =>
      this.#waiting.filter(({ wants }) => wants(entry) === fits),
    );
    this.#waiting = still ?? [];
    for (const { resolve } of met ?? []) resolve(entry);
  }
}
