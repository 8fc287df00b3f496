import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QueueDocument } from '../../src/apply/ports.js';
import type { AfterCallWork } from '../../src/domain/state.js';
import { liveQueue } from '../../src/genesys/live-state.js';
import { differingFields, putBody } from '../../src/genesys/queue-document.js';

type Raw = Readonly<Record<string, unknown>>;

const ID = '5c3f7e2a-0000-4000-8000-000000000001';
const MANDATORY: AfterCallWork = { prompt: 'MANDATORY', timeoutMs: null };
const TIMED: AfterCallWork = { prompt: 'MANDATORY_TIMEOUT', timeoutMs: 45_000 };

const parse = (text: string): Raw => JSON.parse(text) as Raw;
const document = (raw: Raw): QueueDocument => ({
  raw: { id: ID, ...raw },
  queue: liveQueue({ id: ID, ...raw }, null),
  readAt: 0,
});

describe('the body of a PUT', () => {
  it('is what was read, with other after-call work and without the read-only fields', () => {
    const raw = parse(`{
      "id": "${ID}", "name": "Billing", "division": { "id": "d", "name": "Retail", "selfUri": "/d" },
      "memberCount": 3, "userMemberCount": 2, "joinedMemberCount": 1, "selfUri": "/q",
      "dateCreated": "2020-01-01T00:00:00.000Z", "dateModified": "2020-01-02T00:00:00.000Z",
      "createdBy": "a", "modifiedBy": "b", "defaultMediaLanguage": null, "bullseye": { "rings": [{ "expansionCriteria": [] }] },
      "acwSettings": { "wrapupPrompt": "OPTIONAL", "unknownSetting": [1, { "x": null }] }
    }`);
    expect(putBody(raw, TIMED)).toEqual({
      name: 'Billing',
      division: { id: 'd', name: 'Retail', selfUri: '/d' },
      dateCreated: '2020-01-01T00:00:00.000Z',
      dateModified: '2020-01-02T00:00:00.000Z',
      createdBy: 'a',
      modifiedBy: 'b',
      defaultMediaLanguage: null,
      bullseye: { rings: [{ expansionCriteria: [] }] },
      acwSettings: {
        wrapupPrompt: 'MANDATORY_TIMEOUT',
        timeoutMs: 45_000,
        unknownSetting: [1, { x: null }],
      },
    });
  });

  it('has no timer beside an untimed prompt, whatever was read', () => {
    const raw = { acwSettings: { wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: 300_000 } };
    for (const timeoutMs of [null, 45_000]) {
      expect(putBody(raw, { prompt: 'MANDATORY', timeoutMs })).toEqual({
        acwSettings: { wrapupPrompt: 'MANDATORY' },
      });
    }
  });

  it.each([[undefined], [null], ['odd']])('does with acwSettings %j', (acwSettings) => {
    expect(putBody({ acwSettings }, MANDATORY)['acwSettings']).toEqual({
      wrapupPrompt: 'MANDATORY',
    });
  });

  it('leaves out the queue of the first group-routing rule, and of no other', () => {
    const rule = (queue: string): Raw => ({
      queue: { id: queue },
      operator: 'GreaterThan',
      later: 1,
    });
    const conditionalGroupRouting = { rules: [rule('own'), rule('other')], unknown: true };
    expect(putBody({ conditionalGroupRouting }, MANDATORY)['conditionalGroupRouting']).toEqual({
      rules: [{ operator: 'GreaterThan', later: 1 }, rule('other')],
      unknown: true,
    });
    expect(conditionalGroupRouting.rules[0]).toEqual(rule('own'));
  });

  it.each([[{ rules: [] }], [{}], [null], [{ rules: [null] }]])(
    'keeps %j as it is',
    (conditionalGroupRouting) => {
      expect(putBody({ conditionalGroupRouting }, MANDATORY)['conditionalGroupRouting']).toEqual(
        conditionalGroupRouting,
      );
    },
  );

  it('keeps a key named __proto__ an ordinary one', () => {
    const raw = parse(
      '{"__proto__":{"polluted":1},"conditionalGroupRouting":{"rules":[{"__proto__":{"x":1}}]},"acwSettings":{"__proto__":{"y":1}}}',
    );
    expect(JSON.stringify(putBody(raw, MANDATORY))).toBe(
      '{"__proto__":{"polluted":1},"conditionalGroupRouting":{"rules":[{"__proto__":{"x":1}}]},"acwSettings":{"__proto__":{"y":1},"wrapupPrompt":"MANDATORY"}}',
    );
    expect(({} as Raw)['polluted']).toBeUndefined();
  });

  it('gives every other JSON value back as it was read', () => {
    const managed = new Set([
      'id',
      'memberCount',
      'userMemberCount',
      'joinedMemberCount',
      'selfUri',
      'acwSettings',
      'conditionalGroupRouting',
    ]);
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (fields) => {
        const raw = parse(JSON.stringify(fields));
        const sent = parse(JSON.stringify(putBody(raw, TIMED)));
        const kept = (from: Raw): string =>
          JSON.stringify(Object.entries(from).filter(([key]) => !managed.has(key)));
        expect(kept(sent)).toBe(kept(raw));
      }),
    );
  });
});

describe('the fields that differ', () => {
  const before = document({
    name: 'Billing',
    acwSettings: { wrapupPrompt: 'OPTIONAL' },
    dateModified: '1',
    modifiedBy: 'a',
    memberCount: 3,
    bullseye: { rings: [1, 2] },
    peerId: null,
    conditionalGroupRouting: { rules: [{ queue: { id: 'own' }, waitSeconds: 2 }] },
  });

  it('are none after a write that changed after-call work alone', () => {
    const after = document({
      ...before.raw,
      acwSettings: { wrapupPrompt: 'MANDATORY' },
      dateModified: '2',
      modifiedBy: 'b',
      memberCount: 4,
      conditionalGroupRouting: { rules: [{ waitSeconds: 2 }] },
    });
    expect(differingFields(before, after)).toEqual([]);
  });

  it('are those that were changed, reset, lost or added', () => {
    const { bullseye: _lost, ...rest } = before.raw;
    const after = document({
      ...rest,
      name: 'Billing EN',
      conditionalGroupRouting: { rules: [{ waitSeconds: 3 }] },
      directRouting: {},
    });
    expect(differingFields(before, after)).toEqual([
      'bullseye',
      'conditionalGroupRouting',
      'directRouting',
      'name',
    ]);
  });

  it('take null for absent, as the platform does', () => {
    const { peerId: _null, ...rest } = before.raw;
    expect(differingFields(before, document({ ...rest, outboundEmailAddress: null }))).toEqual([]);
  });

  it('do not tell -0 from 0: JSON.stringify sends the one as the other', () => {
    const fields = { ...before.raw, delay: -0, steps: [{ shift: -0 }] };
    const read = document(fields);
    const sent = document(parse(JSON.stringify(fields)));
    expect(differingFields(read, sent)).toEqual([]);
  });
});

describe('a live queue', () => {
  it.each([
    [{}, { prompt: null, timeoutMs: null }],
    [{ acwSettings: null }, { prompt: null, timeoutMs: null }],
    [
      { acwSettings: { wrapupPrompt: 'SOMETHING_NEW', timeoutMs: 0 } },
      { prompt: 'SOMETHING_NEW', timeoutMs: 0 },
    ],
    [{ acwSettings: { timeoutMs: '5' } }, { prompt: null, timeoutMs: null }],
  ])('has the after-call work of %j', (raw, afterCallWork) => {
    expect(liveQueue({ id: ID, ...raw }, null).afterCallWork).toEqual(afterCallWork);
  });

  it('is disabled only where it says so', () => {
    expect(liveQueue({ id: ID }, null).enabled).toBe(true);
    expect(liveQueue({ id: ID, enabled: false }, null).enabled).toBe(false);
  });

  it('needs an id', () => {
    for (const raw of [{}, { id: 5 }, { id: '' }, null, 'queue']) {
      expect(() => liveQueue(raw, null)).toThrow('The answer shows a queue without an id.');
    }
  });
});
