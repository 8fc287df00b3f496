// Breaks the promises on purpose, one at a time, in a copy of the sources, and says which promise of the
// model-based suite finds each: npm run test:mutations [-- --only PATTERN --cases 400 --seed 7]
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { MUTATIONS } from './mutation-table.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    cases: { type: 'string', default: '400' },
    seed: { type: 'string', default: '7' },
  },
});

const COPIED = ['src', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts'];
const root = path.join(import.meta.dirname, '..');
const copy = mkdtempSync(path.join(tmpdir(), 'wrapkeeper-mutations-'));

/** Runs the suite over the copy: the promises that the first breach names, or an empty list. */
const brokenPromises = () => {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [path.join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/model/model.test.ts'],
    {
      cwd: copy,
      encoding: 'utf8',
      maxBuffer: 1e9,
      env: {
        ...process.env,
        NO_COLOR: '1',
        MODEL_CASES: values.cases,
        MODEL_SEED: values.seed,
        MODEL_SHRINK_SECONDS: '0',
      },
    },
  );
  if (status === 0) return { at: null, promises: [] };
  const [, at] = /case (\d+) of seed/.exec(stdout + stderr) ?? [];
  if (at === undefined) throw new Error(`the suite did not run:\n${stdout}${stderr}`);
  return {
    at,
    promises: [
      ...new Set([...(stdout + stderr).matchAll(/^\W*\[([^\]]+)\] /gm)].map(([, name]) => name)),
    ],
  };
};

const mutate = (changes) => {
  for (const [file, from, to] of changes) {
    const place = path.join(copy, 'src', file);
    const text = readFileSync(place, 'utf8');
    if (text.split(from).length !== 2)
      throw new Error(`src/${file} does not hold exactly one ${JSON.stringify(from)}`);
    writeFileSync(
      place,
      text.replace(from, () => to),
    );
  }
};

let survivors = 0;
try {
  for (const name of COPIED)
    cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  process.stdout.write('| mutation | found in case | by the promises |\n|---|---|---|\n');
  for (const { name, changes } of MUTATIONS.filter((each) =>
    new RegExp(values.only, 'u').test(each.name),
  )) {
    mutate(changes);
    const { at, promises } = brokenPromises();
    if (at === null) survivors += 1;
    process.stdout.write(`| ${name} | ${at ?? '–'} | ${promises.join('; ') || '**none**'} |\n`);
    for (const [file] of changes)
      cpSync(path.join(root, 'src', file), path.join(copy, 'src', file));
  }
} finally {
  rmSync(copy, { recursive: true });
}
process.exitCode = survivors === 0 ? 0 : 1;
