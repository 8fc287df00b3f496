/** Who drifted a queue, as the journal keeps it. */
import type { ChangedBy } from '../domain/journal.js';
import type { LastChange } from './ports.js';

/**
 * The last change of a queue as a record has it. It stays a fact where it was ours: that the OAuth client is
 * the one of the run stands in `run.started`.
 */
export const toChangedBy = (change: LastChange): ChangedBy => {
  if (change.by === 'unknown') return change;
  const { by, author, at, action } = change;
  const { kind, id, name } = author;
  return { by, kind, id, name, at: new Date(at).toISOString(), action };
};
