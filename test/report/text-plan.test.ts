import { stripVTControlCharacters } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeId } from '../../src/domain/ids.js';
import { widthOf } from '../../src/report/layout.js';
import { renderPlanText } from '../../src/report/text-plan.js';
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
import { requirement } from '../support/policy-set.js';
import { hostileName } from '../support/texts.js';

const PLAIN = { width: 80, color: false };

describe('renderPlanText', () => {
  it.each([80, 200])('shows a large plan in %d columns', (width) => {
    expectFile(
      renderPlanText(largePlan(), { width, color: false }),
      `./expected/plan-large-${width}.txt`,
      import.meta.url,
    );
  });

  it('shows a small plan', () => {
    const small = plan({
      source: { commit: null, dirty: true, policiesDigest: '' },
      api: 'wrapupcodes-put',
      queues: [queueChange('Billing EN', { wrapupCodes: codes({ add: [code('Escalated')] }) })],
      cost: { requests: 1, estimatedSeconds: 1 },
      inSync: 41,
    });
    expectFile(renderPlanText(small, PLAIN), './expected/plan-small.txt', import.meta.url);
  });

  it('breaks what it says of rows between words, and no name', () => {
    const every = requirement(true, { transfer: true, wrapup: true, postCallWork: true });
    const rows = plan({
      api: 'wrapupcodes-put',
      queues: [
        queueChange('Billing EN', {
          wrapupCodes: codes({
            add: [{ ...code('Sold on the phone', null), requirement: every }],
            update: [
              {
                id: codeId('1'),
                name: 'To be called back',
                from: every,
                to: requirement(false),
              },
            ],
          }),
        }),
      ],
    });
    expect(renderPlanText(rows, { width: 44, color: false })).toContain(
      [
        '~ Billing EN',
        '    + Sold on the phone (new) (required; may',
        '        be bypassed by transfer, wrap-up,',
        '        post-call work)',
        '    ~ To be called back: no longer required;',
        '        may no longer be bypassed by',
        '        transfer, wrap-up, post-call work',
        '    by policy billing',
      ].join('\n'),
    );
  });

  it('shows that there is nothing to do', () => {
    expect(renderPlanText(plan({ inSync: 42 }), PLAIN)).toBe(
      'Acme Retail in us-east-1, policies at 9c41f0be2d7a\n\nNo changes. All 42 governed queues match the policies.\n',
    );
  });

  it('shows what refusing guards weigh most', () => {
    const refused = plan({
      queues: [queueChange('Billing EN', { wrapupCodes: codes({ remove: ['A', 'B', 'C', 'D'] }) })],
      guards: [
        guard('codesRemovedPerQueue', {
          actual: 4,
          of: 6,
          limit: '50 %',
          verdict: 'refuse',
          worst: [{ queue: 'Billing EN', count: 4 }],
        }),
      ],
    });
    expectFile(renderPlanText(refused, PLAIN), './expected/plan-refused.txt', import.meta.url);
  });

  it('names as many queues as asked, and says how to see all', () => {
    const many = plan({
      queues: queueNames('Q', 5).map((name) =>
        queueChange(name, { wrapupCodes: codes({ add: [code('A')] }) }),
      ),
    });
    expect(renderPlanText(many, { ...PLAIN, names: 2 })).toContain(
      '~ 5 queues: Q AT, Q BE and 3 more\n',
    );
    expect(renderPlanText(many, { ...PLAIN, names: 2 })).toContain(
      '`--format json` names every queue.',
    );
    expect(renderPlanText(many, { ...PLAIN, names: 5 })).not.toContain('--format json');
  });

  it('differs in colour alone when colour is asked for', () => {
    const colored = renderPlanText(largePlan(), { width: 80, color: true });
    expect(colored).toContain('    \u001b[32m+ Escalated\u001b[39m\n');
    expect(colored).toContain('    \u001b[31m- Test\u001b[39m\n');
    expect(stripVTControlCharacters(colored)).toBe(renderPlanText(largePlan(), PLAIN));
  });

  it('is never wider than asked, but for the digest that is there to be copied', () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 240 }), (width) => {
        for (const line of renderPlanText(largePlan(), { width, color: false }).split('\n')) {
          if (!line.includes(largePlan().digest)) expect(widthOf(line)).toBeLessThanOrEqual(width);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('breaks no name', () => {
    const names = queueNames('Complaints – second line', 40);
    const many = plan({
      queues: names.map((name) => queueChange(name, { wrapupCodes: codes({ add: [code('A')] }) })),
    });
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 200 }), (width) => {
        const text = renderPlanText(many, { width, color: false, names: 40 });
        for (const name of names) expect(text).toContain(name);
      }),
      { numRuns: 30 },
    );
  });

  it('prints no control character and no runner command, whatever names hold', () => {
    fc.assert(
      fc.property(hostileName(), (name) => {
        const sections = {
          policies: [name],
          afterCallWork: {
            from: { prompt: name, timeoutMs: null },
            to: { prompt: 'OPTIONAL', timeoutMs: null },
          },
          wrapupCodes: codes({ add: [code(name), code(name, null)], remove: [name] }),
        } as const;
        const hostile = plan({
          organization: { ...plan().organization, name },
          catalog: {
            create: [{ name, description: name, divisionId: null }],
            rename: [{ id: codeId('c'), from: name, to: name }],
          },
          queues: [queueChange(name, sections), queueChange(name, sections)],
          held: [heldChange(name, { ...sections, by: 'busy', reason: name, until: name })],
          guards: [
            guard(name, { limit: name, verdict: 'refuse', worst: [{ queue: name, count: 2 }] }),
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
        });
        const text = renderPlanText(hostile, { width: 40, color: false });
        expect(text).not.toMatch(/(?!\n|[\u200C\u200D])[\p{Cc}\p{Cf}]/u);
        expect(text).not.toMatch(/^\s*::/m);
        expect(text).not.toContain('##[');
      }),
    );
  });
});
