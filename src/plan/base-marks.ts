/** What a branch changes of policies and settings that a reviewer must not overlook, whatever it does to queues now. */
import { isDeepStrictEqual } from 'node:util';
import type { BaseMark } from '../domain/change.js';
import type { PolicySet, QueuePolicy, Suspension } from '../policy/model.js';
import type { Settings } from '../policy/settings.js';
import { findSettingChanges } from './setting-changes.js';

/** Policies and settings, null where they are not valid. */
export interface MarkedSide {
  readonly policySet: PolicySet | null;
  readonly settings: Settings | null;
}

/**
 * Compares by the names that documents have. Of what is not valid nothing is told here: everything counts as
 * changed then.
 */
export const findMarks = ({
  before,
  after,
  now,
}: {
  readonly before: MarkedSide;
  readonly after: MarkedSide;
  /** Milliseconds since the epoch. */
  readonly now: number;
}): readonly BaseMark[] => [
  ...(before.policySet === null || after.policySet === null
    ? []
    : policyMarks(before.policySet, after.policySet, now)),
  ...(before.settings === null || after.settings === null
    ? []
    : settingMarks(before.settings, after.settings, now)),
];

const policyMarks = (before: PolicySet, after: PolicySet, now: number): readonly BaseMark[] => {
  const policies = new Map(after.policies.map((policy) => [policy.name, policy]));
  const allowances = new Map(before.allowances.map((allowance) => [allowance.name, allowance]));
  return [
    ...before.policies.flatMap(({ name, enforcement, suspend }): readonly BaseMark[] => {
      const policy = policies.get(name);
      if (policy === undefined) return [];
      return [
        ...enforcementMark(name, enforcement, policy.enforcement),
        ...endedSuspension(name, suspend, policy.suspend, now),
      ];
    }),
    ...after.allowances.flatMap((allowance): readonly BaseMark[] => {
      const { name, allows, reason, until } = allowance;
      const other = allowances.get(name);
      const detail = `${Object.entries(allows)
        .map(([measure, number]) => `${measure} up to ${number}`)
        .join(', ')}, until ${isoForPeople(until)}: ${reason}`;
      if (other === undefined) return [{ kind: 'allowance-added', name, detail }];
      const isSame =
        isDeepStrictEqual(other.allows, allows) && other.until === until && other.reason === reason;
      return isSame ? [] : [{ kind: 'allowance-changed', name, detail }];
    }),
  ];
};

const settingMarks = (before: Settings, after: Settings, now: number): readonly BaseMark[] => {
  const ended = endedSuspension('organization', before.suspend, after.suspend, now);
  return [
    ...ended,
    ...findSettingChanges(before, after)
      .filter(({ key }) => key !== 'suspend' || ended.length === 0)
      .map(({ key, from, to, loosens }): BaseMark => ({
        kind: loosens ? 'setting-loosened' : 'setting-changed',
        name: key,
        detail: from === null || to === null ? null : `${from} → ${to}`,
      })),
  ];
};

const enforcementMark = (
  name: string,
  before: QueuePolicy['enforcement'],
  after: QueuePolicy['enforcement'],
): readonly BaseMark[] => {
  if (before === after) return [];
  const kind = after === 'enforce' ? 'report-to-enforce' : 'enforce-to-report';
  return [{ kind, name, detail: null }];
};

/** One that holds now, and would end earlier. */
const endedSuspension = (
  name: string,
  before: Suspension | null,
  after: Suspension | null,
  now: number,
): readonly BaseMark[] => {
  if (before === null || before.until <= now) return [];
  if (after !== null && after.until >= before.until) return [];
  const ends = after === null ? 'now' : `at ${isoForPeople(Math.max(now, after.until))}`;
  return [
    {
      kind: 'suspension-ended',
      name,
      detail: `ends ${ends} rather than at ${isoForPeople(before.until)}: ${before.reason}`,
    },
  ];
};

const isoForPeople = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
