/** One pass over an organization, in memory or behind HTTP, with nothing between the test and `reconcile`. */
import type { Plan } from '../../src/domain/change.js';
import type { ApplyReport } from '../../src/domain/change.js';
import type { PolicySet } from '../../src/policy/model.js';
import { reconcile } from '../../src/reconcile.js';
import type { ApplyRequest, Pass } from '../../src/reconcile.js';
import type { OrgReader, OrgWriter } from '../../src/apply/ports.js';
import type { Clock } from '../../src/domain/clock.js';
import { NOT_SEEN } from '../../src/domain/journal.js';
import { ABOUT, MemoryJournal } from './memory-journal.js';
import { settings } from './policy-set.js';

/** What a pass needs of an organization. */
interface Passable {
  readonly reader: OrgReader;
  readonly writer: OrgWriter;
  readonly clock: Clock;
}

const passOver = (org: Passable, policySet: PolicySet, rest: Partial<Pass>): Pass => ({
  policySet,
  diagnostics: [],
  settings: settings(),
  region: 'us-east-1',
  source: { commit: null, dirty: false },
  tool: 'wrapkeeper/0.1.0',
  reader: org.reader,
  clock: org.clock,
  onUnresolved: 'refuse',
  selects: () => true,
  planKey: null,
  remembered: () => NOT_SEEN,
  ...rest,
});

export const planOver = async (
  org: Passable,
  policies: PolicySet,
  rest: Partial<Pass> = {},
): Promise<Plan> => (await reconcile(passOver(org, policies, rest))).plan;

export const applyOver = async (
  org: Passable,
  policies: PolicySet,
  { request, ...rest }: Partial<Pass> & { readonly request?: Partial<ApplyRequest> } = {},
): Promise<{ readonly plan: Plan; readonly report: ApplyReport }> => {
  const apply: ApplyRequest = {
    writer: org.writer,
    saved: null,
    approve: () => Promise.resolve(true),
    accept: null,
    ignoreWindows: null,
    run: 'run-1',
    journal: new MemoryJournal(org.clock),
    about: ABOUT,
    signal: new AbortController().signal,
    observer: {},
    ...request,
  };
  const { plan, report } = await reconcile(
    passOver(org, policies, {
      remembered: (id) => apply.journal.queue(id),
      ...rest,
      apply,
    }),
  );
  if (report === null) throw new Error('an apply ends in a report');
  return { plan, report };
};
