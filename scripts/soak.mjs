// Plays the model-based suite for as long as told: npm run test:soak -- --minutes 30 [--seed 7]
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
});
const seed = values.seed ?? String(Math.floor(Math.random() * 1_000_000));
const { status } = spawnSync(
  'npx',
  ['vitest', 'run', 'test/model/model.test.ts', '--disable-console-intercept'],
  {
    stdio: 'inherit',
    env: { ...process.env, MODEL_MINUTES: values.minutes, MODEL_SEED: seed },
  },
);
process.exitCode = status ?? 1;
