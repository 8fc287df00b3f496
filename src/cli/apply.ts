/** `wrapkeeper apply`: plans, shows, asks, applies, and tells what really happened. */
import type { ApplyReport, Plan } from '../domain/change.js';
import type { ExitCode } from '../domain/codes.js';
import { isUnsent } from '../apply/send-step.js';
import { AppError } from '../domain/errors.js';
import type { JournalHead } from '../domain/journal.js';
import { reconcile } from '../reconcile.js';
import { readBase } from './base-source.js';
import { openWriter } from './connection.js';
import { Dialogue } from './dialogue.js';
import { exitOfReport } from './exit.js';
import { describePass } from './pass.js';
import { loadPlan, writePlan } from './plan-store.js';
import { describeRun } from './run-about.js';
import { selectQueues } from './selection.js';
import type { Session } from './session.js';
import { PassStatus } from './status.js';
import { followSignals } from './stop.js';
import { tellLateness } from './superseded.js';
import { loadWorkspace } from './workspace.js';
import { beginWriting } from './writing.js';

export interface ApplyOptions {
  readonly arguments: readonly [planFile?: string];
  readonly queue?: readonly string[];
  readonly region?: string;
  readonly autoApprove?: boolean;
  readonly accept?: string;
  readonly ignoreWindow?: boolean;
  readonly reason?: string;
  readonly out?: string;
  readonly base?: string;
  readonly reviewed?: string;
}

export const runApply = async (session: Session, options: ApplyOptions): Promise<ExitCode> => {
  const { io } = session;
  const ignoreWindows = whyIgnoreWindows(options);
  mustBelongTogether(options);
  const saved = await savedPlan(session, options);
  const workspace = await loadWorkspace(session);
  const selection = selectQueues(options.queue ?? []);
  const { base, reviewed } = options;
  const compared = base === undefined ? null : await readBase(session, workspace, base);
  const accept = options.accept ?? null;
  const status = new PassStatus(session.screen);
  const dialogue = new Dialogue(session, status, {
    isReviewed: saved !== null || reviewed !== undefined,
    autoApprove: options.autoApprove === true,
    accept,
  });
  let isKept = options.out === undefined;
  const keep = async (plan: Plan): Promise<void> => {
    if (options.out !== undefined) await writePlan(session, plan, options.out);
    isKept = true;
  };
  const run = io.newId();
  const writing = await beginWriting(workspace, io, run, saved);
  // Whoever loses the lease stops as if asked to.
  const stopping = followSignals([io.signal, writing.lost]);
  // A stop ends reading at once; from the first write on, queues finish their step.
  const reading = followSignals([stopping.signal]);
  let hasEnded = false;
  try {
    const connection = await openWriter(session, {
      settings: workspace.settings,
      region: options.region ?? null,
      signal: reading.signal,
      beforeWrite: writing.mustBeHeld,
      status,
    });
    try {
      const { journal } = writing;
      const pass = await describePass(session, workspace, connection, (id) => journal.queue(id));
      const overrides = { accept, ignoreWindows };
      const { commit } = pass.source;
      const about = await describeRun(session, workspace, pass.source, 'apply', overrides);
      // An undo is of a run, and not of what a commit says.
      const lateness =
        saved?.undoes === undefined
          ? await tellLateness(
              { folder: workspace.root, env: io.env, clock: io.clock, signal: reading.signal },
              { commit, branch: about.branch, applied: writing.applied },
              { isAsked: saved === null && reviewed === undefined && options.autoApprove !== true },
            )
          : [];
      const { plan, report } = await reconcile({
        ...pass,
        ...(compared !== null && { base: compared.base }),
        diagnostics: [...pass.diagnostics, ...(compared?.findings ?? []), ...lateness],
        selects: selection.selects,
        apply: {
          ...overrides,
          writer: connection.writer,
          saved,
          ...(reviewed !== undefined && { reviewed }),
          run,
          journal,
          about,
          signal: stopping.signal,
          observer: status,
          approve: async (proposed) => {
            selection.mustHaveMatched();
            // Before the first write: what is written is kept on the disk, or nothing is.
            await keep(proposed);
            const approved = await dialogue.approve(proposed);
            if (approved) reading.letGo();
            return approved;
          },
        },
      });
      selection.mustHaveMatched();
      if (report === null) throw new Error('an apply has no report');
      if (!isKept) await keep(plan);
      hasEnded = true;
      const told = new Set(report.diagnostics.map(({ code }) => code));
      const found = (await writing.end(true)).filter(({ code }) => !told.has(code));
      await dialogue.conclude(plan, anchored(report, writing.kept()), found);
      return exitOfReport(report);
    } finally {
      await connection.close();
    }
  } catch (error) {
    // What was being read when the lease was lost ended as if somebody had stopped it.
    throw error instanceof AppError && isUnsent(error) && writing.lost.aborted
      ? writing.lost.reason
      : error;
  } finally {
    stopping.letGo();
    // Somebody waits for the error.
    if (!hasEnded) await writing.end(false);
  }
};

/** A report names no record that was lost: whoever looks for it later would think that somebody took it away. */
const anchored = (report: ApplyReport, kept: JournalHead): ApplyReport =>
  report.journal === null || report.journal.seq <= kept.seq ? report : { ...report, journal: kept };

const savedPlan = async (
  session: Session,
  { arguments: [file], queue }: ApplyOptions,
): Promise<Plan | null> => {
  if (file === undefined) return null;
  if (queue !== undefined) {
    throw new AppError(
      'cli.usage',
      '--queue selects what is planned, and a saved plan is planned already.',
      {
        remedy: 'Leave --queue out, or save a plan with it: wrapkeeper plan --queue … --out FILE.',
      },
    );
  }
  return loadPlan(session, file);
};

/** What was reviewed is what a branch changes of its base. */
const mustBelongTogether = ({ base, reviewed, arguments: [file] }: ApplyOptions): void => {
  if ((base === undefined) !== (reviewed === undefined))
    throw new AppError('cli.usage', '--base and --reviewed belong together.', {
      remedy:
        'Give both: --base REF --reviewed DIGEST, with `base.digest` of the plan that was reviewed.',
    });
  if (base !== undefined && file !== undefined)
    throw new AppError('cli.usage', '--base is for a plan that is made now, not for a saved one.', {
      remedy: 'Leave out either the file, or --base and --reviewed.',
    });
};

/** Whoever ignores the change windows says why. */
const whyIgnoreWindows = ({ ignoreWindow = false, reason }: ApplyOptions): string | null => {
  const why = reason?.trim() ?? '';
  if (ignoreWindow === (why !== '')) return ignoreWindow ? why : null;
  throw new AppError(
    'cli.usage',
    ignoreWindow
      ? '--ignore-window needs --reason and a text.'
      : '--reason says why the change windows are ignored, and --ignore-window is missing.',
    { remedy: 'Give both: --ignore-window --reason "Outage, approved by …".' },
  );
};
