import type { Io } from '../cli/io.js';

/** What an Action's run is a function of: the world of a command line, without one. */
export type World = Omit<Io, 'argv' | 'stdin' | 'onReload'>;

/** Writes text whole; what cannot be written is lost, and nothing depends on it. */
export const write = (output: World['stdout'], text: string): Promise<void> =>
  new Promise((resolve) => {
    output.write(text, () => resolve());
  });
