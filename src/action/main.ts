/** The real process, as a runner starts it. Everything else is a function of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { exitOfSignal } from '../cli/exit.js';
import type { StopSignal } from '../cli/io.js';
import { runAction } from './action.js';

const stop = new AbortController();
// A runner that cancels sends SIGINT, SIGTERM 7.5 s later, and ends the process 2.5 s after that.
for (const signal of ['SIGINT', 'SIGTERM'] as const satisfies readonly StopSignal[]) {
  process.on(signal, () => {
    if (!stop.signal.aborted) stop.abort(signal);
  });
}

const exit = await runAction({
  env: process.env,
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  clock: {
    now: () => Date.now(),
    sleep: async (ms, signal) => {
      await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    },
  },
  signal: stop.signal,
  random: () => Math.random(),
  newId: () => crypto.randomUUID(),
});
// Kept-alive connections to GitHub would hold the process for a while.
process.exit(exitOfSignal(stop.signal) ?? exit);
