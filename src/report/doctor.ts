/** What `doctor` found, as plain data. */
import type { Check } from '../domain/check.js';
import { PLAN_FORMAT } from '../domain/change.js';

/** The result of `doctor`, format 1.0. */
export interface DoctorReport {
  readonly kind: 'Doctor';
  readonly formatVersion: typeof PLAN_FORMAT;
  /** Whether nothing failed; warnings do not count. */
  readonly healthy: boolean;
  readonly summary: Readonly<Record<Check['status'], number>>;
  /** In the order in which they were made. */
  readonly checks: readonly Check[];
}

export const doctorReport = (checks: readonly Check[]): DoctorReport => {
  const of = (status: Check['status']): number =>
    checks.filter((check) => check.status === status).length;
  return {
    kind: 'Doctor',
    formatVersion: PLAN_FORMAT,
    healthy: of('failure') === 0,
    summary: {
      ok: of('ok'),
      warning: of('warning'),
      failure: of('failure'),
      skipped: of('skipped'),
    },
    checks,
  };
};
