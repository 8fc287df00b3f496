/**
 * The page in a real browser, under the policy that the daemon sends. Where no Chromium is, these tests are skipped, and
 * the first line says so.
 */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queueOf, queuesOf, RUNS, SCENES, statusOf } from './samples.js';
import { CHROMIUM, launchBrowser, servePage } from './served-page.js';
import type { ServedPage } from './served-page.js';
import { HEADINGS, POOR_CONTRASTS, SPILLING } from './page-probes.js';

if (CHROMIUM === null)
  process.stderr.write(
    'No Chromium is here (CHROMIUM_PATH): the page is not tested in a browser.\n',
  );

describe.skipIf(CHROMIUM === null)('the status page in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  }, 60_000);
  afterAll(() => browser.close(), 60_000);

  /** Opens the page, with a clock that the test moves, and hands over what the browser complains of. */
  const open = async (
    served: ServedPage,
    options: BrowserContextOptions = {},
    path = '',
  ): Promise<{ page: Page; complaints: string[] } & AsyncDisposable> => {
    const context = await browser.newContext({
      viewport: { width: 1_440, height: 900 },
      ...options,
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!/^(data:|http:\/\/127\.0\.0\.1:)/.test(request.url())) complaints.push(request.url());
    });
    await page.clock.install();
    await page.goto(served.url + path);
    return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
  };

  /** Lets the page ask again, and waits until it has. */
  const renew = async (page: Page, served: ServedPage): Promise<void> => {
    const before = served.asked();
    const answered = page.waitForResponse((response) => response.url().startsWith(served.url));
    await page.clock.runFor(15_000);
    await (await answered).finished();
    await page.clock.runFor(1);
    expect(served.asked()).toBe(before + 1);
  };

  const later = (failing: string) => {
    const queues = [
      queueOf(0, { name: failing, state: 'failing', reason: '403' }),
      ...queuesOf(179),
    ];
    return { status: statusOf(queues), queues, runs: RUNS };
  };

  it.each(Object.keys(SCENES) as (keyof typeof SCENES)[])(
    '%s: no complaints, an order of headings, no overflow, enough contrast',
    async (name) => {
      await using served = await servePage(SCENES[name]);
      await using opened = await open(served);
      const { page, complaints } = opened;
      await page.evaluate(
        'document.querySelectorAll("details").forEach((it) => { it.open = true; })',
      );
      for (const width of [360, 700, 1_160, 1_440]) {
        await page.setViewportSize({ width, height: 800 });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
          width,
        );
        expect(await page.evaluate(SPILLING)).toEqual([]);
      }
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await page.evaluate(POOR_CONTRASTS)).toEqual([]);
      }
      const levels = await page.evaluate<number[]>(HEADINGS);
      expect(levels.filter((level) => level === 1)).toHaveLength(1);
      levels.forEach((level, index) => {
        expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
      });
      expect(complaints).toEqual([]);
    },
  );

  it('has landmarks, captions and names for who does not see it', async () => {
    await using served = await servePage(SCENES['much-wrong']);
    for (const width of [360, 1_440]) {
      await using opened = await open(served, { viewport: { width, height: 800 } });
      const seen = await opened.page.locator('body').ariaSnapshot();
      for (const expected of [
        '- link "Skip to the state of the queues"',
        '- banner:',
        '- button "Pause the renewal of this page"',
        '- main:',
        '- heading "1 queue fails, 1 drifts, 3 are held." [level=1]',
        '- region "What needs a person":',
        '- search:',
        '- searchbox "Queue, division or policy"',
        '- combobox "State"',
        '- table "Queues that are not as the policies want them":',
        '- rowheader "Billing EN Retail"',
        '- cell "Failing"',
        '- table "Runs that left a record in the journal":',
      ])
        expect(seen).toContain(expected);
      // On a phone the heads of the columns are not seen, and are there all the same.
      expect(seen).toContain('- columnheader "Last correction"');
    }
  });

  it('is worked with the keyboard alone', async () => {
    await using served = await servePage(SCENES['much-wrong']);
    await using opened = await open(served);
    const { page, complaints } = opened;
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('Skip to the state of the queues');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineWidth')).toBe(
      '3px',
    );
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    // Past the links of the states to the filter.
    for (let step = 0; step < 8 && !(await page.locator('#q:focus').count()); step += 1)
      await page.keyboard.press('Tab');
    await page.keyboard.type('img src');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=img\+src/);
    expect(await page.locator('#queues tbody th').allTextContents()).toEqual([
      '<img src=x onerror=alert(1)> Wholesale',
    ]);
    expect(await page.locator('#q').inputValue()).toBe('img src');
    expect(page.url()).toMatch(/#queues$/);
    expect(complaints).toEqual([]);
  });

  it('works without its script', async () => {
    await using served = await servePage(SCENES['much-wrong']);
    await using opened = await open(served, { javaScriptEnabled: false }, '?state=held');
    const { page } = opened;
    expect(await page.locator('#queues tbody tr').count()).toBe(3);
    expect(await page.locator('#pause').isVisible()).toBe(false);
    expect(await page.locator('noscript a').isVisible()).toBe(true);
  });

  it('renews itself, and leaves focus, text, place and opened details alone', async () => {
    await using served = await servePage(SCENES['all-well']);
    await using opened = await open(served);
    const { page, complaints } = opened;
    await page.locator('summary').click();
    await page.locator('#q').fill('bil');
    await page.evaluate(
      'scrollTo({ top: 240, behavior: "instant" }); document.querySelector("#q").setSelectionRange(1, 2)',
    );
    const before = await page.evaluate('document.querySelector("#q").getBoundingClientRect().top');
    served.scene = later('<img src=x onerror=alert(1)>');
    await renew(page, served);
    expect(await page.locator('h1').textContent()).toBe('1 queue fails.');
    expect(await page.title()).toBe('1 queue fails. – Wrapkeeper');
    expect(await page.locator('#told').textContent()).toBe('1 queue fails.');
    expect(await page.locator('#queues tbody th').first().textContent()).toContain(
      '<img src=x onerror=alert(1)>',
    );
    expect(await page.locator('#q:focus').inputValue()).toBe('bil');
    expect(await page.evaluate('document.querySelector("#q").selectionStart')).toBe(1);
    expect(await page.locator('details').getAttribute('open')).toBe('');
    expect(await page.evaluate('document.querySelector("#q").getBoundingClientRect().top')).toBe(
      before,
    );
    expect(await page.locator('img').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('gives the focus to the section where the focused thing goes away, and keeps the filter of the address', async () => {
    await using served = await servePage(SCENES['much-wrong']);
    await using opened = await open(served, {}, '?state=drifting');
    const { page } = opened;
    await page.locator('.counts a', { hasText: 'drifting' }).focus();
    served.scene = later('Billing EN');
    await renew(page, served);
    expect(await page.evaluate('document.activeElement.id')).toBe('queues');
    expect(await page.locator('#queues').textContent()).toContain('No queue in state “Drifting”.');
  });

  it('asks at once when it is looked at again, and not while it is paused', async () => {
    await using served = await servePage(SCENES['all-well']);
    await using opened = await open(served);
    const { page } = opened;
    served.scene = later('Billing EN');
    await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))');
    await page.locator('h1', { hasText: '1 queue fails.' }).waitFor();
    await page.getByRole('button', { name: 'Pause the renewal of this page' }).press('Enter');
    const asked = served.asked();
    await page.clock.runFor(60_000);
    expect(served.asked()).toBe(asked);
    await page.getByRole('button', { name: 'Resume the renewal of this page' }).press('Enter');
    await expect.poll(served.asked).toBe(asked + 1);
  });

  it('says that the daemon does not answer, once aloud, and takes it back', async () => {
    await using served = await servePage(SCENES['all-well']);
    await using opened = await open(served);
    const { page } = opened;
    served.isGone = true;
    await page.clock.runFor(15_000);
    await page.locator('#silence').waitFor();
    await page.clock.runFor(25_000);
    const words = await page.locator('#silence').textContent();
    expect(words).toMatch(/^The daemon does not answer: last heard of (3[5-9]|4[0-5]) s ago\./);
    expect(await page.locator('#told').textContent()).toBe('The daemon does not answer.');
    expect(await page.locator('#silence').getAttribute('aria-live')).toBeNull();
    expect(await page.title()).toBe('No answer – Wrapkeeper');
    served.isGone = false;
    await page.clock.runFor(15_000);
    await page.locator('#silence').waitFor({ state: 'hidden' });
    expect(await page.locator('#told').textContent()).toMatch(
      /^The daemon answers again\. All 180/,
    );
  });
});
