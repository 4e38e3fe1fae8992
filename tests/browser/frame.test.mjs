// What stands on every page: the way out, the numbers to call, the keyboard's path, the map's links.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { run, serve, temporaryFolder } from '../support/server.mjs';
import { launch, open } from '../support/browser.mjs';

const data = temporaryFolder();
let server, browser, facility;
before(async () => {
  run('import', '--data', data, '--demo', '2000');
  [server, browser] = await Promise.all([serve(data), launch()]);
  const found = await (await fetch(`${server.origin}/api/facilities?q=Texas&limit=1`)).json();
  facility = `/facilities/${found.results[0].id}`;
});
after(async () => { await browser?.close(); await server?.stop(); });

for (const how of ['pressed', 'Escape three times']) {
  test(`the quick exit leaves and takes its page out of the history (${how})`, async () => {
    const { context, page, strangers } = await open(browser, server.origin);
    await page.goto('about:blank');
    await page.goto('/find?q=Texas');
    if (how === 'pressed') await page.click('[data-exit]');
    else for (let i = 0; i < 3; i++) await page.keyboard.press('Escape');
    await page.waitForURL('https://www.weather.gov/');
    assert.equal(strangers.length, 1);
    await page.goBack();
    assert.equal(page.url(), 'about:blank');
    await context.close();
  });
}

test('the quick exit is a plain link without script', async () => {
  const { context, page, strangers } = await open(browser, server.origin, { script: false });
  let referrer;
  page.on('request', (request) => { if (request.url().startsWith('https://www.weather.gov')) referrer = request.headers().referer; });
  await page.goto('/now');
  await page.click('[data-exit]');
  await page.waitForURL('https://www.weather.gov/');
  assert.equal(referrer, undefined);
  assert.equal(strangers.length, 1);
  await context.close();
});

test('one press of Escape stays', async () => {
  const { page, check } = await open(browser, server.origin);
  await page.goto('/now');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.waitForTimeout(200);
  assert.equal(new URL(page.url()).pathname, '/now');
  await check();
});

test('every page has the numbers to call and says that the demo is made up', async () => {
  const { page, check } = await open(browser, server.origin, { script: false });
  for (const path of ['/', '/find', '/now', '/about', '/learn/inpatient-or-outpatient', '/learn/worried-about-someone', facility, '/nowhere']) {
    for (const language of ['', '/es']) {
      await page.goto(language + path);
      for (const number of ['911', '988']) assert.ok(await page.locator(`.help a[href="tel:${number}"]`).count(), path);
      assert.ok(await page.locator('.demo').isVisible(), path);
      assert.match(await page.textContent('.foot'), /GeoNames/);
    }
  }
  await page.goto('/now');
  for (const part of ['naloxone', '1-800-662-4357', 'Never use alone', 'Test for fentanyl', 'emergency department', 'CDC'])
    assert.ok((await page.textContent('main')).includes(part), part);
  await check();
});

test('no link of ours is dead', async () => {
  const seen = new Set(), waiting = ['/', '/es/', '/find?q=Texas', facility];
  while (waiting.length && seen.size < 120) {
    const path = waiting.pop();
    if (seen.has(path)) continue;
    seen.add(path);
    const response = await fetch(server.origin + path);
    assert.equal(response.status, 200, path);
    if (!response.headers.get('content-type').startsWith('text/html')) continue;
    for (const [, href] of (await response.text()).matchAll(/(?:href|src)="(\/[^"#]*)/g)) {
      const next = href.replaceAll('&amp;', '&');
      if (!seen.has(next) && !(next.includes('/facilities/') && seen.size > 40)) waiting.push(next);
    }
  }
  assert.ok(seen.size > 30);
});

test('the keyboard reaches all: skip link, box, needs, map, card', async () => {
  const { page, check } = await open(browser, server.origin);
  await page.goto('/find?q=Los+Angeles,+CA&within=100');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), '#main');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  const reached = new Set();
  for (let i = 0; i < 260 && !reached.has('tel'); i++) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => {
      const element = document.activeElement;
      if (element.closest('.map')) return 'map';
      if (element.classList.contains('tel')) return 'tel';
      return element.name || element.tagName;
    }));
    const visible = await page.evaluate(() => {
      const box = document.activeElement.getBoundingClientRect();
      return document.activeElement === document.body || (box.width > 0 && box.height > 0);
    });
    assert.ok(visible, 'the focus is on something that is seen');
  }
  for (const part of ['q', 'need', 'within', 'sort', 'map', 'tel']) assert.ok(reached.has(part), part);
  await check();
});

test('a marker of the map leads to its card, and each is named', async () => {
  const { page, check } = await open(browser, server.origin, { script: false });
  await page.goto('/find?q=Los+Angeles,+CA&within=100');
  const markers = page.locator('.map a');
  assert.ok(await markers.count() > 0);
  for (const marker of await markers.all()) {
    const href = await marker.getAttribute('href');
    assert.equal(await page.locator(href).count(), 1, href);
    assert.ok((await marker.getAttribute('aria-label')).length > 3);
  }
  await markers.first().focus();
  await page.keyboard.press('Enter');
  assert.match(page.url(), /#place-\d+$/);
  await check();
});

test('services of a facility are found by typing, and closed again', async () => {
  const { page, check } = await open(browser, server.origin);
  await page.goto(facility);
  const open_ = () => page.locator('#services details[open]').count();
  const before = await open_();
  await page.fill('#filter', 'medicaid');
  assert.equal(await page.locator('#services li:visible').count() > 0, true);
  for (const text of await page.locator('#services li:visible').allTextContents()) assert.match(text.toLowerCase(), /medicaid/);
  assert.match(await page.textContent('[data-filter-status]'), /^\d+ /);
  await page.fill('#filter', '');
  assert.equal(await open_(), before);
  await check();
});

test('every page works in forced colors and without motion', async () => {
  const { page, check } = await open(browser, server.origin, { forcedColors: 'active', reducedMotion: 'reduce' });
  await page.goto('/find?q=Texas');
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior), 'auto');
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.querySelector('.card')).borderTopWidth), '0px');
  await check();
});

test('the message of a page that is not there is a page of ours', async () => {
  const { page, check } = await open(browser, server.origin, { script: false });
  const response = await page.goto('/facilities/00000000-0000-5000-8000-000000000000');
  assert.equal(response.status(), 404);
  assert.equal(await page.locator('h1').count(), 1);
  await page.fill('#q', 'Texas');
  await page.click('.search [type=submit]');
  assert.match(await page.textContent('h1'), /places in Texas/);
  await check();
});
