/** Which of all findings a person wants to see who asks about one queue. */
import type { DiagnosticCode } from '../domain/codes.js';
import type { Diagnostic, SourceSpan } from '../domain/diagnostics.js';
import type { LiveQueue } from '../domain/state.js';
import type { PolicySet } from '../policy/model.js';
import type { QueueTrace } from './trace-queue.js';

/** What is wrong with entries that mean other queues. */
const OF_OTHERS: ReadonlySet<DiagnosticCode> = new Set<DiagnosticCode>([
  'policy.selects-nothing',
  'reference.unknown-queue',
  'reference.renamed',
]);

/**
 * Findings that name the queue, and those in a document that means it, apart from entries for other queues.
 */
export const findingsAbout = (
  queue: Pick<LiveQueue, 'name'>,
  { policies }: QueueTrace,
  policySet: PolicySet,
  diagnostics: readonly Diagnostic[],
): readonly Diagnostic[] => {
  const names = new Set(policies.map(({ policy }) => policy.name));
  const documents = [...policySet.policies, ...policySet.catalogs, ...policySet.allowances];
  /** The document that a place lies in: the last that begins before it. */
  const documentAt = ({ file, line }: SourceSpan): string | null => {
    const before = documents
      .filter(({ from: { span } }) => span.file === file && span.line <= line)
      .sort((a, b) => b.from.span.line - a.from.span.line);
    const [nearest] = before;
    return nearest?.kind === 'QueuePolicy' ? nearest.name : null;
  };
  return diagnostics.filter((found) => {
    if (found.queue !== null) return found.queue === queue.name;
    if (found.span === null || OF_OTHERS.has(found.code)) return false;
    return names.has(documentAt(found.span) ?? '');
  });
};
