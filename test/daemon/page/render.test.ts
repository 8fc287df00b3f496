import { Script } from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOLDS } from '../../../src/domain/change.js';
import { parseFilter } from '../../../src/daemon/page/filter.js';
import { headlineOf, VERDICT_WORDS } from '../../../src/daemon/page/headline.js';
import { escapeText } from '../../../src/daemon/page/markup.js';
import { PAGE_SCRIPT } from '../../../src/daemon/page/script.js';
import { renderStatusPage } from '../../../src/daemon/page/status-page.js';
import { PAGE_STYLE } from '../../../src/daemon/page/style.js';
import { relativeWords } from '../../../src/daemon/page/time.js';
import { SOURCE_STATES } from '../../../src/daemon/status.js';
import type { DaemonStatus, QueueState } from '../../../src/daemon/status.js';
import { hostileName } from '../../support/texts.js';
import { ago, AT, BROKEN, queueOf, queuesOf, REFUSED, RUNS, SCENES, statusOf } from './samples.js';

const page = (overrides: Partial<DaemonStatus> = {}, queues = queuesOf(3), query = ''): string =>
  renderStatusPage({
    status: statusOf(queues, overrides),
    queues,
    runs: RUNS,
    filter: parseFilter(new URLSearchParams(query)),
  });

/** What a reader reads: no tags, entities resolved. */
const wordsOf = (html: string): string =>
  html
    .replace(/<head>.*<\/head>/s, '')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');

const verdictIn = (html: string): string => /<p class="word">([^<]*)</.exec(html)?.[1] ?? '';

const counts = (
  inSync: number,
  failing = 0,
  drifting = 0,
  held = 0,
): Record<QueueState, number> => ({ 'in-sync': inSync, failing, drifting, held });

describe('headline', () => {
  const well = statusOf(queuesOf(1));

  it.each<[string, Record<QueueState, number>, Partial<DaemonStatus>]>([
    ['All 180 queues are as the policies want them.', counts(180), {}],
    ['The only queue is as the policies want it.', counts(1), {}],
    ['1 queue fails.', counts(9, 1), {}],
    ['2 queues fail.', counts(0, 2), {}],
    ['1 queue drifts.', counts(9, 0, 1), {}],
    ['2 queues drift.', counts(9, 0, 2), {}],
    ['1 queue is held.', counts(9, 0, 0, 1), {}],
    ['2 queues are held.', counts(9, 0, 0, 2), {}],
    ['2 queues fail, 1 drifts.', counts(9, 2, 1), {}],
    ['1 queue fails, 3 are held.', counts(9, 1, 0, 3), {}],
    ['1 queue drifts, 1 is held.', counts(9, 0, 1, 1), {}],
    ['1 queue fails, 2 drift, 1 is held.', counts(9, 1, 2, 1), {}],
    ['No queue is governed by a policy.', counts(0), {}],
    ['No queue was read yet.', counts(0), { lastPass: null }],
    [
      'No policies were accepted yet, and nothing is enforced.',
      counts(0),
      { source: { ...well.source, accepted: null } },
    ],
    ['All 2 queues are as the policies accepted last want them.', counts(2), { source: BROKEN }],
    ['All 2 queues are as the policies accepted last want them.', counts(2), { source: REFUSED }],
    ['The last pass failed.', counts(9, 1), { consecutiveFailures: 1 }],
    ['The last 3 passes failed.', counts(9), { consecutiveFailures: 3 }],
    [
      'Not ready: the first pass runs.',
      counts(0),
      { ready: false, notReady: 'the first pass runs' },
    ],
    [
      'Not ready: it stopped.',
      counts(9, 1),
      { ready: false, notReady: 'it stopped.', consecutiveFailures: 2 },
    ],
    ['Not ready.', counts(9), { ready: false }],
  ])('%s', (expected, queues, overrides) => {
    expect(headlineOf({ ...well, queues, ...overrides })).toBe(expected);
  });
});

describe('verdict', () => {
  it.each<[keyof typeof VERDICT_WORDS, Partial<DaemonStatus>]>([
    ['well', {}],
    ['look', { queues: counts(3, 0, 1) }],
    ['look', { queues: counts(3, 0, 0, 1) }],
    ['act', { queues: counts(3, 1) }],
    ['act', { consecutiveFailures: 1 }],
    ['act', { source: BROKEN }],
    ['act', { source: REFUSED }],
    ['act', { ready: false, notReady: 'the branch was rewritten' }],
    ['starting', { ready: false, notReady: 'the first pass runs', lastPass: null }],
    [
      'act',
      { sinks: [{ name: 'a', undelivered: 0, givenUp: 1, isDisabled: false, oldestAt: null }] },
    ],
    [
      'act',
      { sinks: [{ name: 'a', undelivered: 0, givenUp: 0, isDisabled: true, oldestAt: null }] },
    ],
    [
      'look',
      { sinks: [{ name: 'a', undelivered: 2, givenUp: 0, isDisabled: false, oldestAt: ago(600) }] },
    ],
    [
      'well',
      { sinks: [{ name: 'a', undelivered: 2, givenUp: 0, isDisabled: false, oldestAt: ago(20) }] },
    ],
    ['look', { source: { ...BROKEN, state: 'unreachable', since: ago(60), diagnostics: [] } }],
    ['act', { source: { ...BROKEN, state: 'unreachable', since: ago(3_600), diagnostics: [] } }],
    ['look', { detection: { ...statusOf([]).detection, by: 'sweeps', why: 'It may not.' } }],
    ['look', { detection: { ...statusOf([]).detection, missedByAudits: 2 } }],
  ])('%s: %j', (verdict, overrides) => {
    expect(verdictIn(page(overrides))).toBe(VERDICT_WORDS[verdict]);
  });

  it.each(SOURCE_STATES.filter((state) => state !== 'following' && state !== 'waiting'))(
    'tells of a source that is %s, with its message and what goes on',
    (state) => {
      const words = wordsOf(
        page({ source: { ...BROKEN, state, message: 'Somebody did something.', diagnostics: [] } }),
      );
      expect(words).toContain('What needs a person');
      expect(words).toContain('Somebody did something.');
      expect(words).toContain('The policies accepted 3 h ago go on: commit 4827772f3b0c.');
    },
  );
});

describe('status page', () => {
  it('shows the findings of a broken commit with place and remedy', () => {
    const words = wordsOf(page({ source: BROKEN }));
    expect(words).toContain('policies/billing.yaml:14:5 Unknown key "unlistd"');
    expect(words).toContain('What to do: Did you mean "unlisted"?');
  });

  it('shows how to let a refused plan through', () => {
    const words = wordsOf(page({ source: REFUSED }));
    expect(words).toContain('Guard codesRemoved refuses: 145 of 412 codes would be removed');
    expect(words).toContain('Most: Billing EN (6), Sales DE (4).');
    expect(words).toContain('kind: GuardAllowance');
    expect(words).toContain(
      'codesRemoved: 145 queuesChanged: 145 reason: FILL IN until: 2026-12-01T02:14:05Z',
    );
    expect(words).toContain(`-d '{"accept":"${REFUSED.refusal?.digest}"}'`);
    expect(words).toContain('curl -X POST "$DAEMON/api/reconcile"');
    expect(words).not.toContain('Guard codesPerQueue');
  });

  it('puts into a command only what a shell leaves alone', () => {
    const digest = "sha256:00'; rm -rf ~; '";
    const words = wordsOf(page({ source: { ...REFUSED, refusal: { digest, guards: [] } } }));
    expect(words).not.toContain('curl');
    const sinks = [
      { name: 'a; reboot', undelivered: 0, givenUp: 1, isDisabled: false, oldestAt: null },
    ];
    expect(wordsOf(page({ sinks }))).toContain('audit replay --sink NAME, and start it again.');
  });

  it('says plainly that report mode writes nothing', () => {
    expect(wordsOf(page({ mode: 'report' }))).toContain('Report mode: nothing is written.');
    expect(wordsOf(page())).not.toContain('nothing is written');
  });

  it.each(HOLDS)('explains what the hold "%s" means, once', (heldBy) => {
    const held = [0, 1].map((index) => queueOf(index, { state: 'held', heldBy, reason: 'So.' }));
    const html = page({}, held);
    expect(html.match(new RegExp(`<dt>${heldBy}</dt>`, 'g'))).toHaveLength(1);
    expect(wordsOf(html)).toContain(`So. (hold: ${heldBy})`);
  });

  it('shows failing queues first, then drifting, held, and those in sync', () => {
    const states = ['in-sync', 'held', 'drifting', 'failing'] as const;
    const queues = states.map((state, index) => queueOf(index, { name: `is ${state}`, state }));
    const seen = [...page({}, queues).matchAll(/<bdi>is ([a-z-]+)<\/bdi>/g)].map(
      ([, state]) => state,
    );
    expect(seen).toEqual(['failing', 'drifting', 'held', 'in-sync']);
  });

  it('says who had drifted a queue, and no more than is known', () => {
    const words = wordsOf(renderStatusPage(SCENES['much-wrong']));
    expect(words).toContain('5 h ago: Jane Doe had changed it (WrapupCodeAdd, 5 h ago)');
    expect(words).toContain(
      'the OAuth client CX as Code or somebody else about then had changed it',
    );
    expect(words).toContain('it is not known who had changed it (the audit log cannot be read)');
    expect(words).toContain('5 h ago: the policies had changed');
  });

  it('keeps 5,000 queues within what a phone can hold, and says what is left out', () => {
    const { status, queues, runs } = SCENES['five-thousand'];
    const html = renderStatusPage({ status, queues, runs });
    expect(html.length).toBeLessThan(350_000);
    expect(html.match(/<tr role="row" data-key=/g)).toHaveLength(200 + 100 + 2 + 1);
    expect(wordsOf(html)).toContain('113 more are not shown.');
    expect(wordsOf(html)).toContain('4587 more are not shown.');
  });

  it.each([
    ['q=billing', ['Billing EN']],
    ['q=BILLING+en&state=in-sync', ['Billing EN']],
    ['q=home', ['Sales EN']],
    ['q=support', ['Support EN']],
    ['state=failing', []],
    ['state=nonsense', ['Billing EN', 'Sales EN', 'Support EN']],
    ['q=%00', []],
  ])('filters by %s', (query, expected) => {
    const html = page({}, queuesOf(3), query);
    const shown = [...html.matchAll(/rowheader"><bdi>([^<]*)<\/bdi> /g)].map(([, name]) => name);
    expect(shown).toEqual(expected);
  });

  it('says the same, whatever the clock of the machine', () => {
    expect(page()).toBe(page());
    expect(page()).toContain(
      `<time datetime="${ago(40)}" title="2026-11-24 02:13:25 UTC">40 s ago</time>`,
    );
  });

  it('has neither style nor script of its own, and loads nothing from elsewhere', () => {
    for (const scene of Object.values(SCENES)) {
      const html = renderStatusPage(scene);
      expect(html).not.toMatch(/<[^>]* (?:style|on[a-z]+)=/);
      expect(html).not.toMatch(/<style|<script(?! src="\/page\.js" defer><\/script>)/);
      expect(html).not.toMatch(/(?:src|href)="(?!\/|#|data:)/);
    }
    expect(PAGE_STYLE).not.toMatch(/url\(|@import/);
    expect(() => new Script(PAGE_SCRIPT)).not.toThrow();
  });
});

describe('relativeWords', () => {
  it.each([
    [0, 'now'],
    [-999, 'now'],
    [-1_000, '1 s ago'],
    [-89_000, '89 s ago'],
    [-90_000, '2 min ago'],
    [300_000, 'in 5 min'],
    [-7_200_000, '2 h ago'],
    [-36 * 3_600_000, '2 days ago'],
  ])('%i ms → %s', (ahead, expected) => {
    const now = new Date(AT).getTime();
    expect(relativeWords(now + ahead, now)).toBe(expected);
  });
});

describe('text from outside', () => {
  /** The same page, with one text wherever the outside can put one. */
  const pageOf = (text: string): string => {
    const queues = (['failing', 'drifting', 'held', 'in-sync'] as const).map((state, index) =>
      queueOf(index, {
        id: text,
        name: text,
        division: text,
        policies: [text, text],
        state,
        reason: text,
        since: text,
        until: text,
        lastCorrection: {
          at: text,
          run: text,
          cause: 'drift',
          changedBy: { by: 'exact', kind: 'user', id: text, name: text, at: text, action: text },
        },
      }),
    );
    const finding = {
      ...BROKEN.diagnostics[0]!,
      message: text,
      remedy: text,
      file: text,
      queue: text,
    };
    return renderStatusPage({
      status: statusOf(queues, {
        organization: { id: text, name: text },
        region: text,
        tool: text,
        ready: false,
        notReady: text,
        source: {
          ...REFUSED,
          location: text,
          branch: text,
          message: text,
          diagnostics: [finding],
          refusal: {
            digest: text,
            guards: [
              {
                ...REFUSED.refusal!.guards[0]!,
                measure: text,
                limit: text,
                worst: [{ queue: text, count: 2 }],
              },
            ],
          },
        },
        sinks: [{ name: text, undelivered: 1, givenUp: 1, isDisabled: false, oldestAt: text }],
        diagnostics: [finding, { ...finding, severity: 'warning' }],
        detection: { ...statusOf([]).detection, by: 'sweeps', why: text },
      }),
      queues,
      runs: [
        { ...RUNS[0]!, run: text, trigger: text, commit: text, problem: text, startedAt: text },
      ],
      filter: { text, state: null },
    });
  };

  /** The tags with their attributes' names, which no text may change. */
  const skeletonOf = (html: string): string =>
    [...html.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replace(/"[^"]*"/g, '""')).join('');

  it('never becomes markup', () => {
    // The filter lets every queue through that has the text in its name: the pages are alike but for the text.
    const plain = skeletonOf(pageOf('plain'));
    fc.assert(
      fc.property(
        hostileName().filter((text) => text.trim() !== '' && Number.isNaN(Date.parse(text))),
        (text) => {
          const html = pageOf(text);
          expect(skeletonOf(html)).toBe(plain);
          expect(html).not.toMatch(/(?!\n|[\u200C\u200D])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    ['<img src=x onerror=alert(1)>', '&lt;img src=x onerror=alert(1)&gt;'],
    ['" autofocus onfocus="x', '&quot; autofocus onfocus=&quot;x'],
    ["it's & so", 'it&#39;s &amp; so'],
    ['a\u202eb', 'a&lt;U+202E RIGHT-TO-LEFT OVERRIDE&gt;b'],
    [' a', '&lt;U+0020 SPACE&gt;a'],
  ])('%j is shown as %s', (text, expected) => {
    expect(escapeText(text)).toBe(expected);
  });

  it('is cut where it would flood the page', () => {
    expect(escapeText('x'.repeat(1_000_000))).toHaveLength(1_500);
  });
});
