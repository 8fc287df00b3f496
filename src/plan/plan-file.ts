/**
 * A saved plan, read back: whether it is one of ours, as it was saved, and still good.
 *
 * Each question has an answer of its own, and the first that fails refuses the plan, before anything is
 * read from the organization. To whom it belongs is asked once that is known ({@link mustBelongTo}).
 */
import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { HOLDS, PLAN_FORMAT } from '../domain/change.js';
import type { Plan } from '../domain/change.js';
import { AppError } from '../domain/errors.js';
import { codeId, divisionId, queueId } from '../domain/ids.js';
import type { Secret } from '../domain/secret.js';
import { WRAPUP_PROMPTS } from '../domain/state.js';
import type { Organization } from '../domain/state.js';
import { quote } from '../domain/text.js';
import type { PolicySet } from '../policy/model.js';
import type { Settings } from '../policy/settings.js';
import { planDigest, policiesDigest, sealOf } from './digest.js';
import { changesToJudge } from './forecast.js';

/** Larger than a plan for the largest organizations, in bytes. */
export const MAX_PLAN_BYTES = 64 * 1024 * 1024;

const instant = z.iso.datetime();
const queue = z.string().transform(queueId);
const code = z.string().transform(codeId);

/** What an apply takes from a plan. Fields beside these are covered by the seal, and kept as they are. */
const SECTIONS = {
  afterCallWork: z
    .looseObject({
      from: z.looseObject({ prompt: z.string().nullable(), timeoutMs: z.number().nullable() }),
      to: z.looseObject({ prompt: z.enum(WRAPUP_PROMPTS), timeoutMs: z.number().nullable() }),
    })
    .optional(),
  wrapupCodes: z
    .looseObject({
      add: z.array(z.looseObject({ id: code.nullable(), name: z.string() })),
      update: z.array(z.looseObject({ id: code, name: z.string() })).optional(),
      remove: z.array(z.looseObject({ id: code, name: z.string() })),
      unchanged: z.number(),
    })
    .optional(),
};
const CHANGE = { id: queue, name: z.string(), liveDigest: z.string(), ...SECTIONS };
const PLAN = z.looseObject({
  kind: z.literal('Plan'),
  formatVersion: z.literal(PLAN_FORMAT),
  digest: z.string(),
  createdAt: instant,
  expiresAt: instant,
  organization: z.looseObject({ id: z.string(), name: z.string() }),
  region: z.string(),
  api: z.enum(['public', 'wrapupcodes-put']),
  source: z.looseObject({ policiesDigest: z.string() }),
  catalog: z.looseObject({
    create: z.array(
      z.looseObject({
        name: z.string(),
        description: z.string().nullable(),
        divisionId: z.string().transform(divisionId).nullable(),
      }),
    ),
    rename: z.array(z.looseObject({ id: code, from: z.string(), to: z.string() })),
  }),
  queues: z.array(z.looseObject(CHANGE)),
  held: z.array(
    z.looseObject({
      ...CHANGE,
      by: z.enum(HOLDS),
      reason: z.string(),
      until: instant.nullable(),
    }),
  ),
  undoes: z
    .looseObject({
      run: z.string(),
      queues: z.array(
        z.looseObject({
          id: queue,
          name: z.string(),
          change: z.looseObject(SECTIONS),
          before: z.looseObject({
            afterCallWork: z
              .looseObject({ prompt: z.string().nullable(), timeoutMs: z.number().nullable() })
              .nullable(),
            wrapupCodes: z.array(z.looseObject({ id: code, name: z.string() })).nullable(),
          }),
        }),
      ),
      renames: z.array(z.looseObject({ id: code, from: z.string(), to: z.string() })),
    })
    .optional(),
  seal: z.string(),
});

export interface PlanFileInput {
  readonly text: string;
  /** As the person named it, for messages. */
  readonly path: string;
  /** WRAPKEEPER_PLAN_KEY, or null. */
  readonly key: Secret | null;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Reads a saved plan.
 *
 * @throws AppError `plan.foreign`, `plan.format-version`, `plan.unsealed`, `plan.edited` or `plan.expired`
 */
export const readPlanFile = ({ text, path, key, now }: PlanFileInput): Plan => {
  const written = jsonOf(text);
  const file = quote(path);
  if (!isPlan(written)) {
    throw new AppError('plan.foreign', `${file} is no plan of Wrapkeeper.`);
  }
  if (written['formatVersion'] !== PLAN_FORMAT) {
    const found = JSON.stringify(written['formatVersion']) ?? 'none';
    throw new AppError(
      'plan.format-version',
      `${file} has the plan format ${found.slice(0, 40)}; this version applies format "${PLAN_FORMAT}".`,
    );
  }
  mustBeSealed(written, file, key);
  const parsed = PLAN.safeParse(written);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new AppError(
      'plan.foreign',
      `${file} is no plan that can be applied: \`${issue?.path.join('.') ?? ''}\`: ${issue?.message ?? ''}.`,
    );
  }
  const plan = parsed.data as unknown as Plan;
  mustHaveItsDigest(plan, file);
  if (now >= Date.parse(plan.expiresAt)) {
    throw new AppError(
      'plan.expired',
      `${file} expired at ${plan.expiresAt}; it was made at ${plan.createdAt}.`,
    );
  }
  return plan;
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const isPlan = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Plan';

const mustBeSealed = (
  written: Readonly<Record<string, unknown>>,
  file: string,
  key: Secret | null,
): void => {
  const { seal, ...rest } = written;
  const isKeyed = typeof seal === 'string' && seal.startsWith('hmac-sha256:');
  if (isKeyed && key === null) {
    throw new AppError(
      'plan.unsealed',
      `${file} is sealed with a key, and WRAPKEEPER_PLAN_KEY is not set.`,
    );
  }
  if (!isKeyed && key !== null) {
    throw new AppError(
      'plan.unsealed',
      `${file} is not sealed with a key, and WRAPKEEPER_PLAN_KEY is set.`,
    );
  }
  const expected = Buffer.from(sealOf(rest as unknown as Omit<Plan, 'seal'>, key));
  const found = Buffer.from(String(seal));
  if (found.length === expected.length && timingSafeEqual(found, expected)) return;
  throw new AppError(
    'plan.edited',
    `${file} was changed after it was saved${isKeyed ? ', or sealed with another key' : ''}: its seal does not fit.`,
  );
};

/** Anybody can seal without a key; but then the digest, which people accept, must be that of the content. */
const mustHaveItsDigest = (plan: Plan, file: string): void => {
  const { organization, api, catalog, digest } = plan;
  const expected = planDigest({
    organizationId: organization.id,
    api,
    catalog,
    changes: changesToJudge(plan),
  });
  if (digest === expected) return;
  throw new AppError(
    'plan.edited',
    `${file} was changed after it was made: its digest does not fit.`,
  );
};

/**
 * Whether a saved plan was made from these policies, for this API.
 *
 * @throws AppError `plan.policies-changed` or `plan.other-api`
 */
export const mustFit = (
  { source, api, createdAt }: Plan,
  policySet: PolicySet,
  settings: Pick<Settings, 'api'>,
): void => {
  if (source.policiesDigest !== policiesDigest(policySet)) {
    throw new AppError(
      'plan.policies-changed',
      `The policies are not those that the plan of ${createdAt} was made from.`,
    );
  }
  if (api !== settings.api) {
    throw new AppError(
      'plan.other-api',
      `The plan is for the API \`${api}\`, and the settings say \`${settings.api}\`.`,
    );
  }
};

/**
 * Whether a saved plan was made for this organization, in this region.
 *
 * @throws AppError `plan.other-organization` or `plan.other-region`
 */
export const mustBelongTo = (
  plan: Pick<Plan, 'organization' | 'region'>,
  organization: Organization,
  region: string,
): void => {
  if (plan.organization.id !== organization.id) {
    throw new AppError(
      'plan.other-organization',
      `The plan is for ${quote(plan.organization.name)} (${plan.organization.id}); the credentials belong to ${quote(organization.name)} (${organization.id}).`,
    );
  }
  if (plan.region !== region) {
    throw new AppError(
      'plan.other-region',
      `The plan is for the region ${quote(plan.region)}, and this is ${quote(region)}.`,
    );
  }
};
