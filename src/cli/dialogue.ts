/** What `apply` says, asks and answers: the plan, the question, the progress, the report. */
import { createInterface } from 'node:readline';
import type { ApplyReport, Plan } from '../domain/change.js';
import { diagnosticJson, problem } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { changesToJudge } from '../plan/forecast.js';
import { refusals } from '../plan/guards.js';
import { renderJson } from '../report/json.js';
import { guardSentence } from '../report/plan-words.js';
import { renderPlanText } from '../report/text-plan.js';
import { renderReportText } from '../report/text-report.js';
import { visible } from '../report/visible.js';
import type { Session } from './session.js';
import type { PassStatus } from './status.js';

export interface DialogueOptions {
  /** Whether the plan was shown and reviewed before: it was saved, or its digest is named. */
  readonly isReviewed: boolean;
  readonly autoApprove: boolean;
  /** `--accept`, or null. */
  readonly accept: string | null;
}

/** One apply as a person follows it. The report goes to stdout, everything before it to stderr. */
export class Dialogue {
  readonly #session: Session;
  readonly #options: DialogueOptions;
  readonly #status: PassStatus;
  /** What came of the run besides the report's own findings. */
  readonly #findings: Diagnostic[] = [];
  #shown = false;

  constructor(session: Session, status: PassStatus, options: DialogueOptions) {
    this.#session = session;
    this.#status = status;
    this.#options = options;
  }

  /** Shows the plan and asks; only `yes` is a yes. Where nobody can be asked, nobody has agreed. */
  async approve(plan: Plan): Promise<boolean> {
    const { screen, io } = this.#session;
    const { isReviewed, autoApprove } = this.#options;
    if (!isReviewed) await this.#show(plan);
    const approved = isReviewed || autoApprove || (screen.isInteractive && (await this.#ask(plan)));
    if (approved) {
      this.#begin(plan);
    } else if (!io.signal.aborted) {
      this.#findings.push(
        problem({
          code: 'apply.not-approved',
          message: screen.isInteractive
            ? 'The plan was not approved, and nothing was written.'
            : 'Nobody approved the plan: there is no terminal to ask on. Nothing was written.',
          remedy: 'Answer `yes`, or pass --auto-approve where nobody can be asked.',
        }),
      );
    }
    return approved;
  }

  #begin(plan: Plan): void {
    const { screen, io } = this.#session;
    this.#status.applying(changesToJudge(plan).length);
    io.signal.addEventListener('abort', () => {
      void screen.tell(
        'Stopping: what is being written is finished first. A second signal ends at once.\n',
      );
    });
  }

  /** Prints the report, with whatever else a person should know, and the plan where a guard refused it. */
  async conclude(
    plan: Plan,
    report: ApplyReport,
    found: readonly Diagnostic[] = [],
  ): Promise<void> {
    const { screen, format } = this.#session;
    const refused = report.outcome === 'refused' ? this.#explain(plan) : [];
    if (refused.length > 0) await this.#show(plan);
    const findings = [...this.#findings, ...refused, ...found, ...this.#stopped()].map(
      diagnosticJson,
    );
    const whole = { ...report, diagnostics: [...report.diagnostics, ...findings] };
    if (format === 'json') return screen.print(renderJson(whole));
    // In text, the guards stand in the report, and what the plan has said is not said again.
    const told = [...(this.#shown ? plan.diagnostics : []), ...refused.map(diagnosticJson)];
    return screen.print(renderReportText(whole, { ...screen.out, told }));
  }

  async #show(plan: Plan): Promise<void> {
    const { screen, format } = this.#session;
    if (this.#shown || (format !== 'text' && !screen.isInteractive)) return;
    this.#shown = true;
    await screen.tell(`${renderPlanText(plan, screen.err)}\n`);
  }

  async #ask({ organization }: Plan): Promise<boolean> {
    const { screen, io } = this.#session;
    // Without raw mode, so that Ctrl-C stays the signal that it is everywhere else.
    const lines = createInterface({ input: io.stdin, terminal: false });
    const answered = new Promise<string | null>((resolve) => {
      lines.once('line', resolve);
      lines.once('close', () => resolve(null));
      io.signal.addEventListener('abort', () => resolve(null), { once: true });
    });
    await screen.tell(
      `Apply these changes to ${visible(organization.name)}? Only "yes" is accepted: `,
    );
    const answer = io.signal.aborted ? null : await answered;
    lines.close();
    await screen.tell(answer === null ? '\n\n' : '\n');
    return answer?.trim() === 'yes';
  }

  #explain({ guards, digest }: Plan): readonly Diagnostic[] {
    const { accept } = this.#options;
    const other = accept === null ? '' : ` --accept names another plan, ${accept}.`;
    return refusals(guards).map((guard) =>
      problem({
        code: 'apply.refused-by-guard',
        message: `${guardSentence(guard)}${other}`,
        remedy: `Read the plan; then split the change, add a GuardAllowance to the policies, or lift the guards for exactly this plan: --accept ${digest}`,
      }),
    );
  }

  #stopped(): readonly Diagnostic[] {
    const { signal } = this.#session.io;
    if (!signal.aborted) return [];
    return [
      problem({ code: 'cli.interrupted', message: `${String(signal.reason)} stopped the run.` }),
    ];
  }
}
