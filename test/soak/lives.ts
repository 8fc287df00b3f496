/** The daemon as the command line runs it, in this process: started, asked over HTTP, stopped, started again. */
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { runCli } from '../../src/cli/program.js';
import type { Io, Output } from '../../src/cli/io.js';
import type { DaemonStatus, QueueStatus } from '../../src/daemon/status.js';
import type { Clock } from '../../src/domain/clock.js';
import { SECRETS } from './wishes.js';

export interface Place {
  readonly clock: Clock;
  readonly random: () => number;
  readonly env: Readonly<Record<string, string>>;
  /** Where the daemon keeps its journal. */
  readonly home: string;
  readonly repo: string;
}

export interface Answered {
  readonly status: number;
  readonly body: string;
}

/** From one start to its end. */
interface Life {
  readonly url: string;
  readonly stop: AbortController;
  readonly ended: Promise<number>;
  readonly reload: () => void;
  readonly from: number;
}

const LINES_KEPT = 400;

export class Lives {
  /** When each life began and ended, in milliseconds of the clock. */
  readonly spans: { readonly from: number; to: number }[] = [];
  /** The last lines of the log. */
  readonly log: string[] = [];
  readonly #place: Place;
  #life: Life | null = null;
  #ids = 0;

  constructor(place: Place) {
    this.#place = place;
  }

  get isUp(): boolean {
    return this.#life !== null;
  }

  /** How many listen to the signal that stops it; their number says what leaks with each pass. */
  get signal(): AbortSignal | null {
    return this.#life?.stop.signal ?? null;
  }

  async start(): Promise<void> {
    const { clock, repo, home } = this.#place;
    const stop = new AbortController();
    let reload = (): void => undefined;
    let listens: (url: string) => void = () => undefined;
    const listening = new Promise<string>((resolve) => (listens = resolve));
    const from = clock.now();
    const argv = ['-C', home, 'daemon', '--repo', `file://${repo}`, '--branch', 'main'];
    const ended = this.run([...argv, '--listen', '127.0.0.1:0'], {
      signal: stop.signal,
      onReload: (call) => {
        reload = call;
        return () => (reload = () => undefined);
      },
      stderr: lines((line) => {
        this.#keep(line);
        const [, url] = /listening on (http:[^"]+)"/.exec(line) ?? [];
        if (url !== undefined) listens(url);
      }),
    }).then(({ exit }) => exit);
    const url = await Promise.race([
      listening,
      ended.then((exit) => {
        throw new Error(`the daemon ended with ${exit}:\n${this.log.slice(-20).join('\n')}`);
      }),
    ]);
    this.#life = { url, stop, ended, from, reload: () => reload() };
    this.spans.push({ from, to: Infinity });
  }

  /** As SIGTERM does. Returns what the process would end with. */
  async stop(): Promise<number> {
    const life = this.#mustLive();
    this.#life = null;
    life.stop.abort('SIGTERM');
    const exit = await life.ended;
    const span = this.spans.at(-1);
    if (span !== undefined) span.to = this.#place.clock.now();
    return exit;
  }

  /** As SIGHUP does. */
  reload(): void {
    this.#mustLive().reload();
  }

  /** Whether it ends by itself. */
  get ended(): Promise<number> {
    return this.#mustLive().ended;
  }

  /** Runs another command in its place. */
  async run(
    argv: readonly string[],
    io: Partial<Io> = {},
  ): Promise<{ readonly exit: number; readonly stdout: string }> {
    const { clock, random, env, home } = this.#place;
    let stdout = '';
    const exit = await runCli({
      argv,
      env: { ...env, ...SECRETS },
      cwd: home,
      stdin: Readable.from([]),
      stdout: lines((text) => (stdout += text)),
      stderr: lines((line) => this.#keep(line)),
      clock,
      random,
      signal: new AbortController().signal,
      newId: () => `id-${(this.#ids += 1)}`,
      ...io,
    });
    return { exit, stdout };
  }

  /** One request on a connection of its own; null where nobody answers. */
  async ask(
    path: string,
    sent: { readonly body?: string; readonly headers?: Record<string, string> } = {},
  ): Promise<Answered | null> {
    const life = this.#life;
    if (life === null) return null;
    const { body, headers = {} } = sent;
    return new Promise((resolve) => {
      const asked = request(
        new URL(path, life.url),
        { agent: false, method: body === undefined ? 'GET' : 'POST', headers },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8');
          answer.on('data', (chunk: string) => (text += chunk));
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: text }));
          answer.on('error', () => resolve(null));
        },
      );
      asked.on('error', () => resolve(null));
      asked.end(body);
    });
  }

  async status(): Promise<DaemonStatus | null> {
    const answer = await this.ask('/api/status');
    return answer === null ? null : (JSON.parse(answer.body) as DaemonStatus);
  }

  async queues(): Promise<readonly QueueStatus[] | null> {
    const answer = await this.ask('/api/queues');
    return answer === null
      ? null
      : (JSON.parse(answer.body) as { readonly queues: readonly QueueStatus[] }).queues;
  }

  /** Asks for a pass, with the token. Returns the status of the answer, or null where nobody answers. */
  async reconcile(accept: string | null = null): Promise<number | null> {
    const answer = await this.ask('/api/reconcile', {
      body: JSON.stringify(accept === null ? {} : { accept }),
      headers: {
        authorization: `Bearer ${SECRETS.API_TOKEN}`,
        'content-type': 'application/json',
      },
    });
    return answer?.status ?? null;
  }

  #mustLive(): Life {
    if (this.#life === null) throw new Error('the daemon does not run');
    return this.#life;
  }

  #keep(line: string): void {
    this.log.push(line.trimEnd());
    if (this.log.length > LINES_KEPT) this.log.splice(0, this.log.length - LINES_KEPT);
  }
}

const lines = (take: (text: string) => void): Output => ({
  write: (text, done) => {
    take(text);
    done();
  },
});
