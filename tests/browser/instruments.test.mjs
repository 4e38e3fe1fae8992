// A questionnaire in a real Chromium: at 360 px without JavaScript from the list to a score, axe, touch targets, focus
// where a person is needed, paper. Expected: style.md 12 and 3a (labels, 44 px, errors beside the field and above), and
// the PHQ-9's published bands.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { run, serve, temporaryFolder } from '../support/server.mjs';
import { accessibility, launch, open, overflow } from '../support/browser.mjs';

const data = temporaryFolder();
let server, browser;
before(async () => {
  run('import', '--data', data, '--demo', '50');
  [server, browser] = await Promise.all([serve(data), launch()]);
});
after(async () => { await browser?.close(); await server?.stop(); });

const answer = (page, id, number, value) => page.check(`form.instrument input[name="${id}.${number}"][value="${value}"]`);
const submit = (page) => Promise.all([page.waitForNavigation(), page.click('form.instrument button[type=submit]')]);

test('at 360 px without script: from the list to a score, with the answers kept', async () => {
  const { page, check } = await open(browser, server.origin, { width: 360, script: false });
  await page.goto('/instruments');
  assert.ok(await overflow(page) <= 0);
  await page.click('a[href="/instruments/phq-9"]');
  for (let item = 1; item <= 8; item++) await answer(page, 'phq-9', item, 1);
  await submit(page);
  assert.match(await page.textContent('#result'), /Still open/);
  await page.click('#result a[href="#phq-9-9"]');
  await answer(page, 'phq-9', 9, 2);
  await submit(page);
  assert.equal(await overflow(page), 0);
  assert.match(await page.textContent('#result .scales'), /10/);
  assert.match(await page.textContent('#result .band'), /Moderate/);
  assert.ok(await page.isVisible('.urgent a[href="tel:988"]'));
  const top = async (selector) => (await page.locator(selector).first().boundingBox()).y;
  assert.ok(await top('.urgent') < await top('#result'));
  assert.ok(await page.isChecked('form.instrument input[name="phq-9.9"][value="2"]'));
  await page.click('#switch button');
  assert.match(await page.textContent('#result .band'), /Moderado/);
  assert.ok(await page.isChecked('form.instrument input[name="phq-9.9"][value="2"]'));
  await check();
});

test('axe finds nothing serious on a form, a score, an emergency and a refusal', async () => {
  for (const [language, scheme] of [['en', 'light'], ['es', 'dark']]) {
    const { page, check } = await open(browser, server.origin, { width: 360, scheme, bypassCSP: true });
    const prefix = language === 'en' ? '' : '/es';
    for (const path of ['/instruments', '/instruments/cows', '/instruments/bam-r', '/instruments/audit-c']) {
      await page.goto(prefix + path);
      assert.deepEqual(await accessibility(page), [], path);
      assert.ok(await overflow(page) <= 0, path);
    }
    await page.goto(`${prefix}/instruments/c-ssrs`);
    await answer(page, 'c-ssrs', 4, 1);
    await submit(page);
    assert.deepEqual(await accessibility(page), [], 'emergency');
    await page.waitForFunction(() => document.activeElement?.id === 'urgent');
    await page.goto(`${prefix}/instruments/readiness`);
    await page.fill('form.instrument input[name="readiness.1"]', '11');
    await submit(page);
    assert.deepEqual(await accessibility(page), [], 'refusal');
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'alert');
    await page.fill('form.instrument input[name="readiness.1"]', '10');
    await submit(page);
    assert.deepEqual(await accessibility(page), [], 'score');
    await page.waitForFunction(() => document.activeElement?.id === 'result');
    await check();
  }
});

test('what is touched is 44 px high', async () => {
  const { page, check } = await open(browser, server.origin, { width: 360 });
  for (const path of ['/instruments', '/instruments/phq-9', '/instruments/readiness']) {
    await page.goto(path);
    const low = await page.evaluate(() => [...document.querySelectorAll('main label.option, main input[type=text], main button, main .listed-instruments a')]
      .filter((element) => element.getBoundingClientRect().height < 44).map((element) => element.outerHTML.slice(0, 80)));
    assert.deepEqual(low, [], path);
  }
  await check();
});

test('paper has the score, the questions and the answers, and no buttons', async () => {
  const { page, check } = await open(browser, server.origin, { width: 800 });
  await page.goto('/instruments/phq-2');
  await answer(page, 'phq-2', 1, 3);
  await answer(page, 'phq-2', 2, 0);
  await submit(page);
  await page.emulateMedia({ media: 'print' });
  assert.ok(await page.isVisible('#result .band'));
  assert.ok(await page.isVisible('fieldset#phq-2-1'));
  assert.equal(await page.isVisible('form.instrument button'), false);
  assert.equal(await page.isVisible('[data-print]'), false);
  await check();
});
