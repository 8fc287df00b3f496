/** `--queue` and its like: which queues a result is to contain. Guards count over all of them all the same. */
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

/** Another option than `--queue`, and what of a queue its patterns are compared with. */
export interface SelectBy {
  readonly option?: string;
  readonly by?: (queue: LiveQueue) => string;
}

/** Selects by patterns as policies write them, of names or of what `by` looks at; without any, every queue. */
export const selectQueues = (
  patterns: readonly string[],
  { option = '--queue', by = ({ name }) => name }: SelectBy = {},
): QueueSelection => {
  const rows = patterns.map((source) => ({
    source,
    pattern: compilePattern(normaliseName(source)),
    matched: false,
  }));
  const seen = new Set<string>();
  return {
    selects: (queue) => {
      const normal = normaliseName(by(queue));
      seen.add(normal);
      const matching = rows.filter(({ pattern }) => pattern.matches(normal));
      for (const row of matching) row.matched = true;
      return rows.length === 0 || matching.length > 0;
    },
    mustHaveMatched: () => {
      const idle = rows.find(({ matched }) => !matched);
      if (idle === undefined) return;
      const near = closestName(idle.source, seen);
      throw new AppError(
        'cli.usage',
        `${option} ${quote(idle.source)} matches no governed queue.`,
        {
          remedy:
            near === null
              ? `${seen.size} queues are governed by a policy; patterns are compared with their whole names, and upper and lower case differ.`
              : `Did you mean ${quote(near)}?`,
        },
      );
    },
  };
};
