/** What the ledger writes down, as far as it follows from the plan and the run alone. */
import type { ChangedSections, HeldChange, Plan } from '../domain/change.js';
import type { InSync, RunStarted } from '../domain/journal.js';
import type { QueueSnapshot } from '../domain/state.js';
import type { QueueDrift } from '../diff/detect-drift.js';
import { digestOf } from '../plan/digest.js';
import type { RunJournal } from './ports.js';

/** What stands in `run.started` and in no plan. */
export type RunAbout = Omit<
  RunStarted,
  'kind' | 'run' | 'organization' | 'region' | 'api' | 'plan' | 'source' | 'tool'
> & { readonly commitAuthor: string | null };

export interface LedgerInput {
  readonly journal: RunJournal;
  readonly run: string;
  readonly about: RunAbout;
  readonly plan: Plan;
  /** The seal of the saved plan that is applied, or null. */
  readonly saved: Plan | null;
  readonly drifts: readonly QueueDrift[];
  /** Whether a run without news leaves no record, and which refusals were told already. */
  readonly quiet?: { readonly refusalsTold: ReadonlySet<string> };
}

/** So many queues stand in one record. */
const QUEUES_PER_RECORD = 500;

/** A run begins. */
export const startOf = ({ run, about, plan, saved }: LedgerInput): RunStarted => {
  const { commitAuthor: author, ...facts } = about;
  return {
    kind: 'run.started',
    run,
    tool: plan.tool,
    organization: plan.organization,
    region: plan.region,
    api: plan.api,
    plan: {
      digest: plan.digest,
      saved: saved?.seal ?? null,
      undoes: plan.undoes?.run ?? null,
    },
    source: { ...plan.source, author },
    ...facts,
  };
};

/** Queues that were found in sync, in records of a bearable size. */
export const inSyncEntries = (run: string, queues: InSync['queues']): readonly InSync[] => {
  const entries: InSync[] = [];
  for (let at = 0; at < queues.length; at += QUEUES_PER_RECORD)
    entries.push({ kind: 'in-sync', run, queues: queues.slice(at, at + QUEUES_PER_RECORD) });
  return entries;
};

/** The sections of a change, and nothing else of it. */
export const sectionsOf = ({ afterCallWork, wrapupCodes }: ChangedSections): ChangedSections => ({
  ...(afterCallWork === undefined ? {} : { afterCallWork }),
  ...(wrapupCodes === undefined ? {} : { wrapupCodes }),
});

/** Tells drift that was reported from other drift. */
export const driftDigest = (held: HeldChange): string =>
  digestOf([held.liveDigest, sectionsOf(held)]);

/** A queue as the plan saw it. */
export const snapshotOf = ({
  desired,
  codes,
}: Pick<QueueDrift, 'desired' | 'codes'>): QueueSnapshot => ({
  afterCallWork: desired.queue.afterCallWork,
  wrapupCodes: codes?.codes ?? null,
});

/** Whether no policy would change anything. */
export const isInSync = ({ enforced, beyond }: QueueDrift): boolean =>
  [enforced, beyond].every(
    ({ afterCallWork, wrapupCodes }) => afterCallWork === null && wrapupCodes === null,
  );
