/** `wrapkeeper audit undo`: the inverse plan of a run. Reads, plans and saves; `apply` applies it. */
import type { Plan } from '../domain/change.js';
import { EXIT } from '../domain/codes.js';
import type { ExitCode } from '../domain/codes.js';
import { warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { AppError } from '../domain/errors.js';
import { quote, quoteFew } from '../domain/text.js';
import { readJournal, surveyJournal } from '../journal/survey.js';
import { UndoCollector } from '../plan/collect-undo.js';
import type { CollectedUndo } from '../plan/collect-undo.js';
import { reconcile } from '../reconcile.js';
import { renderJson } from '../report/json.js';
import { renderPlanText } from '../report/text-plan.js';
import { withAuditJournal } from './audit-journal.js';
import { openReader } from './connection.js';
import { describePass } from './pass.js';
import { savePlan } from './plan-store.js';
import type { Session } from './session.js';
import { PassStatus } from './status.js';
import { loadWorkspace } from './workspace.js';
import { NOT_SEEN } from '../domain/journal.js';

export interface AuditUndoOptions {
  readonly arguments: readonly [run: string];
  readonly out: string;
  readonly region?: string;
}

export const runAuditUndo = async (
  session: Session,
  { arguments: [run], out, region }: AuditUndoOptions,
): Promise<ExitCode> => {
  const { screen, format, io } = session;
  const workspace = await loadWorkspace(session);
  const collected = await withAuditJournal(session, ({ folder }) => collect(folder, run));
  const { undo } = collected;
  mustHaveWritten(collected);
  const connection = await openReader(session, {
    settings: workspace.settings,
    region: region ?? null,
    signal: io.signal,
    status: new PassStatus(screen),
  });
  try {
    const pass = await describePass(session, workspace, connection, () => NOT_SEEN);
    const { plan } = await reconcile({
      ...pass,
      diagnostics: [...pass.diagnostics, ...leftAlone(collected)],
      selects: () => true,
      undo,
    });
    const isEmpty = plan.queues.length + plan.catalog.rename.length === 0;
    await screen.print(format === 'json' ? renderJson(plan) : renderPlanText(plan, screen.out));
    if (isEmpty && plan.held.every(({ by }) => by === 'conflict'))
      throw nothingToUndo(plan, undo.run);
    await screen.tell(await savePlan(session, plan, out));
    return EXIT.done;
  } finally {
    await connection.close();
  }
};

const collect = async (folder: string, run: string): Promise<CollectedUndo> => {
  const survey = await surveyJournal(folder, { queues: [], run });
  const collector = new UndoCollector(survey.run ?? run);
  for await (const found of readJournal(folder)) {
    if (found.kind !== 'record') break;
    collector.take(found.record);
  }
  return collector.result();
};

const mustHaveWritten = ({ undo, isKnown, halfway }: CollectedUndo): void => {
  if (!isKnown)
    throw new AppError('audit.unknown-run', `The journal knows no run ${quote(undo.run)}.`);
  if (undo.queues.length + undo.renames.length > 0) return;
  throw new AppError(
    'undo.nothing',
    halfway.length === 0
      ? `The run ${undo.run} has changed nothing.`
      : `The run ${undo.run} has changed nothing to its end; ${quoteFew(halfway)} it left halfway.`,
  );
};

const leftAlone = ({ halfway, created }: CollectedUndo): readonly Diagnostic[] => [
  ...halfway.map((name) =>
    warning({
      code: 'undo.left-out',
      message: `${quote(name)} is not undone: the run left it halfway, or could not tell what became of it.`,
      queue: name,
    }),
  ),
  ...(created.length === 0
    ? []
    : [
        warning({
          code: 'undo.left-out',
          message: `${quoteFew(created)} ${created.length === 1 ? 'stays in the organization: a code is' : 'stay in the organization: codes are'} never deleted.`,
        }),
      ]),
];

const nothingToUndo = ({ held }: Plan, run: string): AppError =>
  held.length === 0
    ? new AppError('undo.nothing', `Nothing that the run ${run} has changed is as it left it.`)
    : new AppError(
        'undo.nothing',
        `The policies in force want what the run ${run} has done, and would do it again.`,
        {
          remedy:
            'Revert the commit that asks for it (or set `enforcement: report`), and undo then; or let `apply` bring about what the reverted policies say.',
        },
      );
