/** A daemon as a process, and what it says of itself over HTTP. */
import type { DaemonStatus, QueueStatus, RunStatus } from '../../src/daemon/status.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentFor, printed, start } from './cli.js';
import type { Result, Running } from './cli.js';

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly run?: string;
  readonly [key: string]: unknown;
}

export class DaemonProcess {
  readonly running: Running;
  readonly url: string;

  private constructor(running: Running, url: string) {
    this.running = running;
    this.url = url;
  }

  /** Starts one, and waits until it listens. */
  static async start(
    simulator: Simulator,
    cwd: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<DaemonProcess> {
    const running = start(
      ['daemon', '--listen', '127.0.0.1:0', '--interval', '300ms', '--log-level', 'debug', ...args],
      { cwd, env: { ...environmentFor(simulator), ...env } },
    );
    await printed(running, 'stderr', 'listening on http');
    const [, url = ''] = /listening on (http:[^"]+)/.exec(running.output.stderr) ?? [];
    return new DaemonProcess(running, url);
  }

  get log(): readonly LogLine[] {
    return this.running.output.stderr
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LogLine);
  }

  async text(path: string): Promise<string> {
    return (await fetch(`${this.url}${path}`)).text();
  }

  async json<Answer>(path: string): Promise<Answer> {
    return (await (await fetch(`${this.url}${path}`)).json()) as Answer;
  }

  status(): Promise<DaemonStatus> {
    return this.json<DaemonStatus>('/api/status');
  }

  async queues(): Promise<readonly QueueStatus[]> {
    return (await this.json<{ readonly queues: readonly QueueStatus[] }>('/api/queues')).queues;
  }

  async runs(): Promise<readonly RunStatus[]> {
    return (await this.json<{ readonly runs: readonly RunStatus[] }>('/api/runs')).runs;
  }

  /** Asks again and again, for half a minute at most, until it is so. */
  async until(
    what: string,
    holds: (status: DaemonStatus) => boolean | Promise<boolean>,
  ): Promise<DaemonStatus> {
    for (const endsAt = Date.now() + 30_000; Date.now() < endsAt;) {
      const status = await this.status();
      if (await holds(status)) return status;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    throw new Error(`not so after 30 s: ${what}\n${JSON.stringify(await this.status(), null, 2)}`);
  }

  /** Another pass has begun and ended since now. */
  async nextPass(): Promise<DaemonStatus> {
    const now = Date.now();
    return this.until(
      'another pass has ended',
      ({ lastPass }) => lastPass !== null && Date.parse(lastPass.startedAt) > now,
    );
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Result> {
    this.running.child.kill(signal);
    return this.running.result;
  }
}
