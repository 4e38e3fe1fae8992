// The calculator in a real Chromium: at 360 px without JavaScript from the article to an answer and on in Spanish, axe, focus, touch
// targets, paper. Expected: style.md 12 and 3a, and 138 % of the guideline for Medicaid.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { run, serve, temporaryFolder } from '../support/server.mjs';
import { accessibility, launch, open, overflow } from '../support/browser.mjs';

const data = temporaryFolder(), path = '/learn/paying/calculator';
let server, browser;
before(async () => {
  run('import', '--data', data, '--demo', '50');
  [server, browser] = await Promise.all([serve(data), launch()]);
});
after(async () => { await browser?.close(); await server?.stop(); });

const fill = async (page, { income = '1800', household = '1', state = 'MA' } = {}) => {
  await page.fill('#income', income);
  await page.fill('#household', household);
  await page.selectOption('#state', state);
};
const submit = (page) => Promise.all([page.waitForNavigation(), page.click('.paying form button[type=submit]')]);

test('at 360 px without script: from the article to an answer, in both languages', async () => {
  const { page, check } = await open(browser, server.origin, { width: 360, script: false });
  await page.goto('/learn/paying');
  await page.click(`main a[href="${path}"]`);
  assert.ok(await overflow(page) <= 0);
  await fill(page);
  await page.check('input[name=situation][value=served]');
  await submit(page);
  assert.ok(await overflow(page) <= 0);
  assert.match(await page.textContent('#answer .amount'), /136 %/);
  assert.match(await page.textContent('#answer .ways'), /Medicaid.*VA care/s);
  assert.equal(page.url(), server.origin + path, 'nothing of it stands in the address');
  assert.ok(await page.isChecked('input[type=checkbox][value=served]'));
  const height = (await page.locator('#answer .ways a').first().boundingBox()).height;
  assert.ok(height >= 43.5, `${height} px`);
  await page.click('#switch button');
  assert.match(await page.textContent('#answer .amount'), /136 %/);
  assert.match(await page.textContent('h1'), /costarle/);
  assert.ok(await page.isChecked('input[type=checkbox][value=served]'));
  await check();
});

test('axe finds nothing serious on form, answer and refusal; focus goes where it is needed', async () => {
  for (const [language, scheme] of [['en', 'light'], ['es', 'dark']]) {
    const { page, check } = await open(browser, server.origin, { width: 360, scheme, bypassCSP: true });
    const prefix = language === 'en' ? '' : '/es';
    await page.goto(prefix + path);
    assert.deepEqual(await accessibility(page), [], 'form');
    await fill(page, { income: 'much' });
    await submit(page);
    assert.deepEqual(await accessibility(page), [], 'refusal');
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'alert');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement?.id === 'income');
    assert.equal(await page.inputValue('#income'), 'much');
    await fill(page, { income: '900', state: 'TX' });
    await submit(page);
    assert.deepEqual(await accessibility(page), [], 'answer');
    await page.waitForFunction(() => document.activeElement?.id === 'answer');
    assert.ok(await overflow(page) <= 0);
    await check();
  }
});

test('on paper: the answer and its sources, no form', async () => {
  const { page, check } = await open(browser, server.origin);
  await page.goto(path);
  await fill(page);
  await submit(page);
  await page.emulateMedia({ media: 'print' });
  assert.ok(await page.isVisible('#answer .amount'));
  assert.ok(await page.isVisible('#answer .source'));
  assert.ok(!(await page.isVisible('.paying form')));
  assert.ok(!(await page.isVisible('.help')));
  await check();
});
