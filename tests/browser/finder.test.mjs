// Search, details, paper: as a person does it, with and without script, on a phone and a desk.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, serve, temporaryFolder } from '../support/server.mjs';
import { launch, open, widths } from '../support/browser.mjs';

const data = temporaryFolder();
let server, browser;
before(async () => {
  run('import', '--data', data, '--demo', '2000');
  [server, browser] = await Promise.all([serve(data), launch()]);
});
after(async () => { await browser?.close(); await server?.stop(); });

const ask = async (parameters) => (await fetch(`${server.origin}/api/facilities?${new URLSearchParams(parameters)}`)).json();
const title = (page) => page.textContent('#results-title');
const cards = (page) => page.locator('.card h2 a').allTextContents();
const paper = (pdf) => {
  const file = join(temporaryFolder(), 'page.pdf');
  writeFileSync(file, pdf);
  return execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
};

for (const width of widths) {
  for (const script of [true, false]) {
    test(`search, details, print (${width} px, ${script ? 'with' : 'without'} script)`, async () => {
      const { page, check } = await open(browser, server.origin, { width, script });
      await page.goto('/');
      await page.fill('#q', 'Los Angeles, CA');
      await page.click('.search [type=submit]');
      await page.waitForURL('**/find');
      assert.equal(await title(page), 'Places near Los Angeles, CA');
      assert.ok(await page.isChecked('#finder [name=need][value=substance-use]'), 'substance use is ticked at the start');
      const expected = await ask({ q: 'Los Angeles, CA', need: 'substance-use' });
      assert.deepEqual(await cards(page), expected.results.map((row) => row.name));

      await page.selectOption('#within', '50');
      if (width < 900) await page.click('.needs > summary');
      await page.check('#finder [name=need][value=buprenorphine]');
      if (!script) await page.click('.needs .apply');
      const narrowed = await ask([['q', 'Los Angeles, CA'], ['need', 'substance-use'], ['need', 'buprenorphine'], ['within', '50']]);
      const places = narrowed.total === 1 ? '1 place' : `${narrowed.total} places`;
      await page.waitForFunction((text) => document.querySelector('#results-title').textContent === text, `${places} near Los Angeles, CA`);
      assert.deepEqual(await cards(page), narrowed.results.map((row) => row.name));
      assert.equal(await page.textContent('#count-medicaid'), String(narrowed.facets.medicaid));

      const first = narrowed.results[0];
      await page.click('.card h2 a >> nth=0');
      await page.waitForURL(`**/facilities/${first.id}`);
      assert.equal(await page.textContent('h1'), first.name);
      assert.equal(await page.getAttribute('.call .tel >> nth=0', 'href'),
        `tel:+1${(first.intake_phone || first.phone).replace(/\D/g, '')}`);
      const text = paper(await page.pdf());
      for (const part of [first.name, first.street, first.city, first.phone, 'Everything it offers', '988']) assert.ok(text.includes(part), part);
      assert.ok(!text.includes('Leave this page fast'), 'paper has no buttons');
      const closed = await page.locator('#services details:not([open]) li').first().textContent();
      assert.ok(text.replace(/\s+/g, ' ').includes(closed.split(' ').slice(0, 3).join(' ')), `closed groups are printed: ${closed}`);
      await check();
    });
  }
}

test('unticking what is ticked at the start stays unticked', async () => {
  const { page, check } = await open(browser, server.origin, { script: false });
  await page.goto('/find');
  await page.uncheck('#finder [name=need][value=substance-use]');
  await page.click('.needs .apply');
  assert.ok(!await page.isChecked('#finder [name=need][value=substance-use]'));
  const all = await ask({ facets: '0' });
  assert.match(await title(page), new RegExp(`^${all.total.toLocaleString('en-US')} places`));
  await check();
});

test('a ticked box updates the page in place, is announced, and keeps the focus', async () => {
  const { page, check } = await open(browser, server.origin);
  await page.goto('/find?q=Texas');
  const before = await title(page);
  await page.check('#finder [name=need][value=methadone]');
  await page.waitForFunction((was) => document.querySelector('#results-title').textContent !== was, before);
  await page.waitForFunction(() => document.activeElement?.value === 'methadone');
  assert.equal(new URL(page.url()).pathname, '/find');
  assert.ok(!page.url().includes('methadone'), 'what is asked stays out of the address');
  assert.ok((await page.textContent('#status')).startsWith(await title(page)));
  assert.equal(await page.title(), `${await title(page)} · Fairlead`);
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);
  await check();
});

test('print is offered where script can serve it, also after an update', async () => {
  for (const script of [true, false]) {
    const { page, check } = await open(browser, server.origin, { script });
    await page.goto('/find?q=Texas');
    assert.equal(await page.isVisible('[data-print]'), script);
    if (script) {
      await page.evaluate(() => { window.print = () => { document.body.dataset.printed = 'yes'; }; });
      await page.check('#finder [name=need][value=methadone]');
      await page.waitForFunction(() => document.querySelector('.summary').textContent.includes('Methadone'));
      await page.click('[data-print]');
      assert.equal(await page.getAttribute('body', 'data-printed'), 'yes');
    }
    await check();
  }
});

test('the search button moves the focus to what was found', async () => {
  const { page, check } = await open(browser, server.origin);
  await page.goto('/find');
  await page.fill('#q', 'Chicago, IL');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.id === 'results-title');
  assert.equal(await title(page), 'Places near Chicago, IL');
  await check();
});

test('Back brings the results that were left', async () => {
  const { page, check } = await open(browser, server.origin);
  await page.goto('/find?q=Texas');
  await page.check('#finder [name=need][value=methadone]');
  await page.waitForFunction(() => document.querySelector('#results-title').textContent.endsWith('in Texas')
    && document.querySelector('.summary').textContent.includes('Methadone'));
  const left = await cards(page);
  await page.click('.card h2 a >> nth=0');
  await page.waitForURL('**/facilities/*');
  await page.goBack();
  await page.waitForFunction(() => document.querySelector('.summary')?.textContent.includes('Methadone'));
  assert.deepEqual(await cards(page), left);
  await check();
});

for (const script of [true, false]) {
  test(`show more goes on where the list ended (${script ? 'with' : 'without'} script)`, async () => {
    const { page, check } = await open(browser, server.origin, { script });
    await page.goto('/find?q=California');
    const first = await cards(page);
    assert.equal(first.length, 20);
    await page.click('#more button >> nth=0');
    await page.waitForSelector('#place-40');
    const all = await cards(page);
    const names = (await ask({ q: 'California', need: 'substance-use', limit: '40' })).results.map((row) => row.name);
    assert.deepEqual(all, script ? names : names.slice(20));
    if (script) await page.waitForFunction(() => document.activeElement?.closest('.card')?.id === 'place-21');
    else {
      await page.click('#more button:last-child');
      assert.deepEqual(await cards(page), first);
    }
    await check();
  });

  test(`an ambiguous place asks which and keeps the needs (${script ? 'with' : 'without'} script)`, async () => {
    const { page, check } = await open(browser, server.origin, { script });
    await page.goto('/find?q=Springfield&need=medicaid');
    assert.equal(await title(page), 'Which Springfield?');
    await page.click('.choices button >> text="Springfield, MA"');
    await page.waitForFunction(() => document.querySelector('#results-title').textContent === 'Places near Springfield, MA');
    assert.match(await page.textContent('.summary'), /Medicaid/);
    assert.ok(await page.isChecked('#finder [name=need][value=medicaid]'));
    await check();
  });
}

test('a misspelled place suggests the right one', async () => {
  const { page, check } = await open(browser, server.origin, { script: false });
  await page.goto('/find?q=Richmnd,+VA');
  assert.match(await title(page), /could not find “Richmnd, VA”/);
  await page.click('.choices button >> text="Richmond, VA"');
  assert.equal(await title(page), 'Places near Richmond, VA');
  assert.equal(await page.inputValue('#q'), 'Richmond, VA');
  await check();
});

test('what was loosened is said in words, and the list is not empty', async () => {
  const { page, check } = await open(browser, server.origin);
  await page.goto('/find?q=Fargo,+ND&within=5&need=methadone');
  const answer = await ask([['q', 'Fargo, ND'], ['within', '5'], ['need', 'methadone'], ['need', 'substance-use']]);
  assert.ok(answer.relaxed.length > 0, 'the search was loosened');
  assert.match(await page.textContent('.results .notice'), /within 5 miles/);
  assert.ok((await cards(page)).length > 0);
  await check();
});

test('a radius without a place is answered without it, and says what to type', async () => {
  const { page, check } = await open(browser, server.origin, { script: false });
  const response = await page.goto('/find?q=hope&within=25');
  assert.equal(response.status(), 200);
  assert.ok((await cards(page)).length > 0);
  assert.equal(await page.inputValue('#q'), 'hope');
  assert.equal(await page.inputValue('#within'), '25');
  assert.match(await page.textContent('.results [role=alert]'), /Type a place/);
  await check();
});

test('a refused choice says so in place', async () => {
  const { page, check } = await open(browser, server.origin);
  await page.goto('/find?q=hope');
  await page.selectOption('#within', '25');
  await page.waitForSelector('.results [role=alert]');
  assert.match(await page.textContent('.results [role=alert]'), /Type a place/);
  assert.equal(await page.inputValue('#within'), '25');
  await check();
});

test('without a connection the page says so and keeps what it showed', async () => {
  const { context, page } = await open(browser, server.origin);
  await page.goto('/find?q=Texas');
  const before = await cards(page);
  await context.setOffline(true);
  await page.check('#finder [name=need][value=methadone]');
  await page.waitForFunction(() => document.querySelector('[data-message]').textContent.includes('No connection'));
  assert.deepEqual(await cards(page), before);
  await context.setOffline(false);
  await page.uncheck('#finder [name=need][value=methadone]');
  await page.waitForFunction(() => document.querySelector('[data-message]').textContent === '');
  await context.close();
});

test('Back to a posted search needs no second sending, without script', async () => {
  const { page, check } = await open(browser, server.origin, { script: false });
  await page.goto('/');
  await page.fill('#q', 'Texas');
  await page.click('.search [type=submit]');
  const left = await cards(page);
  await page.click('.card h2 a >> nth=0');
  await page.waitForURL('**/facilities/*');
  await page.goBack();
  assert.deepEqual(await cards(page), left);
  await check();
});

test('markup in a field does no harm', async () => {
  const { page, check } = await open(browser, server.origin);
  await page.goto('/find');
  await page.fill('#q', '<img src=x onerror="document.title=1"> "\'&');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.id === 'results-title');
  assert.equal(await page.locator('main img').count(), 0);
  await check();
});

test('near me asks only when pressed, and sends the place in the body', async () => {
  const geolocation = { latitude: 34.0522, longitude: -118.2437 };
  const { context, page, check } = await open(browser, server.origin, { geolocation, permissions: ['geolocation'] });
  const sent = [];
  page.on('request', (request) => { if (request.url().includes('/find')) sent.push([request.method(), request.url(), request.postData() ?? '']); });
  await page.goto('/');
  await page.click('[data-near-me]');
  await page.waitForURL('**/find');
  assert.equal(await title(page), 'Places near you');
  assert.deepEqual(sent.map(([method]) => method), ['POST']);
  assert.match(sent[0][2], /near=34\.0522%2C-118\.2437/);
  assert.ok(!sent[0][1].includes('34.'), 'the place stays out of the address');
  const expected = await ask({ near: '34.0522,-118.2437', need: 'substance-use' });
  assert.deepEqual(await cards(page), expected.results.map((row) => row.name));
  // A place typed afterwards is meant instead.
  await page.fill('#q', 'Chicago, IL');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('#results-title').textContent === 'Places near Chicago, IL');
  await context.clearPermissions();
  await check();
});

test('near me that is refused says so', async () => {
  const { page, check } = await open(browser, server.origin, { permissions: [] });
  await page.goto('/find');
  await page.click('[data-near-me]');
  await page.waitForFunction(() => document.querySelector('[data-message]').textContent.length > 30);
  assert.match(await page.textContent('[data-message]'), /Type a city or ZIP/);
  await check();
});

test('medicine today lists the nearest that prescribe', async () => {
  const { page, check } = await open(browser, server.origin, { script: false });
  await page.goto('/now');
  await page.fill('#q', '90012');
  await page.click('.search [type=submit]');
  const expected = await ask([['q', '90012'], ['need', 'substance-use'], ['need', 'buprenorphine'], ['need', 'methadone']]);
  assert.deepEqual(await cards(page), expected.results.map((row) => row.name));
  await check();
});

test('a link to share asks the same again', async () => {
  const { page, check } = await open(browser, server.origin);
  await page.goto('/find?q=Texas&need=medicaid&sort=name');
  const before = [await title(page), await page.textContent('.summary'), ...await cards(page)];
  await page.goto(await page.getAttribute('.share a', 'href'));
  assert.deepEqual([await title(page), await page.textContent('.summary'), ...await cards(page)], before);
  await check();
});

for (const script of [true, false]) {
  test(`the other language keeps the search (${script ? 'with' : 'without'} script)`, async () => {
    const { page, check } = await open(browser, server.origin, { script });
    await page.goto('/');
    await page.fill('#q', 'Texas');
    await page.click('.search [type=submit]');
    await page.waitForURL('**/find');
    const english = await cards(page);
    await page.click('.top .language');
    await page.waitForURL('**/es/find');
    assert.equal(await page.getAttribute('html', 'lang'), 'es');
    assert.match(await title(page), /lugares en Texas/);
    assert.deepEqual(await cards(page), english);
    await check();
  });
}
