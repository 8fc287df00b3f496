/** What applies left behind, to print. */
import type { ApplyReport } from '../../src/domain/change.js';
import { codeId } from '../../src/domain/ids.js';
import { largePlan, queueNames, queueRow, report, step } from './plans.js';

/** A large apply that went wrong here and there, in every way a row can end. */
export const partialReport = (): ApplyReport =>
  report({
    outcome: 'partial',
    requests: { sent: 598, retried: 3, throttled: 2 },
    catalog: [
      {
        id: codeId('id of Resolved by bot'),
        name: 'Resolved by bot',
        action: 'create',
        outcome: 'applied',
        reason: null,
        correlationId: null,
      },
      {
        id: codeId('id of Callback'),
        name: 'Call back',
        action: 'rename',
        outcome: 'failed',
        reason: 'the platform refused the request: 403 missing permission routing:wrapupCode:edit',
        correlationId: '77d0c1a4-0000-4000-8000-000000000077',
      },
    ],
    queues: [
      queueRow('Billing DE', {
        outcome: 'failed',
        reason:
          'PUT was refused with 400 invalid.reference: the skill of the second bullseye ring does not exist (bullseye.rings[1].skillsToRemove); steps before it took effect',
        steps: [
          step('add-codes', 'Escalated, Resolved by bot'),
          step('set-after-call-work', 'MANDATORY_TIMEOUT, 45s', 'failed'),
        ],
        correlationId: 'b5a1e7d2-4c1f-4ad1-9d1c-1f0a7be3c001',
      }),
      queueRow('Billing FR', {
        outcome: 'failed',
        reason: 'no answer came within 16 s, and reading could not settle it',
        steps: [step('add-codes', 'Escalated, Resolved by bot', 'unknown')],
        correlationId: 'c90e1f00-4c1f-4ad1-9d1c-1f0a7be3c002',
      }),
      queueRow('Sales IT', {
        outcome: 'stale',
        reason: 'codes were changed by j.doe at 2026-11-23 09:02 UTC, after the plan',
      }),
      ...queueNames('Support', 3).map((name) =>
        queueRow(name, {
          outcome: 'held',
          reason: 'held by report: "support-pilot" only reports (`enforcement: report`)',
          latencyMs: null,
        }),
      ),
      queueRow('Back office', {
        outcome: 'applied',
        reason: 'held by unsafe: MANDATORY needs a code to choose, and the queue would have none',
      }),
      ...queueNames('Billing', 84)
        .filter((name) => !['Billing DE', 'Billing FR'].includes(name))
        .map((name) => queueRow(name)),
      ...queueNames('Sales', 4).map((name) => queueRow(name, { outcome: 'in-sync' })),
      ...queueNames('Night shift', 40).map((name) =>
        queueRow(name, {
          outcome: 'not-attempted',
          reason: 'the run was stopped',
          latencyMs: null,
        }),
      ),
    ],
  });

/** A plan that a guard refused: nothing was written. */
export const refusedReport = (): ApplyReport => {
  const { queues, guards } = largePlan();
  return report({
    outcome: 'refused',
    guards,
    requests: { sent: 190, retried: 0, throttled: 0 },
    queues: queues.map(({ name }) =>
      queueRow(name, {
        outcome: 'not-attempted',
        reason: 'a guard refused the plan',
        latencyMs: null,
      }),
    ),
    journal: null,
  });
};
