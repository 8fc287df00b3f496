/** One pass of the daemon over the organization, with the policies of one revision. */
import type { RunJournal } from '../apply/ports.js';
import type { ApplyReport, DiagnosticJson, Plan } from '../domain/change.js';
import type { QueueId } from '../domain/ids.js';
import { reconcile } from '../reconcile.js';
import type { PassResult } from '../reconcile.js';
import type { Attempts } from './attempts.js';
import type { Board } from './board.js';
import type { FlapWatch } from './flap.js';
import type { OrgLink } from './org-link.js';
import type { DaemonParts } from './parts.js';
import type { PolicyState } from './policies.js';
import { onlyReporting } from './report-mode.js';
import type { PassStatus, Trigger } from './status.js';

export interface Enforced extends Omit<PassResult, 'report'> {
  readonly report: ApplyReport;
  readonly extent: PassStatus['extent'];
  readonly trigger: Trigger;
  /** Warnings for people. */
  readonly findings: readonly DiagnosticJson[];
}

export interface EnforceInput {
  readonly parts: DaemonParts;
  readonly state: PolicyState;
  readonly link: OrgLink;
  readonly journal: RunJournal;
  readonly flap: FlapWatch;
  readonly attempts: Attempts;
  /** As it was before this pass. */
  readonly board: Board;
  readonly intervalMs: number;
  readonly refusalsTold: ReadonlySet<string>;
  readonly run: string;
  readonly trigger: Trigger;
  readonly accept: string | null;
  readonly signal: AbortSignal;
}

/** Drift of queues that were in sync, and of which the audit log has not told. */
const missedIn = (
  { queues, held }: Pick<Plan, 'queues' | 'held'>,
  spoken: ReadonlySet<QueueId>,
  board: Board,
): number =>
  new Set(
    [...queues, ...held].flatMap(({ id, cause }) =>
      cause === 'drift' && !spoken.has(id) && board.get(id)?.state === 'in-sync' ? [id] : [],
    ),
  ).size;

export const enforce = async (input: EnforceInput): Promise<Enforced> => {
  const { parts, state, link, journal, flap, attempts, run, trigger, accept, signal } = input;
  const { clock, mode, tool, planKey } = parts;
  const { settings, policySet } = mode === 'report' ? onlyReporting(state, clock.now()) : state;
  // A stop ends reading at once; from the first write on, queues finish their step.
  const reading = new AbortController();
  const stop = (): void => reading.abort(signal.reason);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  const begun = new Set<QueueId>();
  try {
    return await link.endingWith(reading.signal, async () => {
      const { extent, spoken, showsMisses, reader } = await link.refresh({
        settings,
        intervalMs: input.intervalMs,
        // Whoever asks wants to know, and not what was known before.
        mustSweep: trigger === 'request' && accept === null,
        signal: reading.signal,
      });
      const named = extent === 'all' && trigger === 'interval' ? 'sweep' : trigger;
      const overrides = { accept, ignoreWindows: null };
      const passed = await reconcile({
        policySet,
        settings,
        diagnostics: state.diagnostics,
        region: link.region,
        source: { commit: state.revision.commit, dirty: state.revision.dirty },
        tool,
        reader,
        known: link.known,
        flapping: (id) => flap.reasonFor(id, clock.now()),
        clock,
        onUnresolved: 'hold',
        selects: ({ id }) => attempts.waitsUntil(id, clock.now()) === null,
        planKey,
        remembered: (id) => journal.queue(id),
        apply: {
          ...overrides,
          writer: link.writer,
          saved: null,
          approve: () => {
            signal.removeEventListener('abort', stop);
            return Promise.resolve(!signal.aborted);
          },
          run,
          journal,
          about: await parts.about(state, named, overrides),
          signal,
          observer: { queueStarted: ({ id }) => begun.add(id) },
          quiet: { refusalsTold: input.refusalsTold },
        },
      });
      const { report } = passed;
      if (report === null) throw new Error('an apply has no report');
      if (showsMisses) link.missed(missedIn(passed.plan, spoken, input.board));
      link.wrote(
        report.queues.flatMap(({ id, steps }) =>
          steps.some(({ result }) => result === 'applied') ? [id] : [],
        ),
      );
      for (const { id, outcome } of report.queues) {
        if (outcome === 'failed') attempts.failed(id, input.intervalMs, clock.now());
        if (outcome === 'applied' || outcome === 'in-sync') attempts.succeeded(id);
        if (outcome !== 'held' && outcome !== 'not-attempted') begun.add(id);
      }
      if (report.catalog.some(({ outcome }) => outcome !== 'held')) link.catalogTouched();
      return { ...passed, report, extent, trigger: named, findings: passed.plan.diagnostics };
    });
  } finally {
    signal.removeEventListener('abort', stop);
    // Whatever was begun is read anew, however it ended.
    link.touched(begun);
    link.ended();
  }
};
