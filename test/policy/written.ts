/** Policies as tests write them, and findings as tests compare them. */
import type { Diagnostic } from '../../src/domain/diagnostics.js';
import { validatePolicies } from '../../src/policy/rules.js';
import type { RuleContext } from '../../src/policy/rule.js';

export const NOW = Date.parse('2026-11-01T00:00:00Z');

/** A policy on all queues; the lines of `spec` come after `queues`, indented by two. */
export const policy = (spec: string, name = 'billing'): string =>
  [
    'apiVersion: wrapkeeper/v1',
    'kind: QueuePolicy',
    `metadata: { name: ${name} }`,
    'spec:',
    '  queues: { include: [{ name: "*" }] }',
    spec,
    '',
  ].join('\n');

/** A policy whose list of codes begins on line 9, column 7, with these lines. */
export const codes = (...lines: readonly string[]): string =>
  policy(
    [
      '  wrapupCodes:',
      '    unlisted: keep',
      '    codes:',
      ...lines.map((line) => `      ${line}`),
    ].join('\n'),
  );

export const catalog = (...entries: readonly string[]): string =>
  [
    'apiVersion: wrapkeeper/v1',
    'kind: WrapupCodeCatalog',
    'metadata: { name: catalog }',
    'spec:',
    '  codes:',
    ...entries.map((entry) => `    - ${entry}`),
    '',
  ].join('\n');

/** Checks texts as files `a.yaml`, `b.yaml`, … */
export const check = (texts: readonly string[], context: Partial<RuleContext> = {}) =>
  validatePolicies(
    texts.map((text, index) => ({ path: `${String.fromCharCode(97 + index)}.yaml`, text })),
    { now: NOW, api: 'public', ...context },
  );

/** A finding in one line: `error yaml.tab a.yaml:9:7`. */
export const brief = ({ severity, code, span }: Diagnostic): string =>
  `${severity} ${code} ${span === null ? '-' : `${span.file}:${span.line}:${span.column}`}`;

/** All findings about texts, in one line each. */
export const findings = (
  texts: readonly string[],
  context: Partial<RuleContext> = {},
): readonly string[] => check(texts, context).diagnostics.map(brief);
