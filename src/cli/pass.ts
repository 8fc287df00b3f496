/** One pass, as `plan` and `apply` begin it. */
import { readSource } from '../git/source.js';
import type { OrgReader } from '../apply/ports.js';
import type { Pass } from '../reconcile.js';
import { planKeyOf } from './plan-store.js';
import type { Session } from './session.js';
import type { Workspace } from './workspace.js';

/** Everything that a pass needs to know, apart from which queues and whether to apply. */
export const describePass = async (
  { io, version }: Session,
  { root, paths, policySet, settings, diagnostics }: Workspace,
  { reader, region }: { readonly reader: OrgReader; readonly region: string },
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
});
