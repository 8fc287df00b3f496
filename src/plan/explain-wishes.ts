/** Where what a policy says stands, and why it does not count. */
import type { Provenance } from '../policy/model.js';
import type { QueueTrace, Standing } from '../resolve/trace-queue.js';
import type { Origin, Overridden } from './explanation.js';

/** A wish that does not count; nothing of one that does. */
export const overridden = (
  from: Provenance,
  says: string,
  standing: Standing,
): readonly Overridden[] =>
  standing.kind === 'counts'
    ? []
    : [
        {
          ...originOf(from),
          says,
          why: {
            kind: standing.kind,
            by: 'by' in standing ? originOf(standing.by) : null,
            at: whenOf(standing),
          },
        },
      ];

/** When the period begins or has ended that a wish stands or falls with; null where none does. */
export const whenOf = (
  standing: QueueTrace['policies'][number]['standing'] | Standing,
): string | null =>
  standing.kind === 'not-yet'
    ? iso(standing.from)
    : standing.kind === 'over'
      ? iso(standing.since)
      : null;

export const originOf = ({ policy, span: { file, line } }: Provenance): Origin => ({
  policy,
  file,
  line,
});

/** An instant in milliseconds, as ISO 8601. */
export const iso = (ms: number): string => new Date(ms).toISOString();
