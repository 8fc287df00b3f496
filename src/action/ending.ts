/** How a run of the Action ended: what its outputs, its summary, its annotations and its exit code are made of. */
import type { ApplyReport, DiagnosticJson, Plan } from '../domain/change.js';
import { EXIT } from '../domain/codes.js';
import type { DiagnosticCode, ExitCode } from '../domain/codes.js';
import { diagnosticJson } from '../domain/diagnostics.js';
import type { AppError } from '../domain/errors.js';

/** Why a run failed; a promise to workflows. */
export const FAILURE_REASONS = [
  'invalid',
  'plan-changed',
  'not-reviewed',
  'superseded',
  'refused-by-guard',
  'stale',
  'partial',
  'failed',
  'github',
  'usage',
  'interrupted',
  'error',
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** The end of a run. */
export interface Ending {
  readonly command: 'validate' | 'plan' | 'apply';
  readonly exit: ExitCode;
  /** null where it succeeded. */
  readonly failure: FailureReason | null;
  /** What was planned, or null. */
  readonly plan: Plan | null;
  /** Where the plan was saved, absolute, or null. */
  readonly planPath: string | null;
  /** What an apply did, or null. */
  readonly report: ApplyReport | null;
  /** What else was found, errors included: of a validation, or of a command that failed. */
  readonly findings: readonly DiagnosticJson[];
  /** What people should know besides. */
  readonly notes: readonly string[];
}

const EMPTY = {
  exit: EXIT.done,
  failure: null,
  plan: null,
  planPath: null,
  report: null,
  findings: [],
  notes: [],
} as const;

/** An ending with these parts, and nothing else in it. */
export const ending = (parts: Partial<Ending> & Pick<Ending, 'command'>): Ending => ({
  ...EMPTY,
  ...parts,
});

/** The ending of a run that an error of ours stopped. */
export const failedEnding = (
  command: Ending['command'],
  error: AppError,
  parts: Partial<Ending> = {},
): Ending =>
  ending({
    ...parts,
    command,
    exit: error.exitCode,
    failure: reasonOfError(error),
    findings: [...(parts.findings ?? []), ...error.diagnostics.map(diagnosticJson)],
  });

/** Errors that say more than their exit code. */
const OF_CODE: Readonly<Partial<Record<string, FailureReason>>> = {
  'action.plan-changed': 'plan-changed',
  'plan.not-reviewed': 'plan-changed',
  'action.not-reviewed': 'not-reviewed',
  'plan.superseded': 'superseded',
  'action.github': 'github',
  'action.input': 'usage',
  'action.event': 'usage',
} satisfies Partial<Record<DiagnosticCode, FailureReason>>;

const reasonOfError = ({ code, exitCode }: AppError): FailureReason =>
  OF_CODE[code] ?? OF_EXIT[exitCode] ?? 'error';

const OF_EXIT: Readonly<Record<ExitCode, FailureReason | null>> = {
  [EXIT.done]: null,
  [EXIT.changes]: null,
  [EXIT.error]: 'error',
  [EXIT.partial]: 'partial',
  [EXIT.refused]: 'refused-by-guard',
  [EXIT.stale]: 'stale',
  [EXIT.invalid]: 'invalid',
  [EXIT.interrupted]: 'interrupted',
  [EXIT.terminated]: 'interrupted',
};

/** Why a command failed that ended with this code, and told these findings; null where it did not. */
export const reasonOfCommand = (
  exit: ExitCode,
  report: ApplyReport | null,
  findings: readonly Pick<DiagnosticJson, 'code'>[],
): FailureReason | null => {
  if (exit === EXIT.error && report !== null) return 'failed';
  const told = exit === EXIT.stale ? findings.map(({ code }) => OF_CODE[code]) : [];
  return told.find((reason) => reason !== undefined) ?? OF_EXIT[exit];
};
