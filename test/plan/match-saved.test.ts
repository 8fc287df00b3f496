/** A saved plan that is applied later: to the organization as it is by then. */
import { describe, expect, it } from 'vitest';
import type { ApplyReport, Plan } from '../../src/domain/change.js';
import type { Settings } from '../../src/policy/settings.js';
import type { PolicySet } from '../../src/policy/model.js';
import { FakeClock } from '../support/fake-clock.js';
import { MemoryOrg } from '../support/memory-org.js';
import { applyOver, planOver } from '../support/pass.js';
import { catalog, DEFAULT_GUARDS, policy, policySet, settings } from '../support/policy-set.js';

const SET = policySet(policy('p', { work: 'MANDATORY', codes: { codes: ['A', 'B'] } }));

interface Case {
  readonly set?: PolicySet;
  readonly before?: Partial<Settings>;
  readonly after?: Partial<Settings>;
  readonly accept?: boolean;
  readonly queue?: string;
  /** Between the plan and the apply. */
  readonly meanwhile?: (org: MemoryOrg, saved: Plan) => void | Promise<unknown>;
}

const run = async ({
  set = SET,
  before = {},
  after = before,
  accept = false,
  queue,
  meanwhile = () => undefined,
}: Case): Promise<{
  org: MemoryOrg;
  saved: Plan;
  report: ApplyReport;
  rows: readonly string[];
}> => {
  const org = new MemoryOrg(
    {
      codes: ['A', 'B', 'O', 'X'],
      queues: [
        { name: 'Billing', codes: ['A', 'X'] },
        { name: 'Sales', codes: ['A'] },
        { name: 'Support', codes: ['A', 'B'], prompt: 'MANDATORY' },
      ],
    },
    new FakeClock(),
  );
  const saved = await planOver(org, set, {
    settings: settings(before),
    ...(queue === undefined ? {} : { selects: ({ name }) => name === queue }),
  });
  await meanwhile(org, saved);
  org.writes.length = 0;
  const { report } = await applyOver(org, set, {
    settings: settings(after),
    request: { saved, accept: accept ? saved.digest : null },
  });
  const rows = report.queues.map(({ name, outcome }) => `${name}: ${outcome}`);
  return { org, saved, report, rows };
};

const reasonOf = ({ queues }: ApplyReport, name: string): string | null | undefined =>
  queues.find((row) => row.name === name)?.reason;

describe('a saved plan', () => {
  it('is applied as it was made', async () => {
    const { org, saved, report, rows } = await run({});
    expect(rows).toEqual(['Billing: applied', 'Sales: applied']);
    expect(report).toMatchObject({ outcome: 'applied', planDigest: saved.digest });
    expect(org.queue('Billing')).toMatchObject({ prompt: 'MANDATORY', codeNames: ['A', 'B'] });
  });

  it('leaves alone what has drifted since: nobody has reviewed that', async () => {
    const { org, rows } = await run({
      meanwhile: (at) => at.edit('Support', { add: ['X'] }),
    });
    expect(rows).toEqual(['Billing: applied', 'Sales: applied']);
    expect(org.queue('Support').codeNames).toEqual(['A', 'B', 'X']);
  });

  it('of some queues leaves the others alone', async () => {
    const { org, rows } = await run({ queue: 'Sales' });
    expect(rows).toEqual(['Sales: applied']);
    expect(org.queue('Billing').prompt).toBe('OPTIONAL');
  });

  it('that was applied already finds everything in sync', async () => {
    const { report, rows } = await run({
      meanwhile: (org, saved) => applyOver(org, SET, { request: { saved } }),
    });
    expect(rows).toEqual(['Billing: in-sync', 'Sales: in-sync']);
    expect(report.outcome).toBe('nothing');
  });
});

describe('a queue of a saved plan', () => {
  it.each<[string, (org: MemoryOrg) => void, RegExp]>([
    [
      'whose prompt was changed',
      (org) =>
        org.edit('Billing', {
          raw: { acwSettings: { wrapupPrompt: 'AGENT_REQUESTED', timeoutMs: 9_000 } },
        }),
      /^after-call work is AGENT_REQUESTED 9s now, and was OPTIONAL when the plan was made$/,
    ],
    [
      'that got another code',
      (org) => org.edit('Billing', { add: ['O'] }),
      /^its wrap-up codes are not what they were/,
    ],
    [
      'that has half of what was planned',
      (org) => org.edit('Billing', { add: ['B'], remove: ['X'] }),
      /^its wrap-up codes are not what they were/,
    ],
    [
      'that is gone',
      (org) => org.deleteQueue('Billing'),
      /^it is gone, or no policy governs it any more$/,
    ],
  ])('%s is stale, and not written', async (_what, meanwhile, reason) => {
    const { org, report, rows } = await run({ meanwhile });
    expect(rows).toEqual(['Billing: stale', 'Sales: applied']);
    expect(reasonOf(report, 'Billing')).toMatch(reason);
    expect(report.outcome).toBe('partial');
    const [billing] = report.queues;
    expect(org.writes.filter(({ queue }) => queue === billing?.id)).toEqual([]);
  });

  it('that somebody made what was planned is in sync', async () => {
    const { rows } = await run({
      meanwhile: (org) =>
        org.edit('Billing', {
          raw: { acwSettings: { wrapupPrompt: 'MANDATORY' } },
          add: ['B'],
          remove: ['X'],
        }),
    });
    expect(rows).toEqual(['Billing: in-sync', 'Sales: applied']);
  });

  it('all of them stale is an outcome of its own', async () => {
    const { report } = await run({
      meanwhile: (org) => {
        org.edit('Billing', { add: ['O'] });
        org.deleteQueue('Sales');
      },
    });
    expect(report).toMatchObject({ outcome: 'stale', summary: { stale: 2, applied: 0 } });
  });

  it('may get or lose codes that nobody manages', async () => {
    const { rows } = await run({
      set: policySet(policy('p', { codes: { codes: ['B'], unlisted: 'keep' } })),
      meanwhile: (org) => org.edit('Billing', { add: ['O'], remove: ['X'] }),
    });
    expect(rows).toEqual(['Billing: applied', 'Sales: applied']);
  });

  it('may be renamed where policies still mean it', async () => {
    const { rows } = await run({
      meanwhile: (org) => org.edit('Billing', { raw: { name: 'Billing 2' } }),
    });
    expect(rows).toEqual(['Billing 2: applied', 'Sales: applied']);
  });

  it('is held where the organization was suspended since', async () => {
    const suspend = { reason: 'Audit', by: 'j.doe', until: Date.parse('2030-01-01T00:00:00Z') };
    const { org, report, rows } = await run({ after: { suspend } });
    expect(rows).toEqual(['Billing: held', 'Sales: held']);
    expect(reasonOf(report, 'Billing')).toContain('held by suspend');
    expect(org.writes).toEqual([]);
  });
});

describe('the guards', () => {
  const strict: Partial<Settings> = {
    guards: { ...DEFAULT_GUARDS, queuesChanged: { percent: 1, count: 1, floor: 0 } },
  };

  it('hold for saved plans too', async () => {
    const { org, report, rows } = await run({ before: strict });
    expect(report.outcome).toBe('refused');
    expect(rows).toEqual(['Billing: not-attempted', 'Sales: not-attempted']);
    expect(org.writes).toEqual([]);
  });

  it('are those of now', async () => {
    expect((await run({ after: strict })).report.outcome).toBe('refused');
    expect((await run({ before: strict, after: {} })).report.outcome).toBe('applied');
  });

  it('are lifted for the digest of the plan', async () => {
    expect((await run({ before: strict, accept: true })).report.outcome).toBe('applied');
  });
});

describe('the catalog of a saved plan', () => {
  const set = policySet(
    policy('p', { codes: { codes: ['A', 'N'] } }),
    catalog(['N', { name: 'Y', previously: 'O' }]),
  );
  const catalogOf = ({ catalog: rows }: ApplyReport): readonly string[] =>
    rows.map(({ action, name, outcome }) => `${action} ${name}: ${outcome}`).sort();

  it('is applied first', async () => {
    const { org, report, rows } = await run({ set });
    expect(catalogOf(report)).toEqual(['create N: applied', 'rename Y: applied']);
    expect(rows).toEqual(['Billing: applied', 'Sales: applied', 'Support: applied']);
    expect(org.queue('Billing').codeNames).toEqual(['A', 'N']);
  });

  it('takes a code that was created since', async () => {
    const { org, report } = await run({ set, meanwhile: (at) => at.addCode('N') });
    expect(catalogOf(report)).toEqual(['create N: in-sync', 'rename Y: applied']);
    expect(org.queue('Billing').codeNames).toEqual(['A', 'N']);
  });
});
