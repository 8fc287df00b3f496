/** One thing that `doctor` looks at, and what it found. */
import { CODES } from './codes.js';
import type { DiagnosticCode } from './codes.js';
import type { AppError } from './errors.js';

/** The groups of checks, in the order in which they are made and told. */
export const CHECK_GROUPS = [
  'machine',
  'files',
  'organization',
  'permissions',
  'webhooks',
  'journal',
  'daemon',
] as const;
export type CheckGroup = (typeof CHECK_GROUPS)[number];

export interface Check {
  readonly group: CheckGroup;
  /** What was looked at, in a word or two. */
  readonly name: string;
  /** `warning`: it runs, but not as well as it could. `skipped`: nobody looked, and why. */
  readonly status: 'ok' | 'warning' | 'failure' | 'skipped';
  /** What was found, and what it means. */
  readonly message: string;
  /** What to do; every failure has one. */
  readonly remedy: string | null;
  readonly code: DiagnosticCode | null;
  /** The platform's id of the request that failed, where there was one. */
  readonly correlationId: string | null;
}

/** What speaks for a group: each makes a check of it. */
export interface CheckMaker {
  readonly ok: (name: string, message: string) => Check;
  readonly warning: (name: string, message: string, remedy: string) => Check;
  readonly failure: (
    name: string,
    code: DiagnosticCode,
    message: string,
    remedy?: string | null,
  ) => Check;
  readonly skipped: (name: string, why: string) => Check;
  /** What went wrong with the world, with its own remedy; `as` tells whether it is in the way. */
  readonly error: (name: string, error: AppError, as?: 'failure' | 'warning') => Check;
}

/** Elsewhere a remedy leads to `doctor`; here one is there already. */
const TO_DOCTOR = /; `wrapkeeper doctor`[^.]*/;

/** Makes checks of a group. */
export const checksOf = (group: CheckGroup): CheckMaker => {
  const make = (
    status: Check['status'],
    name: string,
    message: string,
    rest: Partial<Pick<Check, 'remedy' | 'code' | 'correlationId'>> = {},
  ): Check => ({
    group,
    name,
    status,
    message,
    remedy: rest.remedy ?? null,
    code: rest.code ?? null,
    correlationId: rest.correlationId ?? null,
  });
  return {
    ok: (name, message) => make('ok', name, message),
    warning: (name, message, remedy) => make('warning', name, message, { remedy }),
    failure: (name, code, message, remedy) =>
      make('failure', name, message, { code, remedy: remedy ?? CODES[code].remedy }),
    skipped: (name, why) => make('skipped', name, why),
    error: (name, error, as = 'failure') => {
      const { code, message, correlationId, diagnostics } = error;
      const remedy = (diagnostics[0]?.remedy ?? CODES[code].remedy).replace(TO_DOCTOR, '');
      return make(as, name, message, { code, remedy, correlationId });
    },
  };
};
