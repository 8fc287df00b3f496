import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { problem } from '../../src/domain/diagnostics.js';
import { renderGitHubAnnotations } from '../../src/report/github.js';
import { visible } from '../../src/report/visible.js';
import { expectFile } from '../support/expected.js';
import { FINDINGS } from '../support/findings.js';
import { hostileName } from '../support/texts.js';

const decode = (text: string): string =>
  text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
const decodeProperty = (text: string): string =>
  decode(text.replaceAll('%3A', ':').replaceAll('%2C', ','));

/** Reads a line as a runner does: command, properties up to the second `::`, text. */
const readCommand = (
  line: string,
): {
  readonly command: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly text: string;
} => {
  const [, command = '', list = '', text = ''] = /^::(\w+) (.*?)::(.*)$/s.exec(line) ?? [];
  const properties = Object.fromEntries(
    list
      .split(',')
      .map((pair) => [
        pair.slice(0, pair.indexOf('=')),
        decodeProperty(pair.slice(pair.indexOf('=') + 1)),
      ]),
  );
  return { command, properties, text: decode(text) };
};

describe('renderGitHubAnnotations', () => {
  it('is one command a diagnostic, errors first', () => {
    expectFile(renderGitHubAnnotations(FINDINGS), './expected/github.txt', import.meta.url);
  });

  it('is empty where there is nothing to say', () => {
    expect(renderGitHubAnnotations([])).toBe('');
  });

  it('names no end column for a place of several lines', () => {
    const span = { file: 'a.yaml', line: 1, column: 3, endLine: 2, endColumn: 1 };
    expect(
      renderGitHubAnnotations([problem({ code: 'yaml.syntax', message: 'm', span, remedy: null })]),
    ).toBe('::error file=a.yaml,line=1,col=3,endLine=2,title=yaml.syntax::m\n');
  });

  it('escapes what delimits properties and text', () => {
    const span = { file: 'a,b:c%.yaml', line: 1, column: 1, endLine: 1, endColumn: 1 };
    expect(
      renderGitHubAnnotations([problem({ code: 'yaml.syntax', message: '100%0A\nx: y, z', span })]),
    ).toBe(
      '::error file=a%2Cb%3Ac%25.yaml,line=1,col=1,endLine=1,endColumn=1,title=yaml.syntax::100%250A%0Ax: y, z\n',
    );
  });

  it('stays one command on one line, whatever names and paths hold', () => {
    fc.assert(
      fc.property(hostileName(), hostileName(), hostileName(), (file, message, remedy) => {
        const span = { file, line: 1, column: 1, endLine: 1, endColumn: 2 };
        const output = renderGitHubAnnotations([
          problem({ code: 'yaml.syntax', message, remedy, span }),
        ]);
        expect(output.indexOf('\n')).toBe(output.length - 1);
        expect(output).not.toMatch(/(?!\n|[\u200C\u200D])[\p{Cc}\p{Cf}]/u);
        const { command, properties, text } = readCommand(output.slice(0, -1));
        expect(command).toBe('error');
        expect(properties).toMatchObject({ file: visible(file), title: 'yaml.syntax' });
        const lines = [...message.split(/\r?\n/), ...`help: ${remedy}`.split(/\r?\n/)];
        expect(text).toBe(lines.map(visible).join('\n'));
      }),
    );
  });
});
