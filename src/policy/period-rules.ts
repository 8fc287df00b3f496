/** Rules of what begins and ends by itself. */
import { problem, warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { quote } from '../domain/text.js';
import { perPolicy } from './rule.js';
import type { Rule, RuleTable } from './rule.js';

/** A period that ends before it begins never is. */
const activePeriods = perPolicy('what is written', (policy, { placeOf }) => {
  const { active, name } = policy;
  return active === null ||
    active.from === null ||
    active.until === null ||
    active.until > active.from
    ? []
    : [
        problem({
          code: 'policy.active-never',
          message: `The policy ${quote(name)} would never be active: it ends at ${iso(active.until)} and begins at ${iso(active.from)}.`,
          remedy: 'Swap or mend the two instants.',
          span: placeOf(policy, ['spec', 'active', 'until']),
        }),
      ];
});

/** What ends by itself may be deleted once it has ended. */
const expired: Rule = {
  over: 'what is written',
  check: ({ policies, allowances }, { now, placeOf }) => [
    ...policies.flatMap((policy) => [
      ...ended(now, policy.suspend?.until, () => ({
        what: `The suspension of ${quote(policy.name)}`,
        remedy: 'Delete `suspend`.',
        span: placeOf(policy, ['spec', 'suspend', 'until']),
      })),
      ...ended(now, policy.active?.until, () => ({
        what: `The active period of ${quote(policy.name)}`,
        remedy:
          policy.active?.afterwards === 'remove'
            ? 'Delete the policy once its codes are removed.'
            : 'Delete the policy when it is no longer needed.',
        span: placeOf(policy, ['spec', 'active', 'until']),
      })),
    ]),
    ...allowances.flatMap((allowance) =>
      ended(now, allowance.until, () => ({
        what: `The allowance ${quote(allowance.name)}`,
        remedy: 'Delete it.',
        span: placeOf(allowance, ['spec', 'until']),
      })),
    ),
  ],
};

/** A warning that something ended, or nothing. */
export const ended = (
  now: number,
  until: number | null | undefined,
  about: () => {
    readonly what: string;
    readonly remedy: string;
    readonly span: Diagnostic['span'];
  },
): readonly Diagnostic[] => {
  if (typeof until !== 'number' || until > now) return [];
  const { what, remedy, span } = about();
  return [
    warning({
      code: 'policy.expired',
      message: `${what} ended at ${iso(until)} and no longer counts.`,
      remedy,
      span,
    }),
  ];
};

const iso = (instant: number): string => new Date(instant).toISOString().replace('.000Z', 'Z');

export const periodRules = { activePeriods, expired } as const satisfies RuleTable;
