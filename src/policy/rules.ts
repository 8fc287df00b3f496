/** The rules that hold over policies before anybody looks at an organization. */
import { hasErrors, problem } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { catalogRules } from './catalog-rules.js';
import { codeRules } from './code-rules.js';
import { presentFindings } from './findings.js';
import type { PolicySet } from './model.js';
import type { ParsedPolicies } from './parse.js';
import { parsePolicies } from './parse.js';
import { periodRules } from './period-rules.js';
import { policyRules } from './policy-rules.js';
import type { RuleContext, RuleTable } from './rule.js';
import type { SourceFile } from './source.js';

const RULES: RuleTable = { ...policyRules, ...codeRules, ...periodRules, ...catalogRules };

/** Holds parsed policies against every rule. Rules about what is missing stay silent where documents are broken. */
const checkPolicies = (parsed: ParsedPolicies, context: RuleContext): readonly Diagnostic[] => {
  const { set, drafts, complete, placeOf } = parsed;
  return Object.values(RULES).flatMap(({ over, check }) =>
    over === 'all documents' && !complete
      ? []
      : check(over === 'what is written' ? drafts : set, { ...context, placeOf }),
  );
};

/**
 * Reads and checks policy files: everything that can be said about them offline, all at once, sorted by
 * place.
 */
export const validatePolicies = (
  files: readonly SourceFile[],
  context: RuleContext,
): { readonly set: PolicySet; readonly diagnostics: readonly Diagnostic[] } => {
  const parsed = parsePolicies(files);
  const findings = [...parsed.diagnostics, ...checkPolicies(parsed, context)];
  const { policies, catalogs, allowances } = parsed.set;
  const nothing =
    files.length > 0 &&
    !hasErrors(findings) &&
    policies.length + catalogs.length + allowances.length === 0;
  return {
    set: parsed.set,
    diagnostics: presentFindings(
      nothing ? [...findings, noPolicies(files.length)] : findings,
      parsed.untold,
    ),
  };
};

const noPolicies = (files: number): Diagnostic =>
  problem({
    code: 'file.no-policies',
    message: `No policy stands in ${files === 1 ? 'the file' : `the ${files} files`} of the policies folders.`,
    remedy: 'Write one, or create one with `wrapkeeper init`.',
  });
