/** `wrapkeeper demo`: the whole story, over real HTTP, through the vendor's SDK, by the one pass. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AuditRow } from '../domain/audit.js';
import type { ApplyReport, Plan } from '../domain/change.js';
import { PLAN_FORMAT } from '../domain/change.js';
import { EXIT } from '../domain/codes.js';
import type { ExitCode } from '../domain/codes.js';
import { Journal } from '../journal/journal.js';
import { queryJournal } from '../journal/query.js';
import { runJournalOf } from '../journal/run-journal.js';
import { reconcile } from '../reconcile.js';
import type { Pass } from '../reconcile.js';
import { renderAuditText } from '../report/audit-text.js';
import { renderJson } from '../report/json.js';
import { renderPlanText } from '../report/text-plan.js';
import { renderReportText } from '../report/text-report.js';
import { count } from '../report/words.js';
import { startSimulator } from '../simulator/simulator.js';
import type { Simulator } from '../simulator/simulator.js';
import { openReader, openWriter } from './connection.js';
import { DEMO_SEED } from './demo-org.js';
import type { Session } from './session.js';
import { describeRun } from './run-about.js';
import { environmentOf } from './simulator.js';
import { PassStatus } from './status.js';
import { Story } from './story.js';
import { PACKAGE_ROOT } from './version.js';
import { readWorkspaceAt } from './workspace.js';

const SAMPLE = 'policies/billing.yaml';
/** The queue that somebody changes by hand. */
const QUEUE = 'Billing DE';

export const runDemo = async (session: Session): Promise<ExitCode> => {
  const simulator = await startSimulator({ seed: DEMO_SEED });
  const folder = await mkdtemp(join(tmpdir(), 'wrapkeeper-demo-'));
  try {
    const steps = await play(session, simulator, folder);
    if (session.format === 'json')
      await session.screen.print(renderJson({ kind: 'Demo', formatVersion: PLAN_FORMAT, steps }));
    return EXIT.done;
  } finally {
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  }
};

interface Step {
  readonly step: string;
  readonly result: Plan | ApplyReport;
}

const play = async (
  session: Session,
  simulator: Simulator,
  folder: string,
): Promise<readonly Step[]> => {
  const story = new Story(session.screen, session.format === 'text');
  const desk = await openDesk(session, simulator, folder);
  const steps: Step[] = [];
  const plan = async (step: string): Promise<void> => {
    const result = await desk.plan();
    steps.push({ step, result });
    await story.show((options) => renderPlanText(result, options));
  };
  const apply = async (step: string): Promise<void> => {
    const { plan: planned, report: result } = await desk.apply();
    steps.push({ step, result });
    await story.show((options) =>
      renderReportText(result, { ...options, told: planned.diagnostics }),
    );
  };

  await story.title('Wrapkeeper, the whole story');

  await story.chapter(
    'A Genesys Cloud',
    `${count(simulator.state.queueNames().length, 'queue')} at ${simulator.url}, simulated. The requests are real HTTP, sent by the vendor's own SDK; nothing leaves this machine.`,
  );

  await story.chapter('Policies', `What queues must be stands in git. ${SAMPLE}, one of four:`);
  await story.quote(withoutHeader(await readFile(new URL(SAMPLE, PACKAGE_ROOT), 'utf8')));

  await story.chapter('wrapkeeper plan', 'What would change. A plan has no means to write.');
  await plan('plan');

  await story.chapter('wrapkeeper apply', 'Codes are added first and removed last.');
  await apply('apply');

  await story.chapter(
    'wrapkeeper plan',
    'Once more: nothing is left to write. What a policy only reports stays a report.',
  );
  await plan('plan-again');

  await story.chapter(
    'Drift',
    `${changeByHand(simulator)} makes after-call work of "${QUEUE}" optional, takes the code "Refund promised" off it and puts "Other" on it, by hand.`,
  );

  await story.chapter('wrapkeeper plan', 'Finds just that.');
  await plan('plan-drift');

  await story.chapter('wrapkeeper apply', 'Corrects it.');
  await apply('correct');

  await story.chapter(
    'wrapkeeper audit list',
    'Who drifted it, and what was done about it: in a journal that shows when somebody has tampered with it.',
  );
  const rows = await lastOf(folder, 'wrapkeeper.queue.corrected');
  await story.show((options) =>
    renderAuditText({ rows, more: 0, diagnostics: [], emptyPlace: null }, options),
  );

  const { requests } = simulator;
  await story.chapter(
    'What next',
    `That took ${count(requests.total(), 'request')}, ${requests.effective().length} of them writes.`,
  );
  await story.list([
    ['wrapkeeper simulator', 'keeps such a Genesys Cloud running, to try things on'],
    ['wrapkeeper validate', 'checks policies offline, with file, line and remedy'],
    ['README.md', 'how to connect your own organization, step by step'],
  ]);
  return steps;
};

/** The sample policies and the simulator, ready for pass after pass. */
const openDesk = async (session: Session, simulator: Simulator, folder: string) => {
  const inside = { ...session, io: { ...session.io, env: environmentOf(simulator) } };
  const root = fileURLToPath(PACKAGE_ROOT);
  const workspace = await readWorkspaceAt(root, undefined, inside);
  const { settings, policySet, diagnostics } = workspace;
  const { io } = inside;
  const { journal } = await Journal.open({ folder, keepMs: null, clock: io.clock });
  const overrides = { accept: null, ignoreWindows: null };
  const about = await describeRun(inside, workspace, { commit: null }, 'demo', overrides);
  const asked = {
    settings,
    region: null,
    signal: io.signal,
    status: new PassStatus(session.screen),
  };
  const passOn = (reader: Pass['reader'], region: string): Pass => ({
    policySet,
    settings,
    diagnostics,
    region,
    source: { commit: null, dirty: false },
    tool: `wrapkeeper/${session.version}`,
    reader,
    clock: io.clock,
    onUnresolved: 'refuse',
    selects: () => true,
    planKey: null,
    remembered: (queue) => journal.state.queue(queue),
  });
  return {
    plan: async (): Promise<Plan> => {
      const connection = await openReader(inside, asked);
      try {
        return (await reconcile(passOn(connection.reader, connection.region))).plan;
      } finally {
        await connection.close();
      }
    },
    apply: async (): Promise<{ readonly plan: Plan; readonly report: ApplyReport }> => {
      const connection = await openWriter(inside, asked);
      try {
        const { plan, report } = await reconcile({
          ...passOn(connection.reader, connection.region),
          apply: {
            writer: connection.writer,
            journal: runJournalOf(journal),
            about,
            saved: null,
            approve: () => Promise.resolve(true),
            ...overrides,
            run: io.newId(),
            signal: io.signal,
            observer: {},
          },
        });
        if (report === null) throw new Error('an apply has no report');
        return { plan, report };
      } finally {
        await connection.close();
      }
    },
  };
};

/** The last record of a type. */
const lastOf = async (folder: string, type: string): Promise<readonly AuditRow[]> => {
  const rows: AuditRow[] = [];
  const query = { since: null, until: null, queues: [], run: null, undelivered: false };
  for await (const listed of await queryJournal(folder, { ...query, types: [type], limit: 1 }))
    if (listed.kind === 'row') rows.push(listed);
  return rows;
};

/** Drift, as it comes about. Returns who did it, as the audit log of the organization says. */
const changeByHand = ({ admin, state }: Simulator): string => {
  admin.setAcw(QUEUE, { wrapupPrompt: 'OPTIONAL' });
  admin.removeCode(QUEUE, 'Refund promised');
  admin.addCode(QUEUE, 'Other');
  return state.audits().at(-1)?.actor.name ?? 'Somebody';
};

const withoutHeader = (text: string): string => text.replace(/^(?:#.*\n)+/, '').trimEnd();
