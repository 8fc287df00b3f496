/** `wrapkeeper apply`: plans, shows, asks, applies, and tells what really happened. */
import type { ExitCode } from '../domain/codes.js';
import { AppError } from '../domain/errors.js';
import { reconcile } from '../reconcile.js';
import { openWriter } from './connection.js';
import { Dialogue } from './dialogue.js';
import { exitOfReport } from './exit.js';
import { describePass } from './pass.js';
import { selectQueues } from './selection.js';
import type { Session } from './session.js';
import { PassStatus } from './status.js';
import { followSignal } from './stop.js';
import { loadWorkspace } from './workspace.js';

export interface ApplyOptions {
  readonly queue?: readonly string[];
  readonly region?: string;
  readonly autoApprove?: boolean;
  readonly accept?: string;
  readonly ignoreWindow?: boolean;
  readonly reason?: string;
}

export const runApply = async (session: Session, options: ApplyOptions): Promise<ExitCode> => {
  const { io } = session;
  const ignoreWindows = whyIgnoreWindows(options);
  const workspace = await loadWorkspace(session);
  const selection = selectQueues(options.queue ?? []);
  const accept = options.accept ?? null;
  const status = new PassStatus(session.screen);
  const autoApprove = options.autoApprove === true;
  const dialogue = new Dialogue(session, status, { autoApprove, accept });
  // A stop ends reading at once; from the first write on, queues finish their step.
  const reading = followSignal(io.signal);
  const connection = await openWriter(session, {
    settings: workspace.settings,
    region: options.region ?? null,
    signal: reading.signal,
    status,
  });
  try {
    const { plan, report } = await reconcile({
      ...(await describePass(session, workspace, connection)),
      selects: selection.selects,
      apply: {
        writer: connection.writer,
        accept,
        ignoreWindows,
        run: io.newId(),
        signal: io.signal,
        observer: status,
        approve: async (proposed) => {
          selection.mustHaveMatched();
          const approved = await dialogue.approve(proposed);
          if (approved) reading.letGo();
          return approved;
        },
      },
    });
    selection.mustHaveMatched();
    if (report === null) throw new Error('an apply has no report');
    await dialogue.conclude(plan, report);
    return exitOfReport(report);
  } finally {
    await connection.close();
  }
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
