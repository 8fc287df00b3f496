#!/usr/bin/env node
/** The real process: streams, signals and the exit code. Everything else is a function of them. */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitOfSignal } from './exit.js';
import type { StopSignal } from './io.js';
import { runCli } from './program.js';

// Whatever waits at once listens to one signal: with many queues that is more than Node takes for a leak.
setMaxListeners(0);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const satisfies readonly StopSignal[]) {
  process.on(signal, () => {
    // Whoever asks twice does not want to wait.
    if (stop.signal.aborted) process.exit(exitOfSignal(stop.signal) ?? undefined);
    stop.abort(signal);
  });
}
for (const stream of [process.stdout, process.stderr]) {
  // Whoever writes learns of a failure by the callback; an event without a listener would end the process.
  stream.on('error', () => undefined);
}

process.exitCode = await runCli({
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  // Opened only where somebody asks.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  clock: {
    now: () => Date.now(),
    sleep: async (ms, signal) => {
      await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    },
  },
  signal: stop.signal,
  // Where nobody listens, the system's own answer holds: a closed terminal ends the process.
  onReload: (reload) => {
    process.on('SIGHUP', reload);
    return () => process.off('SIGHUP', reload);
  },
  random: () => Math.random(),
  // The global one is loaded when it is used; an import would cost every command a tenth of its start.
  newId: () => crypto.randomUUID(),
});
