/** A page that tells a session at a terminal, and the terminal in which it is done again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A piece of the page:
 *
 * | fence                | is |
 * |----------------------|----|
 * | ```` ```console ```` | commands after `$ `, each with what it prints |
 * | ```` ```diff title=FILE ```` | an edit of that file |
 * | anything else        | prose |
 */
export type Piece =
  | { readonly kind: 'prose'; readonly text: string }
  | { readonly kind: 'console'; readonly commands: readonly Command[] }
  | { readonly kind: 'edit'; readonly file: string; readonly diff: string };

export interface Command {
  readonly command: string;
  readonly output: string;
}

const FENCE = /^```(console|diff title=(\S+))\n([^]*?)^```\n/gm;

/** The page in pieces, in order. */
export const parseTranscript = (page: string): readonly Piece[] => {
  const pieces: Piece[] = [];
  let end = 0;
  for (const { 0: all, 2: file, 3: body = '', index } of page.matchAll(FENCE)) {
    pieces.push({ kind: 'prose', text: page.slice(end, index) });
    pieces.push(
      file === undefined
        ? { kind: 'console', commands: commandsOf(body) }
        : { kind: 'edit', file, diff: body },
    );
    end = index + all.length;
  }
  return [...pieces, { kind: 'prose', text: page.slice(end) }];
};

const commandsOf = (body: string): readonly Command[] =>
  body
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const [command = '', ...output] = text.split('\n');
      return { command, output: output.join('\n') };
    });

/** The page of its pieces. */
export const renderTranscript = (pieces: readonly Piece[]): string =>
  pieces
    .map((piece) =>
      piece.kind === 'prose'
        ? piece.text
        : piece.kind === 'edit'
          ? `\`\`\`diff title=${piece.file}\n${piece.diff}\`\`\`\n`
          : `\`\`\`console\n${piece.commands
              .map(({ command, output }) => `$ ${command}\n${output}`)
              .join('')}\`\`\`\n`,
    )
    .join('');

/** Makes an edit. @throws Error where its old lines do not stand in the file exactly once. */
export const edit = async (folder: string, file: string, diff: string): Promise<void> => {
  const lines = diff.split('\n').slice(0, -1);
  const side = (sign: string): string =>
    lines
      .filter((line) => line.startsWith(sign) || line.startsWith(' '))
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  const path = join(folder, file);
  const text = await readFile(path, 'utf8');
  const [before, after, ...others] = text.split(side('-'));
  if (before === undefined || after === undefined || others.length > 0)
    throw new Error(`${file} does not have these lines once:\n${side('-')}`);
  await writeFile(path, before + side('+') + after);
};

/** One shell in which commands are typed one after the other. */
export const openTerminal = (cwd: string, env: Readonly<Record<string, string>>) => {
  const shell = spawn('bash', ['--noprofile', '--norc'], { cwd, env, stdio: 'pipe' });
  let printed = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const END = '\u0004';
  /** What a command prints on both streams. */
  const type = async (command: string): Promise<string> => {
    printed = '';
    shell.stdin.write(`{ ${command}\n} 2>&1 </dev/null; printf '${END}'\n`);
    while (!printed.endsWith(END)) await once(shell.stdout, 'data');
    return printed.slice(0, -END.length);
  };
  const close = (): void => void shell.kill('SIGKILL');
  return { type, close };
};
