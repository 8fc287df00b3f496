/** `--queue` and `--division`: which queues a command is about. Guards count over all of them all the same. */
import { AppError } from '../domain/errors.js';
import type { LiveQueue } from '../domain/state.js';
import { closestName, normaliseName, quote } from '../domain/text.js';
import { compilePattern } from '../resolve/pattern.js';

export interface QueueSelection {
  readonly selects: (queue: LiveQueue) => boolean;
  /**
   * @throws AppError `cli.usage` where a pattern has met no governed queue: a plan of nothing would look
   * like good news
   */
  readonly mustHaveMatched: () => void;
}

/**
 * Selects by patterns as policies write them; without any, every queue. `among` says of which queues: an error
 * names them.
 */
export const selectQueues = (
  patterns: readonly string[],
  among: 'governed queue' | 'queue' = 'governed queue',
): QueueSelection => {
  const names = selectNames(patterns, {
    option: '--queue',
    what: among,
    known: (count) =>
      `${count} queues ${among === 'queue' ? 'were looked at' : 'are governed by a policy'}`,
  });
  return {
    selects: ({ name }) => names.selects(name),
    mustHaveMatched: () => names.mustHaveMatched(),
  };
};

/** How a selection speaks of itself. */
export interface SelectionWords {
  readonly option: string;
  /** What the names belong to, in the singular. */
  readonly what: string;
  /** How many names there are to choose from, as the beginning of a sentence. */
  readonly known: (count: number) => string;
}

/** Names that patterns choose; without any pattern, all. */
export interface NameSelection {
  readonly selects: (name: string) => boolean;
  /** @throws AppError `cli.usage` where a pattern has met no name */
  readonly mustHaveMatched: () => void;
}

/** Selects names by patterns as policies write them, and remembers which patterns met none. */
export const selectNames = (patterns: readonly string[], words: SelectionWords): NameSelection => {
  const rows = patterns.map((source) => ({
    source,
    pattern: compilePattern(normaliseName(source)),
    matched: false,
  }));
  const seen = new Set<string>();
  return {
    selects: (name) => {
      const normal = normaliseName(name);
      seen.add(normal);
      const matching = rows.filter(({ pattern }) => pattern.matches(normal));
      for (const row of matching) row.matched = true;
      return rows.length === 0 || matching.length > 0;
    },
    mustHaveMatched: () => {
      const idle = rows.find(({ matched }) => !matched);
      if (idle === undefined) return;
      const near = closestName(idle.source, seen);
      const { option, what, known } = words;
      throw new AppError('cli.usage', `${option} ${quote(idle.source)} matches no ${what}.`, {
        remedy:
          near === null
            ? `${known(seen.size)}; patterns are compared with their whole names, and upper and lower case differ.`
            : `Did you mean ${quote(near)}?`,
      });
    },
  };
};
