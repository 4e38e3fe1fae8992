// Asking from outside in a real Chromium: from the interview's result to a request at 360 px without JavaScript, /talk and /refer; axe,
// focus, touch targets, overflow at 360 and 1280 in both languages and schemes, paper, and the standard's own checker (Nu).
// Expected: style.md 12 and 3a.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDesk } from '../support/desk.mjs';
import { temporaryFolder } from '../support/server.mjs';
import { rowsOf } from '../support/databases.mjs';
import { accessibility, launch, open, overflow } from '../support/browser.mjs';
import { validate } from '../support/pages.mjs';

const answers = { age: '30', opioid_use_disorder: 'severe', medication: 'none', support: 'none', housing: 'safe', preference: 'outpatient', motivation: '8' };
let desk, browser, carry;
before(async () => {
  [desk, browser] = await Promise.all([openDesk(), launch()]);
  const { admin } = desk, program = desk.program('Harbor House');
  await admin.get('/desk/program');
  await admin.post('/desk/program', { program });
  for (const name of ['West House', 'East House']) {
    await admin.get('/desk/settings/sites');
    await admin.post('/desk/settings/sites', { act: 'site', name, street: '12 Long Harbor Road', city: 'Richmond', state: 'VA', phone: '804 555 0142' });
  }
  await admin.get('/desk/staff/new');
  await admin.post('/desk/staff/new', { name: 'Ada Admit', profession: 'case-manager' });
  const staff = rowsOf(desk.address, 'SELECT id FROM staff')[0].id, sites = rowsOf(desk.address, 'SELECT id FROM site ORDER BY name');
  for (const { id } of sites) {
    await admin.get(`/desk/settings/front?site=${id}`);
    await admin.post('/desk/settings/front', { site: id, people: '1', programs: '1', staff });
  }
  await admin.get('/desk/program');
  await admin.post('/desk/program', { program: '' });
  await admin.get('/desk/settings/talk');
  await admin.post('/desk/settings/talk', { name: 'Harbor help line', phone: '8045550177', text_phone: '8045550178', days: ['1', '2', '3', '4', '5'], begins: '09:00', ends: '17:00', zone: 'America/New_York', site: sites[1].id, urgency: 'urgent' });
  const page = await (await fetch(`${desk.origin}/choose/result`, { method: 'POST', body: new URLSearchParams({ ...answers, go: 'carry' }) })).text();
  [, carry] = page.match(/href="(\/carry\/[\w-]+)"/);
});
after(async () => { await browser?.close(); await desk?.stop(); });

const submit = (page) => Promise.all([page.waitForNavigation(), page.click('.asking form.screen button[type=submit]')]);

test('at 360 px without script: from the result to a request and its private link', async () => {
  const { page, check } = await open(browser, desk.origin, { width: 360, script: false });
  await page.goto(carry);
  await page.click(`main a[href="${carry}/ask"]`);
  assert.ok(await overflow(page) <= 0);
  await page.click('.places a:has-text("West House")');
  assert.match(await page.textContent('.lead'), /West House/);
  assert.ok(await overflow(page) <= 0);
  await submit(page);
  assert.match(await page.textContent('.problems'), /Please fill this in/);
  assert.ok(await overflow(page) <= 0);
  await page.click('.problems a[href="#consents"]');
  await page.check('input[value=send]');
  await page.check('input[value=call]');
  await page.fill('#phone', '(804) 555-0199');
  await page.fill('#given', 'Jo');
  for (const option of await page.locator('.asking .option').all()) assert.ok((await option.boundingBox()).height >= 43.5);
  await submit(page);
  assert.match(await page.textContent('h1'), /Your request was sent/);
  assert.ok(await overflow(page) <= 0, 'the link');
  // In the other language it is the same request.
  const link = await page.getAttribute('.code a.usa-button', 'href');
  await page.click('#switch button');
  assert.equal(await page.getAttribute('.code a.usa-button', 'href'), `/es${link}`);
  assert.equal(Number(rowsOf(desk.address, 'SELECT count(*) AS count FROM request')[0].count), 1);
  await page.click('.code a.usa-button');
  assert.match(await page.textContent('main'), /Tenemos su solicitud/);
  await check();
});

test('axe finds nothing serious, nothing stands out, focus goes where it is needed', async () => {
  for (const [language, scheme, width] of [['', 'light', 360], ['/es', 'dark', 360], ['', 'dark', 1280], ['/es', 'light', 1280]]) {
    const { page, check } = await open(browser, desk.origin, { width, scheme, bypassCSP: true });
    for (const path of [`${carry}/ask`, '/talk', '/refer']) {
      await page.goto(language + path);
      assert.deepEqual(await accessibility(page), [], path);
      assert.ok(await overflow(page) <= 0, path);
      if (await page.locator('.places a').count()) {
        await Promise.all([page.waitForNavigation(), page.click('.places a')]);
        assert.deepEqual(await accessibility(page), [], `${path} form`);
        assert.ok(await overflow(page) <= 0, `${path} form`);
      }
      await submit(page);
      assert.deepEqual(await accessibility(page), [], `${path} refused`);
      assert.equal(await page.evaluate(() => document.activeElement.getAttribute('role')), 'alert', path);
      assert.ok(await overflow(page) <= 0, `${path} refused`);
    }
    await check();
  }
});

test('by keyboard: a call is asked for; on paper the link stays and the form goes', async () => {
  const { page, check } = await open(browser, desk.origin, { width: 1280, bypassCSP: true });
  await page.goto('/talk');
  await page.focus('#phone');
  await page.keyboard.type('8045550133');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  assert.match(await page.textContent('h1'), /We will call you/);
  assert.deepEqual(await accessibility(page), []);
  await page.emulateMedia({ media: 'print' });
  assert.ok(await page.isVisible('.code .address'));
  assert.ok(await page.isVisible('.code .qr'));
  assert.ok(!(await page.isVisible('.help')));
  await check();
});

test('the checker of the standard (Nu) has nothing to say', async () => {
  const folder = temporaryFolder();
  const keep = async (name, response) => writeFileSync(join(folder, `${name}.html`), await response.text());
  const get = (path) => fetch(desk.origin + path), post = (path, fields) => fetch(desk.origin + path, { method: 'POST', body: new URLSearchParams(fields) });
  const [site] = rowsOf(desk.address, 'SELECT id FROM site ORDER BY name').map(({ id }) => id);
  for (const base of ['', '/es']) {
    const mark = base.slice(1) || 'en';
    await keep(`places-${mark}`, await get(`${base}${carry}/ask`));
    await keep(`ask-${mark}`, await get(`${base}${carry}/ask?site=${site}`));
    await keep(`refused-${mark}`, await post(`${base}${carry}/ask`, { key: 'x', site, phone: '1' }));
    await keep(`talk-${mark}`, await get(`${base}/talk`));
    await keep(`refer-${mark}`, await get(`${base}/refer?site=${site}`));
    const key = (await (await get('/talk')).text()).match(/name="key" value="([^"]*)"/)[1];
    await keep(`done-${mark}`, await post(`${base}/talk`, { key, phone: '8045550133', language: 'en' }));
  }
  validate(folder, '--Werror');
});
