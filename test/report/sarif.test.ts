import { Ajv } from 'ajv';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CODES } from '../../src/domain/codes.js';
import { problem } from '../../src/domain/diagnostics.js';
import { renderSarif } from '../../src/report/sarif.js';
import { expectFile } from '../support/expected.js';
import { FINDINGS } from '../support/findings.js';
import { hostileName } from '../support/texts.js';

const text = {
  type: 'object',
  required: ['text'],
  additionalProperties: false,
  properties: { text: { type: 'string', minLength: 1 } },
};

const physicalLocation = {
  type: 'object',
  required: ['artifactLocation', 'region'],
  additionalProperties: false,
  properties: {
    artifactLocation: {
      type: 'object',
      required: ['uri', 'uriBaseId'],
      additionalProperties: false,
      // Relative: unreserved characters and escapes between slashes, as RFC 3986 has it.
      properties: {
        uri: {
          type: 'string',
          pattern: '^(?:[\\w.~-]|%[0-9A-F]{2})+(?:/(?:[\\w.~-]|%[0-9A-F]{2})*)*$',
        },
        uriBaseId: { const: '%SRCROOT%' },
      },
    },
    region: {
      type: 'object',
      required: ['startLine', 'startColumn', 'endLine', 'endColumn'],
      additionalProperties: false,
      properties: {
        startLine: { type: 'integer', minimum: 1 },
        startColumn: { type: 'integer', minimum: 1 },
        endLine: { type: 'integer', minimum: 1 },
        endColumn: { type: 'integer', minimum: 1 },
      },
    },
  },
};

/** The parts of SARIF 2.1.0 that we use, as its specification words them; nothing else may appear. */
const SCHEMA = {
  type: 'object',
  required: ['$schema', 'version', 'runs'],
  additionalProperties: false,
  properties: {
    $schema: { type: 'string' },
    version: { const: '2.1.0' },
    runs: {
      type: 'array',
      minItems: 1,
      maxItems: 1,
      items: {
        type: 'object',
        required: ['tool', 'columnKind', 'results'],
        additionalProperties: false,
        properties: {
          tool: {
            type: 'object',
            required: ['driver'],
            additionalProperties: false,
            properties: {
              driver: {
                type: 'object',
                required: ['name', 'version', 'rules'],
                additionalProperties: false,
                properties: {
                  name: { const: 'Wrapkeeper' },
                  version: { type: 'string' },
                  rules: {
                    type: 'array',
                    uniqueItems: true,
                    items: {
                      type: 'object',
                      required: ['id', 'shortDescription', 'help'],
                      additionalProperties: false,
                      properties: { id: { type: 'string' }, shortDescription: text, help: text },
                    },
                  },
                },
              },
            },
          },
          columnKind: { const: 'utf16CodeUnits' },
          results: {
            type: 'array',
            items: {
              type: 'object',
              required: ['ruleId', 'ruleIndex', 'level', 'message'],
              additionalProperties: false,
              properties: {
                ruleId: { type: 'string' },
                ruleIndex: { type: 'integer', minimum: 0 },
                level: { enum: ['error', 'warning'] },
                message: text,
                locations: {
                  type: 'array',
                  minItems: 1,
                  maxItems: 1,
                  items: {
                    type: 'object',
                    required: ['physicalLocation'],
                    additionalProperties: false,
                    properties: { physicalLocation },
                  },
                },
                relatedLocations: {
                  type: 'array',
                  minItems: 1,
                  uniqueItems: true,
                  items: {
                    type: 'object',
                    required: ['id', 'physicalLocation', 'message'],
                    additionalProperties: false,
                    properties: {
                      id: { type: 'integer', minimum: 0 },
                      physicalLocation,
                      message: text,
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};

interface Log {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly message: { readonly text: string };
    }[];
  }[];
}

const validate = new Ajv().compile<Log>(SCHEMA);

const parse = (sarif: string): Log => {
  const log: unknown = JSON.parse(sarif);
  if (!validate(log)) throw new Error(JSON.stringify(validate.errors));
  return log;
};

describe('renderSarif', () => {
  it('is a log of one run', () => {
    const sarif = renderSarif(FINDINGS, { version: '0.1.0' });
    parse(sarif);
    expectFile(sarif, './expected/findings.sarif', import.meta.url);
  });

  it('is a valid log without results, too', () => {
    expect(parse(renderSarif([], { version: '0.1.0' })).runs[0]?.results).toEqual([]);
  });

  it('lists each rule that occurs once, and every result points at its own', () => {
    const run = parse(renderSarif([...FINDINGS, ...FINDINGS], { version: '0.1.0' })).runs[0];
    const rules = run?.tool.driver.rules.map(({ id }) => id) ?? [];
    expect(rules).toEqual([...new Set(FINDINGS.map(({ code }) => code))].sort());
    expect(run?.results).toHaveLength(2 * FINDINGS.length);
    for (const result of run?.results ?? []) expect(rules[result.ruleIndex]).toBe(result.ruleId);
    for (const rule of rules) expect(CODES).toHaveProperty([rule]);
  });

  it('encodes paths', () => {
    const span = { file: 'políticas/a b#c(1).yaml', line: 1, column: 1, endLine: 1, endColumn: 2 };
    const sarif = renderSarif([problem({ code: 'yaml.syntax', message: 'm', span })], {
      version: '0.1.0',
    });
    expect(sarif).toContain('"uri": "pol%C3%ADticas/a%20b%23c%281%29.yaml"');
  });

  it('makes no link of a name', () => {
    const sarif = renderSarif(
      [problem({ code: 'yaml.syntax', message: '"[a](https://example.com)"', remedy: null })],
      { version: '0.1.0' },
    );
    expect(parse(sarif).runs[0]?.results[0]?.message.text).toBe('"\\[a](https://example.com)"');
  });

  it('is valid whatever names and paths hold', () => {
    fc.assert(
      fc.property(hostileName(), hostileName(), (file, name) => {
        const message = `"${name}"`;
        const span = { file: `policies/${file}`, line: 1, column: 1, endLine: 1, endColumn: 2 };
        parse(
          renderSarif(
            [problem({ code: 'yaml.syntax', message, span, related: [{ message, span }] })],
            { version: '0.1.0' },
          ),
        );
      }),
    );
  });
});
