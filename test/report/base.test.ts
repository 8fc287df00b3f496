import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan, PlanBase } from '../../src/domain/change.js';
import { codeId, queueId } from '../../src/domain/ids.js';
import { viewBase } from '../../src/report/base-words.js';
import { renderBaseMarkdown } from '../../src/report/markdown-base.js';
import { COMMENT_LIMIT } from '../../src/report/markdown.js';
import { renderBaseText } from '../../src/report/text-base.js';
import { expectFile } from '../support/expected.js';
import {
  code,
  codes,
  guard,
  heldChange,
  largePlan,
  plan,
  queueChange,
  queueNames,
} from '../support/plans.js';
import { hostileName } from '../support/texts.js';

type Compared = Plan & { readonly base: PlanBase };

/** The plan, compared: rows of these names are the branch's. */
const compared = (
  whole: Plan,
  isOwn: (name: string) => boolean,
  rest: Partial<PlanBase> = {},
): Compared => ({
  ...whole,
  base: {
    ref: 'main',
    commit: '3f2c1a0b9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a',
    incomparable: null,
    digest: whole.digest,
    catalog: whole.catalog,
    queues: [
      ...new Set(
        [...whole.queues, ...whole.held].filter(({ name }) => isOwn(name)).map(({ id }) => id),
      ),
    ],
    newlyGoverned: [],
    noLongerGoverned: [],
    settled: [],
    wantedOtherwise: [],
    refusedAlready: [],
    marks: [],
    ...rest,
  },
});

const adds = { wrapupCodes: codes({ add: [code('Escalated')] }) };
const removes = { wrapupCodes: codes({ remove: ['Test'] }) };
const forced = (from: string) => ({
  afterCallWork: {
    from: { prompt: from, timeoutMs: 9_000 },
    to: { prompt: 'MANDATORY_FORCED_TIMEOUT', timeoutMs: 30_000 },
  } as const,
});
const some = { id: queueId('q'), name: 'Legacy' };
const refusing = [guard('codesRemoved', { verdict: 'refuse' })];

describe('the verdict', () => {
  it.each<[string, Compared, string]>([
    ['nothing at all', compared(plan(), () => true), 'NOTHING TO DO'],
    [
      'only what was pending',
      compared(plan({ queues: [queueChange('A', removes)] }), () => false),
      'NOTHING TO DO',
    ],
    [
      'a guard that refuses what was pending',
      compared(plan({ queues: [queueChange('A', removes)], guards: refusing }), () => false),
      'NOTHING TO DO',
    ],
    ['additions', compared(plan({ queues: [queueChange('A', adds)] }), () => true), 'OK'],
    [
      'a guard that refuses',
      compared(plan({ queues: [queueChange('A', adds)], guards: refusing }), () => true),
      'REFUSED',
    ],
    ['a removal', compared(plan({ queues: [queueChange('A', removes)] }), () => true), 'REVIEW'],
    [
      'a removal that waits for a window',
      compared(
        plan({ held: [heldChange('A', { by: 'window', reason: 'closed', ...removes })] }),
        () => true,
      ),
      'REVIEW',
    ],
    [
      'a removal that is only reported',
      compared(
        plan({ held: [heldChange('A', { by: 'report', reason: 'reports', ...removes })] }),
        () => true,
      ),
      'OK',
    ],
    [
      'a forced timer',
      compared(plan({ queues: [queueChange('A', forced('OPTIONAL'))] }), () => true),
      'REVIEW',
    ],
    [
      'another time for one that is forced already',
      compared(
        plan({ queues: [queueChange('A', forced('MANDATORY_FORCED_TIMEOUT'))] }),
        () => true,
      ),
      'OK',
    ],
    [
      'a code that is created',
      compared(
        plan({
          catalog: { create: [{ name: 'N', description: null, divisionId: null }], rename: [] },
        }),
        () => true,
      ),
      'REVIEW',
    ],
    [
      'a code that is renamed',
      compared(
        plan({ catalog: { create: [], rename: [{ id: codeId('c'), from: 'A', to: 'B' }] } }),
        () => true,
      ),
      'REVIEW',
    ],
    ['a queue that leaves', compared(plan(), () => true, { noLongerGoverned: [some] }), 'REVIEW'],
    ['a queue that comes', compared(plan(), () => true, { newlyGoverned: [some] }), 'OK'],
    ['a queue that is left alone', compared(plan(), () => true, { settled: [some] }), 'OK'],
    ['a wish that is fulfilled', compared(plan(), () => true, { wantedOtherwise: [some] }), 'OK'],
    [
      'a mark',
      compared(plan(), () => true, {
        marks: [{ kind: 'setting-changed', name: 'limits.concurrency', detail: null }],
      }),
      'REVIEW',
    ],
    [
      'a base that is not known',
      compared(plan(), () => true, { incomparable: 'it is broken' }),
      'REVIEW',
    ],
  ])('of %s', (_, value, verdict) => {
    expect(viewBase(value).verdict).toBe(verdict);
    expect(renderBaseMarkdown(value)).toMatch(new RegExp(`^\\*\\*${verdict}\\*\\* · `));
    expect(renderBaseText(value, { width: 80, color: false })).toMatch(new RegExp(`^${verdict}: `));
  });
});

describe('a large branch', () => {
  const value = compared(largePlan(), (name) => /^(?:Sales|Billing|Support|Night)/.test(name), {
    newlyGoverned: queueNames('Sales', 3).map((name) => ({ id: queueId(name), name })),
    noLongerGoverned: [some],
    settled: [{ id: queueId('s'), name: 'Overflow' }],
    wantedOtherwise: queueNames('Chat', 20).map((name) => ({ id: queueId(name), name })),
    refusedAlready: ['queuesChanged'],
    marks: [
      { kind: 'setting-loosened', name: 'guards.queuesChanged.percent', detail: '30 → 60' },
      { kind: 'suspension-ended', name: 'chat', detail: 'ends now' },
      { kind: 'probably-renamed', name: 'Test', detail: 'Resolved by bot' },
    ],
  });

  it('as a comment', () => {
    expectFile(renderBaseMarkdown(value), './expected/base-large.md', import.meta.url);
  });

  it.each([80, 200])('in %i columns', (width) => {
    const text = renderBaseText(value, { width, color: false });
    expectFile(text, `./expected/base-large-${width}.txt`, import.meta.url);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
  });

  it('is the same text in colour', () => {
    const colored = renderBaseText(value, { width: 80, color: true });
    expect(colored).not.toBe(renderBaseText(value, { width: 80, color: false }));
    // oxlint-disable-next-line no-control-regex
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(
      renderBaseText(value, { width: 80, color: false }),
    );
  });

  it('fits into a comment, however large it is', () => {
    const names = queueNames('A queue with a name that is rather long for a queue', 3_000);
    const huge = plan({
      queues: names.map((name, index) =>
        queueChange(name, { wrapupCodes: codes({ add: [code(`Code ${index % 400}`)] }) }),
      ),
    });
    const text = renderBaseMarkdown(
      compared(huge, () => true, {
        noLongerGoverned: names.map((name) => ({ id: queueId(name), name })),
      }),
    );
    expect(text.length).toBeLessThanOrEqual(COMMENT_LIMIT);
    expect(text).toMatch(/^\*\*REVIEW\*\* /);
  });
});

describe('names of other people', () => {
  it('cannot break out of where they stand', () => {
    fc.assert(
      fc.property(hostileName(), hostileName(), (one, other) => {
        const value = compared(
          plan({
            queues: [
              queueChange(one, { wrapupCodes: codes({ add: [code(other)], remove: [one] }) }),
              queueChange(other, adds),
            ],
          }),
          (name) => name === one,
          {
            ref: other,
            incomparable: one,
            noLongerGoverned: [{ id: queueId('x'), name: other }],
            marks: [{ kind: 'allowance-added', name: one, detail: other }],
          },
        );
        const text = renderBaseMarkdown(value);
        const without = text
          .replaceAll(/<\/?(?:code|b|details|summary|sub|span)>/g, '')
          .replaceAll(/\*\*[^*`<@]*\*\*/g, '')
          .replaceAll(/&#\d+;/g, '');
        expect(without).not.toMatch(/[<>@|`*]/);
      }),
    );
  });
});

describe('a base by its commit', () => {
  it('is called by the beginning of it', () => {
    const ref = '3f2c1a0b9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a';
    expect(renderBaseMarkdown(compared(plan(), () => true, { ref }))).toContain(
      'Pending on <code>3f2c1a0b9d8e</code> already: nothing',
    );
  });
});
