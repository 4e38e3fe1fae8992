// The waiting list, its people, notices to the State and slots in a real Chromium: nothing serious by axe, no error by the Nu HTML
// checker, nothing wider than a phone, all of it without script; and from the keyboard, somebody who is not the first is offered a
// place with a reason for each before. Expected: style.md 12 and 3a; docs/requests.md.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { rowsOf } from '../support/databases.mjs';
import { openDesk, writeRows } from '../support/desk.mjs';
import { openRecords } from '../support/people.mjs';
import { launch } from '../support/browser.mjs';
import { signedIn, tour } from '../support/pages.mjs';
import { temporaryFolder } from '../support/server.mjs';

const asked = {
  source: 'call', minutes_ago: '', urgency: 'routine', given: 'Ada', birth_date: '1990-02-03', phone: '(303) 555-0123', email: '', language: 'en',
  consents: ['call'], pregnant: '0', injecting: '0', words: '', level_of_care: '2.1', asker: '', asker_from: '', asker_phone: '',
};
let browser, desk, staff, person, slot;
const ids = {};
before(async () => {
  const data = temporaryFolder();
  desk = await openDesk({ data });
  const records = await openRecords(desk.origin, data);
  ({ staff, person } = records);
  browser = await launch();
  const [{ id: site }] = rowsOf(desk.address, 'SELECT id FROM site');
  await staff.get('/desk/staff/new');
  await staff.post('/desk/staff/new', { name: 'Nia Ames', profession: 'counselor', license_expires_on: '', hours: '' });
  const [{ id: assigned }] = rowsOf(desk.address, 'SELECT id FROM staff');
  await staff.get('/desk/settings/slots');
  await staff.post('/desk/settings/slots', { site, name: 'Evening group', kind: 'evening', level_of_care: '2.1', weekdays: ['1', '3'], begins: '18:00', ends: '20:30', capacity: '2' });
  [{ id: slot }] = rowsOf(desk.address, 'SELECT id FROM slot');
  // The order of asking, and how long ago, in hours.
  for (const [family, fields, ago] of [['Adams', {}, 400], ['Baker', { pregnant: '-1', urgency: 'urgent' }, 30], ['Davis', { injecting: '1' }, 50],
    ['Frank', { pregnant: '1', injecting: '1' }, 3], ['Evans', { level_of_care: '3.5' }, 80], ['Clark', {}, 1]]) {
    await staff.get('/desk/requests/new');
    const page = await staff.post('/desk/requests/new', { ...asked, site_id: site, family, assigned, ...fields });
    ids[family] = page.path.split('/').at(-1);
    writeRows(desk.address, `UPDATE request SET received_at = received_at - ${ago * 3600e6} WHERE id = '${ids[family]}'`);
    await staff.post(page.path, { act: 'accept', version: '1' });
    if (family === 'Clark') continue;
    await staff.get(`/desk/waitlist/${ids[family]}`);
    await staff.post(`/desk/waitlist/${ids[family]}`, { act: 'enter' });
  }
  // Joined with the record of who looks at their own place.
  writeRows(desk.address, `UPDATE request SET person_id = '${records.people[0]}', identity = x'' WHERE id = '${ids.Davis}'`);
  const act = async (family, fields) => {
    await staff.get(`/desk/waitlist/${ids[family]}`);
    const { fields: own } = staff.page.forms.find((form) => form.fields.act === fields.act);
    const page = await staff.post(`/desk/waitlist/${ids[family]}`, { ...own, ...fields });
    assert.equal(page.status, 200, page.text);
  };
  await act('Frank', { act: 'interim', services: ['hiv-tb-education', 'needle-risk'] });
  await act('Davis', { act: 'contact', way: 'call', result: 'no-answer', words: 'Rang twice.' });
  await act('Frank', { act: 'offer', slot });
});
after(async () => { await browser?.close(); await desk?.stop(); });

test('every page of the list and of slots is accessible, valid, and fits', async () => {
  const staffed = ['/desk/waitlist', ...['Adams', 'Davis', 'Frank', 'Clark'].map((name) => `/desk/waitlist/${ids[name]}`), '/desk/waitlist/notices', '/desk/slots', `/desk/slots/${slot}`,
    '/desk/settings/slots', `/desk/settings/slots?slot_id=${slot}`];
  await tour(browser, desk.origin, [['staff', staff, staffed], ['person', person, ['/me', '/me/requests']]]);
});

test('by keyboard and without script: a place for somebody who is not the first, with a reason for each before', async () => {
  const { context, page } = await signedIn(browser, desk.origin, staff, { width: 360, javaScriptEnabled: false });
  const press = (key) => Promise.all([page.waitForNavigation(), page.keyboard.press(key)]);
  await page.goto('/desk/waitlist');
  await page.focus(`main a[href="/desk/waitlist/${ids.Adams}"]`);
  await press('Enter');
  await page.focus('input[name=slot]');
  await page.keyboard.press('Space');
  await page.focus('section[aria-labelledby=offer] button[type=submit]');
  await press('Enter');
  assert.match(await page.locator('.problems').textContent(), /Somebody stands before/);
  const selects = page.locator('fieldset.skips select');
  assert.equal(await selects.count(), 2, 'Davis by law, Baker by urgency');
  for (const select of await selects.all()) {
    assert.equal(await select.getAttribute('aria-invalid'), 'true');
    await select.selectOption('asked-to-wait');
  }
  assert.ok(await page.locator('input[name=slot]').isChecked(), 'what was chosen stays');
  await page.focus('section[aria-labelledby=offer] button[type=submit]');
  await press('Enter');
  assert.match(await page.locator('main').textContent(), /A place is offered · Evening group/);
  await context.close();
});
