/** `--mode report`: everything is read, compared and told, and nothing is written. */
import type { PolicySet } from '../policy/model.js';
import type { Settings } from '../policy/settings.js';

/** Longer than any pass. */
const A_DAY_MS = 86_400_000;

/**
 * The same policies, as if each of them said `enforcement: report`; and the organization as if it were suspended, so
 * that the catalog creates and renames nothing either.
 */
export const onlyReporting = (
  { policySet, settings }: { readonly policySet: PolicySet; readonly settings: Settings },
  now: number,
): { readonly policySet: PolicySet; readonly settings: Settings } => ({
  policySet: {
    ...policySet,
    policies: policySet.policies.map((policy) => ({ ...policy, enforcement: 'report' })),
  },
  settings: {
    ...settings,
    suspend: settings.suspend ?? {
      by: 'the daemon',
      reason: 'it runs in report mode',
      until: now + A_DAY_MS,
    },
  },
});
