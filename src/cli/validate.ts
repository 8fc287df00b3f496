/** `wrapkeeper validate`: everything that can be known offline, at once. */
import { EXIT } from '../domain/codes.js';
import type { DiagnosticCode, ExitCode } from '../domain/codes.js';
import { asWarning, byPlace, hasErrors } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { invalidInput } from '../domain/errors.js';
import { renderGitHubAnnotations } from '../report/github.js';
import { errorReport, renderJson } from '../report/json.js';
import { renderSarif } from '../report/sarif.js';
import { renderValidationText, validationReport } from '../report/validation.js';
import type { Validation } from '../report/validation.js';
import { fromRepository } from './root.js';
import type { Session } from './session.js';
import { readWorkspace } from './workspace.js';

/** What depends on where it runs: only `plan` and `apply` are stopped by it. */
const CIRCUMSTANCES: ReadonlySet<DiagnosticCode> = new Set<DiagnosticCode>([
  'settings.organization-required',
]);

export const runValidate = async (session: Session): Promise<ExitCode> => {
  const workspace = await readWorkspace(session);
  const diagnostics = workspace.diagnostics
    .map((finding) => (CIRCUMSTANCES.has(finding.code) ? asWarning(finding) : finding))
    .sort(byPlace);
  const { sources } = session;
  const placed = await fromRepository(workspace.root, diagnostics);
  await session.screen.print(render({ ...workspace, diagnostics, sources }, placed, session));
  return hasErrors(diagnostics) ? EXIT.invalid : EXIT.done;
};

const render = (
  validation: Validation,
  placed: readonly Diagnostic[],
  { format, screen, version }: Session,
): string => {
  const { diagnostics } = validation;
  if (format === 'github') return renderGitHubAnnotations(placed);
  if (format === 'sarif') return renderSarif(placed, { version });
  if (format === 'text') return renderValidationText(validation, screen.out);
  const report = validationReport(validation);
  return renderJson(
    report.valid
      ? report
      : { ...errorReport(invalidInput(diagnostics)), diagnostics: report.diagnostics },
  );
};
