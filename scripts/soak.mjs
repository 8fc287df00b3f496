// Plays the model-based suite for as long as told, and then an hour of a daemon (of simulated time, a few minutes of
// ours): npm run test:soak -- --minutes 30 [--seed 7]; with --daemon the hour alone.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    daemon: { type: 'boolean', default: false },
  },
});
const seed = values.seed ?? String(Math.floor(Math.random() * 1_000_000));

const play = (file, env) =>
  spawnSync('npx', ['vitest', 'run', file, '--disable-console-intercept'], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  }).status ?? 1;

const results = [
  ...(values.daemon
    ? []
    : [play('test/model/model.test.ts', { MODEL_MINUTES: values.minutes, MODEL_SEED: seed })]),
  play('test/soak/soak.test.ts', { SOAK_MINUTES: '60', SOAK_SEED: seed }),
];
process.exitCode = Math.max(...results);
