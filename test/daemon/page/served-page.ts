/** The page as a browser meets it: over HTTP, under the policy that the daemon sends. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { parseFilter } from '../../../src/daemon/page/filter.js';
import { PAGE_SCRIPT } from '../../../src/daemon/page/script.js';
import { renderStatusPage } from '../../../src/daemon/page/status-page.js';
import type { StatusPageInput } from '../../../src/daemon/page/status-page.js';
import { PAGE_STYLE } from '../../../src/daemon/page/style.js';

/** Where a Chromium is, or null where there is none. */
export const CHROMIUM: string | null =
  [
    process.env['CHROMIUM_PATH'],
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ].find((path) => path !== undefined && existsSync(path)) ?? null;

/** @throws where {@link CHROMIUM} is null, or does not start */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM ?? '',
    // Chromium refuses to be sandboxed as root, as it is in most containers.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });

const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src data: 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

export interface ServedPage extends AsyncDisposable {
  readonly url: string;
  /** What is shown; another one is what the next request gets. */
  scene: StatusPageInput;
  /** Whether requests are cut off, as by a daemon that is gone. */
  isGone: boolean;
  /** How often the page was asked for. */
  readonly asked: () => number;
}

/** Serves the page, its style and its script on a free port of this machine. */
export const servePage = async (scene: StatusPageInput): Promise<ServedPage> => {
  let asked = 0;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (served.isGone) {
      request.socket.destroy();
      return;
    }
    const send = (type: string, body: string): void => {
      response.writeHead(200, {
        'content-type': `${type}; charset=utf-8`,
        'content-security-policy': POLICY,
        'x-content-type-options': 'nosniff',
      });
      response.end(body);
    };
    if (url.pathname === '/page.css') return send('text/css', PAGE_STYLE);
    if (url.pathname === '/page.js') return send('text/javascript', PAGE_SCRIPT);
    asked += 1;
    return send(
      'text/html',
      renderStatusPage({ ...served.scene, filter: parseFilter(url.searchParams) }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const served: ServedPage = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    scene,
    isGone: false,
    asked: () => asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return served;
};
