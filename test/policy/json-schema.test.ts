import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { policyJsonSchema, settingsJsonSchema } from '../../src/policy/json-schema.js';
import { policySchema } from '../../src/policy/schema.js';
import { settingsSchema } from '../../src/policy/settings-schema.js';
import { catalog, codes, policy } from './written.js';

const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false });
formats.default(ajv);
ajv.addVocabulary(['enumDescriptions', 'patternErrorMessage']);
const isPolicy = ajv.compile(policyJsonSchema());
const isSettings = ajv.compile(settingsJsonSchema());

const HEADER = { apiVersion: 'wrapkeeper/v1', kind: 'Settings' };

describe('the JSON Schemas', () => {
  it('are draft-07, and one of three kinds', () => {
    expect(policyJsonSchema()).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      oneOf: [
        { properties: { kind: { const: 'QueuePolicy' } } },
        { properties: { kind: { const: 'WrapupCodeCatalog' } } },
        { properties: { kind: { const: 'GuardAllowance' } } },
      ],
    });
  });

  it('speak of the prompts in the words of the admin UI', () => {
    const text = JSON.stringify(policyJsonSchema());
    for (const label of [
      'Optional',
      'Mandatory, Discretionary',
      'Mandatory, Time-boxed',
      'Mandatory, Time-boxed no early exit',
      'Agent Requested',
      'After Call Work',
      'Wrap-up Codes',
    ]) {
      expect(text).toContain(`\\"${label}\\"`);
    }
  });

  it('describe every key', () => {
    const undescribed: string[] = [];
    const visit = (schema: unknown, path: string): void => {
      if (typeof schema !== 'object' || schema === null) return;
      for (const [key, value] of Object.entries(schema as Record<string, unknown>)) {
        if (key === 'properties') {
          for (const [name, property] of Object.entries(
            value as Record<string, { description?: string; anyOf?: { description?: string }[] }>,
          )) {
            const options = property.anyOf ?? [property];
            if (!options.every((option) => option.description ?? property.description))
              undescribed.push(`${path}.${name}`);
          }
        }
        visit(value, `${path}/${key}`);
      }
    };
    visit(policyJsonSchema(), 'policy');
    visit(settingsJsonSchema(), 'settings');
    expect(undescribed).toEqual([]);
  });

  it.each([
    [
      policy(
        '  wrapupCodes: { unlisted: keep, codes: [A, { name: B, bypass: { transfer: true } }] }',
      ),
      true,
    ],
    [policy('  afterCallWork: unmanaged\n  combine: replace'), true],
    [catalog('{ name: A }'), true],
    [codes('- {}'), false],
    [policy('  active: {}'), false],
    [policy('  active: { until: 2027-01-01T00:00:00Z }'), true],
    [policy('  active: { until: 2027-01-01T00:00:00 }'), false],
    [policy('  afterCallWork: { prompt: OPTIONAL, extra: 1 }'), false],
    [
      'apiVersion: wrapkeeper/v1\nkind: GuardAllowance\nmetadata: { name: a }\nspec: { reason: x, until: 2027-01-01T00:00:00Z }',
      false,
    ],
  ])('agree with what is read: %j', (text, isValid) => {
    const data: unknown = parse(text);
    expect(isPolicy(data)).toBe(isValid);
    expect(policySchema.safeParse(data).success).toBe(isValid);
  });

  it.each([
    [{}, true],
    [{ journal: { folder: 'a', branch: 'b' } }, false],
    [{ daemon: { apiToken: { env: 'A' } } }, true],
    [{ daemon: { apiToken: 'A' } }, false],
    [{ daemon: { apiToken: { env: 'whsec_x' } } }, false],
    [{ guards: { queuesChanged: { percent: 101 } } }, false],
    [{ unknown: 1 }, false],
  ])('agree with settings as they are read: %j', (rest, isValid) => {
    expect(isSettings({ ...HEADER, ...rest })).toBe(isValid);
  });

  it('accept what is accepted, however a valid document is changed', () => {
    const base = parse(
      policy(
        '  priority: 1\n  afterCallWork: { prompt: OPTIONAL }\n  wrapupCodes: { unlisted: keep, codes: [A] }',
      ),
    ) as Record<string, unknown>;
    const value = fc.oneof(
      fc.constantFrom<unknown>(
        'A',
        '45s',
        'MANDATORY',
        'keep',
        'unmanaged',
        'merge',
        '2027-01-01T00:00:00Z',
        1,
        true,
        null,
        [],
        {},
        ['A'],
        [{ name: 'A' }],
        { prompt: 'MANDATORY', timeout: '1m' },
        { from: '2027-01-01T00:00:00Z' },
      ),
      fc.jsonValue({ maxDepth: 2 }),
    );
    const key = fc.constantFrom(
      'priority',
      'combine',
      'enforcement',
      'suspend',
      'active',
      'queues',
      'afterCallWork',
      'wrapupCodes',
      'other',
    );
    fc.assert(
      fc.property(key, value, (name, put) => {
        const changed = { ...base, spec: { ...(base['spec'] as object), [name]: put } };
        expect(isPolicy(changed)).toBe(policySchema.safeParse(changed).success);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the settings', () => {
  it('have defaults that are valid when they are written out', () => {
    const written = settingsSchema.parse(HEADER);
    expect(isSettings(JSON.parse(JSON.stringify(written)))).toBe(true);
  });
});
