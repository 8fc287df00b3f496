/** Saved plans: what is refused, and in which words. */
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/domain/change.js';
import { AppError } from '../../src/domain/errors.js';
import { organizationId } from '../../src/domain/ids.js';
import { Secret } from '../../src/domain/secret.js';
import { sealOf } from '../../src/plan/digest.js';
import { mustBelongTo, mustFit, readPlanFile } from '../../src/plan/plan-file.js';
import { renderJson } from '../../src/report/json.js';
import { FakeClock, NOW } from '../support/fake-clock.js';
import { MemoryOrg } from '../support/memory-org.js';
import { planOver } from '../support/pass.js';
import { catalog, policy, policySet, settings } from '../support/policy-set.js';

const KEY = new Secret('a key that only runners have');
const SET = policySet(
  policy('p', { work: ['MANDATORY_TIMEOUT', 45_000], codes: { codes: ['A', 'N'] } }),
  policy('quiet', { enforcement: 'report', codes: { codes: ['B'] } }),
  catalog(['N', { name: 'Y', previously: 'O' }]),
);

const makePlan = (planKey: Secret | null = null): Promise<Plan> => {
  const org = new MemoryOrg(
    { codes: ['A', 'B', 'O'], queues: [{ name: 'Billing', codes: ['A', 'O'] }, { name: 'Sales' }] },
    new FakeClock(),
  );
  return planOver(org, SET, { planKey });
};

const read = (
  text: string,
  { key = null, now = NOW }: { key?: Secret | null; now?: number } = {},
) => readPlanFile({ text, path: 'plan.json', key, now });

const refusal = (does: () => unknown): AppError => {
  try {
    does();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('not refused');
};

/** Seals it again, as anybody can without a key. */
const resealed = ({ seal: _seal, ...rest }: Plan): string =>
  renderJson({ ...rest, seal: sealOf(rest) });

describe('a saved plan', () => {
  it.each([null, KEY])('is read as it was made (key: %s)', async (key) => {
    const plan = await makePlan(key);
    expect(plan.queues).toHaveLength(2);
    expect(plan.held).toHaveLength(2);
    expect(plan.catalog).toMatchObject({ create: [{ name: 'N' }], rename: [{ to: 'Y' }] });
    expect(read(renderJson(plan), { key })).toEqual(plan);
    expect(plan.seal).toMatch(
      key === null ? /^sha256:[0-9a-f]{64}$/ : /^hmac-sha256:[0-9a-f]{64}$/,
    );
  });

  it('may be laid out anew, as an editor does that saves it', async () => {
    const plan = await makePlan();
    expect(read(JSON.stringify(plan))).toEqual(plan);
  });

  it.each([
    ['nothing', ''],
    ['a plan cut short', '{"kind":"Plan","formatVersion":"1.0",'],
    ['another document', '{"kind":"ApplyReport","formatVersion":"1.0"}'],
    ['a list', '[]'],
    ['the plan of another tool', '{"format_version":"1.2","planned_values":{}}'],
  ])('is not %s', (_what, text) => {
    const error = refusal(() => read(text));
    expect([error.code, error.exitCode]).toEqual(['plan.foreign', 5]);
    expect(error.message).toBe('"plan.json" is no plan of Wrapkeeper.');
  });

  it('has the format that is known here', async () => {
    const error = refusal(() => read(JSON.stringify({ kind: 'Plan', formatVersion: '2.0' })));
    expect([error.code, error.exitCode]).toEqual(['plan.format-version', 5]);
    expect(error.message).toContain('format "2.0"; this version applies format "1.0"');
  });

  it('cannot be edited anywhere', async () => {
    const plan = await makePlan();
    const text = renderJson(plan);
    for (const key of Object.keys(plan)) {
      if (key === 'seal' || key === 'kind' || key === 'formatVersion') continue;
      const edited = { ...plan, [key]: null };
      expect(refusal(() => read(JSON.stringify(edited))).code, key).toBe('plan.edited');
    }
    const stretched = text.replace(plan.expiresAt, '2036-01-01T00:00:00.000Z');
    expect(refusal(() => read(stretched)).code).toBe('plan.edited');
    const added = JSON.stringify({ ...plan, more: 1 });
    expect(refusal(() => read(added)).code).toBe('plan.edited');
  });

  it('that is edited and sealed again still has the digest of what it does', async () => {
    const plan = await makePlan();
    const [first, ...others] = plan.queues;
    const edited = {
      ...plan,
      queues: [
        { ...first!, afterCallWork: undefined, wrapupCodes: first!.wrapupCodes! },
        ...others,
      ],
    } as unknown as Plan;
    const error = refusal(() => read(resealed(JSON.parse(JSON.stringify(edited)) as Plan)));
    expect([error.code, error.exitCode]).toEqual(['plan.edited', 5]);
    expect(error.message).toContain('its digest does not fit');
  });

  it('that was made by somebody else and has another shape is refused with the place', async () => {
    const plan = await makePlan();
    const edited = { ...plan, queues: [{ name: 'x' }] } as unknown as Plan;
    const error = refusal(() => read(resealed(edited)));
    expect(error.code).toBe('plan.foreign');
    expect(error.message).toContain('`queues.0.id`');
  });

  it('ends with its day, or with the period that it was made in', async () => {
    const plan = await makePlan();
    const text = renderJson(plan);
    const end = Date.parse(plan.expiresAt);
    expect(read(text, { now: end - 1 })).toEqual(plan);
    const error = refusal(() => read(text, { now: end }));
    expect([error.code, error.exitCode]).toEqual(['plan.expired', 5]);
    expect(error.message).toContain(`expired at ${plan.expiresAt}`);
  });
});

describe('with a key', () => {
  it('a plan without its seal is refused, sealed by nobody or by another', async () => {
    const [plain, keyed] = [renderJson(await makePlan()), renderJson(await makePlan(KEY))];
    expect(refusal(() => read(plain, { key: KEY })).code).toBe('plan.unsealed');
    const other = refusal(() => read(keyed, { key: new Secret('another') }));
    expect(other.code).toBe('plan.edited');
    expect(other.message).toContain('or sealed with another key');
  });

  it('a plan is refused where the key is not known', async () => {
    const error = refusal(() => read(JSON.stringify(JSON.parse('{}'))));
    expect(error.code).toBe('plan.foreign');
    const keyed = renderJson(await makePlan(KEY));
    expect(refusal(() => read(keyed)).message).toContain('WRAPKEEPER_PLAN_KEY is not set');
  });

  it('a plan that is edited and sealed without it is refused', async () => {
    const forged = resealed({ ...(await makePlan(KEY)), expiresAt: '2036-01-01T00:00:00.000Z' });
    expect(refusal(() => read(forged, { key: KEY })).code).toBe('plan.unsealed');
  });

  it('no word of the key is in the plan', async () => {
    expect(renderJson(await makePlan(KEY))).not.toContain('only runners');
  });
});

describe('a saved plan is bound', () => {
  it('to the policies, whatever files they stand in', async () => {
    const plan = await makePlan();
    mustFit(plan, SET, settings());
    mustFit(plan, { ...SET, policies: [...SET.policies].reverse() }, settings());
    const other = policySet(policy('p', { codes: { codes: ['A'] } }));
    const error = refusal(() => mustFit(plan, other, settings()));
    expect([error.code, error.exitCode]).toEqual(['plan.policies-changed', 5]);
  });

  it('to the API', async () => {
    const plan = await makePlan();
    const error = refusal(() => mustFit(plan, SET, settings({ api: 'wrapupcodes-put' })));
    expect([error.code, error.exitCode]).toEqual(['plan.other-api', 5]);
  });

  it('to the organization and the region', async () => {
    const plan = await makePlan();
    mustBelongTo(plan, plan.organization, 'us-east-1');
    const other = { id: organizationId('other'), name: 'Other' };
    const org = refusal(() => mustBelongTo(plan, other, 'us-east-1'));
    expect([org.code, org.exitCode]).toEqual(['plan.other-organization', 5]);
    expect(org.message).toContain('The plan is for "Acme"');
    const region = refusal(() => mustBelongTo(plan, plan.organization, 'eu-west-1'));
    expect([region.code, region.exitCode]).toEqual(['plan.other-region', 5]);
  });
});
