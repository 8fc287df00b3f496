import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/domain/change.js';
import { codeId } from '../../src/domain/ids.js';
import {
  changeBlocks,
  heldBlocks,
  marksBlock,
  queuesTable,
  verdictBlock,
  effectsLine,
  marksOf,
  renderPlanMarkdown,
  verdictOf,
} from '../../src/report/markdown-plan.js';
import { COMMENT_LIMIT } from '../../src/report/markdown.js';
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

const adds = { wrapupCodes: codes({ add: [code('Escalated')] }) };

describe('renderPlanMarkdown', () => {
  it('shows a large plan', () => {
    expectFile(renderPlanMarkdown(largePlan()), './expected/plan-large.md', import.meta.url);
  });

  it('shows a small plan', () => {
    const small = plan({ queues: [queueChange('Billing EN', adds)], inSync: 41 });
    expectFile(renderPlanMarkdown(small), './expected/plan-small.md', import.meta.url);
  });

  it('says in a line that there is nothing to do', () => {
    expect(renderPlanMarkdown(plan({ inSync: 42 }))).toBe(
      '**NO CHANGES** · <code>Acme Retail</code> in us-east-1: All 42 governed queues match the policies.\n',
    );
  });

  it('fits into a comment, the verdict first', () => {
    const names = queueNames('A queue with a name that is rather long for a queue', 3_000);
    const huge = plan({
      queues: names.map((name, index) =>
        queueChange(name, { wrapupCodes: codes({ add: [code(`Code ${index % 40}`)] }) }),
      ),
    });
    const text = renderPlanMarkdown(huge);
    expect(text.length).toBeLessThanOrEqual(COMMENT_LIMIT);
    expect(text).toMatch(/^\*\*CHANGES\*\* /);
    expect(text).toContain('_What does not fit here is left out');
  });

  it('lets no name break out of where it stands', () => {
    /** The page without what names may put into it: character references, and words. */
    const skeleton = (name: string): string => {
      const sections = {
        policies: [name],
        wrapupCodes: codes({ add: [code(name), code(name, null)], remove: [name] }),
      };
      const page = renderPlanMarkdown(
        plan({
          organization: { ...plan().organization, name },
          region: name,
          catalog: {
            create: [{ name, description: name, divisionId: null }],
            rename: [{ id: codeId('c'), from: name, to: name }],
          },
          queues: [queueChange(name, sections)],
          held: [heldChange(name, { ...sections, by: 'busy', reason: name, until: name })],
          guards: [
            guard('codesRemoved', {
              limit: name,
              verdict: 'refuse',
              worst: [{ queue: name, count: 2 }],
            }),
          ],
          diagnostics: [
            {
              code: 'plan.unsafe',
              severity: 'warning',
              message: name,
              remedy: name,
              file: name,
              line: 1,
              column: 1,
              queue: name,
            },
          ],
        }),
      );
      return page
        .replace(/<code>.*?<\/code>|<span>&#(?:64|35);<\/span>|&#\d+;/g, '')
        .replace(/[^<>|*`#@[\]!\\\n]/gu, '');
    };
    const harmless = skeleton('Billing');
    fc.assert(
      fc.property(hostileName(), (name) => {
        expect(skeleton(name)).toBe(harmless);
      }),
    );
  });
});

describe('verdictOf', () => {
  it.each<readonly [string, Plan]>([
    ['NO CHANGES', plan({ inSync: 3 })],
    ['NOTHING GOVERNED', plan()],
    ['HELD', plan({ held: [heldChange('A', { ...adds, by: 'busy', reason: 'busy' })] })],
    ['CHANGES', plan({ queues: [queueChange('A', adds)] })],
    ['REVIEW', plan({ queues: [queueChange('A', { wrapupCodes: codes({ remove: ['Test'] }) })] })],
    [
      'REVIEW',
      plan({ catalog: { create: [], rename: [{ id: codeId('c'), from: 'A', to: 'B' }] } }),
    ],
    [
      'REFUSED BY A GUARD',
      plan({
        queues: [queueChange('A', adds)],
        guards: [guard('codesPerQueue', { verdict: 'refuse' })],
      }),
    ],
  ])('%s', (verdict, value) => {
    expect(verdictOf(value)).toBe(verdict);
  });
});

describe('marksOf', () => {
  it('marks removals, forced timers, and everything that is done to the catalog', () => {
    const forced = {
      from: { prompt: 'OPTIONAL', timeoutMs: null },
      to: { prompt: 'MANDATORY_FORCED_TIMEOUT', timeoutMs: 30_000 },
    } as const;
    const marks = marksOf(
      plan({
        catalog: {
          create: [{ name: 'New', description: null, divisionId: null }],
          rename: [{ id: codeId('c'), from: 'Callback', to: 'Call back' }],
        },
        queues: [
          queueChange('A', {
            afterCallWork: forced,
            wrapupCodes: codes({ remove: ['Test', 'Other'] }),
          }),
          queueChange('B', { wrapupCodes: codes({ remove: ['Test'] }) }),
        ],
        diagnostics: [
          {
            code: 'catalog.probable-rename',
            severity: 'warning',
            message: '"New" for "Test"',
            remedy: null,
            file: null,
            line: null,
            column: null,
            queue: null,
          },
        ],
      }),
    );
    expect(marks.map(({ what, found }) => `${what}: ${found}`)).toEqual([
      'Codes removed: <code>Test</code>, <code>Other</code> on 2 queues',
      'Forced timer: <code>A</code>',
      'Codes created, never undone: <code>New</code>',
      'Codes renamed: <code>Callback → Call back</code>',
      'Probably renamed: "New" for "Test"',
    ]);
  });
});

describe('effectsLine', () => {
  it('says zero where there is nothing', () => {
    expect(effectsLine(plan().summary, plan().catalog)).toBe('+0 codes · −0 · ACW 0 · created 0');
    expect(effectsLine({ ...plan().summary, codesUpdated: 2 }, plan().catalog)).toBe(
      '+0 codes · ~2 · −0 · ACW 0 · created 0',
    );
  });
});

describe('changeBlocks', () => {
  it('are one for queues that change alike, the largest first', () => {
    const blocks = changeBlocks([
      queueChange('A', adds),
      queueChange('B', { wrapupCodes: codes({ add: [code('X')] }) }),
      queueChange('C', adds),
    ]);
    expect(blocks).toHaveLength(2);
    expect(blocks[0]).toContain(
      '<b>2 queues</b>: + <code>Escalated</code></summary>\n\n<code>A</code>, <code>C</code>\n',
    );
  });
});

describe('heldBlocks', () => {
  it('are one for each hold, reason and end', () => {
    const held = ['A', 'B'].map((name) =>
      heldChange(name, {
        ...adds,
        by: 'window',
        reason: 'no change window is open',
        until: '2026-12-01T02:00:00Z',
      }),
    );
    expect(heldBlocks(held)).toEqual([
      '<details><summary><b>2 queues</b> held (window, until 2026-12-01 02&#58;00 UTC): no change window is open</summary>\n\n- + <code>Escalated</code>: <code>A</code>, <code>B</code>\n\n</details>',
    ]);
  });
});

describe('verdictBlock', () => {
  it('says in two lines how far a plan reaches and what it does', () => {
    expect(verdictBlock(plan({ queues: [queueChange('A', adds)], inSync: 4 }))).toBe(
      '**CHANGES** · <code>Acme Retail</code> in us-east-1: this plan changes 1 of 5 queues · guards: pass\\\n+1 code · −0 · ACW 0 · created 0',
    );
  });
});

describe('marksBlock', () => {
  it('is a list, or nothing', () => {
    expect(
      marksBlock(
        plan({ queues: [queueChange('A', { wrapupCodes: codes({ remove: ['Test'] }) })] }),
      ),
    ).toBe('- **Codes removed:** <code>Test</code> on 1 queue');
    expect(marksBlock(plan())).toBe('');
  });
});

describe('queuesTable', () => {
  it('counts every governed queue', () => {
    expect(
      queuesTable(plan({ queues: [queueChange('A', adds)], inSync: 4 }).summary)
        .split('\n')
        .at(-1),
    ).toBe('| 5 | 1 | 0 | 4 |');
  });
});
