/** What `--help` offers to be copied can be typed. */
import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.js';
import { COMMANDS } from '../../src/cli/commands.js';

/** Words of a line as a shell takes them, redirections left out. */
const words = (line: string): readonly string[] =>
  Array.from(
    line.replace(/ [>|].*$/, '').matchAll(/"([^"]*)"|(\S+)/g),
    ([, quoted, plain]) => quoted ?? plain ?? '',
  );

const EXAMPLES = COMMANDS.flatMap(({ name, examples }) =>
  examples.map(({ line, about }) => [name, line, about] as const),
);

test.each(EXAMPLES)('%s: %s', (_name, line, about) => {
  expect(parseArguments(words(line), { version: '', width: 80 }).kind).toBe('command');
  expect(`  wrapkeeper ${line}`.length).toBeLessThanOrEqual(80);
  expect(`  # ${about}`.length).toBeLessThanOrEqual(80);
});

describe.each(COMMANDS)('$name', ({ name, examples }) => {
  const help = parseArguments([...name.split(' '), '--help'], { version: '', width: 80 });

  test('its help shows each of them, whole', () => {
    for (const { line } of examples)
      expect(help.kind === 'help' ? help.text : '').toContain(`wrapkeeper ${line}`);
  });

  test('the first one is of this command', () => {
    expect(examples[0].line.startsWith(name)).toBe(true);
  });
});
