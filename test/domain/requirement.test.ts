import { describe, expect, it, test } from 'vitest';
import {
  anyOf,
  enforcementOf,
  judgeRequirement,
  requirementOf,
} from '../../src/domain/requirement.js';
import type { Api, RequirementFlag } from '../../src/domain/requirement.js';
import { WRAPUP_PROMPTS } from '../../src/domain/state.js';
import type { WrapupPrompt } from '../../src/domain/state.js';

const row = (...flags: readonly RequirementFlag[]) => requirementOf((flag) => flags.includes(flag));

describe('who sees to the requirement matrix', () => {
  test.each<[Api, WrapupPrompt | null, string, string]>([
    ['public', 'MANDATORY', 'enforced', 'advisory'],
    ['public', 'MANDATORY_TIMEOUT', 'advisory', 'advisory'],
    ['public', 'MANDATORY_FORCED_TIMEOUT', 'advisory', 'advisory'],
    ['public', 'OPTIONAL', 'advisory', 'advisory'],
    ['public', 'AGENT_REQUESTED', 'advisory', 'advisory'],
    ['public', null, 'advisory', 'advisory'],
    ...[...WRAPUP_PROMPTS, null].map((prompt): [Api, WrapupPrompt | null, string, string] => [
      'wrapupcodes-put',
      prompt,
      'gateway',
      'gateway',
    ]),
  ])('%s, %s: %s, %s', (api, prompt, required, bypass) => {
    expect(enforcementOf({ api, prompt })).toEqual({ required, bypass });
  });

  it('is told of what a row asks for, and of nothing else', () => {
    const enforcing = { api: 'public', prompt: 'MANDATORY' } as const;
    const is = (...flags: readonly RequirementFlag[]) => {
      const { requiredIs, bypassIs, ...requirement } = judgeRequirement(row(...flags), enforcing);
      expect(requirement).toEqual(row(...flags));
      return [requiredIs, bypassIs];
    };
    expect(is()).toEqual([null, null]);
    expect(is('required')).toEqual(['enforced', null]);
    expect(is('postCallWork')).toEqual([null, 'advisory']);
    expect(is('required', 'transfer')).toEqual(['enforced', 'advisory']);
  });
});

test('rows together ask for what any of them asks for', () => {
  expect(anyOf([row('required'), row('transfer', 'wrapup')])).toEqual(
    row('required', 'transfer', 'wrapup'),
  );
  expect(anyOf([])).toEqual(row());
});
