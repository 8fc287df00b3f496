import { describe, expect, it } from 'vitest';
import type { PolicySet } from '../../src/policy/model.js';
import { resolveDesired } from '../../src/resolve/resolve.js';
import { NOW } from '../support/fake-clock.js';
import { division, liveCode, liveQueue } from '../support/live.js';
import { at, policy, policySet, settings } from '../support/policy-set.js';
import type { CodesSpec, PolicySpec } from '../support/policy-set.js';

const resolve = (set: PolicySet, api: 'public' | 'wrapupcodes-put' = 'public') =>
  resolveDesired({
    policySet: set,
    inventory: {
      queues: [liveQueue('Billing')],
      codes: ['A', 'B'].map((name) => liveCode(name)),
      divisions: [division('Home')],
    },
    settings: settings({ api }),
    now: NOW,
  });

const found = (set: PolicySet, api?: 'wrapupcodes-put'): readonly string[] =>
  resolve(set, api).diagnostics.map(({ severity, code }) => `${severity} ${code}`);

describe('the requirement matrix against the merged prompt', () => {
  const required: CodesSpec = { codes: [{ name: 'A', required: true }] };

  it.each<[NonNullable<PolicySpec['work']> | null, readonly string[]]>([
    [null, ['warning policy.required-advisory']],
    ['OPTIONAL', ['error policy.required-not-enforceable']],
    ['MANDATORY', []],
    [['MANDATORY_TIMEOUT', 1_000], ['warning policy.required-advisory']],
    [['MANDATORY_FORCED_TIMEOUT', 1_000], ['warning policy.required-advisory']],
    [['AGENT_REQUESTED', 1_000], ['error policy.required-not-enforceable']],
  ])('%s from another policy', (work, expected) => {
    const codes = policy('codes', { codes: required });
    const set =
      work === null ? policySet(codes) : policySet(codes, policy('prompt', { priority: 1, work }));
    expect(found(set)).toEqual(expected);
    expect(found(set, 'wrapupcodes-put')).toEqual([]);
  });

  it('asks the prompt that wins, not the one beside the codes', () => {
    const codes = policy('codes', { work: 'OPTIONAL', codes: required });
    expect(found(policySet(codes, policy('prompt', { priority: 1, work: 'MANDATORY' })))).toEqual(
      [],
    );
  });

  it('asks the prompt that is enforced, not one that is only reported', () => {
    const codes = policy('codes', { codes: required });
    const prompt = policy('prompt', { enforcement: 'report', work: 'OPTIONAL' });
    const state = resolve(policySet(codes, prompt));
    expect(state.diagnostics.map(({ code }) => code)).toEqual([
      'policy.required-advisory',
      'policy.required-not-enforceable',
    ]);
    // The report would be refused; what is enforced is none the worse.
    expect(state.queues[0]?.holds).toEqual([]);
  });

  it('looks at the row that wins', () => {
    const set = policySet(
      policy('strict', { codes: required }),
      policy('lax', { priority: 1, work: 'OPTIONAL', codes: { codes: ['A'] } }),
    );
    expect(found(set)).toEqual([]);
  });

  it('names the places of the code and of the prompt', () => {
    const [error] = resolve(
      policySet(policy('codes', { codes: required }), policy('prompt', { work: 'OPTIONAL' })),
    ).diagnostics;
    expect(error).toMatchObject({
      span: at('codes', 30).span,
      related: [{ span: at('prompt', 10).span }],
      queue: 'Billing',
    });
  });

  it('warns of every bypass flag that is set', () => {
    const set = policySet(
      policy('codes', {
        work: 'MANDATORY',
        codes: { codes: [{ name: 'A', bypass: { transfer: true } }, 'B'] },
      }),
    );
    expect(found(set)).toEqual(['warning policy.bypass-advisory']);
    expect(resolve(set).diagnostics[0]?.message).toContain('`bypass.transfer` of "A"');
    expect(found(set, 'wrapupcodes-put')).toEqual([]);
  });
});

describe('an empty list in the merged result', () => {
  const empty = (rest: Omit<CodesSpec, 'codes'> = {}): PolicySpec => ({
    codes: { codes: [], ...rest },
  });

  it.each<[string, readonly PolicySpec[], readonly string[]]>([
    ['unlisted: remove', [empty()], ['error policy.empty-codes']],
    ['unlisted: remove, allowEmpty', [empty({ allowEmpty: true })], []],
    ['unlisted: keep', [empty({ unlisted: 'keep' })], []],
    ['another policy lists a code', [empty(), { codes: { codes: ['A'] } }], []],
    ['another policy allows it', [empty(), empty({ allowEmpty: true })], []],
    [
      'everything listed is forbidden',
      [{ codes: { codes: ['A'] } }, { codes: { forbidden: ['A'] } }],
      ['error policy.empty-codes'],
    ],
    [
      'MANDATORY, and allowEmpty',
      [{ work: 'MANDATORY' }, empty({ allowEmpty: true })],
      ['error policy.mandatory-without-code'],
    ],
    [
      'MANDATORY, and unlisted: keep',
      [{ work: ['MANDATORY_TIMEOUT', 1_000] }, empty({ unlisted: 'keep' })],
      ['error policy.mandatory-without-code'],
    ],
    [
      'MANDATORY, and no list was written',
      [{ work: 'MANDATORY' }, { codes: { forbidden: ['A'], unlisted: 'keep' } }],
      [],
    ],
    [
      'AGENT_REQUESTED, and allowEmpty',
      [{ work: ['AGENT_REQUESTED', 1_000] }, empty({ allowEmpty: true })],
      [],
    ],
  ])('%s', (_what, specs, expected) => {
    expect(found(policySet(...specs.map((spec, index) => policy(`p${index}`, spec))))).toEqual(
      expected,
    );
  });
});
