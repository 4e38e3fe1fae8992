// Belongings and the sheets people are handed, in a real Chromium: nothing serious by axe, no error by the Nu HTML checker, nothing
// wider than a phone; two sign on the pads; a thing is added by keyboard alone; a sheet that travels prints alone on one page.
// Expected: style.md 12 and 3a; what was typed.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { openDesk } from '../support/desk.mjs';
import { openRecords } from '../support/people.mjs';
import { accessibility, launch, open, overflow } from '../support/browser.mjs';
import { signedIn, tour } from '../support/pages.mjs';
import { temporaryFolder } from '../support/server.mjs';

let browser, desk, records, one, at, intake, coat;
const person = () => `/desk/people/${one}`;
before(async () => {
  const data = temporaryFolder();
  desk = await openDesk({ data });
  records = await openRecords(desk.origin, data);
  [one] = records.people;
  at = `${person()}/belongings`;
  browser = await launch();
  const { staff } = records;
  const stays = await staff.get(`${person()}/episodes`);
  const site = stays.html.match(/value="([0-9a-f-]{36})"[^>]*>\s*(?:<span>)?West House/)[1];
  await staff.post(`${person()}/episodes`, { status: 'active', site, level: '3.5', referral: 'self' });
  const begun = await staff.get(at);
  intake = (await staff.post(at, begun.forms.find(({ fields }) => fields.act === 'begin').fields)).path.match(/intake=([0-9a-f-]{36})/)[1];
  let page;
  for (const fields of [{ thing: 'Winter coat, blue, with a very long description of its many buttons', quantity: '1', condition: 'worn', restricted: '' },
    { thing: 'Whisky', quantity: '2', condition: 'sealed', restricted: 'alcohol' }, { thing: 'Telephone', quantity: '1', condition: 'good', restricted: 'phone' }])
    page = await staff.post(at, { act: 'add', ...fields });
  coat = page.html.match(/thing\?thing=([0-9a-f-]{36})">Winter/)[1];
  await staff.get('/desk/settings/packing');
  await staff.post('/desk/settings/packing', { act: 'add', side: 'bring', kind: 'thing', english: 'A towel', spanish: 'Una toalla' });
});
after(async () => { await browser?.close(); await desk?.stop(); });

async function drawOnPads(page) {
  for (const pad of await page.locator('[data-pad] svg').all()) {
    await pad.scrollIntoViewIfNeeded();
    const box = await pad.boundingBox(), step = (box.width - 60) / 12;
    await page.mouse.move(box.x + 30, box.y + 40);
    await page.mouse.down();
    for (let at = 1; at < 12; at += 1) await page.mouse.move(box.x + 30 + at * step, box.y + 60 + (at % 2) * 20);
    await page.mouse.up();
  }
}

test('every page of belongings and handouts is accessible, valid, and fits', async () => {
  const staffed = [at, `${at}/thing?thing=${coat}`, `${at}/sign?intake=${intake}`, `${at}/return?intake=${intake}`, `${at}/sheet?intake=${intake}`, `${person()}/packing`,
    `${person()}/welcome`, '/desk/settings/packing', '/desk/settings/welcome?part=phone'];
  await tour(browser, desk.origin, [['staff', records.staff, staffed], ['person', records.person, ['/me', '/me/belongings', '/me/belongings/sheet']],
    ['public', { cookies: [] }, ['/learn/packing', '/learn/packing?kind=opioid-treatment']]]);
});

test('things are added one after the other by keyboard alone, without script', async () => {
  const { context, page } = await signedIn(browser, desk.origin, records.staff, { width: 360, javaScriptEnabled: false });
  await page.goto(`${at}?more=1`);
  for (const thing of ['Blue hat', 'Red scarf']) {
    assert.equal(await page.evaluate(() => document.activeElement.name).catch(() => 'thing'), 'thing');
    await page.focus('#form-thing');
    await page.keyboard.type(thing);
    await page.focus('#form-condition');
    await page.keyboard.press('Space');
    await Promise.all([page.waitForNavigation(), page.locator('form.panel button[type=submit]').press('Enter')]);
    assert.match(await page.textContent('#main'), new RegExp(thing));
  }
  await context.close();
});

test('two sign on the pads, and the sheet shows both lines', async () => {
  const { context, page } = await signedIn(browser, desk.origin, records.staff, { width: 1280 });
  await page.goto(`${at}/sign?intake=${intake}`);
  await page.fill('#form-signer', 'Joan Smyth');
  await drawOnPads(page);
  await Promise.all([page.waitForNavigation(), page.click('form.panel button[type=submit]')]);
  assert.match(page.url(), /belongings\/sheet/);
  assert.equal(await page.locator('article.paper svg.drawn polyline').count(), 2);
  const folder = process.env.FAIRLEAD_SHOTS ?? temporaryFolder();
  for (const [name, path, words] of [['belongings', `${at}/sheet?intake=${intake}`, ['What I brought', 'Winter coat', 'Two people destroy it', 'Drawn signature', 'I got back']],
    ['packing', `${person()}/packing`, ['What to bring', 'A towel', 'Leave at home']], ['welcome', `${person()}/welcome`, ['Welcome, Joan', 'Who meets you', 'Your phone']]]) {
    await page.goto(path);
    await page.pdf({ path: join(folder, `${name}.pdf`), format: 'Letter' });
    const text = execFileSync('pdftotext', ['-layout', join(folder, `${name}.pdf`), '-'], { encoding: 'utf8' });
    for (const word of words) assert.ok(text.includes(word), `${name}: ${word}`);
    assert.doesNotMatch(text, /Print this|Find a person|Sign out|Español/, name);
    const pages = Number(execFileSync('pdfinfo', [join(folder, `${name}.pdf`)], { encoding: 'utf8' }).match(/Pages:\s+(\d+)/)[1]);
    assert.ok(pages <= (name === 'belongings' ? 2 : 1), `${name}: ${pages} pages`);
  }
  await context.close();
});

test('on a phone both sign for what is given back, and the receipt prints on one page', async () => {
  const { context, page } = await signedIn(browser, desk.origin, records.staff, { width: 360, bypassCSP: true });
  await page.goto(`${at}/return?intake=${intake}`);
  await page.fill('#form-words', 'Joan herself');
  await Promise.all([page.waitForNavigation(), page.click('form.panel button[type=submit]')]);
  assert.match(await page.textContent('#main'), /What I got back[^]*Winter coat/);
  assert.deepEqual(await accessibility(page), []);
  assert.ok(await overflow(page) <= 0);
  if (process.env.FAIRLEAD_SHOTS) await page.screenshot({ path: join(process.env.FAIRLEAD_SHOTS, 'receipt-sign-360.png'), fullPage: true });
  await page.fill('#form-signer', 'Joan Smyth');
  await drawOnPads(page);
  await Promise.all([page.waitForNavigation(), page.click('form.panel button[type=submit]')]);
  assert.match(page.url(), /belongings\/sheet\?intake=[^&]+&return=/);
  assert.equal(await page.locator('article.paper svg.drawn polyline').count(), 2);
  assert.deepEqual(await accessibility(page), []);
  assert.ok(await overflow(page) <= 0);
  const file = join(process.env.FAIRLEAD_SHOTS ?? temporaryFolder(), 'receipt.pdf');
  await page.pdf({ path: file, format: 'Letter' });
  assert.match(execFileSync('pdfinfo', [file], { encoding: 'utf8' }), /Pages:\s+1\n/);
  if (process.env.FAIRLEAD_SHOTS) for (const [name, path] of [['receipt-list', `${at}?intake=${intake}`], ['receipt', page.url()]]) {
    await page.goto(path);
    await page.screenshot({ path: join(process.env.FAIRLEAD_SHOTS, `${name}-360.png`), fullPage: true });
  }
  await context.close();
});

test('anybody prints the public list', async () => {
  const { page, check } = await open(browser, desk.origin, { width: 360 });
  await page.goto('/learn/packing?kind=withdrawal');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('nav ul.kinds').isVisible(), false);
  assert.match(await page.innerText('#main'), /Withdrawal care[^]*All your medicines/);
  await check();
});
