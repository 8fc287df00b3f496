/** Policies with mistakes in them, and what is found there: for everything that prints diagnostics. */
import { problem, warning } from '../../src/domain/diagnostics.js';
import type { Diagnostic, SourceSpan } from '../../src/domain/diagnostics.js';

const BILLING = `apiVersion: wrapkeeper/v1
kind: QueuePolicy
metadata:
  name: billing
spec:
  priority: 0
  queues:
    include:
      - name: "Billing *"
  afterCallWork:
    prompt: MANDATORY_TIMEOUT
    timeout: 90m
  wrapupCodes:
    unlisted: remove
    codes: [Resolved, Escalated, "Kündigung – Preis", 請求の確認, "Sale closed", Transferred, Tset, Voicemail]
    codez:
`;

const COMMON = `apiVersion: wrapkeeper/v1
kind: QueuePolicy
metadata:
  name: common
spec:
  queues:
    include:
      - name: "*"
  afterCallWork:
    prompt: OPTIONAL
`;

export const SOURCES: ReadonlyMap<string, string> = new Map([
  ['policies/billing.yaml', BILLING],
  ['policies/common.yaml', COMMON],
]);

/** The first place of a text in one of the sources. */
export const placeOf = (file: string, text: string): SourceSpan => {
  const lines = (SOURCES.get(file) ?? '').split('\n');
  const line = lines.findIndex((candidate) => candidate.includes(text));
  const column = (lines[line]?.indexOf(text) ?? 0) + 1;
  return { file, line: line + 1, column, endLine: line + 1, endColumn: column + text.length };
};

/** Three errors and two warnings: a conflict with its other side, one without a place, one on a queue. */
export const FINDINGS: readonly Diagnostic[] = [
  problem({
    code: 'policy.conflict',
    message:
      'policies "billing" and "common" have equal priority (0) and disagree about the prompt of "Billing EN"',
    remedy: 'Give one a higher `priority`, or let them select different queues.',
    span: placeOf('policies/billing.yaml', 'MANDATORY_TIMEOUT'),
    queue: 'Billing EN',
    related: [
      { message: '"common" says OPTIONAL', span: placeOf('policies/common.yaml', 'OPTIONAL') },
    ],
  }),
  problem({
    code: 'policy.timer-out-of-bounds',
    message: 'timeout 90m (5400000 ms) is outside what the platform accepts: 1s to 60m',
    remedy: 'Choose a value within the bounds.',
    span: placeOf('policies/billing.yaml', '90m'),
  }),
  problem({
    code: 'reference.unknown-code',
    message: 'no wrap-up code is named "Tset"; the closest name is "Test"',
    remedy: 'Mend the name, or create the code (a WrapupCodeCatalog with `create: true` does).',
    span: placeOf('policies/billing.yaml', 'Tset'),
  }),
  warning({
    code: 'policy.selects-nothing',
    message: 'pattern "Billing *" matches no queue',
    remedy: 'Check the spelling, or delete the entry.',
    span: placeOf('policies/billing.yaml', '"Billing *"'),
  }),
  warning({
    code: 'plan.unsafe',
    message: 'the queue has no code to choose',
    queue: 'Back office',
  }),
];
