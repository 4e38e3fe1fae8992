// Pages about people and of their program in a real Chromium, seen by somebody who reaches them all, and a person's own: nothing
// serious by axe, no error by the Nu HTML checker, nothing wider than a phone, and all of it there without script.
// Expected: style.md 12 and 3a; docs/desk.md names the pages.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { openDesk } from '../support/desk.mjs';
import { openRecords } from '../support/people.mjs';
import { launch, overflow } from '../support/browser.mjs';
import { signedIn, tour } from '../support/pages.mjs';
import { phoneJpeg, upload } from '../support/pictures.mjs';
import { temporaryFolder } from '../support/server.mjs';

let browser, desk, records, one;
before(async () => {
  const data = temporaryFolder();
  desk = await openDesk({ data });
  records = await openRecords(desk.origin, data);
  [one] = records.people;
  browser = await launch();
  const { staff } = records, form = async (path, fields) => {
    await staff.get(path);
    const page = await staff.post(path, fields);
    assert.equal(page.status, 200, `${path}: ${page.text}`);
  };
  // So that lists have rows and the banner something to warn of.
  await form('/desk/staff/new', { name: 'Nia Ames', profession: 'counselor', license_expires_on: '', hours: '' });
  await form(`/desk/people/${one}/facts`, { kind: 'allergy', value: 'allergy.severe', words: 'Penicillin' });
  const at = `/desk/people/${one}`, took = async (page, path, file, fields) => {
    await staff.get(page);
    const answer = await upload(staff, path, file, fields);
    assert.equal(answer.status, 303, answer.text);
  };
  await took(at, `${at}/photo`, { photo: phoneJpeg(6) });
  await took(`${at}/files`, `${at}/files`, { file: phoneJpeg(6) }, { kind: 'identity-paper', title: 'Driving license' });
});
after(async () => { await browser?.close(); await desk?.stop(); });

const staffId = async () => (await records.staff.get('/desk/staff')).html.match(/\/desk\/staff\/([0-9a-f-]{36})/)[1];
const ofPerson = ['', '/edit', '/facts', '/episodes', '/delivered', '/team', '/account', '/consents', '/notices', '/disclosures', '/share', '/views',
  '/record', '/emergency', '/merge', '/erase', '/files', '/belongings', '/packing', '/welcome', '/intake', '/coverage'];
const ofProgram = ['/desk', '/desk/people', '/desk/people?q=smyth', '/desk/people/new', '/desk/duplicates', '/desk/import', '/desk/settings', '/desk/settings/sites',
  '/desk/settings/availability', '/desk/settings/packing', '/desk/settings/welcome', '/desk/settings/fees', '/desk/settings/slots', '/desk/settings/beds',
  '/desk/requests', '/desk/callbacks', '/desk/waitlist', '/desk/slots', '/desk/beds', '/desk/intakes', '/desk/coverage', '/desk/staff',
  '/desk/staff/new', '/desk/station', '/desk/emergencies', '/desk/audit', '/desk/outbox', '/desk/due', '/desk/me'];
const own = ['/me', '/me/views', '/me/record', '/me/consents', '/me/files', '/me/coverage', '/me/belongings', '/me/requests'];

test('every page about people and of the program is accessible, valid, and fits', async () => {
  const id = await staffId();
  const staffed = [...ofProgram, ...['', '/caseload'].map((part) => `/desk/staff/${id}${part}`), ...ofPerson.map((part) => `/desk/people/${one}${part}`)];
  await tour(browser, desk.origin, [['staff', records.staff, staffed], ['person', records.person, own]]);
});

test('on a phone without script: find somebody, see who it is and what to watch, go to every tab', async () => {
  const { context, page } = await signedIn(browser, desk.origin, records.staff, { width: 360, javaScriptEnabled: false });
  await page.goto('/desk/people');
  await page.fill('main input[name=q]', 'joa smy');
  await Promise.all([page.waitForNavigation(), page.press('main input[name=q]', 'Enter')]);
  await page.click(`main a[href*="${one}"]`);
  const banner = page.locator('section.person');
  assert.match(await banner.textContent(), /Joan Smyth[^]*February 29, 1980[^]*Penicillin/);
  const tabs = await page.locator(`a[href^="/desk/people/${one}/"]`).evaluateAll((links) => [...new Set(links.map((link) => link.getAttribute('href')))]);
  assert.ok(tabs.length >= 10, tabs.join(' '));
  for (const tab of tabs) {
    const answer = await page.goto(tab);
    if (!answer) continue;
    assert.ok([200, 403].includes(answer.status()), `${tab}: ${answer.status()}`);
    assert.match(await banner.textContent(), /Penicillin/, tab);
    assert.ok(await overflow(page) <= 0, tab);
  }
  await context.close();
});
