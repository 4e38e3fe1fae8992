// A real Chromium for tests: one process a file, a fresh context a test, and a watch over it that
// fails the test when a page asks another origin, sets a cookie, or reports an error.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const widths = [360, 1280];

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

// Open a context on `origin`; `watch.check()` at the end of a test.
export async function open(browser, origin, { width = 1280, script = true, scheme = 'light', ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width, height: 800 }, baseURL: origin, javaScriptEnabled: script, colorScheme: scheme,
    reducedMotion: 'reduce', ...options, // a page that glides to a button would not hold still for a click
  });
  const strangers = [], errors = [];
  await context.route((url) => url.origin !== origin, (route) => {
    strangers.push(route.request().url());
    return route.fulfill({ status: 200, contentType: 'text/html', body: '<title>another place</title>' });
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Permissions-Policy|404|400|410/.test(message.text())) errors.push(message.text());
  });
  const check = async () => {
    assert.deepEqual(errors, []);
    assert.deepEqual(strangers, []);
    assert.deepEqual(await context.cookies(), []);
    await context.close();
  };
  return { context, page, strangers, check };
}

// What axe finds serious or critical, as lines. It is evaluated, so the context must bypass the CSP.
export async function accessibility(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
}

// Does anything stand out to the right of the window?
export const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
