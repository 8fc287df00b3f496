/** A story on stdout, chapter by chapter, in columns that are comfortable to read. */
import { widthOf, wrapProse } from '../report/layout.js';
import type { TextOptions } from '../report/layout.js';
import { painter } from '../report/paint.js';
import type { Screen } from './screen.js';

const INDENT = '   ';
/** Lines of prose longer than this are hard to follow. */
const MOST_COLUMNS = 96;

/** Tells; or stays silent, where only the results are wanted. */
export class Story {
  readonly #screen: Screen;
  readonly #isTold: boolean;
  #chapters = 0;

  constructor(screen: Screen, isTold: boolean) {
    this.#screen = screen;
    this.#isTold = isTold;
  }

  async title(text: string): Promise<void> {
    await this.#print([this.#paint('heading', text)]);
  }

  /** A numbered heading, and what the chapter is about. */
  async chapter(title: string, about = ''): Promise<void> {
    this.#chapters += 1;
    const number = `${this.#chapters}. `.padEnd(INDENT.length);
    await this.#print([
      '',
      this.#paint('heading', `${number}${title}`),
      ...wrapProse(about, this.#width, INDENT),
    ]);
  }

  /** A YAML text as it stands in a file; comments at the ends of lines only where they fit. */
  async quote(text: string): Promise<void> {
    const lines = text.split('\n').map((whole) => {
      const line = `${INDENT}│ ${whole}`;
      return widthOf(line) <= this.#screen.out.width ? line : line.replace(/ +# .*$/, '');
    });
    await this.#print(['', ...lines.map((line) => this.#paint('quiet', line))]);
  }

  /** What a command prints, set in. */
  async show(render: (options: TextOptions) => string): Promise<void> {
    const { width, color } = this.#screen.out;
    const lines = render({ width: width - INDENT.length, color })
      .trimEnd()
      .split('\n');
    await this.#print(['', ...lines.map((line) => (line === '' ? '' : INDENT + line))]);
  }

  /** Words and what they are for. */
  async list(rows: readonly (readonly [word: string, about: string])[]): Promise<void> {
    const column = Math.max(...rows.map(([word]) => word.length)) + 2;
    const lines = rows.flatMap(([word, about]) =>
      wrapProse(about, this.#width, INDENT + word.padEnd(column), INDENT + ' '.repeat(column)),
    );
    await this.#print(['', ...lines]);
  }

  get #width(): number {
    return Math.min(this.#screen.out.width, MOST_COLUMNS);
  }

  #paint(...[role, text]: Parameters<ReturnType<typeof painter>>): string {
    return painter(this.#screen.out.color)(role, text);
  }

  async #print(lines: readonly string[]): Promise<void> {
    if (this.#isTold) await this.#screen.print(`${lines.join('\n')}\n`);
  }
}
