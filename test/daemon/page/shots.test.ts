/** `PAGE_SHOTS=folder npx vitest run test/daemon/page/shots.test.ts` writes what people see, to be looked at. */
import { join } from 'node:path';
import { it } from 'vitest';
import { SCENES } from './samples.js';
import { CHROMIUM, launchBrowser, servePage } from './served-page.js';

const folder = process.env['PAGE_SHOTS'];

it.skipIf(folder === undefined || CHROMIUM === null)('takes pictures of every scene', async () => {
  const browser = await launchBrowser();
  try {
    for (const [name, scene] of Object.entries(SCENES)) {
      await using served = await servePage(scene);
      for (const [size, width, height] of [
        ['wide', 1_440, 900],
        ['narrow', 390, 844],
        ['docs', 1_200, 800],
      ] as const)
        for (const colorScheme of ['light', 'dark'] as const) {
          const page = await browser.newPage({ viewport: { width, height }, colorScheme });
          await page.goto(served.url);
          const whole = await page.evaluate<number>('document.body.scrollHeight');
          await page.screenshot({
            path: join(folder ?? '', `${name}-${size}-${colorScheme}.png`),
            // A page of 5,000 queues is long, and the first screens say enough.
            clip: { x: 0, y: 0, width, height: size === 'docs' ? height : Math.min(3_000, whole) },
            fullPage: true,
          });
          await page.close();
        }
    }
  } finally {
    await browser.close();
  }
});
