import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  addMedia,
  addNumbers,
  judgeEndings,
  requirementOfQueue,
  sortEnding,
} from '../../src/diff/judge-endings.js';
import type { EndingRules } from '../../src/diff/judge-endings.js';
import { ENDINGS } from '../../src/domain/compliance.js';
import type { EndingCount } from '../../src/domain/compliance.js';
import { codeId } from '../../src/domain/ids.js';
import { requirementOf } from '../../src/domain/requirement.js';
import type { RequirementFlag } from '../../src/domain/requirement.js';
import type { WrapupPrompt } from '../../src/domain/state.js';
import type { DesiredCodes } from '../../src/resolve/model.js';

const LISTED = 'aaaaaaaa-0000-4000-a000-000000000001';
const FORBIDDEN = 'aaaaaaaa-0000-4000-a000-000000000002';
const KNOWN = 'aaaaaaaa-0000-4000-a000-000000000003';
const GONE = 'aaaaaaaa-0000-4000-a000-000000000004';
const DEFAULT = '7fb334b0-0e9e-11e4-9191-0800200c9a66';

const codesWith = (
  unlisted: 'remove' | 'keep',
  ...rows: readonly (readonly RequirementFlag[])[]
): DesiredCodes => ({
  unlisted,
  allowEmpty: false,
  explicit: true,
  listed: new Map(
    (rows.length === 0 ? [[]] : rows).map((flags, at) => {
      const id = at === 0 ? codeId(LISTED) : codeId(`listed-${at}`);
      const requirement = requirementOf((name) => flags.includes(name));
      return [id, { id, name: `Listed ${at}`, requirement, from: [] }];
    }),
  ),
  unwanted: new Map([[codeId(FORBIDDEN), { name: 'Forbidden', from: [] }]]),
  protected: new Set(),
  from: [],
});

const rules = (
  required: 'required' | 'no',
  {
    unlisted = 'remove',
    bypass = [],
  }: { unlisted?: 'remove' | 'keep'; bypass?: readonly RequirementFlag[] } = {},
): EndingRules => ({
  codes: codesWith(unlisted),
  requirement: requirementOf((flag) => [required, ...bypass].includes(flag)),
  names: new Map([
    [LISTED, 'Listed'],
    [FORBIDDEN, 'Forbidden'],
    [KNOWN, 'Known'],
    [DEFAULT, 'Default Wrap-up Code'],
  ]),
});

describe('an ending', () => {
  test.each<[string | null, EndingRules, string, string | null]>([
    [LISTED, rules('no'), 'allowed', 'listed'],
    [LISTED, rules('required'), 'allowed', 'listed'],
    [KNOWN, rules('no'), 'other', 'unlisted'],
    [KNOWN, rules('no', { unlisted: 'keep' }), 'allowed', 'kept'],
    [KNOWN, rules('required', { unlisted: 'keep' }), 'other', 'unlisted'],
    [FORBIDDEN, rules('no'), 'other', 'forbidden'],
    [FORBIDDEN, rules('no', { unlisted: 'keep' }), 'other', 'forbidden'],
    [GONE, rules('no'), 'other', 'unknown'],
    [DEFAULT, rules('no'), 'other', 'unlisted'],
    ['ININ-WRAP-UP-DELETED', rules('no'), 'other', 'deleted'],
    ['ININ-WRAP-UP-TIMEOUT', rules('no'), 'timedOut', null],
    ['ININ-WRAP-UP-SKIPPED', rules('required'), 'skipped', null],
    ['ININ-OUTBOUND-BUSY', rules('required'), 'system', null],
    ['ININ-SOMETHING-NEW', rules('required'), 'system', null],
    [null, rules('required'), 'noCode', null],
  ])('with %s counts as %#', (code, by, ending, standing) => {
    expect(sortEnding(code, by)).toEqual({ ending, standing });
  });
});

describe('the requirement of a queue', () => {
  test.each<
    [
      WrapupPrompt | null,
      'public' | 'wrapupcodes-put',
      readonly (readonly RequirementFlag[])[],
      readonly RequirementFlag[],
      string | null,
      string | null,
    ]
  >([
    ['MANDATORY', 'public', [['required'], []], ['required'], 'enforced', null],
    ['MANDATORY_TIMEOUT', 'public', [['required']], ['required'], 'advisory', null],
    [
      null,
      'public',
      [['required', 'transfer'], ['wrapup']],
      ['required', 'transfer', 'wrapup'],
      'advisory',
      'advisory',
    ],
    ['MANDATORY', 'public', [[], ['transfer']], ['transfer'], null, 'advisory'],
    [
      null,
      'wrapupcodes-put',
      [['required', 'wrapup']],
      ['required', 'wrapup'],
      'gateway',
      'gateway',
    ],
    ['MANDATORY', 'wrapupcodes-put', [[]], [], null, null],
  ])(
    'of prompt %s through %s with rows %j asks for %j',
    (prompt, api, rows, flags, requiredIs, bypassIs) => {
      const afterCallWork = prompt === null ? null : { prompt, timeoutMs: null, from: [] };
      const sections = { afterCallWork, wrapupCodes: codesWith('remove', ...rows) };
      expect(requirementOfQueue(sections, api)).toEqual({
        ...requirementOf((flag) => flags.includes(flag)),
        requiredIs,
        bypassIs,
      });
    },
  );
});

const ended = (wrapUpCode: string | null, count: number, mediaType: string | null = 'voice') => ({
  wrapUpCode,
  count,
  mediaType,
});

describe('interactions', () => {
  const endings: readonly EndingCount[] = [
    ended(LISTED, 50),
    ended(KNOWN, 8),
    ended('ININ-WRAP-UP-TIMEOUT', 20),
    ended('ININ-WRAP-UP-SKIPPED', 10),
    ended(null, 10),
    ended('ININ-OUTBOUND-BUSY', 2),
  ];
  test.each<[string, EndingRules, number, number]>([
    ['where no code is required need none', rules('no'), 90, 92],
    ['where one is required need it', rules('required'), 50, 52],
    ['with a way around are not known', rules('required', { bypass: ['transfer'] }), 50, 92],
    ['with a way around what is not required', rules('no', { bypass: ['transfer'] }), 90, 92],
  ])('%s', (_what, by, least, most) => {
    expect(judgeEndings(endings, by)).toMatchObject({
      total: 100,
      endings: { allowed: 50, other: 8, timedOut: 20, skipped: 10, noCode: 10, system: 2 },
      met: { least, most },
      metPercent: { least, most },
    });
  });

  it('are told by code and by media type, the most first', () => {
    const judged = judgeEndings(
      [ended(KNOWN, 3, 'chat'), ended(KNOWN, 4), ended(LISTED, 2), ended(GONE, 1, null)],
      rules('no'),
    );
    expect(judged.codes).toEqual([
      { id: KNOWN, name: 'Known', standing: 'unlisted', count: 7 },
      { id: LISTED, name: 'Listed', standing: 'listed', count: 2 },
      { id: GONE, name: GONE, standing: 'unknown', count: 1 },
    ]);
    expect(judged.media.map(({ mediaType, total }) => [mediaType, total])).toEqual([
      ['voice', 6],
      ['chat', 3],
      [null, 1],
    ]);
  });

  it('that never were have no share', () => {
    expect(judgeEndings([], rules('required'))).toMatchObject({
      total: 0,
      met: { least: 0, most: 0 },
      metPercent: null,
      codes: [],
      media: [],
    });
  });

  it('are never rounded to all or to none', () => {
    const share = (allowed: number, other: number) =>
      judgeEndings([ended(LISTED, allowed), ended(KNOWN, other)], rules('no')).metPercent;
    expect(share(1_000_000, 1)).toEqual({ least: 99.99, most: 99.99 });
    expect(share(1, 1_000_000)).toEqual({ least: 0.01, most: 0.01 });
  });
});

describe('for whatever ended', () => {
  const codes = [
    LISTED,
    FORBIDDEN,
    KNOWN,
    GONE,
    DEFAULT,
    null,
    'ININ-WRAP-UP-TIMEOUT',
    'ININ-WRAP-UP-SKIPPED',
    'ININ-WRAP-UP-DELETED',
    'ININ-OUTBOUND-BUSY',
    'ININ-X',
  ];
  const anyEndings = fc.array(
    fc.record({
      wrapUpCode: fc.constantFrom(...codes),
      mediaType: fc.constantFrom('voice', 'chat', null),
      count: fc.integer({ min: 1, max: 1_000_000 }),
    }),
  );
  const anyRules = fc
    .tuple(
      fc.constantFrom('required', 'no'),
      fc.constantFrom<('remove' | 'keep')[]>('remove', 'keep'),
      fc.boolean(),
    )
    .map(([required, unlisted, bypass]) =>
      rules(required, { unlisted, bypass: bypass ? ['transfer'] : [] }),
    );
  const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);

  it('the parts are the whole: by ending, by media type, and by code', () => {
    fc.assert(
      fc.property(anyEndings, anyRules, (endings, by) => {
        const judged = judgeEndings(endings, by);
        expect(judged.total).toBe(sum(endings.map(({ count }) => count)));
        expect(sum(ENDINGS.map((ending) => judged.endings[ending]))).toBe(judged.total);
        expect(sum(judged.codes.map(({ count }) => count))).toBe(
          judged.endings.allowed + judged.endings.other,
        );
        const { codes: _codes, media, ...numbers } = judged;
        expect(addNumbers(media)).toEqual(numbers);
      }),
    );
  });

  it('what is sure is at most what is possible, and a requirement makes neither larger', () => {
    fc.assert(
      fc.property(anyEndings, anyRules, (endings, by) => {
        const { met, total } = judgeEndings(endings, by);
        expect(met.least).toBeLessThanOrEqual(met.most);
        expect(met.most).toBeLessThanOrEqual(total);
        const free = judgeEndings(endings, { ...by, requirement: requirementOf(() => false) });
        expect(met.least).toBeLessThanOrEqual(free.met.least);
        expect(met.most).toBeLessThanOrEqual(free.met.most);
      }),
    );
  });

  it('queues add up to the whole, all together and by media type', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyEndings, anyRules)), (queues) => {
        const all = queues.map(([endings, by]) => judgeEndings(endings, by));
        expect(addNumbers(addMedia(all.flatMap(({ media }) => media)))).toEqual(addNumbers(all));
      }),
    );
  });
});
