/** One pass, as `plan` and `apply` begin it. */
import { resolve } from 'node:path';
import { NOT_SEEN } from '../domain/journal.js';
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

/**
 * What the journal remembers of queues, for who only looks. A journal on a branch is not fetched for that,
 * and nothing is remembered of one that is broken: `audit verify` tells.
 */
export const recall = async ({ settings, root }: Workspace): Promise<Pass['remembered']> => {
  const { store } = settings.journal;
  if ('branch' in store) return () => NOT_SEEN;
  try {
    const state = await readJournalState(resolve(root, store.folder));
    return (queue) => state.queue(queue);
  } catch {
    return () => NOT_SEEN;
  }
};
