// Every article in a real browser: accessible, valid, no wider than a phone, light; and the way from the list to places.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { run, serve, temporaryFolder } from '../support/server.mjs';
import { accessibility, launch, open, overflow } from '../support/browser.mjs';
import { validate } from '../support/pages.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const slugs = readdirSync(join(root, 'knowledge/articles/en')).map((name) => name.replace(/\.md$/, ''));
const data = temporaryFolder();
let server, browser;
before(async () => {
  run('import', '--data', data, '--demo', '2000');
  [server, browser] = await Promise.all([serve(data), launch()]);
});
after(async () => { await browser?.close(); await server?.stop(); });

for (const [prefix, width, scheme] of [['', 1280, 'light'], ['/es', 360, 'dark']]) {
  test(`axe finds nothing serious in any article, none is too wide (${prefix || '/en'}, ${width} px, ${scheme})`, async () => {
    const { page, check } = await open(browser, server.origin, { width, scheme, bypassCSP: true });
    for (const slug of slugs) {
      await page.goto(`${prefix}/learn/${slug}`);
      assert.ok(await overflow(page) <= 0, slug);
      assert.deepEqual(await accessibility(page), [], slug);
    }
    await check();
  });
}

test('the Nu HTML checker finds no error in any article, none is heavy', async () => {
  const folder = join(temporaryFolder(), 'html');
  mkdirSync(folder);
  for (const prefix of ['', '/es'])
    for (const slug of slugs) {
      const html = await (await fetch(`${server.origin}${prefix}/learn/${slug}`)).text();
      assert.ok(gzipSync(html).length < 12_000, `${slug}: ${gzipSync(html).length} bytes`);
      writeFileSync(join(folder, `${prefix.slice(1)}${slug}.html`), html);
    }
  validate(folder);
});

test('a person without script goes from the start page to an article and on to places', async () => {
  const { page, check } = await open(browser, server.origin, { width: 360, script: false });
  await page.goto('/');
  await page.click('nav a[href="/learn"]');
  await page.click('a[href="/learn/methadone"]');
  assert.equal(await page.textContent('h1'), 'Methadone');
  await page.click('.contents a[href="#where-you-get-it"]');
  assert.equal(new URL(page.url()).hash, '#where-you-get-it');
  await page.click('.next a');
  assert.equal(new URL(page.url()).search, '?need=methadone');
  assert.ok(await page.locator('.card').count() > 0);
  await check();
});

test('a table is read row by row on a phone, each cell under its column', async () => {
  const { page, check } = await open(browser, server.origin, { width: 360 });
  await page.goto('/learn/inpatient-or-outpatient');
  const cell = page.locator('.compare td').first();
  assert.ok(await cell.locator('.column').isVisible());
  const [name, text] = await Promise.all([cell.locator('.column').boundingBox(), cell.boundingBox()]);
  assert.ok(text.width > 250 && name.height < text.height);
  await page.setViewportSize({ width: 1280, height: 800 });
  assert.ok(!await cell.locator('.column').isVisible());
  assert.ok(await page.locator('.compare thead').isVisible());
  await check();
});

test('paper has the text and its sources, without what is for the screen', async () => {
  const { page, check } = await open(browser, server.origin);
  await page.goto('/learn/withdrawal');
  await page.emulateMedia({ media: 'print' });
  for (const selector of ['.contents', '.next', '.more', '.top nav', '.help']) assert.ok(!await page.locator(selector).isVisible(), selector);
  for (const selector of ['h1', '.compare', '.origins', '.foot .print-only']) assert.ok(await page.locator(selector).isVisible(), selector);
  await check();
});
