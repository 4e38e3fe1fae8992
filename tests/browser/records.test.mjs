// Pages about people and of their program in a real Chromium, seen by somebody who reaches them all, and a person's own: nothing
// serious by axe, no error by the Nu HTML checker, nothing wider than a phone, and all of it there without script.
// Expected: style.md 12 and 3a; docs/desk.md names the pages.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDesk } from '../support/desk.mjs';
import { openRecords } from '../support/people.mjs';
import { accessibility, launch, overflow } from '../support/browser.mjs';
import { temporaryFolder } from '../support/server.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
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
});
after(async () => { await browser?.close(); await desk?.stop(); });

const staffId = async () => (await records.staff.get('/desk/staff')).html.match(/\/desk\/staff\/([0-9a-f-]{36})/)[1];
const ofPerson = ['', '/edit', '/facts', '/episodes', '/delivered', '/team', '/account', '/consents', '/notices', '/disclosures', '/share', '/views',
  '/record', '/emergency', '/merge', '/erase'];
const ofProgram = ['/desk', '/desk/people', '/desk/people?q=smyth', '/desk/people/new', '/desk/duplicates', '/desk/import', '/desk/settings', '/desk/settings/sites', '/desk/staff',
  '/desk/staff/new', '/desk/station', '/desk/emergencies', '/desk/audit', '/desk/outbox', '/desk/due', '/desk/me'];
const own = ['/me', '/me/views', '/me/record', '/me/consents'];

async function opened({ cookies }, options) {
  const context = await browser.newContext({ baseURL: desk.origin, reducedMotion: 'reduce', ...options, viewport: { width: options.width, height: 800 } });
  await context.addCookies([...cookies].map(([name, value]) => ({ name, value, url: desk.origin })));
  return { context, page: await context.newPage() };
}

test('every page about people and of the program is accessible, valid, and fits', async () => {
  const folder = join(temporaryFolder(), 'html');
  mkdirSync(folder);
  const id = await staffId();
  const staffed = [...ofProgram, ...['', '/caseload'].map((part) => `/desk/staff/${id}${part}`), ...ofPerson.map((part) => `/desk/people/${one}${part}`)];
  for (const [who, visitor, paths] of [['staff', records.staff, staffed], ['person', records.person, own]])
    for (const [language, width, colorScheme] of [['', 360, 'light'], ['/es', 1280, 'dark']]) {
      const { context, page } = await opened(visitor, { width, colorScheme, bypassCSP: true }), errors = [];
      page.on('pageerror', (error) => errors.push(error.message));
      for (const [index, path] of paths.entries()) {
        const answer = await page.goto(language + path);
        assert.equal(answer.status(), 200, path);
        assert.deepEqual(await accessibility(page), [], `${language}${path} at ${width}`);
        assert.ok(await overflow(page) <= 0, `${language}${path} at ${width}`);
        assert.equal(await page.locator('h1').count(), 1, path);
        writeFileSync(join(folder, `${who}${language.slice(1)}${index}.html`), await (await context.request.get(language + path)).text());
      }
      assert.deepEqual(errors, []);
      await context.close();
    }
  const jar = join(root, 'node_modules/vnu-jar/build/dist/vnu.jar');
  const checked = spawnSync('java', ['-jar', jar, '--errors-only', '--stdout', '--exit-zero-always', folder], { encoding: 'utf8' });
  assert.equal(checked.status, 0, checked.stderr);
  assert.equal(checked.stdout.trim(), '');
});

test('on a phone without script: find somebody, see who it is and what to watch, go to every tab', async () => {
  const { context, page } = await opened(records.staff, { width: 360, javaScriptEnabled: false });
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
