/** `docs/tutorial.md` is what a new user sees: every command of it is typed again, and every output compared. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { widthOf } from '../../src/report/layout.js';
import { UPDATE } from '../support/expected.js';
import { edit, openTerminal, parseTranscript, renderTranscript } from '../support/transcript.js';
import type { Piece } from '../support/transcript.js';
import { MAIN, printed, start } from './cli.js';

const PAGE = fileURLToPath(new URL('../../docs/tutorial.md', import.meta.url));
/** Ports of this machine are taken as they come; the page names one. */
const PORT = '8901';

/** What differs from one day and machine to another, and says nothing. */
const STEADY: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<id>'],
  [/\bsha256:[0-9a-f]+/g, 'sha256:<hash>'],
  [/\bevt_[0-9a-f]{32}\b/g, '<event>'],
  [/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<instant>'],
  [/\b\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC/g, '<instant>'],
  [/\b\d\d:\d\d:\d\d\b/g, '<time>'],
  [/\b(commit|policies at) [0-9a-f]{7,12}\b/g, '$1 <commit>'],
  [/(Node\.js|git) +\d+\.\d+\.\d+/g, '$1 <version>'],
  [/ (by|manual by) \S+ \(manual\) on \S+,/g, ' $1 <user> on <host>,'],
  [/\bmanual by \S+ ·/g, 'manual by <user> ·'],
];

/** Lines are broken where names of a machine end: how, is not compared; that they fit is. */
const steady = (text: string): string =>
  STEADY.reduce((rest, [what, word]) => rest.replaceAll(what, word), text.replaceAll(/\s+/g, ' '));

/** Lines of a source are shown as they are. */
const SOURCE = /^ +\d* \| /;

/** Names of this machine and its users are nobody's business. */
const atDesk = (text: string): string =>
  text
    .replaceAll(/ by \S+ \(manual\) on \S+,/g, ' by jo (manual) on desk,')
    .replaceAll(/\bmanual by \S+ ·/g, 'manual by jo ·');

test('the tutorial is true', { timeout: 300_000 }, async () => {
  const home = await mkdtemp(join(tmpdir(), 'wrapkeeper-tutorial-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  await mkdir(join(home, 'bin'));
  await writeFile(
    join(home, 'bin', 'wrapkeeper'),
    `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`,
    { mode: 0o755 },
  );
  const terminal = openTerminal(home, {
    PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}`,
    HOME: home,
    COLUMNS: '80',
    GIT_AUTHOR_NAME: 'Jo Doe',
    GIT_AUTHOR_EMAIL: 'jo@example.com',
    GIT_COMMITTER_NAME: 'Jo Doe',
    GIT_COMMITTER_EMAIL: 'jo@example.com',
  });
  onTestFinished(terminal.close);

  let port = PORT;
  /** The beginning of the id of the last run. */
  let lastRun = '';
  const outputOf = async (command: string): Promise<string> => {
    if (command.startsWith('wrapkeeper simulator ')) {
      const simulator = start(command.replace(PORT, '0').split(' ').slice(1));
      await printed(simulator, 'stdout', 'Then try: ');
      port = /_PORT=(\d+)/.exec(simulator.output.stdout)?.[1] ?? '';
      return simulator.output.stdout.replaceAll(port, PORT);
    }
    return (await terminal.type(command.replace(PORT, port))).replaceAll(`:${port}`, `:${PORT}`);
  };

  const page = await readFile(PAGE, 'utf8');
  const done: Piece[] = [];
  const wide: string[] = [];
  for (const piece of parseTranscript(page)) {
    if (piece.kind === 'edit') await edit(join(home, 'contact-centre'), piece.file, piece.diff);
    if (piece.kind !== 'console') {
      done.push(piece);
      continue;
    }
    const commands = [];
    for (const { command: written, output } of piece.commands) {
      const command = written.replace(/(?<=audit undo )[0-9a-f]{8}/, lastRun);
      const now = await outputOf(command);
      lastRun = /^Run ([0-9a-f]{8})/m.exec(now)?.[1] ?? lastRun;
      if (command.startsWith('wrapkeeper '))
        wide.push(...now.split('\n').filter((line) => !SOURCE.test(line) && widthOf(line) > 80));
      if (!UPDATE) expect(steady(now), command).toBe(steady(output));
      commands.push({ command: UPDATE ? command : written, output: atDesk(now) });
    }
    done.push({ kind: 'console', commands });
  }
  expect.soft(wide).toEqual([]);
  if (UPDATE) await writeFile(PAGE, renderTranscript(done));
  expect(renderTranscript(parseTranscript(page))).toBe(page);
});
