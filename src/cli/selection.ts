/** `--queue`: which queues a plan is to contain. Guards count over all of them all the same. */
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
  const rows = patterns.map((source) => ({
    source,
    pattern: compilePattern(normaliseName(source)),
    matched: false,
  }));
  const seen = new Set<string>();
  return {
    selects: ({ name }) => {
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
      throw new AppError('cli.usage', `--queue ${quote(idle.source)} matches no ${among}.`, {
        remedy:
          near === null
            ? `${seen.size} queues ${among === 'queue' ? 'were looked at' : 'are governed by a policy'}; patterns are compared with their whole names, and upper and lower case differ.`
            : `Did you mean ${quote(near)}?`,
      });
    },
  };
};
