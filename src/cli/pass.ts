/** One pass, as `plan` and `apply` begin it. */
import { resolve } from 'node:path';
import { asWarning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { AppError } from '../domain/errors.js';
import { NOT_SEEN } from '../domain/journal.js';
import { inFolder } from '../journal/folder.js';
import { readSource } from '../git/source.js';
import type { OrgReader } from '../apply/ports.js';
import { readJournalState } from '../journal/journal.js';
import type { Pass } from '../reconcile.js';
import { planKeyOf } from './plan-store.js';
import type { Session } from './session.js';
import type { Workspace } from './workspace.js';

/** Everything that a pass needs to know, apart from which queues and whether to apply. */
export const describePass = async (
  { io, version }: Session,
  { root, paths, policySet, settings, diagnostics }: Workspace,
  { reader, region }: { readonly reader: OrgReader; readonly region: string },
  remembered: Pass['remembered'],
): Promise<Omit<Pass, 'selects' | 'apply'>> => ({
  policySet,
  settings,
  diagnostics,
  region,
  source: await readSource(root, paths),
  tool: `wrapkeeper/${version}`,
  reader,
  clock: io.clock,
  onUnresolved: 'refuse',
  planKey: planKeyOf(io.env),
  remembered,
});

/** What a journal remembers, and what is wrong with it. */
export interface Recalled {
  readonly remembered: Pass['remembered'];
  readonly findings: readonly Diagnostic[];
}

const NOTHING: Recalled = { remembered: () => NOT_SEEN, findings: [] };

/**
 * What the journal remembers of queues, for who only looks. A journal on a branch is not fetched for that. One
 * that is broken or cannot be read is told, and stops nobody from looking.
 */
export const recall = async ({ settings, root }: Workspace): Promise<Recalled> => {
  const { store } = settings.journal;
  if ('branch' in store) return NOTHING;
  const folder = resolve(root, store.folder);
  try {
    const state = await inFolder(folder, () => readJournalState(folder));
    return { remembered: (queue) => state.queue(queue), findings: [] };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ...NOTHING, findings: error.diagnostics.map(asWarning) };
  }
};
