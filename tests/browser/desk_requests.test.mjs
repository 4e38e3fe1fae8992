// Requests at the desk in a real Chromium: nothing serious by axe, no error by the Nu HTML checker, nothing wider than a phone;
// a call becomes a request, is answered, called back and joined with a record, without script on a phone. Expected: style.md 12
// and 3a; docs/requests.md names the pages.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { openDesk, writeRows } from '../support/desk.mjs';
import { openRecords } from '../support/people.mjs';
import { rowsOf } from '../support/databases.mjs';
import { launch, overflow } from '../support/browser.mjs';
import { signedIn, tour } from '../support/pages.mjs';
import { temporaryFolder } from '../support/server.mjs';

let browser, desk, staff, at, request;
before(async () => {
  const data = temporaryFolder();
  desk = await openDesk({ data });
  ({ staff } = await openRecords(desk.origin, data));
  browser = await launch();
  await staff.get('/desk/staff/new');
  await staff.post('/desk/staff/new', { name: 'Nia Ames', profession: 'counselor' });
  const [{ id: assigned }] = rowsOf(desk.address, 'SELECT id FROM staff'), [{ id: site }] = rowsOf(desk.address, 'SELECT id FROM site');
  const form = async (path, fields) => {
    await staff.get(path);
    const page = await staff.post(path, fields);
    assert.equal(page.status, 200, `${path}: ${page.text}`);
    return page.path;
  };
  // So that lists have rows: one that is late, with a callback and a link.
  at = await form('/desk/requests/new', {
    source: 'call', urgency: 'urgent', given: 'Joan', family: 'Smyth', birth_date: '1980-02-29', phone: '3035550123', language: 'en', consents: ['call'],
    pregnant: '1', injecting: '0', words: 'Wants a bed near her mother.\nWorks nights.', site_id: site, level_of_care: '3.5', assigned,
  });
  request = at.split('/').at(-1);
  await form(at, { act: 'callback', script: 'call-back', due_on: new Date(Date.now() + 48 * 3600e3).toISOString().slice(0, 10), due_at: '10:00', version: '1' });
  await form('/desk/settings/requests', { act: 'day', date: '2099-12-24', is_open: '0' });
  await form('/desk/settings/requests?urgency=urgent', { act: 'steps', site: '', urgency: 'urgent', staff_1: assigned, minutes_1: '30' });
  writeRows(desk.address, `UPDATE request SET answer_by = 1000 WHERE id = '${request}'`);
});
after(async () => { await browser?.close(); await desk?.stop(); });

test('every page of requests is accessible, valid, and fits', async () => {
  const paths = ['/desk', '/desk/requests', '/desk/requests?late=1', '/desk/requests?state=ended', '/desk/requests/new', at, `${at}/record`, '/desk/callbacks', '/desk/settings/requests'];
  await tour(browser, desk.origin, [['staff', staff, paths]],
    { open: (page) => page.evaluate(() => document.querySelectorAll('main details:not(.menu)').forEach((one) => { one.open = true; })) });
});

test('on a phone without script: from a call to a record', async () => {
  const { context, page } = await signedIn(browser, desk.origin, staff, { width: 360, javaScriptEnabled: false });
  const press = (what) => Promise.all([page.waitForNavigation(), page.click(what)]);
  await page.goto('/desk/requests');
  await press('a.button[href$="/desk/requests/new"]');
  await page.fill('#form-given', 'Ida');
  await page.fill('#form-family', 'Vale');
  await page.check('input[name=urgency][value=emergency]');
  await page.selectOption('#form-level_of_care', '3.5').catch(() => page.check('input[name=level_of_care][value="3.5"]'));
  await press('main form[method=post] button[type=submit]');
  assert.match(await page.textContent('.problems'), /Looked after by/, 'nobody is named yet');
  await page.check('input[name=assigned] >> nth=0');
  await press('main form[method=post] button[type=submit]');
  const path = new URL(page.url()).pathname;
  assert.match(await page.textContent('h1'), /Ida Vale/);
  await page.click('summary:has-text("Do not take it")');
  assert.ok(await page.isVisible('#decline-reason'));
  await press('button:has-text("Accept")');
  assert.match(await page.textContent('#stands'), /Accepted/);
  await press('a[href$="/record"]');
  await page.check('#form-sex >> nth=0').catch(() => page.check('input[name=sex] >> nth=0'));
  await press('button:has-text("Make the record and join")');
  assert.equal(new URL(page.url()).pathname, path);
  assert.ok(await page.isVisible('a[href^="/desk/people/"]:has-text("Ida Vale")'));
  assert.ok(await overflow(page) <= 0);
  await context.close();
});
