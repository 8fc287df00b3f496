/** `wrapkeeper plan`: reads, compares, prints. It is given a connection that cannot write. */
import type { Plan } from '../domain/change.js';
import type { ExitCode } from '../domain/codes.js';
import { reconcile } from '../reconcile.js';
import { renderBaseMarkdown } from '../report/markdown-base.js';
import { renderBaseText } from '../report/text-base.js';
import { renderJson } from '../report/json.js';
import { renderPlanMarkdown } from '../report/markdown-plan.js';
import { renderPlanText } from '../report/text-plan.js';
import { readBase } from './base-source.js';
import { openReader } from './connection.js';
import { exitOfPlan } from './exit.js';
import { describePass, recall } from './pass.js';
import { savePlan } from './plan-store.js';
import { selectQueues } from './selection.js';
import type { Session } from './session.js';
import { PassStatus } from './status.js';
import { loadWorkspace } from './workspace.js';

export interface PlanOptions {
  readonly queue?: readonly string[];
  readonly region?: string;
  readonly detailedExitcode?: boolean;
  readonly out?: string;
  readonly base?: string;
}

export const runPlan = async (session: Session, options: PlanOptions): Promise<ExitCode> => {
  const workspace = await loadWorkspace(session);
  const selection = selectQueues(options.queue ?? []);
  const compared =
    options.base === undefined ? null : await readBase(session, workspace, options.base);
  const connection = await openReader(session, {
    settings: workspace.settings,
    region: options.region ?? null,
    signal: session.io.signal,
    status: new PassStatus(session.screen),
  });
  try {
    const { remembered, findings } = await recall(workspace);
    const pass = await describePass(session, workspace, connection, remembered);
    const { plan } = await reconcile({
      ...pass,
      diagnostics: [...pass.diagnostics, ...findings, ...(compared?.findings ?? [])],
      ...(compared !== null && { base: compared.base }),
      selects: selection.selects,
    });
    selection.mustHaveMatched();
    const saved = options.out === undefined ? null : await savePlan(session, plan, options.out);
    await session.screen.print(render(plan, session));
    if (saved !== null) await session.screen.tell(saved);
    return exitOfPlan(plan, options.detailedExitcode === true);
  } finally {
    await connection.close();
  }
};

const render = (plan: Plan, { format, screen }: Session): string => {
  if (format === 'json') return renderJson(plan);
  if (format === 'markdown')
    return plan.base === undefined ? renderPlanMarkdown(plan) : renderBaseMarkdown(plan);
  return plan.base === undefined
    ? renderPlanText(plan, screen.out)
    : renderBaseText(plan, screen.out);
};
