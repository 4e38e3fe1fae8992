// The interview in a real browser: every page of all three voices by axe and the Nu HTML checker, the browser's own Back,
// the focus on what is wrong, emergencies. Expected: the issue, style.md 12.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, serve, temporaryFolder } from '../support/server.mjs';
import { accessibility, launch, open, overflow } from '../support/browser.mjs';
import { validate } from '../support/pages.mjs';
import { Interview } from '../support/interview.mjs';

const data = temporaryFolder();
let server, browser;
before(async () => {
  run('import', '--data', data, '--demo', '200');
  [server, browser] = await Promise.all([serve(data), launch()]);
});
after(async () => { await browser?.close(); await server?.stop(); });

// Every page that the interview can show, as HTML: each question of each voice, each with a problem, and what interrupts.
async function everyPage(prefix) {
  const pages = new Map();
  for (const who of ['self', 'other', 'staff']) {
    const interview = new Interview(server.origin, prefix);
    let page = await interview.start(who);
    while (page.kind === 'question') {
      pages.set(`${who}-${page.question}`, page.html);
      if (page.question !== 'wishes') {
        const { status, html } = await interview.go('next');
        assert.equal(status, 400, page.question);
        pages.set(`${who}-${page.question}-problem`, html);
        interview.page = page;
      }
      page = await (page.question === 'wishes' ? interview.go('next') : interview.go('unknown'));
    }
    pages.set(`${who}-review`, page.html);
    // questions behind an answer, all scales and follow-ups
    for (const question of ['alcohol-now', 'prenatal', 'mood-more', 'trauma', 'suicide-more', 'sober-place', 'function', 'home-start', 'fluids']) {
      const shown = await interview.change(question);
      if (shown.question === question) pages.set(`${who}-${question}`, shown.html);
      interview.page = page;
    }
  }
  const stop = new Interview(server.origin, prefix);
  await stop.start('other');
  pages.set('stop', (await stop.answer(['breathing', 'danger'])).html);
  const minor = new Interview(server.origin, prefix);
  await minor.start('self');
  await minor.answer(['none']);
  pages.set('minor', (await minor.answer({ age: 15 })).html);
  const clash = new Interview(server.origin, prefix);
  let page = await clash.start('self');
  for (let i = 0; i < 40 && page.kind === 'question'; i++)
    page = await ({ screen: () => clash.answer(['none']), age: () => clash.answer({ age: 30 }), withdrawal: () => clash.answer('moderate'), criteria: () => clash.answer(['none']) }[page.question]
      ?? (() => clash.go('unknown')))();
  assert.equal(page.kind, 'clash');
  pages.set('clash', page.html);
  pages.set('again', (await clash.send([['answers', 'x']])).html);
  pages.set('start', await (await fetch(`${server.origin}${prefix}/choose`)).text());
  return pages;
}

for (const [prefix, language] of [['', 'en'], ['/es', 'es']]) {
  test(`the Nu HTML checker finds no error, axe nothing serious, nothing stands out (${language})`, async () => {
    const pages = await everyPage(prefix);
    assert.ok(pages.size > 60, `${pages.size} pages`);
    const folder = join(temporaryFolder(), 'html');
    mkdirSync(folder);
    for (const [name, html] of pages) writeFileSync(join(folder, `${name}.html`), html);
    validate(folder);
    for (const scheme of ['light', 'dark']) {
      const { page, context, check } = await open(browser, server.origin, { scheme, width: 360, bypassCSP: true, script: true });
      let shown;
      await context.route('**/choose-page', (route) => route.fulfill({ status: 200, contentType: 'text/html', body: shown }));
      for (const [name, html] of pages) {
        if (scheme === 'dark' && name.includes('-') && !/self-(screen|mood|age)|problem/.test(name)) continue;
        shown = html;
        await page.goto('/choose-page');
        assert.equal(await page.locator('h1').count(), 1, name);
        assert.equal(await page.getAttribute('html', 'lang'), language, name);
        assert.ok(await overflow(page) <= 0, `${name} stands out sideways`);
        assert.deepEqual(await accessibility(page), [], name);
        const small = await page.evaluate(() => [...document.querySelectorAll('main button, main label.option, main input[type=text], main select, main .usa-button')]
          .map((element) => [element.getBoundingClientRect().height, element.outerHTML.slice(0, 90)]).filter(([height]) => height < 43.5));
        assert.deepEqual(small, [], name);
      }
      await check();
    }
  });
}

test('the browser goes back and on, and an older page can be sent again (360 px, no script)', async () => {
  const { page, check } = await open(browser, server.origin, { width: 360, script: false });
  const next = () => page.click('main button[value=next]');
  const question = () => page.getAttribute('main input[name=question]', 'value');
  await page.goto('/choose');
  await page.click('button[value=self]');
  await page.check('input[value=none]');
  await next();
  await page.fill('#age-age', '34');
  await next();
  assert.equal(await question(), 'medicine');
  await page.goBack();
  assert.equal(await question(), 'age');
  await page.goBack();
  assert.equal(await question(), 'screen');
  assert.ok(await page.isChecked('input[value=none]'), 'what was ticked is ticked');
  await page.goForward();
  await page.fill('#age-age', '35');
  await next();
  assert.equal(await question(), 'medicine');
  await page.click('main button[value=review]');
  assert.match(await page.textContent('.rows'), /How old are you\?\s*35/);
  await check();
});

test('Enter goes on, a problem takes the focus and leads to its field', async () => {
  const { page, check } = await open(browser, server.origin, { width: 360 });
  await page.goto('/choose');
  await page.click('button[value=self]');
  await page.check('input[value=none]');
  await page.click('main button[value=next]');
  await page.fill('#age-age', '200');
  await page.press('#age-age', 'Enter');
  await page.waitForSelector('.problems');
  await page.waitForFunction(() => document.activeElement?.className === 'problems');
  assert.equal(await page.inputValue('#age-age'), '200');
  assert.equal(await page.getAttribute('#age-age', 'aria-invalid'), 'true');
  await page.click('.problems a');
  assert.equal(new URL(page.url()).hash, '#age-age');
  await page.fill('#age-age', '34');
  await page.press('#age-age', 'Enter');
  await page.waitForFunction(() => document.querySelector('main input[name=question]')?.value === 'medicine');
  await check();
});

test('an emergency takes the focus and says whom to call (360 px, both languages)', async () => {
  for (const [prefix, call] of [['', 'Call 911'], ['/es', 'Llame al 911']]) {
    const { page, check } = await open(browser, server.origin, { width: 360 });
    await page.goto(`${prefix}/choose`);
    await page.click('button[value=other]');
    await page.check('input[value=breathing]');
    await page.click('main button[value=next]');
    await page.waitForSelector('section.urgent');
    await page.waitForFunction(() => document.activeElement?.className === 'urgent');
    assert.equal((await page.textContent('.urgent a[href="tel:911"]')).trim(), call);
    await check();
  }
});

