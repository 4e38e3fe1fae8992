// The pages of an intake in a real Chromium: nothing serious by axe, no error by the Nu HTML checker, nothing wider than a
// phone; and somebody is brought in from the checklist to a bed on a phone, by keyboard, without script. Failure 25 (no way
// by keyboard or screen reader). Expected: style.md 12 and 3a; docs/intake.md names the pages.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDesk, writeRows } from '../support/desk.mjs';
import { accessibility, launch, overflow } from '../support/browser.mjs';
import { temporaryFolder } from '../support/server.mjs';
import { beginIntake, comeIn, makeHold, makeHouse, makeRequest, micros, sayItem } from '../support/intakes.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
let browser, desk, staff, house, program, person, intake;
before(async () => {
  desk = await openDesk();
  program = desk.program('Harbor House');
  house = makeHouse(desk.address, program, { count: 4 });
  staff = await desk.account(['nurse', 'case-manager'], { program });
  browser = await launch();
  person = await comeIn(staff, { given: 'Ada', site: house.site });
  intake = await beginIntake(staff, person.at);
  // So that there is something in every state: done, declined, late; one counted medicine, one score, one decision.
  await sayItem(staff, person.at, intake, 'consent-treatment', { words: 'Signed, folder 3' });
  await sayItem(staff, person.at, intake, 'pregnancy-test', { answer: 'declined.not-today', words: 'Tomorrow' });
  await staff.get(`${person.at}/intake/medicines?intake=${intake}`);
  await staff.post(`${person.at}/intake/medicines`, { act: 'first', count_id: '', medicine: 'Buprenorphine 8 mg', number: '12' });
  await staff.get(`${person.at}/intake/instruments?intake=${intake}&instrument=gad-7`);
  await staff.post(`${person.at}/intake/instruments`, Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`gad-7.${i + 1}`, '1'])));
  for (const value of ['pregnancy.no', 'opioid-medicine.buprenorphine']) { // what the level page proposes
    await staff.get(`${person.at}/facts`);
    await staff.post(`${person.at}/facts`, { act: '', kind: value.split('.')[0], value, words: '' });
  }
  makeRequest(desk.address, program, person.id, { site: house.site, state: 'ended', received: micros() - 864e8 });
  writeRows(desk.address, `UPDATE request SET pregnant = 1, ended_at = ${micros()}`);
  const ago = micros() - 26 * 3600e6;
  await staff.get(`${person.at}/intake/admit?intake=${intake}`);
  const page = await staff.post(`${person.at}/intake/admit`, { place: `bed.${house.beds[0]}`, date: '', clock: '' });
  assert.equal(page.status, 200, page.text);
  writeRows(desk.address, `UPDATE intake_admission SET at = ${ago}; UPDATE due SET at = ${ago}, try_at = ${ago} WHERE kind = 'intake.late';`);
});
after(async () => { await browser?.close(); await desk?.stop(); });

async function opened({ cookies }, options) {
  const context = await browser.newContext({ baseURL: desk.origin, reducedMotion: 'reduce', ...options, viewport: { width: options.width, height: 800 } });
  await context.addCookies([...cookies].map(([name, value]) => ({ name, value, url: desk.origin })));
  return { context, page: await context.newPage() };
}

test('every page of an intake is accessible, valid, and fits', async () => {
  const folder = join(temporaryFolder(), 'html');
  mkdirSync(folder);
  const waits = await comeIn(staff, { given: 'Bo', site: house.site }), of = `${person.at}/intake`, query = `?intake=${intake}`;
  const second = await beginIntake(staff, waits.at);
  const list = await staff.get(`${of}/instruments${query}`), taken = list.html.match(/taken=([0-9a-f-]{36})/)[1];
  const none = await comeIn(staff, { given: 'Cy', site: house.site });
  const paths = ['/desk/intakes', `${none.at}/intake`, `${of}${query}`, `${of}/item${query}&item=pregnancy-test`, `${of}/item${query}&item=allergies`, `${of}/admit${query}`, `${waits.at}/intake/admit?intake=${second}`,
    `${of}/instruments${query}`, `${of}/instruments${query}&instrument=c-ssrs`, `${of}/instruments${query}&taken=${taken}`, `${of}/level${query}`, `${of}/medicines${query}`];
  for (const [language, width, colorScheme] of [['', 360, 'light'], ['/es', 1280, 'dark']]) {
    const { context, page } = await opened(staff, { width, colorScheme, bypassCSP: true }), errors = [];
    page.on('pageerror', (error) => errors.push(error.message));
    for (const [index, path] of paths.entries()) {
      const answer = await page.goto(language + path);
      assert.equal(answer.status(), 200, path);
      assert.deepEqual(await accessibility(page), [], `${language}${path} at ${width}`);
      assert.ok(await overflow(page) <= 0, `${language}${path} at ${width}`);
      assert.equal(await page.locator('h1').count(), 1, path);
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${index}-${width}.png`, fullPage: true });
      writeFileSync(join(folder, `page${language.slice(1)}${index}.html`), await (await context.request.get(language + path)).text());
    }
    assert.deepEqual(errors, []);
    await context.close();
  }
  const jar = join(root, 'node_modules/vnu-jar/build/dist/vnu.jar');
  const checked = spawnSync('java', ['-jar', jar, '--errors-only', '--stdout', '--exit-zero-always', folder], { encoding: 'utf8' });
  assert.equal(checked.status, 0, checked.stderr);
  assert.equal(checked.stdout.trim(), '');
});

test('on a phone, by keyboard and without script, somebody is brought from the checklist to the bed that was held', async () => {
  const comes = await comeIn(staff, { given: 'Di', site: house.site });
  const request = makeRequest(desk.address, program, comes.id, { site: house.site, place: 'held' });
  makeHold(desk.address, program, house.beds[2], { request });
  const { context, page } = await opened(staff, { width: 360, javaScriptEnabled: false });
  const press = async (name) => {
    const target = page.getByRole('button', { name }).or(page.getByRole('link', { name })).first();
    await target.focus();
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  };
  await page.goto(`${comes.at}/intake`);
  await press(/^Begin$/);
  assert.match(await page.locator('progress').getAttribute('value'), /^0$/);
  await press(/^Done ?: Who the person is$/);
  assert.match(await page.locator('#item-identity').textContent(), /Done[^]*The nurse/);
  await press(/^Write it down ?: Consent to treatment$/);
  await page.getByLabel('Done', { exact: true }).check();
  await page.getByLabel(/^Words/).fill('Signed, folder 4');
  await press(/^Save$/);
  await page.locator('a.button', { hasText: 'Admit' }).focus();
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  assert.ok(await page.getByLabel('North, Bed 3, held for this person').isChecked());
  await page.locator('form button', { hasText: /^Admit$/ }).focus();
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  assert.match(await page.locator('#admitted').textContent(), /Admitted/);
  assert.ok(await overflow(page) <= 0);
  await page.goto('/desk/intakes');
  assert.match(await page.locator('main').textContent(), /Ada Vale[^]*Allergies/);
  await context.close();
});
