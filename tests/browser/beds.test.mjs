// The bed board in a real Chromium: nothing serious by axe, no error by the Nu HTML checker, nothing wider than a phone, the same
// beds without script, arrow keys from bed to bed, and shown anew when another desk holds a bed. Expected: style.md 12 and 3a.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { actOf, openBeds } from '../support/beds.mjs';
import { launch } from '../support/browser.mjs';
import { signedIn, tour } from '../support/pages.mjs';
import { engines } from '../support/databases.mjs';

let browser, world, stay, other;
before(async () => {
  world = await openBeds(engines()[0].make());
  const { nurse, beds } = world;
  stay = await world.stay(await world.person('Ada'));
  other = await world.stay(await world.person('Bo'), '3.5', 'active');
  await nurse.get(`/desk/beds/${beds[1]}/hold?stay=${other}`);
  await nurse.post(`/desk/beds/${beds[1]}/hold`, { stay: other });
  const page = await nurse.get(`/desk/beds/${beds[2]}`);
  await nurse.post(`/desk/beds/${beds[2]}`, { ...actOf(page, 'block'), reason: 'repair' });
  await world.stay(await world.person('Cy'), '3.5', 'active');
  browser = await launch();
});
after(async () => { await browser?.close(); await world?.desk.stop(); });

const links = (page) => page.locator('[data-board] th.bed a').evaluateAll((all) => all.map((one) => one.getAttribute('href')));

test('every page about beds is accessible, valid, and fits', async () => {
  const { beds, nurse, manager, admin } = world;
  const work = ['/desk/beds', '/desk/beds?free=1', '/desk/beds?day=2031-02-28', `/desk/beds?stay=${stay}`, `/desk/beds/${beds[1]}`, `/desk/beds/${beds[2]}`,
    `/desk/beds/${beds[3]}/hold?stay=${stay}`, '/desk/beds/live'];
  await tour(browser, world.desk.origin, [['nurse', nurse, work], ['manager', manager, [`/desk/beds?stay=${stay}&asked=1&funding=county`]], ['admin', admin, ['/desk/settings/beds']]], { isPart: (path) => path === '/desk/beds/live' });
});

test('without script the board is whole, also on a phone', async () => {
  const seen = [];
  for (const options of [{ width: 1280 }, { width: 360, javaScriptEnabled: false }]) {
    const { context, page } = await signedIn(browser, world.desk.origin, world.nurse, options);
    await page.goto('/desk/beds');
    seen.push(await links(page));
    assert.match(await page.locator('[data-board]').innerText(), /Bo Vale[^]*Blocked[^]*Cy Vale/);
    await context.close();
  }
  assert.equal(seen[0].length, 5);
  assert.deepEqual(seen[1], seen[0]);
});

test('arrow keys go from bed to bed; another desk\'s hold is shown, and focus stays', async () => {
  const { context, page } = await signedIn(browser, world.desk.origin, world.nurse, { width: 1280 }), errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
  await page.goto('/desk/beds');
  const all = await links(page);
  await page.locator('[data-board] th.bed a').first().focus();
  await page.keyboard.press('ArrowDown');
  const focused = () => page.evaluate(() => document.activeElement.getAttribute('href'));
  assert.equal(await focused(), all[1]);
  await page.waitForTimeout(1500); // the stream has said where the board stands
  const at = `/desk/beds/${world.beds[3]}/hold`;
  await world.nurse.get(`${at}?stay=${stay}`);
  const done = await world.nurse.post(at, { stay, kind: 'outreach' });
  assert.equal(done.status, 200);
  await page.waitForFunction(() => document.querySelector('[data-board]').innerText.includes('Ada Vale'), null, { timeout: 15000 });
  assert.equal(await focused(), all[1]);
  assert.match(await page.locator('[data-board-note]').innerText(), /The board changed/);
  assert.deepEqual(errors, []);
  await context.close();
});

test('on paper: the week beside each bed, nothing to press', async () => {
  const { context, page } = await signedIn(browser, world.desk.origin, world.nurse, { width: 1280 });
  await page.goto('/desk/beds');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.board-filter').isVisible(), false);
  assert.equal(await page.locator('[data-print]').isVisible(), false);
  assert.ok(await page.locator('td.slot').first().isVisible());
  const paper = (await page.pdf({ format: 'Letter', landscape: true })).toString('latin1');
  assert.ok((paper.match(/\/Type\s*\/Page\b/g) ?? []).length <= 2);
  await context.close();
});
