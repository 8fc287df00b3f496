import { describe, expect, it } from 'vitest';
import { judgeCompliance, queuesWithEndings } from '../../src/diff/judge-compliance.js';
import type { ComplianceInput } from '../../src/diff/judge-compliance.js';
import type { QueueEndings } from '../../src/domain/compliance.js';
import { codeId, divisionId, queueId } from '../../src/domain/ids.js';
import { requirementOf } from '../../src/domain/requirement.js';
import type { WrapupPrompt } from '../../src/domain/state.js';
import type { DesiredCodes, DesiredQueue, DesiredSections } from '../../src/resolve/model.js';

const RESOLVED = codeId('resolved');
const STRAY = 'stray';

const codes = (required: boolean): DesiredCodes => ({
  unlisted: 'remove',
  allowEmpty: false,
  explicit: true,
  listed: new Map([
    [
      RESOLVED,
      {
        id: RESOLVED,
        name: 'Resolved',
        requirement: requirementOf((flag) => flag === 'required' && required),
        from: [],
      },
    ],
  ]),
  unwanted: new Map(),
  protected: new Set(),
  from: [],
});

const NOTHING: DesiredSections = { afterCallWork: null, wrapupCodes: null };

const queue = (
  name: string,
  {
    required = false,
    live = 'OPTIONAL',
    full = {
      afterCallWork: { prompt: 'MANDATORY' as WrapupPrompt, timeoutMs: null, from: [] },
      wrapupCodes: codes(required),
    },
  }: { required?: boolean; live?: string | null; full?: DesiredSections } = {},
): DesiredQueue => ({
  queue: {
    id: queueId(name),
    name,
    division: { id: divisionId('d'), name: 'Home' },
    afterCallWork: { prompt: live, timeoutMs: null },
    enabled: true,
    unsafeNumber: null,
  },
  policies: ['p'],
  reporting: [],
  enforced: NOTHING,
  full,
  holds: [],
});

const counted = (allowed: number, stray = 0, without = 0): QueueEndings => ({
  kind: 'counted',
  endings: [
    { mediaType: 'voice', wrapUpCode: RESOLVED, count: allowed },
    { mediaType: 'voice', wrapUpCode: STRAY, count: stray },
    { mediaType: 'voice', wrapUpCode: null, count: without },
  ].filter(({ count }) => count > 0),
});

const judge = (
  queues: readonly (readonly [DesiredQueue, QueueEndings | null])[],
  more: Partial<ComplianceInput> = {},
) =>
  judgeCompliance({
    queues: queues.map(([desired]) => desired),
    endings: new Map(
      queues.flatMap(([desired, read]) => (read === null ? [] : [[desired.queue.id, read]])),
    ),
    codes: [{ id: RESOLVED, name: 'Resolved' }],
    api: 'public',
    failUnder: null,
    ...more,
  });

describe('a report', () => {
  it('begins with the worst queue, and ends with those in which nothing ended', () => {
    const { queues } = judge([
      [queue('idle'), counted(0)],
      [queue('good'), counted(10)],
      [queue('few without'), counted(9, 0, 1)],
      [queue('half, small'), counted(1, 1)],
      [queue('bad'), counted(1, 9)],
      [queue('half, large'), counted(50, 50)],
      [queue('also good'), counted(10)],
    ]);
    expect(queues.map(({ name }) => name)).toEqual([
      'bad',
      'half, large',
      'half, small',
      'few without',
      'also good',
      'good',
      'idle',
    ]);
  });

  it('keeps apart what is not known and what cannot be judged', () => {
    const unread = { kind: 'unread', reason: 'no reach', correlationId: 'c' } as const;
    const queues = [
      [queue('a'), counted(4, 1)],
      [queue('hidden'), unread],
      [queue('unmanaged', { full: NOTHING }), null],
    ] as const;
    expect(queuesWithEndings(queues.map(([desired]) => desired))).toEqual(['a', 'hidden']);
    const report = judge(queues);
    expect(report).toMatchObject({
      total: { total: 5, met: { least: 4, most: 4 } },
      queues: [{ name: 'a', division: 'Home', policies: ['p'] }],
      unread: [{ name: 'hidden', reason: 'no reach', correlationId: 'c' }],
      unmanaged: [{ name: 'unmanaged' }],
      failUnder: null,
      diagnostics: [],
    });
  });

  it('judges by the policies in report mode too', () => {
    expect(judge([[queue('a'), counted(1, 1)]]).queues).toHaveLength(1);
  });

  it('says where the prompt that enforces a code is not there', () => {
    const { diagnostics, queues } = judge([
      [queue('required', { required: true }), counted(1)],
      [queue('in sync', { required: true, live: 'MANDATORY' }), counted(1)],
      [queue('free'), counted(1)],
    ]);
    expect(diagnostics).toMatchObject([
      { code: 'compliance.not-enforced', severity: 'warning', queue: 'required' },
    ]);
    expect(queues.find(({ name }) => name === 'required')?.prompt).toEqual({
      desired: 'MANDATORY',
      live: 'OPTIONAL',
    });
  });

  it('that was not asked for a queue is a bug', () => {
    expect(() => judge([[queue('a'), null]])).toThrow('were not read');
  });
});

describe('--fail-under', () => {
  const rows = [
    [queue('all'), counted(3)],
    [queue('idle'), counted(0)],
    [queue('two thirds', { required: true, live: 'MANDATORY' }), counted(2, 0, 1)],
    [queue('nearly'), counted(999, 1)],
  ] as const;
  it.each([
    [0, []],
    [66.66, []],
    [66.67, ['two thirds']],
    [99.9, ['two thirds']],
    [99.91, ['two thirds', 'nearly']],
    [100, ['two thirds', 'nearly']],
  ])('%d names the queues that are surely under it', (failUnder, names) => {
    const report = judge(rows, { failUnder });
    expect(report.failUnder?.queues.map(({ name }) => name)).toEqual(names);
    expect(report.diagnostics.map(({ code, severity }) => [code, severity])).toEqual(
      names.map(() => ['compliance.under', 'error']),
    );
  });

  it('leaves alone where it may be met', () => {
    const transfer = queue('bypass', { required: true, live: 'MANDATORY' });
    const withBypass: DesiredQueue = {
      ...transfer,
      full: {
        ...transfer.full,
        wrapupCodes: {
          ...codes(true),
          listed: new Map([
            [
              RESOLVED,
              {
                id: RESOLVED,
                name: 'Resolved',
                requirement: requirementOf((flag) => flag === 'required' || flag === 'transfer'),
                from: [],
              },
            ],
          ]),
        },
      },
    };
    const report = judge([[withBypass, counted(1, 0, 9)]], { failUnder: 100 });
    expect(report.queues[0]?.metPercent).toEqual({ least: 10, most: 100 });
    expect(report.failUnder?.queues).toEqual([]);
  });
});
