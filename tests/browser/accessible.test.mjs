// Every kind of page, in both languages, light and dark, narrow and wide: nothing serious by axe,
// no error by the Nu HTML checker, no cookie, no other origin, no sideways scrolling, light.
// Expected: style.md 12 (accessibility) and the budgets of the finder: 100 KB on a first load,
// outlines under 25 KB.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { run, serve, temporaryFolder } from '../support/server.mjs';
import { accessibility, launch, open, overflow, widths } from '../support/browser.mjs';
import { validate } from '../support/pages.mjs';

const data = temporaryFolder(), empty = temporaryFolder();
let server, bare, browser, pages;

before(async () => {
  run('import', '--data', data, '--demo', '2000');
  [server, bare, browser] = await Promise.all([serve(data), serve(empty), launch()]);
  const found = await (await fetch(`${server.origin}/api/facilities?q=Los+Angeles,+CA&limit=1`)).json();
  const facility = `/facilities/${found.results[0].id}`;
  pages = {
    start: '/', finder: '/find', results: '/find?q=Los+Angeles,+CA&need=buprenorphine&need=medicaid&within=50',
    state: '/find?q=Texas', ambiguous: '/find?q=Springfield', misspelled: '/find?q=Richmnd,+VA',
    loosened: '/find?q=Fargo,+ND&within=5&need=methadone&need=free&need=children',
    instruments: '/instruments', instrument: '/instruments/c-ssrs', days: '/instruments/bam-r', sex: '/instruments/audit-c',
    refused: '/find?within=25', unread: '/find?within=far', facility, now: '/now', about: '/about',
    learn: '/learn', paying: '/learn/paying/calculator', setting: '/learn/inpatient-or-outpatient', family: '/learn/worried-about-someone', withdrawal: '/learn/withdrawal', missing: '/no-such-page',
  };
});
after(async () => { await browser?.close(); await server?.stop(); await bare?.stop(); });

const local = (path, language) => (language === 'en' ? path : `/${language}${path}`);

for (const [language, scheme] of [['en', 'light'], ['en', 'dark'], ['es', 'light'], ['es', 'dark']]) {
  test(`axe finds nothing serious (${language}, ${scheme})`, async () => {
    const { page, check } = await open(browser, server.origin, { scheme, bypassCSP: true });
    for (const [name, path] of Object.entries(pages)) {
      await page.goto(local(path, language));
      assert.equal(await page.locator('h1').count(), 1, `${name}: one h1`);
      assert.equal(await page.getAttribute('html', 'lang'), language, name);
      assert.deepEqual(await accessibility(page), [], `${name} ${path}`);
    }
    await check();
  });
}

test('an empty directory says how to go on, accessibly', async () => {
  const { page, check } = await open(browser, bare.origin, { bypassCSP: true });
  for (const path of ['/', '/find', '/es/find']) {
    await page.goto(path);
    assert.match(await page.textContent('main'), /fairlead import/);
    assert.match(await page.textContent('main'), /1-800-662-4357/);
    assert.deepEqual(await accessibility(page), [], path);
  }
  await check();
});

for (const width of widths) {
  test(`nothing stands out sideways, targets are large enough (${width} px)`, async () => {
    const { page, check } = await open(browser, server.origin, { width });
    for (const language of ['en', 'es']) {
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(local(path, language));
        assert.ok(await overflow(page) <= 0, `${name} ${language}`);
        const small = await page.evaluate(() => [...document.querySelectorAll('button, select, input:not([type=hidden]), label.option, .tel, nav a, .door a, .exit, summary, h2 a')]
          .filter((element) => element.checkVisibility({ visibilityProperty: true }))
          .map((element) => [element.closest('label') ?? element, element])
          .map(([target, element]) => [target.getBoundingClientRect(), element.outerHTML.slice(0, 90)])
          .filter(([box]) => box.width > 0 && box.height > 0 && box.height < 43.5 && !(box.width <= 1))
          .map(([box, html]) => `${Math.round(box.height)} px: ${html}`));
        assert.deepEqual(small.filter((line) => !/h2 a|<a href="\/(es\/)?facilities/.test(line)), [], `${name} ${language}`);
      }
    }
    await check();
  });
}

test('the Nu HTML checker finds no error', async () => {
  const folder = join(temporaryFolder(), 'html');
  mkdirSync(folder);
  for (const language of ['en', 'es'])
    for (const [name, path] of Object.entries(pages))
      writeFileSync(join(folder, `${name}-${language}.html`), await (await fetch(server.origin + local(path, language))).text());
  writeFileSync(join(folder, 'empty.html'), await (await fetch(`${bare.origin}/find`)).text());
  validate(folder);
});

test('a first visit loads under 100 KB, the map under 25 KB of it', async () => {
  for (const path of Object.values(pages)) {
    const html = await (await fetch(server.origin + path)).text();
    const linked = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map((match) => match[1]);
    let weight = gzipSync(html).length;
    for (const address of linked) weight += gzipSync(Buffer.from(await (await fetch(server.origin + address)).arrayBuffer())).length;
    assert.ok(weight < 100_000, `${path}: ${weight} bytes`);
    const map = html.match(/<figure class="map">.*?<\/figure>/s)?.[0] ?? '';
    assert.ok(gzipSync(map).length < 25_000, `${path}: ${gzipSync(map).length} bytes of map`);
  }
});

test('what a browser is sent is that small in fact', () => {
  const page = execFileSync('curl', ['-s', '-H', 'Accept-Encoding: gzip', server.origin + pages.results]);
  assert.ok(page.length < 40_000, `${page.length} bytes`);
  assert.match(gunzipSync(page).toString(), /<h1/);
});
