// From the start page through the interview to a result, places and paper: with and without script,
// narrow and wide, both languages. Expected: the "Done when"; style.md 12 (axe, labels, 44 px);
// a code that a camera's decoder (zbar) reads back.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, serve, temporaryFolder } from '../support/server.mjs';
import { accessibility, launch, open, overflow, widths } from '../support/browser.mjs';
import { validate } from '../support/pages.mjs';

const data = temporaryFolder(), folder = temporaryFolder();
let server, strict, browser;

before(async () => {
  run('import', '--data', data, '--demo', '2000');
  [server, strict, browser] = await Promise.all([serve(data), serve(data, '--require-signatures'), launch()]);
});
after(async () => { await browser?.close(); await server?.stop(); await strict?.stop(); });

// --- The way from the door to the places ---------------------------------------------------------

// What this person says; every other question is skipped.
const answers = { screen: 'none', age: '34', medicine: 'none', withdrawal: 'moderate', housing: 'unsafe', support: 'none' };

// By the keyboard: on a narrow page the way out may lie above a button.
const press = (page, button) => Promise.all([page.waitForNavigation(), page.locator(button).press('Enter')]);

async function answer(page) {
  const question = await page.locator('main input[name=question]').first().getAttribute('value');
  const wanted = answers[question];
  const choice = page.locator(`main input[name="${question}"][value="${wanted}"]`);
  const numbers = page.locator('main input[type=text]');
  if (wanted && await choice.count()) await choice.check();
  else if (wanted && await numbers.count()) await numbers.first().fill(wanted);
  else if (await page.locator('main button[value=skip]').count()) return press(page, 'main button[value=skip]');
  return press(page, 'main button[value=next]');
}

for (const [width, script] of [[360, false], [360, true], [1280, false], [1280, true]]) {
  test(`from the start page through the interview to places and paper (${width} px, ${script ? 'with' : 'no'} script)`, async () => {
    const { page, check } = await open(browser, server.origin, { width, script });
    await page.goto('/');
    await page.click('.door a[href="/choose"]');
    await page.click('main [name=who][value=self], main button[value=self]');
    if (await page.locator('main button[type=submit]:not([name=who])').count() && !(await page.locator('main input[name=question]').count()))
      await page.click('main button[type=submit]');
    let pages = 0;
    while (await page.locator('main input[name=question]').count()) {
      await answer(page);
      assert.ok(++pages < 60, 'the interview ends');
      assert.ok(await overflow(page) <= 0, `page ${pages}`);
    }
    await page.click('form[action="/choose/result"] button');
    const title = await page.textContent('h1');
    assert.match(title, /Live-in care/); // an unsafe home and nobody to help: B14, B15a
    assert.match(await page.textContent('main'), /Nobody at home or nearby can help/);
    await page.fill('#near', 'Los Angeles, CA');
    await page.click('#places form.search button');
    assert.equal(await page.textContent('h1'), title, 'the same result, with places');
    assert.equal(await page.locator('#places .card').count(), 3);
    assert.ok(await overflow(page) <= 0);
    if (script && width === 1280) {
      const pdf = await page.pdf({ path: join(folder, 'result.pdf') });
      assert.ok(pdf.length > 0);
      const info = execFileSync('pdfinfo', [join(folder, 'result.pdf')], { encoding: 'utf8' });
      assert.ok(Number(info.match(/Pages:\s+(\d+)/)[1]) <= 2, info);
      const text = execFileSync('pdftotext', ['-layout', join(folder, 'result.pdf'), '-'], { encoding: 'utf8' });
      for (const part of ['Live-in care', 'Points toward inpatient', 'Why, rule by rule', 'Next steps', 'naloxone', 'Your answers', 'age in years: 34', 'call 911']) assert.ok(text.includes(part), part);
    }
    const first = await page.textContent('#places .card h2 a');
    await page.click('#places form[action="/find"]:not(.search) button');
    await page.waitForURL(/\/find/);
    assert.ok((await page.textContent('#results')).includes(first), 'the finder lists the same place');
    await page.goBack();
    assert.equal(await page.textContent('h1'), title, 'back works');
    await check();
  });
}

// --- Each kind of result ---------------------------------------------------------------------------

const kinds = {
  level: { cows: 14, housing: 'unsafe', opioid_use_disorder: 'severe', medication: 'none', age: 30, preference: 'outpatient', support: 'none', motivation: 7, transport_blocked: 'yes', near: 'Los Angeles, CA', go: 'carry' },
  visits: { age: 40, medication: 'buprenorphine', housing: 'safe', support: 'good', preference: 'inpatient', veteran: 'yes' },
  hospital: { acute_illness: 'hospital', phq_9: 22, age: 50 },
  nothing: {}, ambiguous: { age: 30, near: 'Springfield' }, nowhere: { age: 30, near: 'Zzyzzx' },
  stop: { unresponsive: 'yes', suicide_risk: 'high', pregnant: 'yes', near: '90012' },
  minor: { age: 16, near: 'Los Angeles, CA' }, family: { who: 'other', cows: 30, housing: 'unsafe' },
};

// Send a form as the page's own would be.
async function post(page, path, fields) {
  await page.goto(path.startsWith('/es') ? '/es/about' : '/about');
  await page.evaluate(([action, list]) => {
    const form = document.createElement('form');
    Object.assign(form, { method: 'post', action });
    for (const [name, value] of list) form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
    document.body.append(form);
    form.submit();
  }, [path, Object.entries(fields).map(([name, value]) => [name, String(value)])]);
  await page.waitForURL((url) => url.pathname === path);
  await page.waitForLoadState('load');
}

for (const [language, scheme] of [['en', 'light'], ['en', 'dark'], ['es', 'light'], ['es', 'dark']]) {
  test(`axe finds nothing serious in any kind of result (${language}, ${scheme})`, async () => {
    const { page, check } = await open(browser, server.origin, { scheme, bypassCSP: true });
    const base = language === 'en' ? '' : '/es';
    for (const [name, fields] of Object.entries(kinds)) {
      await post(page, `${base}/choose/result`, fields);
      assert.equal(await page.locator('h1').count(), 1, `${name}: one h1`);
      for (const details of await page.locator('main details').all()) await details.evaluate((element) => { element.open = true; });
      assert.deepEqual(await accessibility(page), [], name);
    }
    await page.goto(`${base}/choose/result`);
    assert.deepEqual(await accessibility(page), [], 'without answers');
    await check();
  });
}

for (const width of widths) {
  test(`nothing stands out sideways, targets are large enough (${width} px)`, async () => {
    const { page, check } = await open(browser, server.origin, { width });
    for (const path of ['/choose/result', '/es/choose/result'])
      for (const [name, fields] of Object.entries(kinds)) {
        await post(page, path, fields);
        for (const details of await page.locator('main details').all()) await details.evaluate((element) => { element.open = true; });
        assert.ok(await overflow(page) <= 0, `${name} ${path}`);
        const small = await page.evaluate(() => [...document.querySelectorAll('main button, main input:not([type=hidden]), main summary, main .usa-button, main .tel')]
          .filter((element) => element.checkVisibility({ visibilityProperty: true }))
          .map((element) => [element.getBoundingClientRect().height, element.outerHTML.slice(0, 90)]).filter(([height]) => height > 0 && height < 43.5));
        assert.deepEqual(small, [], `${name} ${path}`);
      }
    await check();
  });
}

test('the Nu HTML checker finds no error', async () => {
  const html = join(folder, 'html');
  mkdirSync(html, { recursive: true });
  const send = async (origin, path, fields) => (await fetch(origin + path, { method: 'POST', headers: { accept: 'text/html' }, body: new URLSearchParams(fields) })).text();
  for (const [language, base] of [['en', ''], ['es', '/es']])
    for (const [name, fields] of Object.entries(kinds)) writeFileSync(join(html, `${name}-${language}.html`), await send(server.origin, `${base}/choose/result`, fields));
  writeFileSync(join(html, 'waiting.html'), await send(strict.origin, '/choose/result', kinds.level));
  const [, link] = readFileSync(join(html, 'level-en.html'), 'utf8').match(/href="(\/carry\/[\w-]+)"/);
  writeFileSync(join(html, 'carry.html'), await (await fetch(server.origin + link)).text());
  writeFileSync(join(html, 'asking.html'), await send(server.origin, link, { revoke: 'ask' }));
  writeFileSync(join(html, 'broken.html'), await (await fetch(`${server.origin}/carry/x`)).text());
  validate(html);
});

// --- Carried ------------------------------------------------------------------------------------------

test('the code on the page is read by a camera\'s decoder and opens the result', async () => {
  if (spawnSync('zbarimg', ['--version']).error) throw new Error('zbarimg is missing: run script/bootstrap --test');
  for (const scheme of ['light', 'dark']) {
    const { page, check } = await open(browser, server.origin, { scheme, bypassCSP: true, deviceScaleFactor: 2 });
    await post(page, '/choose/result', kinds.visits);
    await page.click('button[value=carry]');
    await page.waitForURL(/#code$/);
    const picture = join(folder, `code-${scheme}.png`);
    await page.locator('svg.qr').screenshot({ path: picture });
    const read = execFileSync('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', picture], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    const link = await page.getAttribute('#code a', 'href');
    assert.equal(read, server.origin + link);
    await page.goto(read);
    assert.match(await page.textContent('main'), /Made on .*Valid until/);
    assert.match(await page.textContent('h1'), /Outpatient visits/);
    assert.deepEqual(await accessibility(page), []);
    await check();
  }
});

test('a person takes a link back, without script', async () => {
  const { page, check } = await open(browser, server.origin, { width: 360, script: false });
  const html = await (await fetch(`${server.origin}/choose/result`, { method: 'POST', headers: { accept: 'text/html' }, body: new URLSearchParams(kinds.level) })).text();
  const [, link] = html.match(/href="(\/carry\/[\w-]+)"/);
  await page.goto(link);
  await page.click('button[value=ask]');
  assert.match(await page.textContent('main'), /Take this link back\?/);
  await page.click('button[value=yes]');
  assert.equal(await page.textContent('h1'), 'The link is taken back');
  await page.goto(link);
  assert.match(await page.textContent('main'), /has taken it back/);
  await check();
});

test('the result is saved as a file, without script', async () => {
  const { page, check } = await open(browser, server.origin, { width: 360, script: false });
  await page.goto('/choose');
  await page.click('main [name=who][value=self], main button[value=self]');
  if (!(await page.locator('main input[name=question]').count())) await page.click('main button[type=submit]');
  await answer(page);
  await page.click('main button[value=finish]');
  await page.click('form[action="/choose/result"] button');
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('button[value=file]')]);
  assert.equal(download.suggestedFilename(), 'what-fits.txt');
  assert.match(readFileSync(await download.path(), 'utf8'), /Your answers/);
  await check();
});
